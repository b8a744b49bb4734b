"""``decide(state, input, stamp) -> Decision``: the register's whole judgement. Pure.

Inputs are dispatched to the rooms of the core; afterwards :func:`_settle` draws the conclusions that
follow from the state alone (deadlines, waiting slips, the next step of a closing). Time is a wish: the
decision says when it wants to be woken.
"""

from kassd.core import (  # desk registers its commands
    annex,
    archiving,
    boot,
    desk,
    facts,
    inputs,
    printing,
    selling,
    signing,
    till,
    tse_life,
)
from kassd.core.abandoned import working_stations
from kassd.core.benefits import giving as _benefits  # noqa: F401 - registers its commands
from kassd.core.cards import answers as cards
from kassd.core.cards import desk as _cards  # noqa: F401 - registers its commands
from kassd.core.cards.inputs import CardInput
from kassd.core.cards.strays import settle_strays
from kassd.core.cash import inspection, movements  # noqa: F401 - they register their commands
from kassd.core.codec import CodecError, decode
from kassd.core.commands import COMMANDS, Arguments
from kassd.core.corrections import (  # noqa: F401 - they register their commands
    cancel,
    paper,
    reprint,
    returns,
    rewrite,
    undo,
)
from kassd.core.credit import (  # noqa: F401 - they register their commands
    agency,
    deliveries,
    downpayments,
    empties,
    invoices,
    receivables,
)
from kassd.core.credit.ledger import lacking
from kassd.core.decision import Decision, Draft, Rejected, Reply, bad_args, require_tse, shown
from kassd.core.drawers.watching import next_look, watch_drawers
from kassd.core.evolve import stamped
from kassd.core.goods import desk as _goods  # noqa: F401 - registers its commands
from kassd.core.inputs import CommandReceived, Input, Scanned, Stamp
from kassd.core.judging import carry_out
from kassd.core.master import (
    client_rights,
    client_station,
    sale_timeout_ns,
)
from kassd.core.notification import recording as _notification  # noqa: F401 - registers its command
from kassd.core.numbers.resume import require_decided
from kassd.core.orders import billing, moving  # noqa: F401 - register their commands
from kassd.core.people import access, login, place, training  # noqa: F401 - some register commands
from kassd.core.power import running_low
from kassd.core.power.running_low import next_end, require_power, watch_power
from kassd.core.receipts import (  # noqa: F401 - they register their commands
    asked,
    exemption,
    handover,
    offering,
)
from kassd.core.reductions import giving  # noqa: F401 - registers its commands
from kassd.core.room import reason, require_room
from kassd.core.scale import weighing
from kassd.core.scanning import on_scanned, tell
from kassd.core.state import State
from kassd.core.tender import cash_limit  # noqa: F401 - registers its commands
from kassd.core.tips import payout  # noqa: F401 - registers its commands
from kassd.core.transfers import asking as transfers
from kassd.core.transfers import desk as _transfers  # noqa: F401 - registers its command
from kassd.core.vouchers import issue  # noqa: F401 - registers its commands
from kassd.deferred import replace

NOT_REMOTE = (
    *(
        "card.",
        "transfer.",
        "sale.",
        "deposit.",
        "order.",
        "cash.",
        "receipt.cancel",
        "receipt.correct_payment",
    ),
    *("voucher.sell", "voucher.refund", "voucher.take_over", "voucher.withdraw"),
    *("account.settle", "downpayment.take", "downpayment.release", "downpayment.refund"),
    *("invoice.", "offer.", "delivery.issue", "delivery.bill", "agency.", "empties."),
    *("receipt.return", "paper."),
)
BOOKS = (*NOT_REMOTE, "till.open", "till.close", "till.count")
MAX_SETTLE = 64
PAUSE_NS = 60_000_000_000  # before what did not fit a journal line is tried again


