"""The fold of what the TSE says, and of its outages."""

from kassd.core import facts as f
from kassd.core.fold import on, with_sale, without_wish
from kassd.core.inputs import Stamp
from kassd.core.state import Archive, Bound, Outage, State, Swap, Transaction, Warned
from kassd.core.totals import counted
from kassd.deferred import replace

MAX_OUTAGES = 20  # of one period in detail on the Z; all are counted


@on(f.TseBound)
def _bound(state: State, fact: f.TseBound, stamp: Stamp) -> State:
    bound = Bound(
        fact.serial_number,
        fact.public_key,
        fact.algorithm,
        fact.time_format,
        fact.client_id,
        fact.certificate_expiry,
        fact.certificates,
        fact.certification_id,
        fact.at[:10],
    )
    outbox = {key: wish for key, wish in state.outbox.items() if wish.kind != "archive"}
    archive = Archive(seq=state.tse.archive.seq)  # nothing of this TSE lies there yet
    return replace(state, outbox=outbox, tse=replace(state.tse, bound=bound, archive=archive))


def _answered(state: State, number: int, stamp: Stamp) -> State:
    newest = max(state.tse.newest, number)
    return replace(state, tse=replace(state.tse, newest=newest, heard=stamp.mono))


@on(f.TseStarted)
def _tse_started(state: State, fact: f.TseStarted, stamp: Stamp) -> State:
    state = _answered(without_wish(state, fact.wish), fact.transaction_number, stamp)
    state = replace(state, tse=replace(state.tse, fresh=False))
    sale = state.sales.get(fact.sale)
    if sale is None:
        return state
    transaction = Transaction(
        fact.transaction_number, fact.log_time, fact.signature_counter, fact.serial_number
    )
    return with_sale(state, sale, transaction=transaction)


@on(f.TseFinished)
def _tse_finished(state: State, fact: f.TseFinished, stamp: Stamp) -> State:
    state = _answered(without_wish(state, fact.wish), fact.transaction_number, stamp)
    sale = state.sales.get(fact.sale)
    fresh = sale is not None and sale.kind == "check"
    return replace(state, tse=replace(state.tse, fresh=fresh))


@on(f.TseLate)
def _tse_late(state: State, fact: f.TseLate, stamp: Stamp) -> State:
    number = fact.transaction_number
    state = _answered(without_wish(state, fact.wish), number, stamp)
    if fact.operation == "finish":
        late = tuple(item for item in state.tse.late if item.sale != fact.sale)
    else:
        late = tuple(
            replace(item, number=number) if item.sale == fact.sale else item for item in state.tse.late
        )
    return replace(state, tse=replace(state.tse, late=late))


@on(f.TseDropped)
def _tse_dropped(state: State, fact: f.TseDropped, stamp: Stamp) -> State:
    wish = state.outbox.get(fact.wish)
    state = without_wish(state, fact.wish)
    if wish is not None and wish.kind == "tse.finish":
        refused = fact.error.startswith("refused")
        late = tuple(
            replace(item, refused=refused) if item.sale == fact.sale else item for item in state.tse.late
        )
    else:
        late = tuple(item for item in state.tse.late if item.sale != fact.sale)
    return replace(state, tse=replace(state.tse, late=late))


@on(f.TseWithdrawn)
def _tse_withdrawn(state: State, fact: f.TseWithdrawn, stamp: Stamp) -> State:
    return replace(state, tse=replace(state.tse, withdrawn=(*state.tse.withdrawn, fact.wish)))


@on(f.OutageBegan)
def _outage_began(state: State, fact: f.OutageBegan, stamp: Stamp) -> State:
    outage = Outage(fact.id, fact.at, fact.reason, fact.message)
    return replace(state, tse=replace(state.tse, outage=outage, ready=False, surveyed=False))


@on(f.OutageEnded)
def _outage_ended(state: State, fact: f.OutageEnded, stamp: Stamp) -> State:
    totals = state.till.totals
    if state.tse.outage is not None:
        totals = counted(totals, "outages", fact.unsigned_sum)
        ended = replace(state.tse.outage, probe_at=0, pause_s=0, until=fact.at)
        totals = replace(totals, outages=(*totals.outages, ended)[-MAX_OUTAGES:])
    return replace(state, tse=replace(state.tse, outage=None), till=replace(state.till, totals=totals))


@on(f.TseSeen)
def _tse_seen(state: State, fact: f.TseSeen, stamp: Stamp) -> State:
    return replace(state, tse=replace(state.tse, ready=fact.ready, surveyed=fact.surveyed))


@on(f.ProbeAsked)
def _probe(state: State, fact: f.ProbeAsked, stamp: Stamp) -> State:
    if state.tse.outage is None:
        return state
    outage = replace(state.tse.outage, probe_at=fact.mono, pause_s=fact.pause_s)
    return replace(state, tse=replace(state.tse, outage=outage))


@on(f.TseWarned)
def _warned(state: State, fact: f.TseWarned, stamp: Stamp) -> State:
    warnings = {what: warned for what, warned in state.tse.warnings.items() if what != fact.what}
    if fact.level:
        warnings[fact.what] = Warned(fact.level, fact.message, fact.at)
    return replace(state, tse=replace(state.tse, warnings=warnings))


@on(f.TseSwapBegan)
def _swap_began(state: State, fact: f.TseSwapBegan, stamp: Stamp) -> State:
    swap = Swap(fact.serial_number, fact.at, fact.by, fact.reason)
    return replace(state, tse=replace(state.tse, swap=swap))


@on(f.TseReplaced)
def _replaced(state: State, fact: f.TseReplaced, stamp: Stamp) -> State:
    tse = replace(state.tse, bound=None, swap=None, newest=0, warnings={})
    return replace(state, tse=replace(tse, fresh=False, ready=False, surveyed=False))
