"""The fold of opening and closing the till, and of a finished Vorgang into the period's sums."""

from dataclasses import replace

from kassd.core.facts import SaleFinished, TillClosed, TillOpened
from kassd.core.state import Procedure, Sale, State, Till, Totals
from kassd.core.totals import counted, with_sale

SOURCES = {"transit": "Geldtransit", "difference": "DifferenzSollIst"}


def opening_movements(fact: TillOpened) -> tuple[tuple[str, ...], ...]:
    """Cash movements of an opening: (case, cents, reason). Anfangsbestand always, also 0.00."""
    movements: list[tuple[str, ...]] = [("Anfangsbestand", str(fact.carried), "")]
    difference = fact.counted - fact.carried
    if difference:
        private = "Privateinlage" if difference > 0 else "Privatentnahme"
        movements.append((SOURCES.get(fact.source, private), str(difference), fact.reason))
    return tuple(movements)


def opened(state: State, fact: TillOpened) -> State:
    """A new period begins; its cash counts from zero, the carried stock comes in as Anfangsbestand."""
    procedure = Procedure("open", fact.station, opening_movements(fact), fact.operator, fact.at, drained=True)
    return replace(
        state,
        till=Till(
            open=True,
            opened_at=fact.at,
            business_day=fact.business_day,
            carried=fact.carried,
            procedure=procedure,
            totals=state.till.totals if not state.till.open else Totals(),
        ),
    )


def closed(state: State, fact: TillClosed) -> State:
    """The period is over: what goes on is the stock, the numbers, open orders and unprinted slips."""
    return replace(state, closing=fact.number, till=Till(carried=fact.carried, totals=Totals()))


def count_sale(state: State, sale: Sale, fact: SaleFinished) -> State:
    """Take the number of a finished Vorgang and add it to the period's sums."""
    totals = state.till.totals
    if sale.status == "aborted":
        totals = counted(totals, "aborts", sum(line.amount for line in sale.standing()))
    else:
        totals = with_sale(totals, sale)
    tse = state.tse
    if fact.outage:
        totals = counted(totals, "unsigned", sale.total)
        if tse.outage is not None:
            tse = replace(
                tse,
                outage=replace(
                    tse.outage,
                    unsigned=tse.outage.unsigned + 1,
                    unsigned_sum=tse.outage.unsigned_sum + sale.total,
                ),
            )
    till = replace(state.till, totals=totals, first_receipt=state.till.first_receipt or fact.number)
    return replace(state, receipt=max(state.receipt, fact.number), till=till, tse=tse)
