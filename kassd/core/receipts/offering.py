"""The commands about electronic receipts: chosen during the sale, asked for afterwards, taken."""

from typing import Literal

from kassd.core import facts as f
from kassd.core.corrections.found import is_withheld, standing
from kassd.core.corrections.old import looked_up, receipt_of
from kassd.core.decision import Draft, Rejected
from kassd.core.document import Document
from kassd.core.perform import Answer, performs
from kassd.core.receipts.args import ReceiptOffer, ReceiptTake, SaleHandOver
from kassd.core.receipts.handover import can_offer, fetched_as, has_link, is_offerable, offer
from kassd.core.receipts.state import By
from kassd.core.selling import current, require_open_till
from kassd.core.slips import copy_of


@performs(SaleHandOver)
def _choose(d: Draft, station: str, args: SaleHandOver) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    if args.by == "link" and not has_link(d.state.config):
        raise Rejected("receipt_link_absent")
    if sale.weighed and args.by != "paper":
        raise Rejected("weighed_on_paper")
    by: By | Literal[""] = "" if args.by == "paper" else args.by
    consent = args.consent if by else ""
    if (sale.hand_over, sale.consent) != (by, consent):
        d.fact(f.HandOverSet(sale.id, d.at, by, consent, d.operator(station)))
    return "ok", {"sale": sale.id, "by": args.by}


@performs(ReceiptOffer)
def _offer(d: Draft, station: str, args: ReceiptOffer) -> Answer:
    """The original where it has not left yet, else a copy of it."""
    if args.by == "link" and not has_link(d.state.config):
        raise Rejected("receipt_link_absent")
    if not can_offer(d.state, args.by):
        raise Rejected("receipt_link_off")
    document, withheld = _named(d, station, args)
    if not is_offerable(document):
        raise Rejected("no_receipt")
    if document.id in d.state.offers:
        raise Rejected("already_offered", {"receipt": document.number})
    if withheld:
        d.fact(f.ReceiptHandedOut(document.number, d.at, d.operator(station), document))
    else:
        document = copy_of(document, d.stamp.seq, d.at)
        d.fact(f.ReceiptCopied(document.number, d.at, "offered", document))
    offer(d, document, args.by, "asked", args.consent, station)
    return "accepted", {"receipt": document.number, "document": document.id}


def _named(d: Draft, station: str, args: ReceiptOffer) -> tuple[Document, bool]:
    """The receipt, and whether its original waits to be asked for."""
    here = d.state.station(station)
    if args.receipt is None:
        if here.document is None:
            raise Rejected("no_receipt")
        return here.document, here.withheld == here.document.number
    receipt, _ = receipt_of(d)
    return receipt.document, is_withheld(standing(d.state, looked_up(d)))


@performs(ReceiptTake)
def _take(d: Draft, station: str, args: ReceiptTake) -> Answer:
    """Who reads a receipt out of a QR code leaves no trace: somebody says so."""
    open_ = [one for one in d.state.offers.values() if one.station == station and one.status == "offered"]
    if not open_:
        raise Rejected("no_receipt")
    fetched_as(d, open_[-1], "said")
    return "ok", {"receipt": open_[-1].document.number}
