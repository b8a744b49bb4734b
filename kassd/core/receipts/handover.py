"""Receipts handed over electronically (§ 6 Satz 5 KassenSichV; AEAO zu § 146a Nr. 2.5).

The customer consents by choosing; the register then offers the receipt on its display, as a link to a page
of its own or whole inside a QR code. It is made in every case, fetched or not. What cannot be offered at
once, and an original that nobody fetches in time, is printed. There is one original: once it is fetched it
is not printed any more but as a copy, once it is printed its link is over.
"""

from datetime import timedelta

from kassd.core import facts as f
from kassd.core.decision import Draft, Reply
from kassd.core.document import Document
from kassd.core.inputs import ReceiptFetched, ReceiptOffered, ReceiptOfferFailed
from kassd.core.master import Config, printers_of
from kassd.core.printing import is_usable, print_document, printer_of, prints_now
from kassd.core.receipts.state import By, Offer
from kassd.core.state import Sale, State

DEVICE = "receipt-link"  # the page's server, as state/dev shows it
ISSUED = ("Beleg", "AVRechnung")
NS = 1_000_000_000
MAKING_NS = 15 * NS  # to draw a receipt, also on a board that has just started
PRINT_AFTER_S = 60
NO_PAPER = (
    "Beleg Nr. {}: dieser Kassenplatz hat keinen Drucker. Den Beleg als QR-Code anbieten oder an einem "
    "anderen Kassenplatz drucken."
)


def has_link(config: Config) -> bool:
    """Whether ``[receipt_link]`` is configured."""
    return bool(config.get("receipt_link.url"))


def can_offer(state: State, by: str) -> bool:
    """Whether a receipt can be offered at once."""
    return by == "qr" or (by == "link" and has_link(state.config) and is_usable(state, DEVICE))


def is_offerable(document: Document) -> bool:
    """Receipts to customers; nothing else leaves the shop this way."""
    return document.kind == "sale" and document.bon_type in ISSUED


def chosen(d: Draft, sale: Sale, document: Document) -> bool:
    """Offer the receipt of a sale whose customer chose so; False if it must be printed."""
    if not sale.hand_over or sale.weighed or not is_offerable(document):
        return False  # what a coupled scale weighed is printed, whatever was chosen before
    if not can_offer(d.state, sale.hand_over):
        d.fact(f.OfferEnded(document.number, d.at, document.id, "failed", "link_off"))
        return False
    offer(d, document, sale.hand_over, "chosen", sale.consent, document.station)
    return True


def without_paper(d: Draft, document: Document) -> None:
    """What no printer can print now is offered as well, at once (AEAO zu § 146a Nr. 2.7); where no printer
    ever prints it and nothing offers it, somebody must be told."""
    printer = printer_of(d.state, document.station)
    if prints_now(d.state, document) or not is_offerable(document):
        return
    if can_offer(d.state, "link"):
        offer(d, document, "link", "printer", "", document.station)
    elif not printer:
        unprinted(d, document)


def is_unprintable(state: State, station: str, sale: Sale | None) -> bool:
    """Whether no receipt of ``sale``, or of the next one, comes by itself: the station has neither a printer
    nor ``[receipt_link]``, and its customer has not chosen the code that holds all of it."""
    if printers_of(state.config, station):
        return False
    if sale is not None and sale.status == "done":
        return state.station(station).withheld == str(sale.number)
    return not has_link(state.config) and (sale is None or sale.hand_over != "qr")


def unprinted(d: Draft, document: Document) -> None:
    """Note that an original can neither be printed nor offered, and tell the operator what to do."""
    d.fact(f.ReceiptUnprinted(document.number, d.at, document.station, document.id))
    d.fact(f.MessageShown(document.station, NO_PAPER.format(document.number)))


def offer(d: Draft, document: Document, by: By, why: str, consent: str, station: str) -> None:
    """Ask for the offer; ``document`` was issued in this very decision."""
    d.wish("offer", document=document.id, by=by)
    who = d.operator(station)
    d.fact(f.OfferAsked(document.number, d.at, document.id, station, by, why, consent, who))


