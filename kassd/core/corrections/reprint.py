"""Any receipt again, marked KOPIE (L-073), also made out to a customer or with the lines for a business meal:
no new transaction, no second original."""

from dataclasses import fields

from kassd.core import facts as f
from kassd.core.corrections.args import ReceiptInvoice, ReceiptReprint
from kassd.core.corrections.old import looked_up, receipt_of
from kassd.core.credit.ledger import invoice_paid
from kassd.core.decision import Draft, Rejected, bad_args
from kassd.core.entry import Customer
from kassd.core.master import printers_of
from kassd.core.perform import Answer, performs
from kassd.core.printing import copy_document, print_document
from kassd.core.receipts.form import has_address, require_address, with_form
from kassd.core.selling import customer_of
from kassd.core.slips import copy_of
from kassd.deferred import replace


@performs(ReceiptReprint)
def reprint_receipt(d: Draft, station: str, args: ReceiptReprint) -> Answer:
    """A receipt of any age, or the station's last one."""
    document = d.state.station(station).document if args.receipt is None else receipt_of(d)[0].document
    if document is None:
        raise Rejected("no_receipt")
    _require_printer(d, station)
    if args.hospitality:
        document = with_form(document)
    copy_document(d, document, "operator", station)
    return "ok", {"receipt": document.number}


def _require_printer(d: Draft, station: str) -> None:
    if not printers_of(d.state.config, station):
        raise Rejected("printer_absent")


@performs(ReceiptInvoice)
def invoice(d: Draft, station: str, args: ReceiptInvoice) -> Answer:
    """The receipt with its recipient: the same number and signature, marked as a copy that supplements the
    receipt (§ 31 Abs. 5 UStDV), so that no tax is shown twice (§ 14c UStG). For one recipient only, whose
    address may still be missing."""
    receipt, done = receipt_of(d)
    if receipt.sale.bon_type != "Beleg" or receipt.document.kind != "sale":
        raise Rejected("no_receipt")
    if any(c.how == "cancel" for c in done):
        raise Rejected("already_cancelled")
    customer = customer_of(args)
    if customer is None:
        raise bad_args("name: must not be empty", "(Der Name fehlt.)")
    found = looked_up(d)
    if any(c.how == "invoice" and c.seq > found.seq for c in done):
        raise Rejected("busy")  # made out in the meantime: to whom is looked up again
    if invoice_paid(receipt.sale):
        raise Rejected("already_invoiced")
    if receipt.invoiced is not None and not _completes(customer, receipt.invoiced):
        raise Rejected("already_invoiced")
    require_address(customer, receipt.document.total)
    _require_printer(d, station)
    number = receipt.document.number
    note = f"Ergänzt Beleg-Nr. {number} um den Empfänger, keine zweite Rechnung (§ 31 Abs. 5 UStDV)."
    copy = copy_of(receipt.document, d.stamp.seq, d.at)
    copy = replace(copy, customer=customer, notes=(*copy.notes, note))
    if args.hospitality:
        copy = with_form(copy)
    d.fact(f.ReceiptInvoiced(number, d.at, customer, d.operator(station), copy))
    print_document(d, copy, station)
    return "ok", {"receipt": number}


def _completes(customer: Customer, known: Customer) -> bool:
    """Whether ``customer`` is the ``known`` one, or that one with the address it still lacks."""
    told = ((getattr(known, field.name), getattr(customer, field.name)) for field in fields(Customer))
    same = all(value in ("", more) for value, more in told)
    return customer == known or (same and not has_address(known))
