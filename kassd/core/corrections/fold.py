"""The fold of corrections: what a Vorgang corrects, and the newest of what has been done."""

from kassd.core.corrections.facts import (
    PaperCaptured,
    PaperVoided,
    ReceiptCorrected,
    ReceiptInvoiced,
    RewritePlanned,
    SaleReopened,
)
from kassd.core.corrections.found import corrections_of, paper
from kassd.core.corrections.state import KEPT, Correction, Corrects, Plan
from kassd.core.fold import on, with_sale
from kassd.core.inputs import Stamp
from kassd.core.orders.state import MOVED
from kassd.core.state import SALE_TABLE, Sale, State
from kassd.core.totals import counted
from kassd.deferred import replace


@on(ReceiptCorrected)
def _corrected(state: State, fact: ReceiptCorrected, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    known = fact.reference in sale.references
    return with_sale(
        state,
        sale,
        status=SALE_TABLE[sale.status, fact.kind],
        touched=stamp.mono,
        corrects=(*sale.corrects, Corrects(fact.receipt, fact.how)),
        references=sale.references if known else (*sale.references, fact.reference),
    )


@on(SaleReopened)
def _reopened(state: State, fact: SaleReopened, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    return with_sale(state, sale, status=SALE_TABLE[sale.status, fact.kind], touched=stamp.mono)


@on(RewritePlanned)
def _planned(state: State, fact: RewritePlanned, stamp: Stamp) -> State:
    plan = Plan(fact.receipt, fact.sign)
    plans = {**state.corrections.plans, fact.sale: plan}
    return replace(state, corrections=replace(state.corrections, plans=plans))


@on(PaperCaptured)
def _captured(state: State, fact: PaperCaptured, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    return with_sale(state, sale, slip=fact.slip, written_at=fact.written_at)


@on(PaperVoided)
def _voided(state: State, fact: PaperVoided, stamp: Stamp) -> State:
    return remembered(state, Correction(paper(fact.slip), "paper", stamp.seq))


@on(ReceiptInvoiced)
def _invoiced(state: State, fact: ReceiptInvoiced, stamp: Stamp) -> State:
    state = remembered(state, Correction(fact.receipt, "invoice", stamp.seq))
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "copies", 0)))


def remembered(state: State, *corrections: Correction) -> State:
    """The state with these among its newest corrections; the oldest make room."""
    if not corrections:
        return state
    recent = (*state.corrections.recent, *corrections)
    gone, recent = recent[:-KEPT], recent[-KEPT:]
    forgotten = gone[-1].seq if gone else state.corrections.forgotten
    return replace(state, corrections=replace(state.corrections, recent=recent, forgotten=forgotten))


def ended(state: State, sale: Sale, seq: int) -> State:
    """A Vorgang is over: what it corrected holds from now on, unless it was aborted."""
    if sale.id in state.corrections.plans:
        plans = {key: plan for key, plan in state.corrections.plans.items() if key != sale.id}
        state = replace(state, corrections=replace(state.corrections, plans=plans))
    if sale.status != "done":
        return state
    done = tuple(corrections_of(sale, seq, str(sale.number)))
    totals = state.till.totals
    for correction in done:
        if correction.how == "cancel":
            totals = counted(totals, "cancellations", sale.total)
    if key := RETURNS.get(sale.bon_type, "") if sale.name not in (CANCELLED, MOVED) else "":
        standing = sale.standing()
        for line in standing:
            if line.case == "Umsatz" and line.quantity < 0:
                parts = (part.amount for part in standing if part.of == line.n and not part.settles)
                totals = counted(totals, key, line.amount + sum(parts))
    state = state if totals is state.till.totals else replace(state, till=replace(state.till, totals=totals))
    return remembered(state, *done)


CANCELLED = "Storno"  # BON_NAME
RETURNS = {"Beleg": "returns", "AVBestellung": "orders_taken_back"}
