"""Any receipt again, marked KOPIE (L-073): no new transaction, no second original."""

from kassd.core.corrections.args import ReceiptReprint
from kassd.core.corrections.old import receipt_of
from kassd.core.decision import Draft, Rejected
from kassd.core.master import printers_of
from kassd.core.perform import Answer, performs
from kassd.core.printing import copy_document, reprint


@performs(ReceiptReprint)
def reprint_receipt(d: Draft, station: str, args: ReceiptReprint) -> Answer:
    """A receipt of any age, or the station's last one."""
    if args.receipt is None:
        reprint(d, station, "operator")
        return "ok", None
    receipt, _ = receipt_of(d)
    if not printers_of(d.state.config, station):
        raise Rejected("printer_absent")
    copy_document(d, receipt.document, "operator", station)
    return "ok", {"receipt": receipt.document.number}
