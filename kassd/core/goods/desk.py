"""The commands about goods, each handed to the module that decides it."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from kassd.core import boot
from kassd.core import facts as f
from kassd.core.catalog import forms_of, misfits_of, unfit_by
from kassd.core.codec import encode
from kassd.core.commands import SaleVoidLine
from kassd.core.decision import Draft, Rejected, one_line, reason_of
from kassd.core.goods import changing, entering
from kassd.core.goods.age import approve, born_before, required_age
from kassd.core.goods.args import (
    ArticlePrice,
    CatalogPut,
    CatalogReload,
    DepositReturn,
    SaleAdd,
    SaleApproveAge,
    SaleQuantity,
    SaleSetInHouse,
    StockWaste,
)
from kassd.core.goods.article import Article, problems_of
from kassd.core.goods.deposits import deposits_of, give_back
from kassd.core.goods.lookup import by_id, look_up
from kassd.core.goods.pricing import base_price, price_now, vat_of
from kassd.core.master import control_prefix, sales_keys
from kassd.core.money import euros
from kassd.core.perform import Answer, performs
from kassd.core.scale.weighing import ask_scale, is_weighed
from kassd.core.selling import require_quantity

MAX_SOURCE = 60


@performs(SaleAdd)
def _add(d: Draft, station: str, args: SaleAdd) -> Answer:
    if is_weighed(d, station, args):
        order = ask_scale(d, station, args)
        return "accepted", {"article": order.article, "unit_price": order.unit_price, "tare": order.tare}
    sale, line = entering.add(d, station, args)
    result: dict[str, Any] = {"sale": sale.id, "line": line, "total": sale.total}
    age = required_age(sale)
    if age > sale.age_approved:
        result |= {"age": age, "born_before": born_before(d.stamp.at.date(), age)}
    return "ok", result


@performs(SaleVoidLine)
def _void_line(d: Draft, station: str, args: SaleVoidLine) -> Answer:
    sale = changing.void_line(d, station, args)
    return "ok", {"sale": sale.id, "total": sale.total}


@performs(SaleQuantity)
def _quantity(d: Draft, station: str, args: SaleQuantity) -> Answer:
    name_quantity(d, station, args.quantity)
    return "ok", None


def name_quantity(d: Draft, station: str, quantity: Decimal) -> None:
    """The quantity of the next article; 0 takes it back."""
    d.fact(f.QuantityNamed(station, require_quantity(quantity) if quantity else None))


@performs(SaleSetInHouse)
def _set_in_house(d: Draft, station: str, args: SaleSetInHouse) -> Answer:
    sale = changing.set_in_house(d, station, args)
    return "ok", {"sale": sale.id, "total": sale.total}


@performs(SaleApproveAge)
def _approve_age(d: Draft, station: str, args: SaleApproveAge) -> Answer:
    sale = approve(d, station, args)
    return "ok", {"sale": sale.id, "age": sale.age_approved}


@performs(DepositReturn)
def _deposit_return(d: Draft, station: str, args: DepositReturn) -> Answer:
    sale = give_back(d, station, args)
    return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total}


@performs(ArticlePrice)
def _price(d: Draft, station: str, args: ArticlePrice) -> Answer:
    """A price check begins no Vorgang: nothing is journalled, nothing is signed."""
    found = look_up(d, args.code, args.aim, args.article)
    article, now = found.article, price_now(d.state, found.article, d.stamp.at)
    price = now.unit_price if found.price is None else found.price
    in_house = entering.is_in_house(d, station, d.state.current(station))
    vat, _ = vat_of(d.state, article, d.stamp.at.date().isoformat(), in_house)
    result: dict[str, Any] = {"article": article.id, "text": article.name, "price": price, "vat": vat}
    unit = "kg" if article.weighed and found.price is None else article.unit
    said = f"{article.name}: {euros(price)} €" + (f" je {unit}" if unit else "")
    if now.list_price is not None and found.price is None:
        result |= {"list_price": now.list_price, "price_why": now.why}
        said += f" (statt {euros(now.list_price)} €: {now.why})" if now.list_price > price else ""
    if now.lowest is not None and found.price is None:
        result["lowest_price"] = now.lowest
        reduced = now.list_price not in (None, now.lowest) or (now.list_price is None and price < now.lowest)
        said += f", niedrigster Preis der letzten 30 Tage: {euros(now.lowest)} €" if reduced else ""
    base = base_price(article, price) if found.price is None else None
    if base is not None:
        result |= {"base_price": base[0], "base_unit": base[1]}
        said += "" if article.weighed else f" (1 {base[1]} = {euros(base[0])} €)"
    deposit = sum(int(kind.price * pieces) for kind, pieces in deposits_of(d, article))
    if deposit:
        result["deposit"] = deposit
        said += f", zzgl. {euros(deposit)} € Pfand"
    entering.warn(d, station, "", said)
    return "ok", result


@performs(StockWaste)
def _waste(d: Draft, station: str, args: StockWaste) -> Answer:
    article = by_id(d.state, args.article, d.stamp.at.date().isoformat())
    quantity, reason = require_quantity(args.quantity), reason_of(args.reason)
    d.fact(f.StockWasted(d.at, station, d.operator(station), article.id, article.name, quantity, reason))
    return "ok", None


@performs(CatalogPut)
def _put_article(d: Draft, station: str, args: CatalogPut) -> Answer:
    article = Article(**{field.name: getattr(args, field.name) for field in fields(Article)})
    state = d.state
    problems = list(problems_of(article, control_prefix(state.config), sales_keys(state.config)))
    problems += misfits_of(article, state.catalog.articles)
    problems += unfit_by(article, state.catalog.articles)
    by_code = state.catalog.by_code
    taken = [c for c in article.codes if any(by_code.get(f, article.id) != article.id for f in forms_of(c))]
    problems += [f"Code {code} gehört schon zu einem anderen Artikel" for code in taken]
    if problems:
        raise Rejected("catalog_invalid", detail=f"({'; '.join(problems)[:2000]})")
    old = state.catalog.articles.get(article.id)
    boot.put_article(d, article, None if old is None else encode(old), d.actor, "catalog.put")
    return "ok", None


@performs(CatalogReload)
def _reload(d: Draft, station: str, args: CatalogReload) -> Answer:
    """The reading is no matter of the core; what differs comes back as :class:`CatalogOffered`."""
    if args.ask or (args.sha256 and d.state.files.get(boot.CATALOG) == args.sha256):
        return "ok", None
    source, by = one_line(args.source, "source", MAX_SOURCE), one_line(args.by, "by", MAX_SOURCE)
    d.ask("catalog.read", who=f"{d.actor} ({by})" if by else d.actor, how=f"import {source}".strip())
    return "accepted", None
