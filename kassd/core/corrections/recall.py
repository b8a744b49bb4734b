"""A finished Vorgang put together again from its facts; pure, for any store that can find facts."""

from collections.abc import Iterable
from typing import Protocol

from kassd.core import facts as f
from kassd.core.corrections.found import Found, Recalled, corrections_of
from kassd.core.corrections.state import Correction, Corrects
from kassd.core.entry import counter_line, untaxed
from kassd.core.evolve_sale import line_of, opened_sale, payment_of
from kassd.core.facts import Fact
from kassd.core.state import Sale, SaleStatus
from kassd.deferred import replace

Placed = tuple[int, Fact]  # the line's seq, the fact


class Records(Protocol):
    """Where facts are found. Every answer is in the journal's order, up to the line :meth:`newest`."""

    def newest(self) -> int:
        """Seq of the newest line that can be found, -1 if there is none."""

    def finished(self, number: int) -> str:
        """Id of the Vorgang with this BON_ID that is over, '' if there is none."""

    def of_sale(self, sale: str) -> Iterable[Placed]:
        """Every fact about a Vorgang."""

    def about(self, receipt: str) -> Iterable[Placed]:
        """Facts ``receipt.*`` that name this receipt."""

    def of_slip(self, slip: str) -> Iterable[Placed]:
        """Facts that name this paper slip."""

    def closing_of(self, sale: str) -> tuple[int, str]:
        """Number and time of the first closing after a Vorgang was over; (0, '') if there is none."""


def find(records: Records, subject: str) -> Found:
    """Look ``subject`` up (:func:`kassd.core.corrections.found.subject_of`)."""
    seq = records.newest()
    if subject.startswith("paper:"):
        done = tuple(_slip(records, records.of_slip(subject.removeprefix("paper:")), subject))
        return Found(subject, seq, None, done)
    sale = records.finished(int(subject))
    over = sale and again(records, sale)
    if not over:
        return Found(subject, seq)
    _, folded, end = over
    closing, closed_at = records.closing_of(sale)
    invoices = [fact for _, fact in records.about(subject) if isinstance(fact, f.ReceiptInvoiced)]
    invoiced = invoices[-1].customer if invoices else end.document.customer
    recalled = Recalled(folded, end.document, closing, closed_at, invoiced)
    return Found(subject, seq, recalled, tuple(_corrections(records, subject)))


def _slip(records: Records, facts: Iterable[Placed], subject: str) -> Iterable[Correction]:
    for seq, fact in facts:
        if isinstance(fact, f.PaperVoided):
            yield Correction(subject, "paper", seq)
        elif isinstance(fact, f.PaperCaptured):
            yield from _effect(records, fact.sale, subject)


def _corrections(records: Records, receipt: str) -> Iterable[Correction]:
    seen = set()
    for seq, fact in records.about(receipt):
        if isinstance(fact, f.ReceiptInvoiced):
            yield Correction(receipt, "invoice", seq)
        elif isinstance(fact, f.ReceiptWithheld | f.ReceiptUnprinted):
            yield Correction(receipt, "withheld", seq)
        elif isinstance(fact, f.ReceiptHandedOut):
            yield Correction(receipt, "handed_out", seq)
        elif isinstance(fact, f.ReceiptCorrected) and fact.sale not in seen:
            seen.add(fact.sale)
            yield from _effect(records, fact.sale, receipt)


def _effect(records: Records, sale: str, subject: str) -> Iterable[Correction]:
    """What a Vorgang did to ``subject``: nothing if it was aborted, is not over, or was cancelled itself."""
    over = again(records, sale)
    if over is None or over[1].status != "done":
        return
    seq, folded, end = over
    if any(
        isinstance(fact, f.ReceiptCorrected) and fact.how == "cancel" and _is_done(records, fact.sale)
        for _, fact in records.about(str(end.number))
    ):
        return
    yield from (c for c in corrections_of(folded, seq, str(end.number)) if c.subject == subject)


def _is_done(records: Records, sale: str) -> bool:
    over = again(records, sale)
    return over is not None and over[1].status == "done"


def again(records: Records, sale_id: str) -> tuple[int, Sale, f.SaleFinished] | None:
    """The line in which a Vorgang ended, the Vorgang and its end; None if it is not over."""
    sale = None
    for seq, fact in records.of_sale(sale_id):
        if isinstance(fact, f.SaleOpened):
            sale = opened_sale(fact, 0)
        elif sale is None:
            continue
        elif isinstance(fact, f.SaleFinished):
            aborted = fact.bon_type == "AVBelegabbruch"
            status: SaleStatus = "aborted" if aborted else "done"
            became = sale.bon_type if aborted else fact.document.bon_type  # parked, or a delivery note
            sale = replace(sale, number=fact.number, ended_at=fact.at, status=status, bon_type=became)
            return seq, sale, fact
        else:
            sale = _with(sale, fact)
    return None


def _with(sale: Sale, fact: Fact) -> Sale:
    match fact:
        case f.LineAdded():
            return replace(sale, lines=(*sale.lines, line_of(fact)))
        case f.LineVoided():
            line = next(line for line in sale.lines if line.n == fact.voids)
            return replace(sale, lines=(*sale.lines, counter_line(line, fact.n)))
        case f.TaxPostponed():
            return replace(sale, lines=tuple(untaxed(line) for line in sale.lines))
        case f.PaymentAdded():
            return replace(sale, payments=(*sale.payments, payment_of(fact)))
        case f.CustomerSet():
            return replace(sale, customer=fact.customer)
        case f.ReceiptCorrected():
            references = tuple(dict.fromkeys((*sale.references, fact.reference)))
            corrects = (*sale.corrects, Corrects(fact.receipt, fact.how))
            return replace(sale, corrects=corrects, references=references)
        case f.PaperCaptured():
            return replace(sale, slip=fact.slip, written_at=fact.written_at)
        case _:
            return sale
