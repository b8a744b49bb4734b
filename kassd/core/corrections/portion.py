"""What a part of an old receipt was worth: its lines, what belongs to them, and its share of what reduced
the whole receipt. Pure arithmetic, exact to the cent over any number of partial returns.

Each return takes the difference between what is back in all and what was back before, so that rounding never
adds up: a receipt taken back piece by piece gives exactly its total.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from kassd.core.corrections.state import Taken
from kassd.core.entry import Line, Origin
from kassd.core.money import line_amount, round_cents, split
from kassd.core.state import Sale

GOODS = "Umsatz"
REDUCTIONS = ("Rabatt", "Aufschlag", "ZuschussEcht", "ZuschussUnecht")
NOTHING = Taken(Decimal(0), 0)


def returned_lines(sale: Sale, wanted: Mapping[int, Decimal], before: Mapping[int, Taken]) -> Iterator[Line]:
    """The lines that take ``wanted`` (line → quantity) of an old receipt back. ``n`` is the old line's and
    ``of`` too; the caller numbers anew. ``before``: what of each line is back already."""
    standing = sale.standing()
    number = str(sale.number)
    now: dict[int, int] = {}
    for line in standing:
        if line.n not in wanted:
            continue
        fraction = (before.get(line.n, NOTHING).quantity + wanted[line.n]) / line.quantity
        for part in (line, *(other for other in standing if other.of == line.n)):
            quantity = wanted[line.n] if part is line else part.quantity * wanted[line.n] / line.quantity
            back = _part(part, number, quantity, fraction, before.get(part.n, NOTHING))
            now[part.n] = -back.amount
            yield back
    for whole in standing:
        if whole.case in REDUCTIONS and not whole.of:
            fraction = _share_back(standing, whole.vat, before, now)
            back = _part(whole, number, None, fraction, before.get(whole.n, NOTHING))
            if back.amount:
                yield back


def _share_back(
    standing: tuple[Line, ...], vat: int, before: Mapping[int, Taken], now: Mapping[int, int]
) -> Decimal:
    """Which part of what a reduction of the whole receipt was reckoned on is back with this return."""
    base, back = 0, Decimal(0)
    for line in standing:
        if not (line.of or line.case == GOODS) or (line.case in REDUCTIONS and not line.of):
            continue
        worth = sum(share.amount for share in line.by_vat() if share.vat == vat)
        if not worth or not line.reducible:
            continue
        base += worth
        returned = before.get(line.n, NOTHING).amount + now.get(line.n, 0)
        back += Decimal(worth * returned) / line.amount if line.amount else 0
    return back / base if base else Decimal(0)


def _part(line: Line, receipt: str, quantity: Decimal | None, fraction: Decimal, before: Taken) -> Line:
    """``fraction`` of ``line`` is back with this; ``quantity`` None: it has no pieces of its own."""
    amount = round_cents(line.amount * fraction) - before.amount
    price = line.unit_price
    whole = quantity is not None and quantity == quantity.quantize(Decimal("0.001"))
    if quantity is None or not whole or (line.case in REDUCTIONS and not _fits(line, quantity, amount)):
        quantity, price = Decimal(1), amount
    weights = [abs(share.amount) for share in line.shares]
    parts = split(amount, weights) if any(weights) else [0] * len(weights)
    return replace(
        line,
        quantity=-quantity,
        unit_price=price,
        amount=-amount,
        factor=line.factor if price == line.unit_price else Decimal(1),
        shares=tuple(replace(s, amount=-p) for s, p in zip(line.shares, parts, strict=True)),
        origin=Origin(receipt, line.n),
    )


def _fits(line: Line, quantity: Decimal, amount: int) -> bool:
    return line_amount(quantity, line.unit_price, line.factor) == amount
