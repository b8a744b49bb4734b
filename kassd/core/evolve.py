"""``evolve(state, decision) -> state``: the fold of facts; pure, and blind to kinds it does not know."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from kassd.core import archiving, evolve_sale, evolve_till, evolve_tse  # noqa: F401 - they register their folds
from kassd.core import facts as f
from kassd.core.cards import fold as _cards  # noqa: F401 - registers its folds
from kassd.core.cards.state import charge_of, unshown
from kassd.core.catalog import Article
from kassd.core.codec import decode
from kassd.core.decision import Decision
from kassd.core.drawers.fold import forgotten, sensed
from kassd.core.evolve_till import DAY_SETTINGS, day_marks
from kassd.core.facts import Fact, Wish
from kassd.core.fold import HANDLERS, on, with_station, without_wish
from kassd.core.goods import fold as goods_fold  # noqa: F401 - as above
from kassd.core.goods.history import changed, price_of
from kassd.core.inputs import Stamp
from kassd.core.master import SMALL_BUSINESS_KEY
from kassd.core.notification import fold as _notification  # noqa: F401 - registers its fold
from kassd.core.numbers import fold as _numbers  # noqa: F401 - registers its folds
from kassd.core.orders import fold  # noqa: F401 - registers its folds
from kassd.core.people import fold as people  # noqa: F401 - registers its folds
from kassd.core.power import fold as _power  # noqa: F401 - registers its folds
from kassd.core.power.state import PowerState
from kassd.core.receipts import fold as _receipts  # noqa: F401 - registers its folds
from kassd.core.receipts.state import Offer
from kassd.core.reductions import fold as _reductions  # noqa: F401 - registers its folds
from kassd.core.scale import fold as _scale  # noqa: F401 - registers its fold
from kassd.core.state import (
    BUILD,
    SOFTWARE,
    VAT,
    PrintJob,
    State,
    Station,
    is_original,
    shown_offer,
)
from kassd.core.status import DeviceState, DeviceStatus
from kassd.core.totals import counted
from kassd.core.transfers import fold as _transfers  # noqa: F401 - registers its folds
from kassd.core.transfers.state import undrawn
from kassd.deferred import replace

ARTICLE_KEY = "catalog.article."
MISREAD = ("scan_lost", "unknown_article", "bad_check_digit", "bad_code")
BOOT_PATIENCE_NS = 30_000_000_000  # a TSE's opening and self test after a boot
REST_NS = 2_000_000_000  # before a slip that could not be printed is tried again


def evolve(state: State, decision: Decision) -> State:
    """The state after a decision; ``rev`` of the documents it changed is its line."""
    # Wishes first: a slip may begin to print in the line that wishes it.
    after = with_wishes(state, decision.wishes, decision.facts)
    for fact in (*decision.facts, *decision.volatile):
        after = apply(after, fact, decision.stamp)
    return stamped(state, after, decision.stamp.seq, bool(decision.facts or decision.wishes))


def stamped(before: State, after: State, seq: int, written: bool) -> State:
    """``after`` with the line that led to it (``written``: there is one) and the revisions it shows."""
    stations = _revised(before, after, seq)
    if not written and stations == after.stations:
        return after
    return replace(after, seq=seq if written else after.seq, stations=stations)


def apply(state: State, fact: Fact, stamp: Stamp) -> State:
    """Fold one fact."""
    handler = HANDLERS.get(type(fact))
    return handler(state, fact, stamp) if handler else state


def with_wishes(state: State, wishes: tuple[Wish, ...], facts: tuple[Fact, ...]) -> State:
    """Put the wishes of a line on the to-do list; a print wish becomes a job with its document, an offer the
    hand-over of its document."""
    if not wishes:
        return state
    outbox, jobs, offers = dict(state.outbox), dict(state.jobs), dict(state.offers)
    documents = {fact.document.id: fact.document for fact in facts if isinstance(fact, _DOCUMENTED)}
    for wish in wishes:
        outbox[wish.id] = wish
        if wish.kind == "print":
            key = wish.args["document"]
            document = documents[key] if key in documents else state.offers[key].document
            jobs[wish.id] = PrintJob(
                wish.id, wish.args["printer"], document, late=wish.args.get("late", False)
            )
        elif wish.kind == "offer":
            document = documents[wish.args["document"]]
            offers[document.id] = Offer(wish.id, document, wish.args["by"])
    return replace(state, outbox=outbox, jobs=jobs, offers=offers)


_DOCUMENTED = (
    *(f.CardSlipPrinted, f.TransferPrinted),
    *(f.SaleFinished, f.ReceiptCopied, f.ReportMade, f.TillClosed),
    *(f.ReceiptInvoiced, f.VoucherPrinted, f.CashCounted, f.OrderSlipMade, f.ReceiptHandedOut),
    f.PrinterTested,
)


def _revised(before: State, after: State, seq: int) -> Mapping[str, Station]:
    """The stations, stamped where ``state/sale`` or ``state/till`` shows something else than before."""
    stations = dict(after.stations)
    for name, station in after.stations.items():
        sale = sale_face(before, name) != sale_face(after, name)
        till = till_face(before, name) != till_face(after, name)
        if sale or till:
            stations[name] = replace(
                station,
                sale_rev=seq if sale else station.sale_rev,
                till_rev=seq if till else station.till_rev,
            )
    return stations


def sale_face(state: State, name: str) -> tuple[object, ...]:
    """What ``state/sale/<station>`` shows of a line: a display compares its ``rev`` with this alone."""
    sale = state.current(name) or state.station(name).last
    if sale is None:
        return ()
    number = sale.status == "done" and sale.number
    here = state.station(name)
    shown = (sale.age_approved, sale.hospitality, number, here.withheld, sale.hand_over)
    charge, transfer = charge_of(state.cards, sale.id), sale.transfer
    paying: tuple[object, ...] = () if charge is None else (charge.id, charge.status)
    if transfer is not None:
        paying = (transfer.amount, transfer.at)
    return (sale.id, sale.status, sale.lines, sale.payments, *shown, *paying, *_offer_face(state, name))


def _offer_face(state: State, name: str) -> tuple[object, ...]:
    one = shown_offer(state, name)
    return () if one is None else (one.document.id, one.status)


def till_face(state: State, name: str) -> tuple[object, ...]:
    """What ``state/till/<station>`` shows of a line."""
    till = state.till
    closing = till.procedure is not None and till.procedure.kind == "close"
    float_ = None if till.open else till.carried
    day = (till.open, closing, till.business_day, till.expected_cash, float_, state.cash.held)
    here = state.station(name)
    return (*day, here.operator, here.locked, here.training, state.receipt, state.closing)


# -- the register ---------------------------------------------------------------------------------


@on(f.Started)
def _started(state: State, fact: f.Started, stamp: Stamp) -> State:
    """A new process: nothing volatile is known, and deadlines are counted anew. The TSE gets time to boot;
    slips that wait are printed after their time."""
    patience = stamp.mono + BOOT_PATIENCE_NS
    sales = {
        key: replace(sale, touched=stamp.mono, deadline=patience if sale.deadline else 0)
        for key, sale in state.sales.items()
    }
    outage = state.tse.outage and replace(state.tse.outage, probe_at=0, pause_s=0)
    late = tuple(replace(item, refused=False) for item in state.tse.late)
    stations = {
        name: replace(s, message="", misreads=0, used=stamp.mono, next_quantity=None)
        for name, s in state.stations.items()
    }
    jobs = {
        key: replace(job, rest_until=0, late=job.late or is_original(job.document))
        for key, job in state.jobs.items()
    }
    offers = {
        key: replace(one, touched=stamp.mono, content="", edge=0, bits="")
        for key, one in state.offers.items()
    }
    procedure = state.till.procedure and replace(state.till.procedure, touched=patience)
    return replace(
        state,
        epoch=fact.epoch,
        software=state.software or fact.software,
        build=state.build or fact.build,
        sales=undrawn(sales),
        devices={},
        drawers=forgotten(state.drawers),
        power=PowerState(),
        stations=stations or {"main": Station("main")},
        jobs=jobs,
        offers=offers,
        cards=unshown(state.cards),
        till=replace(state.till, procedure=procedure, **day_marks(state, stamp)),
        tse=replace(state.tse, ready=False, surveyed=False, heard=0, outage=outage, late=late),
    )


@on(f.ConfigChanged)
def _config_changed(state: State, fact: f.ConfigChanged, stamp: Stamp) -> State:
    if fact.key.startswith(ARTICLE_KEY):
        return _article_changed(state, fact, stamp)
    state = replace(state, pending=_without(state.pending, fact.key))
    if fact.key == SOFTWARE:
        return replace(state, software=str(fact.new or ""))
    if fact.key == BUILD:
        return replace(state, build=str(fact.new or ""))
    if fact.key.startswith(VAT):
        rates = {**state.rates, int(fact.key.removeprefix(VAT)): Decimal(str(fact.new))}
        return replace(state, rates=rates)
    config, stations = _without(state.config, fact.key), dict(state.stations)
    if fact.new is not None:
        config[fact.key] = fact.new
        if fact.key.endswith(".station"):
            stations.setdefault(fact.new, Station(fact.new))
    state = replace(state, config=config, stations=stations)
    if fact.key == SMALL_BUSINESS_KEY:
        since = stamp.at.isoformat(timespec="seconds") if state.receipt else ""
        state = replace(state, regimes={**state.regimes, since: bool(fact.new)})
    if fact.key in DAY_SETTINGS:
        state = replace(state, till=replace(state.till, **day_marks(state, stamp)))
    return state


def _without(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != key}


def _article_changed(state: State, fact: f.ConfigChanged, stamp: Stamp) -> State:
    key = fact.key.removeprefix(ARTICLE_KEY)
    prices = changed(state.prices, key, price_of(fact.old), price_of(fact.new), stamp.at)
    state = replace(state, prices=prices) if prices is not state.prices else state
    if fact.new is None:
        return replace(state, catalog=state.catalog.without_article(key))
    return replace(state, catalog=state.catalog.with_article(decode(Article, fact.new, lenient=True)))


@on(f.ConfigDeferred)
def _config_deferred(state: State, fact: f.ConfigDeferred, stamp: Stamp) -> State:
    pending = _without(state.pending, fact.key)
    if fact.new != state.in_force(fact.key):  # else: taken back before it came into force
        pending[fact.key] = fact.new
    return replace(state, pending=pending)


@on(f.ConfigAnnex)
def _annex(state: State, fact: f.ConfigAnnex, stamp: Stamp) -> State:
    return replace(state, annex=fact.sha256)


@on(f.FileTaken)
def _file_taken(state: State, fact: f.FileTaken, stamp: Stamp) -> State:
    return replace(state, files={**state.files, fact.name: fact.sha256})


@on(f.DeviceSeen)
def _device(state: State, fact: f.DeviceSeen, stamp: Stamp) -> State:
    state_ = cast(DeviceState, fact.state)
    status = DeviceStatus(fact.name, state_, fact.reason, fact.message, fact.since, fact.conditions)
    return sensed(replace(state, devices={**state.devices, fact.name: status}), status, stamp)


@on(f.MessageShown)
def _message(state: State, fact: f.MessageShown, stamp: Stamp) -> State:
    misreads = state.station(fact.station).misreads + (fact.code in MISREAD)
    return with_station(state, fact.station, message=fact.message, misreads=misreads)


# -- paper and drawer -----------------------------------------------------------------------------


@on(f.PrintSending)
def _print_sending(state: State, fact: f.PrintSending, stamp: Stamp) -> State:
    job = state.jobs[fact.job]
    return replace(state, jobs={**state.jobs, job.id: replace(job, status="sending")})


@on(f.PrintReturned)
def _print_returned(state: State, fact: f.PrintReturned, stamp: Stamp) -> State:
    job = state.jobs[fact.job]
    returned = replace(job, status="queued", late=is_original(job.document), rest_until=stamp.mono + REST_NS)
    return replace(state, jobs={**state.jobs, job.id: returned})


@on(f.PrintMoved)
def _print_moved(state: State, fact: f.PrintMoved, stamp: Stamp) -> State:
    moved = replace(state.jobs[fact.job], printer=fact.printer, rest_until=0)
    return replace(state, jobs={**state.jobs, fact.job: moved})


@on(f.PrintDone)
def _print_done(state: State, fact: f.PrintDone, stamp: Stamp) -> State:
    jobs = {key: job for key, job in state.jobs.items() if key != fact.job}
    return without_wish(replace(state, jobs=jobs), fact.job)


@on(f.ReceiptCopied)
def _copied(state: State, fact: f.ReceiptCopied, stamp: Stamp) -> State:
    if fact.document.kind == "ticket":  # repeated in the kitchen: no copy of a receipt
        return state
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "copies", 0)))


@on(f.ExportMade)
def _export(state: State, fact: f.ExportMade, stamp: Stamp) -> State:
    return _exported(state)


@on(f.AccountsHandedOver)
def _handed_over(state: State, fact: f.AccountsHandedOver, stamp: Stamp) -> State:
    return _exported(state)


def _exported(state: State) -> State:
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "exports", 0)))


@on(f.ReportMade)
def _report(state: State, fact: f.ReportMade, stamp: Stamp) -> State:
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "reports", 0)))
