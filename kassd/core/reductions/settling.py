"""Reductions of the whole sale, brought up to the lines that stand after every entry and every void.

What each takes off is split over tax keys (and agencies) by what is left of the goods under each, by largest
remainder, and is one line of GV_TYP Rabatt per key (§ 10, § 17 UStG; DSFinV-K Anhang C). A later change adds
the difference as one more line; where nothing is left to reduce the lines are taken back. Lines of a bill
that was reduced before it was parked keep their amounts, but never take more than what is left.
"""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Literal

from kassd.core import facts as f
from kassd.core.decision import Draft
from kassd.core.entry import ROUNDING, Line
from kassd.core.goods.multibuy import is_multibuy
from kassd.core.money import round_cents, split
from kassd.core.reductions.beside import ROUNDED, Key, Room, room_beside, spare_settled, take
from kassd.core.reductions.state import Reduction
from kassd.core.selling import append_line
from kassd.core.state import Sale
from kassd.deferred import dataclass

CASES = ("Rabatt", "Aufschlag", "ZuschussUnecht")
Why = Literal["", "belongs", "follows"]
Amounts = dict[Key, int]


@dataclass(slots=True)
class Left:
    """What of a sale can still be reduced, in cents by key: of all of it; of each line of ``goods`` what it
    costs, less what is ``off`` of it by itself."""

    goods: dict[int, Line] = field(default_factory=dict)
    off: dict[int, Amounts] = field(default_factory=dict)
    keys: Amounts = field(default_factory=dict)
    rates: dict[int, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Cents in all."""
        return sum(self.keys.values())

    def of_each(self) -> dict[int, tuple[Line, Amounts]]:
        """Each line of goods and what is left of it."""
        found = {n: (line, by_key(line)) for n, line in self.goods.items()}
        for n, amounts in self.off.items():
            add(found[n][1], amounts)
        return found

    def of(self, reduction: Reduction) -> Amounts:
        """By key, of the goods it is for."""
        if not (reduction.articles or reduction.categories):
            return {key: cents for key, cents in self.keys.items() if cents > 0}
        found: Amounts = {}
        for line, amounts in self.of_each().values():
            if line.article in reduction.articles or (line.group and line.group in reduction.categories):
                add(found, amounts)
        return {
            key: min(cents, self.keys[key]) for key, cents in found.items() if min(cents, self.keys[key]) > 0
        }


def add(amounts: Amounts, more: Mapping[Key, int]) -> None:
    """Add ``more`` to ``amounts``, key by key."""
    for key, cents in more.items():
        amounts[key] = amounts.get(key, 0) + cents


def by_key(line: Line) -> Amounts:
    """A line's cents by tax key and agency."""
    if not line.shares:
        return {(line.vat, line.agency): line.amount}
    found: Amounts = {}
    for share in line.by_vat():
        add(found, {(share.vat, line.agency): share.amount})
    return found


def is_of_sale(line: Line) -> bool:
    """Whether a line is (part of) a reduction of the whole sale."""
    return line.case in CASES and not line.of and not is_multibuy(line) and line.name != ROUNDING


def can_be_reduced(line: Line) -> bool:
    """Goods that are sold, at a price that is not bound (TabStG §§ 25-28, BuchPrG § 5, VerpackG)."""
    return line.case == "Umsatz" and line.reducible and line.amount > 0


def what_is_left(sale: Sale) -> Left:
    """Goods that stand, less what takes something off single lines or follows from quantities."""
    left = Left()
    standing = sale.standing()
    for line in standing:
        if can_be_reduced(line):
            left.goods[line.n] = line
            add(left.keys, by_key(line))
            left.rates[line.vat] = line.rate
            for share in line.shares:
                left.rates[share.vat] = share.rate
    for line in standing:
        if line.case not in CASES or is_of_sale(line):
            continue
        if line.of in left.goods and not is_multibuy(line):
            add(left.off.setdefault(line.of, {}), by_key(line))
            add(left.keys, by_key(line))
        elif is_multibuy(line) and all(key in left.keys for key in by_key(line)) and _reduces(sale, line):
            add(left.keys, by_key(line))
    return left


def _reduces(sale: Sale, line: Line) -> bool:
    """Whether a quantity price is one of goods that can be reduced; the newest of them may be voided."""
    return not line.of or sale.lines[line.of - 1].reducible


def reductions_of(sale: Sale) -> dict[str, dict[Key, list[Line]]]:
    """Lines that stand of each reduction of the whole sale, by its id and tax key."""
    found: dict[str, dict[Key, list[Line]]] = {}
    for line in sale.standing():
        if is_of_sale(line):
            found.setdefault(line.price_why, {}).setdefault((line.vat, line.agency), []).append(line)
    return found


def settle_reductions(d: Draft, sale: Sale, left: Left | None = None) -> Sale:
    """Bring the lines of every reduction of the whole sale up to the goods that stand; ``left``: what is left
    of these, where it is known, is used up."""
    sale = d.state.sales[sale.id]
    given = reductions_of(sale)
    if not sale.reductions and not given:
        return sale
    left = what_is_left(sale) if left is None else left
    whole, known = left.total, {reduction.id for reduction in sale.reductions}
    for name, lines in given.items():
        if name not in known:
            _keep_in_bounds(d, sale, left, lines)
    room = room_beside(d.state.sales[sale.id], known)
    for count, reduction in enumerate(sale.reductions, 1):
        wanted = _wanted(reduction, left, whole, room, count * ROUNDED)
        have = given.get(reduction.id, {})
        for key in sorted(wanted.keys() | have.keys()):
            _bring(d, sale, reduction, key, wanted.get(key, 0), have.get(key, []), left.rates)
        add(left.keys, wanted)
        for key, cents in wanted.items():
            take(room, key, cents)
    return d.state.sales[sale.id]


def _wanted(reduction: Reduction, left: Left, whole: int, room: Room, most: int) -> Amounts:
    """Cents by key, with their sign, that the reduction comes to now; ``most`` of them are moved where
    ``room`` has none."""
    bases = left.of(reduction)
    base = sum(bases.values())
    if not base or whole < reduction.min_total:
        return {}
    if reduction.percent is not None:
        amount = round_cents(base * reduction.percent / 100)
    else:
        amount = reduction.amount if reduction.sign > 0 else min(reduction.amount, base)
    keys = sorted(bases)
    parts = dict(zip(keys, split(amount, [bases[key] for key in keys]), strict=True))
    if reduction.sign < 0:
        spare_settled(parts, bases, room, most)
    return {key: reduction.sign * part for key, part in parts.items() if part}


def _bring(
    d: Draft,
    sale: Sale,
    reduction: Reduction,
    key: Key,
    wanted: int,
    lines: list[Line],
    rates: Mapping[int, Decimal],
) -> None:
    """One more line makes the sum under a key what it must be; none is left where nothing is reduced."""
    difference = wanted - sum(line.amount for line in lines)
    if difference and not wanted:
        take_back(d, sale, lines)
    elif difference:
        first = d.state.sales[sale.id].lines[reduction.after :] == ()
        append_line(
            d,
            d.state.sales[sale.id],
            text=reduction.text,
            quantity=Decimal(-1 if difference < 0 else 1),
            unit_price=abs(difference),
            vat=key[0],
            rate=rates[key[0]],
            case=reduction.case,
            name=reduction.name,
            agency=key[1],
            reducible=False,
            price_why=reduction.id,
            note=reduction.reason if first else "",
        )


def _keep_in_bounds(d: Draft, sale: Sale, left: Left, lines: Mapping[Key, list[Line]]) -> None:
    """A reduction that came with a parked bill keeps its amount, as far as there is something to reduce."""
    for key, found in lines.items():
        have, most = sum(line.amount for line in found), max(0, left.keys.get(key, 0))
        if have >= 0:
            continue
        if most == 0:
            take_back(d, sale, found)
        elif -have > most:
            one = found[0]
            append_line(
                d,
                d.state.sales[sale.id],
                text=one.text,
                quantity=Decimal(1),
                unit_price=-have - most,
                vat=one.vat,
                rate=one.rate,
                case=one.case,
                name=one.name,
                agency=one.agency,
                reducible=False,
                price_why=one.price_why,
            )
        add(left.keys, {key: -min(-have, most)})


def take_back(d: Draft, sale: Sale, lines: list[Line], *, asked: bool = False) -> None:
    """Counter-lines of ``lines``; ``asked``: a person takes them back, all as one."""
    for i, line in enumerate(lines):
        n = len(d.state.sales[sale.id].lines) + 1
        why: Why = "follows" if not asked else "belongs" if i else ""
        d.fact(f.LineVoided(sale.id, n, line.n, d.at, d.operator(sale.station), why))


def follows(sale: Sale, line: Line) -> bool:
    """Whether a line came by itself when others changed: all of a reduction's but its first."""
    if not is_of_sale(line):
        return False
    starts = {reduction.id: reduction.after + 1 for reduction in sale.reductions}
    if line.price_why in starts:
        return line.n != starts[line.price_why]
    same = [one.n for one in sale.standing() if is_of_sale(one) and one.price_why == line.price_why]
    return line.n != min(same, default=line.n)


def end_reduction(d: Draft, sale: Sale, line: Line) -> Sale:
    """Take the reduction of the whole sale back that ``line`` is part of; the others apply to more then."""
    if any(reduction.id == line.price_why for reduction in sale.reductions):
        d.fact(f.ReductionEnded(sale.id, d.at, line.price_why, d.operator(sale.station)))
    lines = [one for found in reductions_of(sale).get(line.price_why, {}).values() for one in found]
    take_back(d, sale, lines, asked=True)
    return settle_reductions(d, sale)
