"""Prices by quantity: "3 for 5.00" (``bundles``) and "from 10 on 0.45 each" (``steps``).

The goods keep their price; what the quantity takes off is a line of its own (GV_TYP Rabatt, GV_NAME
Mengenrabatt) per tax key. Whenever the lines change, the difference to what is due by then is one more such
line, so that the sum is exact after each entry and each void. Lines at another price than the catalogue's
(price list, by hand, label) do not take part, nor do those with a reduction of their own.
"""

from collections.abc import Iterable
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.decision import Draft
from kassd.core.entry import Line
from kassd.core.goods.article import QuantityTerms
from kassd.core.money import line_amount
from kassd.core.selling import append_line
from kassd.core.state import Sale

NAME = "Mengenrabatt"


def is_multibuy(line: Line) -> bool:
    """Whether a line is a reduction that follows from a quantity (its part of what comes back does not)."""
    return line.case == "Rabatt" and line.name == NAME and line.origin is None


def settle(d: Draft, sale: Sale, article_id: str) -> Sale:
    """Bring the reductions of an article, or of those it is mixed with, up to the lines that stand: by the
    prices that were in force when these were entered."""
    found = (line.terms for line in sale.lines if line.article == article_id)
    for terms in dict.fromkeys(filter(None, found)):
        sale = _settle_terms(d, sale, terms)
    return sale


def _settle_terms(d: Draft, sale: Sale, terms: QuantityTerms) -> Sale:
    goods: dict[int, list[Line]] = {}
    given: dict[int, list[Line]] = {}
    for line in counting(sale.standing(), terms):
        goods.setdefault(line.vat, []).append(line)
    for line in following(sale.standing(), terms):
        given.setdefault(line.vat, []).append(line)
    for vat in sorted(goods.keys() | given.keys()):
        sale = _settle_key(d, sale, terms, goods.get(vat, []), given.get(vat, []))
    return sale


def counting(lines: Iterable[Line], terms: QuantityTerms) -> list[Line]:
    """Goods among ``lines`` that count for ``terms``."""
    lines = tuple(lines)
    own = (line for line in lines if line.case == "Rabatt" and not (is_multibuy(line) or line.price_why))
    reduced = {line.of for line in own}
    return [line for line in lines if line.terms == terms and line.n not in reduced and _takes_part(line)]


def following(lines: Iterable[Line], terms: QuantityTerms) -> list[Line]:
    """Reductions among ``lines`` that follow from ``terms``."""
    return [line for line in lines if line.terms == terms and is_multibuy(line)]


def _takes_part(line: Line) -> bool:
    return line.case == "Umsatz" and not (line.price_why or line.shares) and line.quantity > 0


def _settle_key(d: Draft, sale: Sale, terms: QuantityTerms, goods: list[Line], given: list[Line]) -> Sale:
    due, have = reduction(terms, goods), sum(line.amount for line in given)
    if due == 0:
        for line in given:
            n = len(d.state.sales[sale.id].lines) + 1
            d.fact(f.LineVoided(sale.id, n, line.n, d.at, d.operator(sale.station), "follows"))
        return d.state.sales[sale.id]
    if due == have:
        return sale
    newest = goods[-1]
    return append_line(
        d,
        sale,
        text=f"{NAME} {newest.text if terms.key == newest.article else terms.key}"[:255],
        quantity=Decimal(-1 if due < have else 1),
        unit_price=abs(due - have),
        vat=newest.vat,
        rate=newest.rate,
        case="Rabatt",
        name=NAME,
        of=newest.n,
        in_house=newest.in_house,
        group=newest.group,
        group_name=newest.group_name,
        agency=newest.agency,
        reducible=False,
        price_why=terms.key,
        terms=terms,
    )


def reduction(terms: QuantityTerms, goods: Iterable[Line]) -> int:
    """Cents (0 or negative) by which the quantity makes ``goods`` cheaper."""
    lines = list(goods)
    regular, quantity = sum(line.amount for line in lines), sum((line.quantity for line in lines), Decimal(0))
    reached = [step for step in terms.steps if step.quantity <= quantity]
    if reached:
        step = max(reached, key=lambda step: step.quantity)
        return min(0, line_amount(quantity, step.price, terms.factor) - regular)
    whole = [line for line in lines if line.quantity == line.quantity.to_integral_value()]
    pieces = sorted(((line.unit_price, int(line.quantity)) for line in whole), reverse=True)
    total = 0
    for bundle in sorted(terms.bundles, key=lambda bundle: -bundle.quantity):
        size = int(bundle.quantity)
        count = sum(n for _, n in pieces) // size
        taken, pieces = _take(pieces, count * size)
        total += min(0, count * bundle.price - taken)
    return total


def _take(pieces: list[tuple[int, int]], count: int) -> tuple[int, list[tuple[int, int]]]:
    """The price of the ``count`` dearest pieces, and those that are left."""
    price, rest = 0, []
    for unit_price, n in pieces:
        taken = min(n, count)
        price, count = price + taken * unit_price, count - taken
        if n > taken:
            rest.append((unit_price, n - taken))
    return price, rest