def on_offered(d: Draft, made: ReceiptOffered) -> None:
    """The receipt is ready to be fetched; after a restart it is only shown again."""
    one = d.state.offers.get(made.document)
    if one is None or one.status == "fetched":
        return
    if one.status == "asked":
        hours = int(d.state.config.get("receipt_link.valid_hours") or 24)
        until = (d.stamp.at + timedelta(hours=hours)).isoformat(timespec="seconds")
        number = one.document.number
        d.fact(f.ReceiptOffered(number, d.at, made.document, one.by, made.sha256, made.token, until))
    d.fact(f.OfferShown(made.document, made.content, made.edge, made.bits))


def on_failed(d: Draft, failed: ReceiptOfferFailed) -> None:
    """It cannot be made, or does not fit: it is printed."""
    one = d.state.offers.get(failed.document)
    if one is not None and one.status == "asked":
        _print_instead(d, one, failed.reason)


def on_fetched(d: Draft, fetched: ReceiptFetched) -> Reply:
    """Somebody with the link takes the receipt; the answer says whether he may."""
    one = d.state.offers.get(fetched.document)
    if (
        one is None or one.by != "link" or one.status == "asked"
    ):  # many were offered since, or it was printed in this moment
        return Reply("", "rejected", d.stamp.seq)
    if one.status != "fetched":
        fetched_as(d, one, fetched.form)
    return Reply("", "ok", d.stamp.seq)


def fetched_as(d: Draft, one: Offer, form: str) -> None:
    """The customer has the original: it is not printed any more."""
    d.fact(f.ReceiptFetched(one.document.number, d.at, one.document.id, form))
    for job in tuple(d.state.jobs.values()):
        if job.document.id == one.document.id and job.status == "queued":
            d.fact(f.PrintDone(job.id, "skipped", "fetched"))


def settle_offers(d: Draft) -> None:
    """What is printed is offered no longer; what nobody fetches, or nobody can, is printed."""
    sending = {job.document.id for job in d.state.jobs.values() if job.status == "sending"}
    link = d.state.devices.get(DEVICE)
    for one in tuple(d.state.offers.values()):
        if one.status == "fetched" or one.document.copy_at:
            continue
        if one.document.id in sending:
            d.fact(f.OfferEnded(one.document.number, d.at, one.document.id, "printed", "printer"))
        elif one.by == "link" and (not has_link(d.state.config) or (link and not is_usable(d.state, DEVICE))):
            _print_instead(d, one, "link_off")
        elif (due := _due(d.state, one)) is not None and due <= d.stamp.mono:
            _print_instead(d, one, "not_fetched" if one.status == "offered" else "not_made")


def _print_instead(d: Draft, one: Offer, reason: str) -> None:
    """Paper, if the place has any; without it the offer stays what there is."""
    number, waits = one.document.number, one.document.id in {job.document.id for job in d.state.jobs.values()}
    if one.document.copy_at:
        d.fact(f.OfferEnded(number, d.at, one.document.id, "failed", reason))
    elif waits or print_document(d, one.document):
        d.fact(f.OfferEnded(number, d.at, one.document.id, "printed", reason))
    elif reason == "too_large":  # nor will it fit when it is tried again
        d.fact(f.OfferEnded(number, d.at, one.document.id, "failed", reason))
        unprinted(d, one.document)


def end_by_print(d: Draft, document: str) -> bool:
    """Print the original of a receipt that is offered and not fetched, because somebody asks for paper."""
    one = d.state.offers.get(document)
    if one is None or one.status == "fetched" or not printers_of(d.state.config, one.document.station):
        return False
    _print_instead(d, one, "asked")
    return True


def _due(state: State, one: Offer) -> int | None:
    """Mono ns at which an offer is given up for paper; None: never."""
    if not printers_of(state.config, one.document.station):
        return None
    if one.status == "asked":
        return one.touched + MAKING_NS
    seconds = int(state.config.get("receipt_link.print_after_s", PRINT_AFTER_S))
    return one.touched + seconds * NS if seconds and one.why != "printer" else None


def next_offer(state: State) -> int | None:
    """Monotonic ns at which the next offer is given up."""
    open_ = (one for one in state.offers.values() if one.status != "fetched" and not one.document.copy_at)
    return min((due for one in open_ if (due := _due(state, one)) is not None), default=None)
