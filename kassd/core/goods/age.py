"""Who may buy, and how much (JuSchG §§ 9, 10; NpSG).

Goods with an age limit enter the sale, but it cannot be paid until a person with the right approve has
confirmed the customer's age, once per sale for the highest class. At a station that nobody attends they are
refused, or wait for an attendant (``[[station]] age_gate``); nitrous oxide is always refused there.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from kassd.core.decision import Draft, Rejected, bad_args
from kassd.core.entry import Line
from kassd.core.goods.args import SaleApproveAge
from kassd.core.goods.article import NITROUS_OXIDE_LIMIT, Article
from kassd.core.goods.facts import AgeApproved
from kassd.core.master import age_gate
from kassd.core.selling import current
from kassd.core.state import Sale

CLASSES = (16, 18)
CHARGERS_AGE = 18


def required_age(sale: Sale) -> int:
    """The highest age class among the lines that stand, 0 if there is none."""
    return max((line.age for line in sale.standing()), default=0)


def born_before(day: date, age: int) -> str:
    """The last day of birth of somebody who is ``age`` on ``day``."""
    year = day.year - age
    try:
        return day.replace(year=year).isoformat()
    except ValueError:  # 29 February
        return date(year, 2, 28).isoformat()


def require_age(d: Draft, sale: Sale) -> None:
    """Nothing with an age limit leaves before somebody has approved it, and no more chargers than the law
    allows, wherever they were ordered (a bill of several orders)."""
    age = required_age(sale)
    admit_lines(d, sale.station, sale.standing(), sale.age_approved)
    if age > sale.age_approved:
        birth = born_before(d.stamp.at.date(), age)
        raise Rejected("age_check_required", {"age": age, "born_before": birth}, f"(ab {age} Jahren)")
    if age == CHARGERS_AGE:
        _require_chargers(d, sale.standing(), Decimal(0))


def _require_chargers(d: Draft, lines: Iterable[Line], more: Decimal) -> None:
    """Chargers in what ``lines`` hand out, and ``more`` of them."""
    if more + sum(_chargers(d, line) for line in lines if line.quantity > 0) > NITROUS_OXIDE_LIMIT:
        german = f"(höchstens {NITROUS_OXIDE_LIMIT} Kapseln)"
        raise Rejected("quantity_limit", {"max": NITROUS_OXIDE_LIMIT}, german)


def _chargers(d: Draft, line: Line) -> Decimal:
    """Chargers of a line: of its article, or of the parts it was sold with."""
    articles = d.state.catalog.articles
    article = articles.get(line.article)
    parts = ((articles.get(part.article), part.quantity) for part in line.parts)
    inside = sum((part.nitrous_oxide * quantity for part, quantity in parts if part), Decimal(0))
    return max(Decimal(article.nitrous_oxide if article else 0), inside) * line.quantity


def admit(d: Draft, sale: Sale, article: Article) -> None:
    """Whether an article may enter a sale at its station at all."""
    gate, age = age_gate(d.state.config, sale.station), article.needs_age
    if gate == "person" or not age:
        return
    if article.nitrous_oxide or (gate == "none" and sale.age_approved < age):
        raise Rejected("age_unattended", {"age": age}, f"({article.name[:40]})")


def admit_lines(d: Draft, station: str, lines: Iterable[Line], approved: int = 0) -> None:
    """The same for what was entered elsewhere and is paid at ``station`` (a bill of orders)."""
    gate = age_gate(d.state.config, station)
    if gate == "person":
        return
    for line in lines:
        if line.quantity > 0 and (_chargers(d, line) or (gate == "none" and line.age > approved)):
            raise Rejected("age_unattended", {"age": line.age}, f"({line.text[:40]})")


def require_quantity_limit(
    d: Draft, sale: Sale, article: Article, quantity: Decimal, over_limit: bool
) -> None:
    """Limits of one sale: the law's for nitrous oxide, the shop's (``max_per_sale``) for everything else, in
    combos too. What is ordered counts with what is open of its group: they are paid together."""
    more = {article.id: quantity}
    for part in article.parts:
        more[part.article] = more.get(part.article, Decimal(0)) + part.quantity * quantity
    limits = _limits(d, more)
    if not (limits or article.nitrous_oxide):
        return
    if sale.kind == "order":
        before = (*d.state.orders.groups[sale.group].lines, *sale.standing())
    else:
        before = tuple(line for line in sale.standing() if line.quantity > 0)
    if article.nitrous_oxide:
        _require_chargers(d, before, article.nitrous_oxide * quantity)
    _require_limits(d, limits, before, more, over_limit)


def require_limits_together(d: Draft, lines: Iterable[Line], more: Iterable[Line], over_limit: bool) -> None:
    """Goods (``more``) come to others (``lines``) that they will be paid with: limits count over both."""
    coming = _handed_out(more)
    _require_limits(d, _limits(d, coming), lines, coming, over_limit)


def _limits(d: Draft, quantities: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Limits of the shop's for what of ``quantities`` (article → quantity) is handed out."""
    articles = d.state.catalog.articles
    found = ((key, articles.get(key)) for key, quantity in quantities.items() if quantity > 0)
    return {key: one.max_per_sale for key, one in found if one and one.max_per_sale is not None}


def _require_limits(
    d: Draft,
    limits: Mapping[str, Decimal],
    lines: Iterable[Line],
    more: Mapping[str, Decimal],
    over_limit: bool,
) -> None:
    have = _handed_out(lines) if limits else {}
    for key, most in limits.items():
        if have.get(key, Decimal(0)) + more[key] > most:
            if not over_limit:
                name = d.state.catalog.articles[key].name[:40]
                german = f"({name}: höchstens {most:f})"
                raise Rejected("quantity_limit", {"max": f"{most:f}", "article": key}, german)
            d.require("approve")


def _handed_out(lines: Iterable[Line]) -> dict[str, Decimal]:
    """Quantities by article, by itself and as a part of a combo."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.article:
            found[line.article] = found.get(line.article, Decimal(0)) + line.quantity
        for part in line.parts:
            found[part.article] = found.get(part.article, Decimal(0)) + part.quantity * line.quantity
    return found


def approve(d: Draft, station: str, args: SaleApproveAge) -> Sale:
    """An authorised person has seen that the customer is old enough."""
    sale = current(d.state, station)
    needed = required_age(sale)
    age = needed if args.age is None else args.age
    if age == 0:
        raise Rejected("nothing_to_approve")
    if age not in CLASSES:
        raise bad_args("age: expected 16 or 18", "(Altersklasse: 16 oder 18)")
    if age > sale.age_approved:
        d.fact(AgeApproved(sale.id, d.at, age, d.at_home(), d.actor, station))
    return d.state.sales[sale.id]