def decide(state: State, input: Input, stamp: Stamp, *, brief: bool = False) -> Decision:
    """What follows from ``input``. Never raises: what a defect of the program ends is answered with
    ``internal_error``, or left out, and told in :attr:`Decision.faults`.

    ``brief``: the input alone, or one rule of a tick; what follows from the state is left to the ticks that
    the decision asks for. So a decision that does not fit a journal line becomes several.
    """
    d = Draft(state, stamp, _actor(input))
    reply = None
    if isinstance(input, CommandReceived):
        try:
            reply = _command(d, input)
        except Rejected as rejection:
            return _rejected(state, input, stamp, rejection)
        except Exception as fault:  # noqa: BLE001 - the worst is a register that stands still
            return replace(_rejected(state, input, stamp, Rejected("internal_error")), faults=(fault,))
    elif isinstance(input, Scanned):
        d = on_scanned(d, input)
    elif isinstance(input, inputs.ReceiptFetched):
        answers: list[Reply] = []
        d.attempt(lambda draft: answers.append(handover.on_fetched(draft, input)))
        reply = next(iter(answers), None)
    else:
        d.attempt(lambda draft: _event(draft, input))
    if not brief or isinstance(input, inputs.Tick):
        _settle(d, once=brief)
    d.attempt(annex.settle_annex)
    if reply is not None and (d.facts or d.wishes):
        reply = Reply(reply.id, reply.status, stamp.seq, result=reply.result)
    return Decision(
        stamp=stamp,
        facts=tuple(d.facts),
        wishes=tuple(d.wishes),
        volatile=tuple(d.volatile),
        asks=tuple(d.asks),
        reply=reply,
        wake=stamp.mono if brief else next_wake(d.state),
        tse=d.tse,
        faults=tuple(d.faults),
        after=stamped(state, d.state, stamp.seq, bool(d.facts or d.wishes)),
    )


def _rejected(state: State, command: CommandReceived, stamp: Stamp, rejection: Rejected) -> Decision:
    """Nothing of what was drafted stands; that it was tried may be a fact."""
    rejection = reason(rejection, stamp)
    d = Draft(state, stamp, command.client)
    for fact in rejection.facts:
        d.fact(fact)
    rev = stamp.seq if d.facts else _rev(state, command)
    after = stamped(state, d.state, stamp.seq, True) if d.facts else None
    reply = rejection.reply(command.id, rev)
    return Decision(stamp, facts=tuple(d.facts), reply=reply, wake=next_wake(d.state), after=after)


def refused(state: State, input: Input, stamp: Stamp) -> Decision:
    """Nothing of what ``input`` asks for stands: even by itself it does not fit a journal line. Who asked is
    told; what nobody asked for is tried again later."""
    if isinstance(input, CommandReceived):
        return _rejected(state, input, stamp, Rejected("too_much_at_once"))
    d = Draft(state, stamp)
    if isinstance(input, Scanned):
        tell(d, input, "too_much_at_once")
    later = max(next_wake(state) or 0, stamp.mono + PAUSE_NS)
    return Decision(stamp, volatile=tuple(d.volatile), wake=later, after=d.state)


def _actor(input: Input) -> str:
    if isinstance(input, CommandReceived):
        return input.client
    return input.device if isinstance(input, Scanned) else ""


def _settle(d: Draft, *, once: bool = False) -> None:
    """Repeat until nothing follows any more; the bound is a guard against a rule that feeds itself. A rule
    that fails is left out: the state may call for it again at each input, and at each start. ``once``: the
    first rule from which anything follows, and no other."""
    if not d.state.config:
        return
    rules = list(RULES)
    for _ in range(MAX_SETTLE):
        before = len(d.facts) + len(d.wishes)
        for rule in tuple(rules):
            if rule in NUMBERING and d.state.remembered is not None:
                continue  # no Vorgang may take a number
            if not d.attempt(rule):
                rules.remove(rule)
            if once and len(d.facts) + len(d.wishes) > before:
                return
        if len(d.facts) + len(d.wishes) == before:
            return
    d.faults.append(RuntimeError("the rules do not come to rest"))


NUMBERING = (selling.abort_timed_out, billing.secure_bills, signing.settle_signing, till.settle_till)
FACILITIES = (watch_drawers, watch_power, settle_strays)
BESIDE = (till.note_day, access.end_sessions, access.lock_idle, deliveries.fill_bills, *FACILITIES)
BESIDE_SALES = (printing.next_try, access.next_lock, handover.next_offer, next_look, next_end)
RULES = (*BESIDE, *NUMBERING, printing.settle_printing, handover.settle_offers)


def next_wake(state: State) -> int | None:
    """Monotonic ns at which a tick is wanted, derived from the state alone."""
    if not state.config:
        return None
    if state.remembered is not None:
        others = (next_due(state) for next_due in BESIDE_SALES)
        return min(filter(None, others), default=None)
    limit = sale_timeout_ns(state.config)
    times = [s.touched + limit for s in state.sales.values() if s.kind == "sale" and s.status == "open"]
    times += till.next_notes(state.till)
    times += [0 for sale in state.sales.values() if lacking(state, sale)]
    for next_due in (signing.next_deadline, *BESIDE_SALES):
        due = next_due(state)
        times += [] if due is None else [due]
    return min(times, default=None)


