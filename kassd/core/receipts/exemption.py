"""The exemption from handing out receipts (§ 146a Abs. 2 Satz 2, § 148 AO; AEAO zu § 146a Nr. 2.5.9-2.5.11).

It is for whoever sells goods to many people not known to them, is given by the tax office, and can be taken
back. Signing and the receipt itself stay; whoever asks gets the original on paper (§ 368 BGB).
"""

from kassd.core import facts as f
from kassd.core.corrections.found import is_withheld, standing
from kassd.core.corrections.old import looked_up, receipt_of
from kassd.core.decision import Draft, Rejected
from kassd.core.document import Document, Row, Section
from kassd.core.master import Config, printers_of
from kassd.core.perform import Answer, performs
from kassd.core.printing import print_document, print_waiting
from kassd.core.receipts.args import ReceiptPrint
from kassd.core.receipts.handover import chosen, end_by_print, without_paper
from kassd.core.state import Sale, State


def exemption_on(config: Config, day: str) -> str:
    """File number of the exemption that holds on ``day`` (ISO date), '' if none does."""
    number = str(config.get("receipt_exemption.file_number") or "")
    first = str(config.get("receipt_exemption.valid_from", ""))
    last = str(config.get("receipt_exemption.valid_until", ""))
    return number if number and first <= day <= last else ""


def hand_out(d: Draft, sale: Sale, document: Document) -> None:
    """Offer the receipt electronically if the customer chose so, else print the original, unless the shop is
    exempt: then it waits for somebody to ask for it."""
    if chosen(d, sale, document):
        return
    number = exemption_on(d.state.config, d.stamp.at.date().isoformat())
    if number and document.kind == "sale" and document.bon_type == "Beleg" and not sale.weighed:
        d.fact(f.ReceiptWithheld(document.number, d.at, document.station, number, document.id))
    else:
        print_document(d, document)
        without_paper(d, document)


@performs(ReceiptPrint)
def _print(d: Draft, station: str, args: ReceiptPrint) -> Answer:
    """The original, once; a copy of it is ``receipt.reprint``'s. Where it was not withheld but could not be
    printed at its time, it says so (FISCAL 15)."""
    here = d.state.station(station).document
    last = here.id if here is not None else ""
    asked = last if args.receipt is None else f"R{args.receipt}"
    if end_by_print(d, asked) or print_waiting(d, asked, station):
        return "ok", {"receipt": args.receipt or last.removeprefix("R")}
    document = _asked(d, station, args)
    if not printers_of(d.state.config, station):
        raise Rejected("printer_absent")
    exempt = exemption_on(d.state.config, d.stamp.at.date().isoformat())
    d.fact(f.ReceiptHandedOut(document.number, d.at, d.operator(station), document))
    print_document(d, document, station, late=not exempt)
    return "ok", {"receipt": document.number}


def _asked(d: Draft, station: str, args: ReceiptPrint) -> Document:
    here = d.state.station(station)
    if args.receipt is None:
        if here.document is None:
            raise Rejected("no_receipt")
        if here.withheld != here.document.number:
            raise Rejected("already_printed", {"receipt": here.document.number})
        return here.document
    receipt, _ = receipt_of(d)
    if not is_withheld(standing(d.state, looked_up(d))):
        raise Rejected("already_printed", {"receipt": receipt.document.number})
    return receipt.document


def exemption(state: State) -> Section:
    """What X and Z say of it, as long as it is configured."""
    config = state.config
    number = str(config.get("receipt_exemption.file_number") or "")
    if not number:
        return Section("Befreiung von der Belegausgabe", ())
    rows = [Row("Aktenzeichen", text=number), Row("Umfang", text=str(config["receipt_exemption.scope"]))]
    for label, key in (("gültig ab", "valid_from"), ("gültig bis", "valid_until")):
        day = str(config[f"receipt_exemption.{key}"])
        rows.append(Row(label, text=f"{day[8:]}.{day[5:7]}.{day[:4]}"))
    counts = state.till.totals.counts
    rows.append(Row("Belege nicht ausgedruckt", count=counts.get("withheld", 0)))
    rows.append(Row("  davon auf Verlangen gedruckt", count=counts.get("handed_out", 0)))
    return Section("Befreiung von der Belegausgabe (§ 148 AO)", tuple(rows))
