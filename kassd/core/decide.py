"""``decide(state, input, stamp) -> Decision``: the register's whole judgement. Pure.

Inputs are dispatched to the rooms of the core; afterwards :func:`_settle` draws the conclusions that
follow from the state alone (deadlines, waiting slips, the next step of a closing). Time is a wish: the
decision says when it wants to be woken.
"""

from kassd.core import archiving, boot, facts, inputs, paying, printing, selling, signing, till, tse_life
from kassd.core.barcode import control_action
from kassd.core.catalog import Article, problems_of
from kassd.core.codec import CodecError, decode, encode
from kassd.core.codes import CODES
from kassd.core.commands import (
    COMMANDS,
    Arguments,
    CashIn,
    CatalogPut,
    DrawerOpen,
    OperatorLogin,
    OperatorLogout,
    PrintSkip,
    ReceiptReprint,
    SaleAbort,
    SaleAdd,
    SalePay,
    SaleVoidLine,
    TillClose,
    TillOpen,
    TillReport,
    TseSelfTest,
)
from kassd.core.decision import Decision, Draft, Rejected, Reply, bad_args, one_line, reason_of, shown
from kassd.core.evolve import stamped
from kassd.core.inputs import CommandReceived, Input, Scanned, Stamp
from kassd.core.master import (
    client_rights,
    client_station,
    control_prefix,
    drawers_of,
    sale_timeout_ns,
    stations,
)
from kassd.core.state import State

NOT_REMOTE = ("sale.", "order.", "cash.", "receipt.cancel", "receipt.correct_payment")
BOOKS = (*NOT_REMOTE, "till.open", "till.close")
MAX_SETTLE = 64
MAX_NAME = 50


def decide(state: State, input: Input, stamp: Stamp) -> Decision:
    """What follows from ``input``. Never raises for anything a person or device can send."""
    d = Draft(state, stamp, _actor(input))
    reply = None
    if isinstance(input, CommandReceived):
        try:
            reply = _command(d, input)
        except Rejected as rejection:
            d = Draft(state, stamp)
            return Decision(stamp, reply=rejection.reply(input.id, _rev(state, input)), wake=next_wake(state))
    elif isinstance(input, Scanned):
        d = _scanned(d, input)
    else:
        _event(d, input)
    _settle(d)
    if reply is not None and (d.facts or d.wishes):
        reply = Reply(reply.id, reply.status, stamp.seq, result=reply.result)
    return Decision(
        stamp=stamp,
        facts=tuple(d.facts),
        wishes=tuple(d.wishes),
        volatile=tuple(d.volatile),
        asks=tuple(d.asks),
        reply=reply,
        wake=next_wake(d.state),
        tse=d.tse,
        after=stamped(state, d.state, stamp.seq, bool(d.facts or d.wishes)),
    )


def _actor(input: Input) -> str:
    if isinstance(input, CommandReceived):
        return input.client
    return input.device if isinstance(input, Scanned) else ""


def _settle(d: Draft) -> None:
    """Repeat until nothing follows any more; the bound is a guard against a rule that feeds itself."""
    if not d.state.config:
        return
    for _ in range(MAX_SETTLE):
        before = len(d.facts) + len(d.wishes)
        selling.abort_timed_out(d)
        signing.settle_signing(d)
        till.settle_till(d)
        printing.settle_printing(d)
        if len(d.facts) + len(d.wishes) == before:
            return
    raise RuntimeError("the rules do not come to rest")


def next_wake(state: State) -> int | None:
    """Monotonic ns at which a tick is wanted, derived from the state alone."""
    if not state.config:
        return None
    limit = sale_timeout_ns(state.config)
    times = [s.touched + limit for s in state.sales.values() if s.kind == "sale" and s.status == "open"]
    for due in (signing.next_deadline(state), printing.next_try(state)):
        times += [] if due is None else [due]
    return min(times, default=None)


def _event(d: Draft, input: Input) -> None:
    match input:
        case inputs.Started():
            boot.on_started(d, input)
        case inputs.CatalogOffered():
            boot.on_catalog(d, input)
        case inputs.ScanFailed():
            d.fact(facts.MessageShown(input.station, "Nicht gelesen, bitte neu scannen.", "scan_lost"))
        case inputs.DeviceChanged():
            s = input.status
            d.fact(facts.DeviceSeen(s.name, s.state, s.reason, s.message, s.since))
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
        case inputs.ClockStepped():
            d.fact(facts.ClockStepped(d.at, input.seconds, input.uncertain, input.refused))
            if not input.uncertain:  # the TSE is told no time that is not believed here
                d.ask("tse.set_time")
        case inputs.RollbackFound():
            d.fact(facts.RollbackSeen(d.at, input.source, input.message))
        case inputs.Printed():
            printing.on_printed(d, input)
        case inputs.Kicked():
            printing.on_kicked(d, input)
        case _:
            pass  # a tick: what is due follows from the state


