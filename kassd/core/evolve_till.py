"""The fold of opening and closing the till, and of a finished Vorgang into the period's sums."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict

from kassd.core.cards.state import closed as cards_closed
from kassd.core.cash.fold import with_alarms
from kassd.core.credit.ledger import closed_items
from kassd.core.facts import (
    ClockStepped,
    ClosingBegan,
    ClosingReminded,
    DayPassed,
    MovementsPlanned,
    SaleFinished,
    TillClosed,
    TillOpened,
)
from kassd.core.fold import on
from kassd.core.goods.history import without_old
from kassd.core.inputs import Stamp
from kassd.core.people.turnover import turnover_of, with_turnover
from kassd.core.reductions.counting import with_reductions, without_gone
from kassd.core.state import Procedure, Sale, State, Till, Totals
from kassd.core.totals import counted, with_sale
from kassd.core.vouchers.fold import without_settled
from kassd.deferred import replace

DAY_SETTINGS = ("cash.day_ends", "cash.remind_at")


class DayMarks(TypedDict):
    """Fields of :class:`Till`."""

    day_ends: int
    remind_at: int


def day_marks(state: State, stamp: Stamp, day: str = "") -> DayMarks:
    """Monotonic ns at which the business day is over and at which its closing is due; 0 while the till is
    closed, and where nothing is to be said. An hour up to that of the end belongs to the next date."""
    business_day = day or state.till.business_day
    if not business_day:
        return DayMarks(day_ends=0, remind_at=0)
    ends = str(state.config.get("cash.day_ends", "00:00"))
    remind = str(state.config.get("cash.remind_at") or "")
    return DayMarks(
        day_ends=_moment(stamp, business_day, ends, 1),
        remind_at=_moment(stamp, business_day, remind, int(remind <= ends)) if remind else 0,
    )


def _moment(stamp: Stamp, day: str, clock: str, later: int) -> int:
    hour, minute = clock.split(":")
    moment = datetime.combine(date.fromisoformat(day), time(int(hour), int(minute)), stamp.at.tzinfo)
    left = (moment + timedelta(days=later)).astimezone(UTC) - stamp.at.astimezone(UTC)
    return max(stamp.mono + left // timedelta(microseconds=1) * 1000, 1)


@on(DayPassed)
def _day_passed(state: State, fact: DayPassed, stamp: Stamp) -> State:
    return replace(state, till=replace(state.till, day_over=fact.at))


@on(ClosingReminded)
def _reminded(state: State, fact: ClosingReminded, stamp: Stamp) -> State:
    return replace(state, till=replace(state.till, reminded=fact.at))


@on(ClockStepped)
def _clock_stepped(state: State, fact: ClockStepped, stamp: Stamp) -> State:
    return replace(state, till=replace(state.till, **day_marks(state, stamp)))


@on(TillOpened)
def opened(state: State, fact: TillOpened, stamp: Stamp) -> State:
    """A new period begins; its cash counts from zero, the carried stock comes in as Anfangsbestand."""
    procedure = Procedure(
        kind="open",
        station=fact.station,
        movements=fact.movements,
        operator=fact.operator,
        at=fact.at,
        drained=True,
        touched=stamp.mono,
    )
    return replace(
        state,
        till=Till(
            open=True,
            opened_at=fact.at,
            business_day=fact.business_day,
            carried=fact.carried,
            first_receipt=state.till.first_receipt,  # what ended while the till was closed counts here
            **day_marks(state, stamp, fact.business_day),
            procedure=procedure,
            totals=state.till.totals,
            contradictions=state.till.contradictions,
            contradicted=state.till.contradicted,
        ),
    )


@on(TillClosed)
def closed(state: State, fact: TillClosed, stamp: Stamp) -> State:
    """The period is over: what goes on is the stock, the numbers, open orders and unprinted slips."""
    doubts = fact.contradictions
    since = fact.at if doubts else ""
    till = Till(carried=fact.carried, totals=Totals(), contradictions=doubts, contradicted=since)
    state = closed_items(without_gone(without_settled(state, fact.at[:10])), fact.number, fact.at)
    prices = without_old(state.prices, stamp.at)
    drawers = {name: replace(one, by_hand="") for name, one in state.drawers.items()}
    state = replace(state, drawers=drawers, cards=cards_closed(state.cards))
    return replace(state, closing=fact.number, till=till, linked_cash={}, prices=prices)


@on(ClosingBegan)
def _closing_began(state: State, fact: ClosingBegan, stamp: Stamp) -> State:
    procedure = Procedure(
        kind="close",
        station=fact.station,
        movements=(),
        operator=fact.operator,
        at=fact.at,
        counts=fact.counts,
        account=fact.account,
        skim=fact.skim,
        reason=fact.reason,
        automatic=fact.automatic,
        touched=stamp.mono,
    )
    state = replace(state, till=replace(state.till, procedure=procedure))
    return with_alarms(state, fact.counts, fact.at, fact.operator)


@on(MovementsPlanned)
def _planned(state: State, fact: MovementsPlanned, stamp: Stamp) -> State:
    if state.till.procedure is None:
        return state
    procedure = replace(state.till.procedure, movements=fact.movements, drained=True, touched=stamp.mono)
    if not fact.movements and procedure.kind == "open":
        return replace(state, till=replace(state.till, procedure=None))
    return replace(state, till=replace(state.till, procedure=procedure))


def count_sale(state: State, sale: Sale, fact: SaleFinished) -> State:
    """Take the number of a finished Vorgang and add it to the period's sums."""
    totals = state.till.totals
    if sale.status == "aborted" and sale.bon_type != "AVTraining":
        totals = counted(totals, "aborts", sum(line.amount for line in sale.standing()))
    elif sale.bon_type == "Beleg":
        totals = with_sale(totals, sale, by_operator=bool(state.config.get("reports.operators")))
        totals = with_reductions(totals, sale)
        turnover = with_turnover(state.people.turnover, fact.at[:4], turnover_of(sale))
        state = replace(state, people=replace(state.people, turnover=turnover))
    else:  # no change of assets: it is counted, never summed up with the turnover
        totals = counted(totals, sale.bon_type, 0 if sale.status == "aborted" else sale.total)
    tse = state.tse
    if fact.outage:
        amount = sale.total if sale.status == "done" and sale.bon_type == "Beleg" else 0
        totals = counted(totals, "unsigned", amount)
        if tse.outage is not None:
            tse = replace(
                tse,
                outage=replace(
                    tse.outage,
                    unsigned=tse.outage.unsigned + 1,
                    unsigned_sum=tse.outage.unsigned_sum + amount,
                ),
            )
    till = replace(state.till, totals=totals, first_receipt=state.till.first_receipt or fact.number)
    return replace(state, receipt=max(state.receipt, fact.number), till=till, tse=tse)
