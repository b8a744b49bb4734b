"""Reductions of a whole sale that is parked: each of its lines bears its share from then on.

Whoever pays a part of the bill pays what that part costs (§ 10 Abs. 1 UStG), and what is taken back or moved
to another table takes its share along. Goods added later are not reduced.
"""

from decimal import Decimal

from kassd.core.decision import Draft
from kassd.core.entry import Line, Share
from kassd.core.money import split
from kassd.core.reductions.beside import Key
from kassd.core.reductions.settling import Amounts, add, reductions_of, take_back, what_is_left
from kassd.core.reductions.state import Reduction
from kassd.core.selling import append_line
from kassd.core.state import Sale

Goods = dict[int, tuple[Line, Amounts]]


def apportion(d: Draft, sale: Sale) -> Sale:
    """Enter each reduction of the whole sale anew, as one of each of its lines; no sum of a key changes."""
    goods = what_is_left(sale).of_each()
    known = {reduction.id: reduction for reduction in sale.reductions}
    for name, given in reductions_of(sale).items():
        parts: dict[int, Amounts] = {}
        for key, lines in given.items():
            shares = _shares(goods, known.get(name), key, sum(line.amount for line in lines))
            if shares:
                take_back(d, sale, lines)
            for n, cents in shares.items():
                add(parts.setdefault(n, {}), {key: cents})
        first = next(line for lines in given.values() for line in lines)
        for n, amounts in parts.items():
            _append(d, d.state.sales[sale.id], first, goods[n][0], amounts)
            add(goods[n][1], amounts)
    return d.state.sales[sale.id]


def _shares(goods: Goods, reduction: Reduction | None, key: Key, cents: int) -> dict[int, int]:
    """``cents`` under ``key`` by what is left of the lines that the reduction is for."""
    fitting = {
        n: amounts[key]
        for n, (line, amounts) in goods.items()
        if amounts.get(key, 0) > 0 and (reduction is None or _is_for(reduction, line))
    }
    if not fitting:
        return {}
    parts = zip(fitting, split(cents, list(fitting.values())), strict=True)
    return {n: part for n, part in parts if part}


def _is_for(reduction: Reduction, line: Line) -> bool:
    if not (reduction.articles or reduction.categories):
        return True
    return line.article in reduction.articles or (line.group != "" and line.group in reduction.categories)


def _append(d: Draft, sale: Sale, given: Line, line: Line, amounts: Amounts) -> None:
    """The share of ``line`` in a reduction, of which ``given`` was a line."""
    rates = {share.vat: share.rate for share in line.by_vat()}
    shares = tuple(Share(vat, rates[vat], cents) for (vat, _), cents in sorted(amounts.items()))
    whole = sum(share.amount for share in shares)
    append_line(
        d,
        sale,
        text=given.text,
        quantity=Decimal(-1 if whole < 0 else 1),
        unit_price=abs(whole),
        vat=shares[0].vat,
        rate=shares[0].rate,
        shares=shares if len(shares) > 1 else (),
        case=given.case,
        name=given.name,
        of=line.n,
        in_house=line.in_house,
        group=line.group,
        group_name=line.group_name,
        agency=line.agency,
        reducible=False,
        price_why=given.price_why,
        note=given.note,
    )
