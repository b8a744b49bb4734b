"""Delivery notes: goods leave without payment as AVTransfer (DSFinV-K Anhang B), which the closing leaves
out; the bill that follows is the receipt."""

import json
from dataclasses import fields
from typing import Any, cast

from kassd.core import facts as f
from kassd.core.codec import encode
from kassd.core.credit.args import DeliveryBill, DeliveryIssue, DeliveryList
from kassd.core.credit.common import customer_of, find, listed, open_item, open_items, refer
from kassd.core.credit.ledger import billed_by, lacking
from kassd.core.credit.state import Item
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Line
from kassd.core.goods.age import require_age
from kassd.core.perform import Answer, performs
from kassd.core.receipts.asked import require_goods_only
from kassd.core.selling import LineFields, append_line, current, open_sale, require_open_till
from kassd.core.state import Sale

NAME = "Lieferschein"
ROOM = 40_000  # bytes of repeated lines in one journal line, which has 64 KiB
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
    _fill(d, sale, item)
    total = sum(line.amount for line in item.lines)
    return "ok", {"sale": sale.id, "total": total, "due": total}


def fill_bills(d: Draft) -> None:
    """Go on with bills whose lines did not fit one journal line. Nothing else happens to them meanwhile."""
    for sale in tuple(d.state.sales.values()):
        if (item := lacking(d.state, sale)) is not None:
            _fill(d, sale, item)


def _fill(d: Draft, sale: Sale, item: Item) -> None:
    """The lines that ``sale`` still lacks, as many as the journal line takes; complete, it refers to the
    item."""
    numbers = {line.n: n for n, line in enumerate(item.lines, 1)}
    weights = [_weight(fact) for fact in d.facts if isinstance(fact, f.LineAdded)]
    for line in item.lines[len(sale.lines) :]:
        weights.append(_weight(line))
        if weights[1:] and sum(weights) > ROOM:
            return
        values: dict[str, Any] = {
            field.name: getattr(line, field.name) for field in fields(Line) if field.name not in NOT_COPIED
        }
        values |= {"of": numbers.get(line.of, 0), "account": item.number}
        sale = append_line(d, sale, **cast(LineFields, values))
    refer(d, sale, item)


def _weight(line: Line) -> int:
    return 150 + len(json.dumps(encode(line), ensure_ascii=False).encode())


@performs(DeliveryList)
def _list(d: Draft, station: str, args: DeliveryList) -> Answer:
    items = open_items(d.state, "delivery")
    return "ok", listed(d.state, (i for i in items if args.customer in ("", i.customer)))
