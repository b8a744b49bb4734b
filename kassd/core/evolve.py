"""``evolve(state, decision) -> state``: the fold of facts; pure, and blind to kinds it does not know."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from kassd.core import facts as f
from kassd.core.catalog import Article
from kassd.core.codec import decode
from kassd.core.decision import Decision
from kassd.core.evolve_till import closed, count_sale, opened
from kassd.core.facts import Fact, Wish
from kassd.core.inputs import Stamp
from kassd.core.state import (
    SALE_TABLE,
    Bound,
    LateTransaction,
    Line,
    Outage,
    Payment,
    PrintJob,
    Procedure,
    Sale,
    SaleStatus,
    State,
    Station,
    Transaction,
)
from kassd.core.status import DeviceStatus
from kassd.core.totals import counted
from kassd.core.vat import rates_on

T = TypeVar("T", bound=Fact)
Handler = Callable[[State, Any, Stamp], State]
HANDLERS: dict[type[Fact], Handler] = {}
ARTICLE_KEY = "catalog.article."


def on(cls: type[T]) -> Callable[[Callable[[State, T, Stamp], State]], Callable[[State, T, Stamp], State]]:
    """Register the fold of one kind of fact."""

    def register(handler: Callable[[State, T, Stamp], State]) -> Callable[[State, T, Stamp], State]:
        HANDLERS[cls] = handler
        return handler

    return register


def evolve(state: State, decision: Decision) -> State:
    """The state after a decision; ``rev`` of the documents it changed is its line."""
    # Wishes first: a slip may begin to print in the line that wishes it.
    after = with_wishes(state, decision.wishes, decision.facts)
    for fact in (*decision.facts, *decision.volatile):
        after = apply(after, fact, decision.stamp)
    if decision.facts or decision.wishes:
        after = replace(after, seq=decision.stamp.seq)
    return _revisions(state, after, decision.stamp.seq)


def apply(state: State, fact: Fact, stamp: Stamp) -> State:
    """Fold one fact."""
    handler = HANDLERS.get(type(fact))
    return handler(state, fact, stamp) if handler else state


def with_wishes(state: State, wishes: tuple[Wish, ...], facts: tuple[Fact, ...]) -> State:
    """Put the wishes of a line on the to-do list; a print wish becomes a job with its document."""
    if not wishes:
        return state
    outbox, jobs = dict(state.outbox), dict(state.jobs)
    documents = {fact.document.id: fact.document for fact in facts if isinstance(fact, _DOCUMENTED)}
    for wish in wishes:
        outbox[wish.id] = wish
        if wish.kind == "print":
            document = documents[wish.args["document"]]
            jobs[wish.id] = PrintJob(
                wish.id, wish.args["printer"], document, late=wish.args.get("late", False)
            )
    return replace(state, outbox=outbox, jobs=jobs)


_DOCUMENTED = (f.SaleFinished, f.ReceiptCopied, f.ReportMade, f.TillClosed)


def _revisions(before: State, after: State, seq: int) -> State:
    if before is after:
        return after
    stations = dict(after.stations)
    till_moved = before.till is not after.till or before.tse.bound is not after.tse.bound
    for name, station in after.stations.items():
        old = before.station(name)
        sale_moved = (
            station.current != old.current
            or station.last is not old.last
            or before.current(name) is not after.current(name)
        )
        doc_moved = till_moved or station.operator != old.operator or station.document is not old.document
        if sale_moved or doc_moved:
            stations[name] = replace(
                station,
                sale_rev=seq if sale_moved else station.sale_rev,
                till_rev=seq if doc_moved else station.till_rev,
            )
    return replace(after, stations=stations) if stations != after.stations else after


def _station(state: State, name: str, **changes: Any) -> State:
    station = replace(state.station(name), **changes)
    return replace(state, stations={**state.stations, name: station})


def _sale(state: State, sale: Sale, **changes: Any) -> State:
    return replace(state, sales={**state.sales, sale.id: replace(sale, **changes)})


def _next(sale: Sale, fact: Fact) -> SaleStatus:
    return SALE_TABLE[sale.status, fact.kind]


def _drop(state: State, wish: str) -> State:
    if wish not in state.outbox:
        return state
    outbox = {key: value for key, value in state.outbox.items() if key != wish}
    withdrawn = tuple(w for w in state.tse.withdrawn if w != wish)
    return replace(state, outbox=outbox, tse=replace(state.tse, withdrawn=withdrawn))


# -- the register ---------------------------------------------------------------------------------


@on(f.Started)
def _started(state: State, fact: f.Started, stamp: Stamp) -> State:
    """A new process: nothing volatile is known, and deadlines are counted anew from now."""
    sales = {
        key: replace(sale, touched=stamp.mono, deadline=stamp.mono if sale.deadline else 0)
        for key, sale in state.sales.items()
    }
    outage = state.tse.outage and replace(state.tse.outage, probe_at=0, pause_s=0)
    stations = {name: replace(station, message="") for name, station in state.stations.items()}
    return replace(
        state,
        epoch=fact.epoch,
        software=state.software or fact.software,
        build=fact.build,
        sales=sales,
        devices={},
        stations=stations or {"main": Station("main")},
        rates=state.rates or rates_on(stamp.at.date()),
        tse=replace(state.tse, ready=False, surveyed=False, outage=outage),
    )


@on(f.ConfigChanged)
def _config_changed(state: State, fact: f.ConfigChanged, stamp: Stamp) -> State:
    if fact.key.startswith(ARTICLE_KEY):
        return _article_changed(state, fact)
    if fact.key == "software.version":
        return replace(state, software=str(fact.new))
    if fact.key.startswith("vat."):
        rates = {**state.rates, int(fact.key.removeprefix("vat.")): Decimal(str(fact.new))}
        return replace(state, rates=rates)
    config = {key: value for key, value in state.config.items() if key != fact.key}
    if fact.new is not None:
        config[fact.key] = fact.new
    pending = {key: value for key, value in state.pending.items() if key != fact.key}
    stations = dict(state.stations)
    if fact.key.endswith(".station") and fact.new not in stations:
        stations[fact.new] = Station(fact.new)
    return replace(state, config=config, pending=pending, stations=stations)


def _article_changed(state: State, fact: f.ConfigChanged) -> State:
    key = fact.key.removeprefix(ARTICLE_KEY)
    if fact.new is None:
        return replace(state, catalog=state.catalog.without_article(key))
    return replace(state, catalog=state.catalog.with_article(decode(Article, fact.new, lenient=True)))


@on(f.ConfigDeferred)
def _config_deferred(state: State, fact: f.ConfigDeferred, stamp: Stamp) -> State:
    return replace(state, pending={**state.pending, fact.key: fact.new})


@on(f.FileTaken)
def _file_taken(state: State, fact: f.FileTaken, stamp: Stamp) -> State:
    return replace(state, files={**state.files, fact.name: fact.sha256})


@on(f.OperatorChanged)
def _operator(state: State, fact: f.OperatorChanged, stamp: Stamp) -> State:
    return _station(state, fact.station, operator=fact.operator)


@on(f.DeviceSeen)
def _device(state: State, fact: f.DeviceSeen, stamp: Stamp) -> State:
    status = DeviceStatus(fact.name, fact.state, fact.reason, fact.message, fact.since)  # type: ignore[arg-type] # our own Literal
    return replace(state, devices={**state.devices, fact.name: status})


@on(f.MessageShown)
def _message(state: State, fact: f.MessageShown, stamp: Stamp) -> State:
    return _station(state, fact.station, message=fact.message)


# -- sales ----------------------------------------------------------------------------------------


@on(f.SaleOpened)
def _sale_opened(state: State, fact: f.SaleOpened, stamp: Stamp) -> State:
    sale = Sale(
        id=fact.sale,
        kind=fact.kind_of,
        station=fact.station,
        operator=fact.operator,
        opened_at=fact.at,
        case=fact.case,
        reason=fact.reason,
        person=fact.person,
        touched=stamp.mono,
    )
    state = replace(state, sales={**state.sales, sale.id: sale})
    return _station(state, fact.station, current=sale.id, message="") if fact.kind_of == "sale" else state


@on(f.LineAdded)
def _line_added(state: State, fact: f.LineAdded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    line = Line(
        n=fact.n,
        text=fact.text,
        quantity=fact.quantity,
        unit_price=fact.unit_price,
        amount=fact.amount,
        vat=fact.vat,
        rate=fact.rate,
        case=fact.case,
        article=fact.article,
        code=fact.code,
    )
    state = _sale(state, sale, lines=(*sale.lines, line), status=_next(sale, fact), touched=stamp.mono)
    return _station(state, sale.station, message="") if sale.kind == "sale" else state


@on(f.LineVoided)
def _line_voided(state: State, fact: f.LineVoided, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    line = next(line for line in sale.lines if line.n == fact.voids)
    counter = replace(line, n=fact.n, quantity=-line.quantity, amount=-line.amount, voids=line.n)
    till = replace(state.till, totals=counted(state.till.totals, "voids", counter.amount))
    state = _sale(state, sale, lines=(*sale.lines, counter), status=_next(sale, fact), touched=stamp.mono)
    return replace(state, till=till)


@on(f.PaymentAdded)
def _payment(state: State, fact: f.PaymentAdded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    payment = Payment(fact.type, fact.name, fact.amount, fact.given, fact.change)
    state = _sale(
        state, sale, payments=(*sale.payments, payment), status=_next(sale, fact), touched=stamp.mono
    )
    if fact.type != "Bar":
        return state
    return replace(state, till=replace(state.till, cash=state.till.cash + fact.amount))


@on(f.SalePaid)
def _paid(state: State, fact: f.SalePaid, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    return _leave_slot(_sale(state, sale, status=_next(sale, fact), deadline=stamp.mono), sale)


@on(f.AbortAsked)
def _abort_asked(state: State, fact: f.AbortAsked, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    changed = _sale(state, sale, status=_next(sale, fact), why=fact.why, deadline=stamp.mono)
    return _leave_slot(changed, sale)


def _leave_slot(state: State, sale: Sale) -> State:
    if state.station(sale.station).current != sale.id:
        return state
    return _station(state, sale.station, current="", last=state.sales[sale.id], message="")


@on(f.SaleNumbered)
def _numbered(state: State, fact: f.SaleNumbered, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    till = state.till if state.till.first_receipt else replace(state.till, first_receipt=fact.number)
    return _sale(
        replace(state, receipt=max(state.receipt, fact.number), till=till),
        sale,
        number=fact.number,
        ended_at=fact.at,
        process_type=fact.process_type,
        process_data=fact.process_data,
        deadline=sale.deadline or stamp.mono,
    )


@on(f.SaleFinished)
def _finished(state: State, fact: f.SaleFinished, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    done = replace(sale, status=_next(sale, fact), ended_at=fact.at)
    sales = {key: value for key, value in state.sales.items() if key != sale.id}
    state = count_sale(replace(state, sales=sales), done, fact)
    started = sale.transaction.number if sale.transaction else 0
    if fact.outage and (started or _start_outstanding(state, sale.id)):
        late = LateTransaction(sale.id, started, sale.process_type, sale.process_data)
        state = replace(state, tse=replace(state.tse, late=(*state.tse.late, late)))
    station = state.station(sale.station)
    if sale.kind == "orphan":
        return state
    changes: dict[str, Any] = {}
    if done.status == "done":
        changes = {"document": fact.document, "copies": 0}
    if station.last is not None and station.last.id == sale.id:
        changes["last"] = done
    return _station(state, sale.station, **changes) if changes else state


def _start_outstanding(state: State, sale: str) -> bool:
    return any(w.kind == "tse.start" and w.args["sale"] == sale for w in state.outbox.values())


# -- the TSE --------------------------------------------------------------------------------------


@on(f.TseBound)
def _bound(state: State, fact: f.TseBound, stamp: Stamp) -> State:
    bound = Bound(
        fact.serial_number,
        fact.public_key,
        fact.algorithm,
        fact.time_format,
        fact.client_id,
        fact.certificate_expiry,
    )
    return replace(state, tse=replace(state.tse, bound=bound))


@on(f.TseStarted)
def _tse_started(state: State, fact: f.TseStarted, stamp: Stamp) -> State:
    state = _drop(state, fact.wish)
    sale = state.sales.get(fact.sale)
    if sale is None:
        return state
    transaction = Transaction(
        fact.transaction_number, fact.log_time, fact.signature_counter, fact.serial_number
    )
    return _sale(state, sale, transaction=transaction, start_failed=False)


@on(f.TseFinished)
def _tse_finished(state: State, fact: f.TseFinished, stamp: Stamp) -> State:
    return _drop(state, fact.wish)


@on(f.TseLate)
def _tse_late(state: State, fact: f.TseLate, stamp: Stamp) -> State:
    state = _drop(state, fact.wish)
    number = fact.transaction_number
    if fact.operation == "finish":
        late = tuple(item for item in state.tse.late if item.number != number)
    else:
        late = tuple(
            replace(item, number=number) if item.sale == fact.sale else item for item in state.tse.late
        )
    return replace(state, tse=replace(state.tse, late=late))


@on(f.TseDropped)
def _tse_dropped(state: State, fact: f.TseDropped, stamp: Stamp) -> State:
    wish = state.outbox.get(fact.wish)
    state = _drop(state, fact.wish)
    if wish is None or wish.kind != "tse.start":
        return state
    late = tuple(item for item in state.tse.late if item.sale != fact.sale)
    state = replace(state, tse=replace(state.tse, late=late))
    sale = state.sales.get(fact.sale)
    return state if sale is None else _sale(state, sale, start_failed=True)


@on(f.TseWithdrawn)
def _tse_withdrawn(state: State, fact: f.TseWithdrawn, stamp: Stamp) -> State:
    return replace(state, tse=replace(state.tse, withdrawn=(*state.tse.withdrawn, fact.wish)))


@on(f.OutageBegan)
def _outage_began(state: State, fact: f.OutageBegan, stamp: Stamp) -> State:
    outage = Outage(fact.id, fact.at, fact.reason, fact.message)
    return replace(state, tse=replace(state.tse, outage=outage, ready=False))


@on(f.OutageEnded)
def _outage_ended(state: State, fact: f.OutageEnded, stamp: Stamp) -> State:
    totals = state.till.totals
    if state.tse.outage is not None:
        totals = replace(totals, outages=(*totals.outages, state.tse.outage))
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


# -- paper and drawer -----------------------------------------------------------------------------


@on(f.PrintSending)
def _print_sending(state: State, fact: f.PrintSending, stamp: Stamp) -> State:
    job = state.jobs[fact.job]
    return replace(state, jobs={**state.jobs, job.id: replace(job, status="sending")})


@on(f.PrintReturned)
def _print_returned(state: State, fact: f.PrintReturned, stamp: Stamp) -> State:
    job = state.jobs[fact.job]
    return replace(state, jobs={**state.jobs, job.id: replace(job, status="queued", late=True)})


@on(f.PrintDone)
def _print_done(state: State, fact: f.PrintDone, stamp: Stamp) -> State:
    jobs = {key: job for key, job in state.jobs.items() if key != fact.job}
    return _drop(replace(state, jobs=jobs), fact.job)


@on(f.DrawerDone)
def _drawer_done(state: State, fact: f.DrawerDone, stamp: Stamp) -> State:
    return _drop(state, fact.job)


@on(f.DrawerAsked)
def _drawer_asked(state: State, fact: f.DrawerAsked, stamp: Stamp) -> State:
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "drawer_opened", 0)))


@on(f.ReceiptCopied)
def _copied(state: State, fact: f.ReceiptCopied, stamp: Stamp) -> State:
    till = replace(state.till, totals=counted(state.till.totals, "copies", 0))
    state = replace(state, till=till)
    name = fact.document.station
    return _station(state, name, copies=state.station(name).copies + 1)


# -- the till -------------------------------------------------------------------------------------


@on(f.TillOpened)
def _till_opened(state: State, fact: f.TillOpened, stamp: Stamp) -> State:
    return opened(state, fact)


@on(f.ClosingBegan)
def _closing_began(state: State, fact: f.ClosingBegan, stamp: Stamp) -> State:
    procedure = Procedure(
        kind="close",
        station=fact.station,
        movements=(),
        operator=fact.operator,
        at=fact.at,
        count=fact.count,
        counted=fact.counted,
        skim=fact.skim,
        reason=fact.reason,
        automatic=fact.automatic,
    )
    return replace(state, till=replace(state.till, procedure=procedure))


@on(f.MovementsPlanned)
def _planned(state: State, fact: f.MovementsPlanned, stamp: Stamp) -> State:
    if state.till.procedure is None:
        return state
    procedure = replace(state.till.procedure, movements=fact.movements, drained=True)
    if not fact.movements and procedure.kind == "open":
        return replace(state, till=replace(state.till, procedure=None))
    return replace(state, till=replace(state.till, procedure=procedure))


@on(f.TillClosed)
def _till_closed(state: State, fact: f.TillClosed, stamp: Stamp) -> State:
    return closed(state, fact)
