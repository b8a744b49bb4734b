"""The fold of a rollback: what was told, and the decision how the numbers go on."""

from kassd.core.facts import CountersSkipped, RollbackSeen
from kassd.core.fold import on
from kassd.core.inputs import Stamp
from kassd.core.numbers.state import Remembered, Skip
from kassd.core.state import State
from kassd.deferred import replace

MAX_SHOWN = 5  # each stands in the journal
HEALED = "mirror"  # the lines that were missing came from there: nothing is lost


@on(RollbackSeen)
def _seen(state: State, fact: RollbackSeen, stamp: Stamp) -> State:
    others = tuple(text for text in state.rollbacks if text != fact.message)
    seen = {**state.rollback_seen, fact.source: state.rollback_seen.get(fact.source, fact.at)}
    old = state.remembered or Remembered()
    remembered = Remembered(
        max(old.epoch, fact.epoch),
        _highest(old.receipt, fact.receipt),
        _highest(old.closing, fact.closing),
        max(old.transaction, fact.transaction),
    )
    rollbacks = (*others, fact.message)[-MAX_SHOWN:]
    if fact.source == HEALED:
        return replace(state, rollbacks=rollbacks, rollback_seen=seen)
    return replace(state, rollbacks=rollbacks, rollback_seen=seen, remembered=remembered)


def _highest(*numbers: int | None) -> int | None:
    return max((number for number in numbers if number is not None), default=None)


@on(CountersSkipped)
def _skipped(state: State, fact: CountersSkipped, stamp: Stamp) -> State:
    skip = Skip(
        *(fact.at, fact.why),
        *(fact.first_receipt, fact.last_receipt, fact.first_closing, fact.last_closing),
    )
    totals = state.till.totals
    totals = replace(totals, skips=(*totals.skips, skip)[-MAX_SHOWN:])
    return replace(
        state,
        epoch=fact.epoch,
        receipt=max(state.receipt, fact.last_receipt),
        closing=max(state.closing, fact.last_closing),
        rollbacks=(),
        rollback_seen={},
        remembered=None,
        tse=replace(state.tse, newest=max(state.tse.newest, fact.transaction)),
        till=replace(state.till, totals=totals),
    )
