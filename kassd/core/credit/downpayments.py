"""Down payments: taxed when the money comes (§ 13 Abs. 1 Nr. 1 Buchst. a Satz 4 UStG), deducted with their
tax from the final bill (§ 14 Abs. 5 UStG), given back when the order is cancelled."""

from collections.abc import Mapping
from decimal import Decimal

from kassd.core.catalog import MAX_PRICE
from kassd.core.credit.args import DownpaymentList, DownpaymentRefund, DownpaymentRelease, DownpaymentTake
from kassd.core.credit.common import (
    customer_of,
    day_of,
    find,
    german,
    listed,
    open_item,
    open_items,
    refer,
)
from kassd.core.credit.ledger import available
from kassd.core.credit.state import Item
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.entry import Line, Share
from kassd.core.former import base_key
from kassd.core.master import own_key
from kassd.core.money import euros, net_and_tax
from kassd.core.perform import Answer, performs
from kassd.core.selling import append_line, current, current_or_new, open_sale, require_open_till
from kassd.core.state import Sale, State
from kassd.core.vat import KEYS, NOT_TAXABLE

TAKEN, RELEASED = "Anzahlungseinstellung", "Anzahlungsaufloesung"


@performs(DownpaymentTake)
def _take(d: Draft, station: str, args: DownpaymentTake) -> Answer:
    require_open_till(d.state)
    amounts, pickup = _amounts(args), day_of(args.pickup, "pickup")
    what = one_line(args.what, "what", 100)
    if not what:
        raise bad_args("what: must not be empty", "(Wofür? Die bestellte Ware fehlt.)")
    customer = customer_of(d, args.customer, d.state.current(station))
    sale = current_or_new(d, station)
    number = open_item(d, sale, "downpayment", customer, what=what, pickup=pickup)
    fetched = f", Abholung {german(pickup)}" if pickup else ""
    for vat, amount in amounts.items():
        sale = append_line(
            d,
            sale,
            text=f"Anzahlung: {what}",
            quantity=Decimal(1),
            unit_price=amount,
            vat=vat,
            case=TAKEN,
            account=number,
            reducible=False,
            note=f"Nr. {number}, {customer}{fetched}",
        )
    return "ok", {"sale": sale.id, "number": number, "total": sale.total}


def _amounts(args: DownpaymentTake) -> Mapping[int, int]:
    """Cents by tax key; the tax arises now, so each part needs its rate."""
    if (args.amounts is None) == (args.amount is None) or (args.amount is None) != (args.vat is None):
        raise bad_args("expected either amount and vat, or amounts by tax key", "(Betrag und Steuersatz.)")
    amounts = args.amounts or {args.vat or 0: args.amount or 0}
    if any(vat not in KEYS or vat == NOT_TAXABLE for vat in amounts):
        raise Rejected("unknown_vat")
    if not all(0 < amount <= MAX_PRICE for amount in amounts.values()):
        raise Rejected("amount_invalid")
    return dict(sorted(amounts.items()))


@performs(DownpaymentRelease)
def _release(d: Draft, station: str, args: DownpaymentRelease) -> Answer:
    require_open_till(d.state)
    item, sale = find(d, args.number, "downpayment"), current(d.state, station)
    left, goods = available(d.state, item), _goods(sale)
    if any(vat != own_key(d.state.config, vat) for vat in left):
        raise Rejected("rate_changed")
    due = whole = sale.due
    for vat, share in left.items():
        amount = min(share.amount, goods.get(vat, 0), due)
        if amount > 0:
            sale = _append(d, sale, item, Share(vat, share.rate, amount), "")
            refer(d, sale, item, len(sale.lines))
            due -= amount
    if due == whole:
        raise Rejected("item_not_for_these")
    rest = sum(share.amount for share in available(d.state, item).values())
    return "ok", {"sale": sale.id, "total": sale.total, "due": sale.due, "left": rest}


def left_beside(state: State, sale: Sale, line: Line) -> int:
    """Cents of goods under the tax key of a deduction that are left beside it."""
    return _goods(sale).get(base_key(line.vat), 0)


def _goods(sale: Sale) -> dict[int, int]:
    """What the sale's goods cost by tax key, less what has been deducted before. After a change of rates the
    supply is taxed whole at its own day's, and the down payment deducted with the tax it had (§ 27 Abs. 1
    Satz 2 und 3, § 14 Abs. 5 Satz 2 UStG): a former rate's key counts as the one it comes from."""
    sums: dict[int, int] = {}
    for line in sale.lines:
        if line.case != TAKEN and not line.agency:  # what an agency sells is no supply of this business
            for share in line.by_vat():
                vat = base_key(share.vat)
                sums[vat] = sums.get(vat, 0) + share.amount
    return sums


def _append(d: Draft, sale: Sale, item: Item, share: Share, reason: str) -> Sale:
    paid = f"Nr. {item.number} vom {german(item.at)}{_tax_within(share)}"
    return append_line(
        d,
        sale,
        text=f"Anzahlung zurück: {item.what}" if reason else f"Abzüglich Anzahlung: {item.what}",
        quantity=Decimal(-1),
        unit_price=share.amount,
        vat=share.vat,
        rate=share.rate,
        case=RELEASED,
        account=item.number,
        reducible=False,
        note=f"{paid}\nGrund: {reason}" if reason else paid,
    )


def _tax_within(share: Share) -> str:
    """The tax deducted with it; of what was not taxed no slip speaks of tax (§ 14c, § 19 UStG)."""
    if not share.rate:
        return ""
    _, tax = net_and_tax(share.amount, share.rate)
    return f", enthaltene USt {euros(tax)} €"


@performs(DownpaymentRefund)
def _refund(d: Draft, station: str, args: DownpaymentRefund) -> Answer:
    require_open_till(d.state)
    reason, item = reason_of(args.reason), find(d, args.number, "downpayment")
    if d.state.current(station) is not None:
        raise Rejected("sale_open")
    left = available(d.state, item)
    if not left:
        raise Rejected("sale_open", detail="(Ein anderer Kassenplatz rechnet die Anzahlung gerade ab.)")
    sale = open_sale(d, station)
    for share in left.values():
        sale = _append(d, sale, item, share, reason)
        refer(d, sale, item, len(sale.lines))
    return "ok", {"sale": sale.id, "total": sale.total, "due": sale.due}


@performs(DownpaymentList)
def _list(d: Draft, station: str, args: DownpaymentList) -> Answer:
    pickup = day_of(args.pickup, "pickup")
    items = open_items(d.state, "downpayment")
    return "ok", listed(d.state, (i for i in items if pickup in ("", i.pickup)))
