"""Invoices written at the till and not paid there and then (AVRechnung, DSFinV-K Anhang B).

An AVRechnung changes no assets and stays out of the closing, like a delivery note. Its turnover is recorded
once: by the Beleg that takes its money later and repeats its lines (``invoice.pay``), or, where it is paid
elsewhere, by the books (``invoice.close``).
"""

from kassd.core import facts as f
from kassd.core.commands import SaleCustomer
from kassd.core.credit.args import InvoiceClose, InvoiceIssue, InvoiceList, InvoicePay
from kassd.core.credit.common import find, listed, open_item, open_items
from kassd.core.credit.deliveries import bill
from kassd.core.credit.receivables import pay_foreign
from kassd.core.decision import Draft, Rejected, bad_args, reason_of
from kassd.core.entry import Customer
from kassd.core.goods.age import require_age
from kassd.core.perform import Answer, performs
from kassd.core.receipts.asked import require_goods_only
from kassd.core.receipts.form import require_address
from kassd.core.selling import current, customer_of, require_open_till
from kassd.core.state import Sale

NAME = "Rechnung"


@performs(InvoiceIssue)
def _issue(d: Draft, station: str, args: InvoiceIssue) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    require_goods_only(d, sale)
    require_age(d, sale)
    customer = _customer(sale, args)
    number = open_item(d, sale, "invoice", customer.name)
    if customer != sale.customer:
        d.fact(f.CustomerSet(sale.id, d.at, customer, d.operator(station)))
    d.fact(f.SaleTyped(sale.id, d.at, "AVRechnung", NAME, f"Rechnung {number}"))
    d.fact(f.SalePaid(sale.id, d.at))
    return "accepted", {"sale": sale.id, "number": number, "total": sale.total}


def _named(args: InvoiceIssue) -> SaleCustomer:
    keys = ("id", "street", "postal_code", "city", "country", "vat_id")
    return SaleCustomer(name=args.customer, **{key: getattr(args, key) for key in keys})


def _customer(sale: Sale, args: InvoiceIssue) -> Customer:
    """Whom it is made out to; above 250 € with the address (§ 14 Abs. 4 UStG, § 33 UStDV)."""
    customer = customer_of(_named(args)) or sale.customer
    if customer is None:
        raise bad_args("customer: must not be empty", "(Der Kunde fehlt.)")
    require_address(customer, sale.total)
    return customer


@performs(InvoicePay)
def _pay(d: Draft, station: str, args: InvoicePay) -> Answer:
    """One of this register is billed with its lines as they were; of another system's only the claim ends."""
    require_open_till(d.state)
    item = d.state.credit.items.get(args.number.strip())
    if item is None or item.kind != "invoice":
        return pay_foreign(d, station, args)
    item = find(d, args.number, "invoice")
    if args.amount not in (None, item.balance):
        raise Rejected("amount_invalid", {"total": item.balance})
    return bill(d, station, item)


@performs(InvoiceClose)
def _close(d: Draft, station: str, args: InvoiceClose) -> Answer:
    require_open_till(d.state)
    known, reason = d.state.credit.items.get(args.number.strip()), reason_of(args.reason)
    claim = known is not None and known.kind == "receivable"
    item = find(d, args.number, "receivable" if claim else "invoice")
    if any(line.account == item.number for sale in d.state.sales.values() for line in sale.lines):
        raise Rejected("sale_open")
    d.fact(f.ItemClosed(item.number, d.at, reason, d.operator(station)))
    return "ok", {"number": item.number, "total": item.balance}


@performs(InvoiceList)
def _list(d: Draft, station: str, args: InvoiceList) -> Answer:
    items = open_items(d.state, "invoice")
    return "ok", listed(d.state, (i for i in items if args.customer in ("", i.customer)))
