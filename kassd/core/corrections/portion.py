"""What a part of an old receipt was worth: its lines, what belongs to them, and its share of what reduced
the whole receipt. Pure arithmetic, exact to the cent over any number of partial returns.

Each return takes the difference between what is back in all and what was back before, so that rounding never
adds up: a receipt taken back piece by piece gives exactly its total.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from kassd.core.corrections.found import taken_by
from kassd.core.corrections.settled import settled_back
from kassd.core.corrections.state import Taken
from kassd.core.entry import Line, Origin
from kassd.core.goods.multibuy import is_multibuy
from kassd.core.money import line_amount, round_cents, split
from kassd.core.state import Sale
from kassd.deferred import replace

GOODS = "Umsatz"
REDUCTIONS = ("Rabatt", "Aufschlag", "ZuschussUnecht")
NOTHING = Taken(Decimal(0), 0)


def returned_lines(
    sale: Sale,
    wanted: Mapping[int, Decimal],
    before: Mapping[int, Taken],
    mixes: Mapping[str, str] | None = None,
    open_claims: Mapping[str, int] | None = None,
) -> Iterator[Line]:
    """The lines that take ``wanted`` (line → quantity) of an old receipt back, each followed by what belongs
    to it: deposit, reductions, its share of what reduced the whole receipt or follows from quantities, and
    of what settled it without money.

    ``n`` is the old line's; ``of`` the old number of the goods; the caller numbers anew. ``before``: what of
    each line is back already; ``mixes``: article → what it shares quantity prices with (default: itself);
    ``open_claims``: number of a claim that the receipt made → cents of it that are still owed.
    """
    standing = sale.standing()
    number = str(sale.number)
    back = dict(before)  # with this return, so far
    reduced = {line.of for line in standing if line.case in REDUCTIONS and not is_multibuy(line)}
    common = [line for line in standing if is_multibuy(line) or (line.case in REDUCTIONS and not line.of)]
    settling = [line for line in standing if line.settles and line.origin is None]
    owed = dict(open_claims or {})
    for line in standing:
        if line.n not in wanted:
            continue
        fraction = (back.get(line.n, NOTHING).quantity + wanted[line.n]) / line.quantity
        for part in (line, *(other for other in standing if other.of == line.n and not is_multibuy(other))):
            quantity = wanted[line.n] if part is line else part.quantity * wanted[line.n] / line.quantity
            again = _part(part, number, quantity, fraction, back.get(part.n, NOTHING))
            back[part.n] = back.get(part.n, NOTHING) + taken_by(again)
            yield again
        for part in common:
            if is_multibuy(part):
                base = [o for o in standing if o.n not in reduced and _counted(o, part, mixes or {})]
                fraction = _share_of(base, back)
            else:
                fraction = _share_back(standing, part.vat, back)
            again = replace(_part(part, number, None, fraction, back.get(part.n, NOTHING)), of=line.n)
            if again.amount:
                back[part.n] = back.get(part.n, NOTHING) + taken_by(again)
                yield again
        for part in settling:
            settled = settled_back(part, line, number, standing, back, owed.get(part.account))
            if settled is not None:
                back[part.n] = back.get(part.n, NOTHING) + taken_by(settled)
                if part.account in owed:
                    owed[part.account] -= settled.amount
                yield settled


def _counted(line: Line, reduction: Line, mixes: Mapping[str, str]) -> bool:
    """Whether goods counted for the quantity that ``reduction`` follows from."""
    counted = line.case == GOODS and line.quantity > 0 and not (line.price_why or line.shares)
    return (
        counted and line.vat == reduction.vat and mixes.get(line.article, line.article) == reduction.price_why
    )


def _share_of(goods: list[Line], back: Mapping[int, Taken]) -> Decimal:
    worth = sum(line.amount for line in goods)
    returned = sum(back.get(line.n, NOTHING).amount for line in goods)
    return Decimal(returned) / worth if worth else Decimal(0)


def _share_back(standing: tuple[Line, ...], vat: int, returned: Mapping[int, Taken]) -> Decimal:
    """Which part of what a reduction of the whole receipt was reckoned on is back with this return."""
    base, back = 0, Decimal(0)
    for line in standing:
        if not (line.of or line.case == GOODS) or (line.case in REDUCTIONS and not line.of):
            continue
        worth = sum(share.amount for share in line.by_vat() if share.vat == vat)
        if not worth or not line.reducible:
            continue
        base += worth
        amount = returned.get(line.n, NOTHING).amount
        back += Decimal(worth * amount) / line.amount if line.amount else 0
    return back / base if base else Decimal(0)


def _part(line: Line, receipt: str, quantity: Decimal | None, fraction: Decimal, before: Taken) -> Line:
    """``fraction`` of ``line`` is back with this; ``quantity`` None: it has no pieces of its own."""
    whole_amount = round_cents(line.amount * fraction)
    amount = whole_amount - before.amount
    price = line.unit_price
    whole = quantity is not None and quantity == quantity.quantize(Decimal("0.001"))
    if quantity is None or not whole or (line.case in REDUCTIONS and not _fits(line, quantity, amount)):
        quantity, price = Decimal(1), amount
    weights = [abs(share.amount) for share in line.shares]
    parts = split(whole_amount, weights) if any(weights) else [0] * len(weights)
    done = before.parts or (0,) * len(parts)
    return replace(
        line,
        quantity=-quantity,
        unit_price=price,
        amount=-amount,
        factor=line.factor if price == line.unit_price else Decimal(1),
        shares=tuple(replace(s, amount=o - p) for s, p, o in zip(line.shares, parts, done, strict=True)),
        origin=Origin(receipt, line.n),
    )


def _fits(line: Line, quantity: Decimal, amount: int) -> bool:
    return line_amount(quantity, line.unit_price, line.factor) == amount
