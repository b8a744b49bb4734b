"""Delivery notes: goods leave without payment as AVTransfer (DSFinV-K Anhang B), which the closing leaves
out; the bill that follows is the receipt."""

from dataclasses import fields
from typing import Any, cast

from kassd.core import facts as f
from kassd.core.credit.args import DeliveryBill, DeliveryIssue, DeliveryList
from kassd.core.credit.common import customer_of, find, listed, open_item, open_items, refer
from kassd.core.credit.ledger import billed_by
from kassd.core.credit.state import Item
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Line
from kassd.core.goods.age import require_age
from kassd.core.perform import Answer, performs
from kassd.core.receipts.asked import require_goods_only
from kassd.core.selling import LineFields, append_line, current, open_sale, require_open_till

NAME = "Lieferschein"
NOT_COPIED = ("n", "voids", "of", "account")


@performs(DeliveryIssue)
def _issue(d: Draft, station: str, args: DeliveryIssue) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    require_goods_only(d, sale)
    require_age(d, sale)
    customer = customer_of(d, args.customer, sale)
    number = open_item(d, sale, "delivery", customer)
    d.fact(f.SaleTyped(sale.id, d.at, "AVTransfer", NAME, f"Lieferschein {number} an {customer}"))
    d.fact(f.SalePaid(sale.id, d.at))
    return "accepted", {"sale": sale.id, "number": number, "total": sale.total}


@performs(DeliveryBill)
def _bill(d: Draft, station: str, args: DeliveryBill) -> Answer:
    """A new sale with the goods as they were delivered: the rates are those of the delivery."""
    require_open_till(d.state)
    return bill(d, station, find(d, args.number, "delivery"))


def bill(d: Draft, station: str, item: Item) -> Answer:
    """A new sale with the lines of a delivery note or an unpaid invoice, which refers to it."""
    if d.state.current(station) is not None or billed_by(d.state, item.number):
        raise Rejected("sale_open")
    sale = open_sale(d, station)
    numbers: dict[int, int] = {}
    for line in item.lines:
        values: dict[str, Any] = {
            field.name: getattr(line, field.name) for field in fields(Line) if field.name not in NOT_COPIED
        }
        sale = append_line(
            d, sale, **cast(LineFields, values | {"of": numbers.get(line.of, 0), "account": item.number})
        )
        numbers[line.n] = len(sale.lines)
    refer(d, sale, item)
    return "ok", {"sale": sale.id, "total": sale.total, "due": sale.due}


@performs(DeliveryList)
def _list(d: Draft, station: str, args: DeliveryList) -> Answer:
    items = open_items(d.state, "delivery")
    return "ok", listed(d.state, (i for i in items if args.customer in ("", i.customer)))