def _started(d: Draft, input: inputs.Started) -> None:
    """A new process takes up what the last one left."""
    boot.on_started(d, input)
    rewrite.resume(d)
    cards.resume(d)
    cancel.resume(d)


def _event(d: Draft, input: Input) -> None:
    match input:
        case inputs.Started():
            _started(d, input)
        case inputs.ReceiptRecalled():
            rewrite.on_recalled(d, input)
        case inputs.ConfigOffered():
            boot.on_config(d, input)
        case inputs.CatalogOffered():
            boot.on_catalog(d, input)
        case inputs.ScanFailed():
            d.fact(facts.MessageShown(input.station, "Nicht gelesen, bitte neu scannen.", "scan_lost"))
        case inputs.DeviceChanged():
            printing.on_device(d, input.status)
        case inputs.Weighed():
            weighing.on_weighed(d, input)
        case inputs.PowerRead():
            running_low.on_power(d, input)
        case inputs.ClockStepped():
            d.fact(facts.ClockStepped(d.at, input.seconds, input.uncertain, input.refused))
            if not input.uncertain:  # the TSE is told no time that is not believed here
                d.ask("tse.set_time")
        case inputs.RollbackFound():
            told = (input.source, input.message, input.epoch, input.receipt, input.closing)
            d.fact(facts.RollbackSeen(d.at, *told))
        case inputs.Printed():
            printing.on_printed(d, input)
        case inputs.ReceiptOffered():
            handover.on_offered(d, input)
        case inputs.ReceiptOfferFailed():
            handover.on_failed(d, input)
        case inputs.Kicked():
            printing.on_kicked(d, input)
        case inputs.TransferDrawn():
            transfers.on_drawn(d, input)
        case inputs.ExportEnded():
            desk.on_exported(d, input)
        case _ if isinstance(input, CardInput):
            cards.on_card(d, input)
        case _:
            _tse_event(d, input)


def _tse_event(d: Draft, input: Input) -> None:
    match input:
        case inputs.TseOpened():
            signing.on_opened(d, input)
            tse_life.on_measured(d, input)
        case inputs.TseMeasured():
            tse_life.on_measured(d, input)
        case inputs.TseStepAsked():
            tse_life.on_step(d, input)
        case inputs.TseSwapAsked():
            tse_life.on_swap_asked(d, input)
        case inputs.TseSwapped():
            tse_life.on_swapped(d, input)
        case inputs.TseSurveyed():
            signing.on_surveyed(d, input)
        case inputs.TseAnswered():
            signing.on_answered(d, input)
        case inputs.TseUnavailable():
            signing.on_unavailable(d, input)
        case inputs.TseArchived():
            archiving.on_archived(d, input)
        case inputs.TseArchiveFailed():
            archiving.on_failed(d, input)
        case inputs.TseReadBack():
            archiving.on_read_back(d, input)
        case _:
            pass  # a tick: what is due follows from the state


def _rev(state: State, command: CommandReceived) -> int:
    cls = COMMANDS.get(command.name)
    station = state.station(str(command.args.get("station") or client_station(state.config, command.client)))
    if cls is not None and cls.compares == "sale":
        return max(station.sale_rev, 0)
    if cls is not None and cls.compares == "till":
        return max(station.till_rev, 0)
    return max(state.seq, 0)


def _command(d: Draft, command: CommandReceived) -> Reply:
    if command.name.startswith(BOOKS):
        require_tse(d.state)
        require_decided(d.state)
    cls = COMMANDS.get(command.name)
    if cls is None:
        raise Rejected("unknown_command", detail=f"({shown(command.name)})")
    if command.origin == "uplink" and command.name.startswith(NOT_REMOTE):
        raise Rejected("not_allowed_here")
    if not client_rights(d.state.config, command.client):
        raise Rejected("unauthorized", {"right": cls.right})
    d.found = command.found
    try:
        args: Arguments = decode(cls, dict(command.args))
    except CodecError as error:
        raise bad_args(str(error)) from None
    station = args.station or client_station(d.state.config, command.client)
    if station not in working_stations(d.state):
        raise Rejected("unknown_station", detail=f"({shown(station)})")
    access.admit(d, station, command, args)
    training.check_training(d, station, command.name, args)
    access.used(d, station)
    rev = _rev(d.state, command)
    if command.if_rev is not None and cls.compares and command.if_rev != rev:
        raise Rejected("stale_rev", {"rev": rev})
    status, result = carry_out(d, station, args)
    require_room(d, command.name)
    require_power(d)
    return Reply(command.id, status, rev, result=result)