def _scanned(d: Draft, scan: Scanned) -> Draft:
    """A code from a scanner: a control code or an article. What cannot be done is said, not journalled."""
    action = control_action(scan.text, control_prefix(d.state.config))
    fresh = Draft(d.state, d.stamp)
    try:
        _require_tse(d.state)
        if action is None:
            selling.add(d, scan.station, SaleAdd(code=scan.text))
        else:
            _control(d, scan.station, *action)
    except Rejected as rejection:
        code = CODES[rejection.code]
        text = f"{code.message} {rejection.detail} {code.next}".replace("  ", " ")
        fresh.fact(facts.MessageShown(scan.station, text, rejection.code, shown(scan.text)))
        return fresh
    return d


def _control(d: Draft, station: str, action: str, given: int | None) -> None:
    match action:
        case "cash":
            paying.pay(d, station, SalePay(type="cash", given=given))
        case "card":
            paying.pay(d, station, SalePay(type="card"))
        case "void_last":
            selling.void_line(d, station, SaleVoidLine())
        case "abort":
            selling.abort(d, station, SaleAbort())
        case "reprint":
            printing.reprint(d, station, "operator")
        case "report":
            till.report(d, station)


def _require_tse(state: State) -> None:
    """No TSE, no sale (FISCAL 1, L-017)."""
    if state.tse.bound is None:
        raise Rejected("tse_not_commissioned")


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
        _require_tse(d.state)
    cls = COMMANDS.get(command.name)
    if cls is None:
        raise Rejected("unknown_command", detail=f"({shown(command.name)})")
    if command.origin == "uplink" and command.name.startswith(NOT_REMOTE):
        raise Rejected("not_allowed_here")
    if cls.right not in client_rights(d.state.config, command.client):
        raise Rejected("unauthorized")
    try:
        args: Arguments = decode(cls, dict(command.args))
    except CodecError as error:
        raise bad_args(str(error)) from None
    station = args.station or client_station(d.state.config, command.client)
    if station not in stations(d.state.config):
        raise Rejected("unknown_station", detail=f"({shown(station)})")
    rev = _rev(d.state, command)
    if command.if_rev is not None and cls.compares and command.if_rev != rev:
        raise Rejected("stale_rev", {"rev": rev})
    status, result = _perform(d, station, args, command.client)
    return Reply(command.id, status, rev, result=result)


def _perform(d: Draft, station: str, args: Arguments, client: str) -> tuple[str, dict[str, object] | None]:
    match args:
        case SaleAdd():
            sale = selling.add(d, station, args)
            return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total}
        case SaleVoidLine():
            sale = selling.void_line(d, station, args)
            return "ok", {"sale": sale.id, "total": sale.total}
        case SaleAbort():
            return "accepted", {"sale": selling.abort(d, station, args).id}
        case SalePay():
            sale = paying.pay(d, station, args)
            return "accepted", {"sale": sale.id, "due": sale.due, "change": sale.change}
        case TillOpen():
            till.open_till(d, station, args)
        case TillClose():
            till.close_till(d, station, args)
            return "accepted", {"closing": d.state.closing + 1}
        case CashIn():
            till.move_cash(d, station, args)
            return "accepted", {"expected": d.state.till.expected_cash}
        case _:
            return _perform_other(d, station, args, client)
    return "ok", None


def _perform_other(
    d: Draft, station: str, args: Arguments, client: str
) -> tuple[str, dict[str, object] | None]:
    match args:
        case ReceiptReprint():
            printing.reprint(d, station, "operator")
        case TillReport():
            till.report(d, station)
            return "ok", {"expected": d.state.till.expected_cash, "report": f"X{d.stamp.seq}"}
        case DrawerOpen():
            _open_drawer(d, station, args)
        case OperatorLogin():
            operator = one_line(args.operator, "operator", MAX_NAME)
            if not operator:
                raise bad_args("operator: must not be empty", "(Der Name fehlt.)")
            d.fact(facts.OperatorChanged(station, operator, d.at))
        case OperatorLogout():
            d.fact(facts.OperatorChanged(station, "", d.at))
        case CatalogPut():
            _put_article(d, args, client)
        case PrintSkip():
            if f"printer.{args.printer}.name" not in d.state.config:
                raise Rejected("printer_unknown")
            printing.skip_jobs(d, args.printer)
        case TseSelfTest():
            _require_tse(d.state)
            d.ask("tse.self_test")
            return "accepted", None
        case _:
            raise Rejected("unknown_command")
    return "ok", None


def _open_drawer(d: Draft, station: str, args: DrawerOpen) -> None:
    if not drawers_of(d.state.config, station):
        raise Rejected("drawer_absent")
    d.fact(facts.DrawerAsked(d.at, station, d.operator(station), reason_of(args.reason)))
    printing.kick_drawer(d, station, "command")


def _put_article(d: Draft, args: CatalogPut, client: str) -> None:
    article = Article(args.id, args.name, args.price, args.vat, args.codes)
    problems = list(problems_of(article, control_prefix(d.state.config)))
    taken = [c for c in article.codes if d.state.catalog.by_code.get(c, article.id) != article.id]
    problems += [f"Code {code} gehört schon zu einem anderen Artikel" for code in taken]
    if problems:
        raise Rejected("catalog_invalid", detail=f"({'; '.join(problems)})")
    old = d.state.catalog.articles.get(article.id)
    boot.put_article(d, article, None if old is None else encode(old), client, "catalog.put")
