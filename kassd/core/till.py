"""Opening and closing the till (FISCAL 5, 8, 15), cash movements, X report.

Each cash movement is its own signed Vorgang. ``Procedure`` holds what an opening or closing still has to
book; :func:`settle_till` takes the next step whenever the state allows it, so that a restart in between
simply goes on.
"""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.abandoned import so_far
from kassd.core.archiving import ask_archive
from kassd.core.cards.closing import ends_days, require_settled
from kassd.core.cash.accounts import (
    countable,
    drawer_account,
    expected_in,
    holding,
    holdings,
    label,
    named,
)
from kassd.core.cash.booking import begin
from kassd.core.cash.counting import MAX_CASH, closing_counts, movement_of, require_rate
from kassd.core.cash.state import EUR, FLOAT, Count, Movement
from kassd.core.commands import TillClose, TillOpen
from kassd.core.contradictions import contradictions
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.document import Row, Section
from kassd.core.held import in_use, is_held
from kassd.core.master import carries_orders
from kassd.core.people.training import end_training
from kassd.core.printing import print_document
from kassd.core.reports import report_document
from kassd.core.room import require_room_to_close
from kassd.core.signing import late_waits
from kassd.core.state import VAT, Procedure, State, Till
from kassd.core.vat import rates_on
from kassd.deferred import replace

SOURCES = {"transit": "Geldtransit", "difference": "DifferenzSollIst"}


def open_till(d: Draft, station: str, args: TillOpen) -> None:
    """Begin the business day with the counted float (FISCAL 8)."""
    if d.state.till.open:
        raise Rejected("till_open")
    own = drawer_account(d.state.config, station)
    counted = {own: args.counted}
    for name, cents in args.drawers.items():
        account = named(d.state, name)
        if account in counted:
            raise bad_args(f"drawers.{name[:40]}: counted twice", f"({name[:40]} ist zweimal gezählt.)")
        counted[account] = cents
    if not all(0 <= cents <= MAX_CASH for cents in counted.values()):
        raise Rejected("amount_invalid")
    carried = {account: holding(d.state, account).amount for account in counted}
    differing = [account for account in counted if counted[account] != carried[account]]
    if differing and args.source is None:
        first = differing[0]
        more = {} if first == own else {"drawer": label(d.state.config, first)}
        raise Rejected("float_differs", expected_in(d.state, carried[first], counted=counted[first], **more))
    reason = (reason_of if differing and args.source == "difference" else _reason)(args.reason)
    take_rates(d)
    excess = {account: counted[account] - carried[account] for account in differing}
    movements = (*_floats(d.state), *_differences(excess, args.source or "", reason))
    day, operator = d.stamp.at.date().isoformat(), d.operator(station)
    source = args.source or ""
    d.fact(f.TillOpened(d.at, day, operator, station, carried[own], args.counted, source, reason, movements))


def _floats(state: State) -> tuple[Movement, ...]:
    """Anfangsbestand of every account and currency that holds cash; the main one also with 0.00."""
    found = []
    for account, currency, stock in holdings(state):
        if stock.amount or (account, currency) == ("", EUR):
            foreign = currency != EUR
            name = " ".join(part for part in (account, currency if foreign else "") if part)
            units = stock.amount if foreign else 0
            found.append(
                Movement(FLOAT, stock.value, account=account, name=name, currency=currency, foreign=units)
            )
    return tuple(found)


def _differences(excess: dict[str, int], source: str, reason: str) -> list[Movement]:
    """What an opening found more or less than the last closing had left, by where it comes from."""
    text = reason or "Kassenöffnung: gezählter Anfangsbestand weicht ab"
    private = {True: "Privateinlage", False: "Privatentnahme"}
    return [
        Movement(SOURCES.get(source, private[amount > 0]), amount, text, account)
        for account, amount in excess.items()
    ]


def _reason(text: str) -> str:
    return one_line(text, "reason")


def close_till(d: Draft, station: str, args: TillClose) -> None:
    """Begin the closing: checks now, bookings and the closing itself as the TSE answers."""
    till = d.state.till
    if not till.open:
        raise Rejected("till_closed")
    if till.procedure is not None and till.procedure.kind == "close":
        raise Rejected("till_closing")
    require_room_to_close(d)
    require_settled(d.state)
    begun = [sale for sale in d.state.sales.values() if sale.status == "paying"]
    if shown := [sale for sale in begun if sale.transfer is not None]:
        raise Rejected("transfer_open", detail=f"({'; '.join(map(so_far, shown[:5]))})")
    if begun:
        raise Rejected("sale_part_paid", detail=f"({'; '.join(map(so_far, begun[:5]))})")
    if till.procedure is not None:
        raise Rejected("busy")  # the float is still being booked
    if d.state.orders.groups and not carries_orders(d.state.config):
        raise Rejected("orders_open", {"groups": list(d.state.orders.groups)[:20]})
    account = drawer_account(d.state.config, station)
    counts = closing_counts(d.state, station, args.count, args.counts)
    _require_counts(d.state, station, counts)
    reason = _reason(args.reason)
    for count in counts:
        require_rate(count)
        if count.difference and not reason:
            told = {"drawer": label(d.state.config, count.account), "currency": count.currency}
            raise Rejected(
                "reason_required", expected_in(d.state, count.expected, counted=count.counted, **told)
            )
    if till.day_over and not reason:
        raise Rejected("reason_required", detail=f"(Der Geschäftstag {till.business_day} ist vorbei.)")
    skim = args.skim or 0
    if skim < 0:
        raise Rejected("amount_invalid")
    counted = [count.counted for count in counts if (count.account, count.currency) == (account, EUR)]
    stock = counted[0] if counted else holding(d.state, account).amount
    if skim > stock:
        raise Rejected("cash_negative", expected_in(d.state, stock))
    d.fact(f.ClosingBegan(d.at, d.operator(station), station, counts, skim, reason, account))


def _require_counts(state: State, station: str, counts: tuple[Count, ...]) -> None:
    """Where cash lies it is counted, each currency: every account that should hold some, and the station's
    drawer."""
    counted = {(count.account, count.currency) for count in counts}
    due = [(account, currency) for account, currency, is_due in countable(state, station) if is_due]
    due.sort(key=lambda one: one[1] != EUR)
    if missing := [one for one in due if one not in counted]:
        expected = holding(state, *missing[0]).amount
        names = [label(state.config, account) + ("" if cur == EUR else f"/{cur}") for account, cur in missing]
        raise Rejected("count_required", expected_in(state, expected, missing=names), f"({', '.join(names)})")


def next_notes(till: Till) -> tuple[int, ...]:
    """Monotonic ns of the moments :func:`note_day` waits for."""
    if not till.open or till.day_over:
        return ()
    return tuple(due for due in (till.day_ends, 0 if till.reminded else till.remind_at) if due)


def note_day(d: Draft) -> None:
    """The business day ends with the till open, or is about to: it is visible until the closing."""
    till = d.state.till
    if till.open and not till.day_over and not till.reminded and 0 < till.remind_at <= d.stamp.mono:
        d.fact(f.ClosingReminded(d.at, till.business_day))
    if till.open and not till.day_over and 0 < till.day_ends <= d.stamp.mono:
        d.fact(f.DayPassed(d.at, till.business_day))


def settle_till(d: Draft) -> None:
    """Take the next step of an opening or closing."""
    procedure = d.state.till.procedure
    if procedure is None:
        return
    if procedure.kind == "close" and not procedure.drained:
        _drain(d)
        procedure = d.state.till.procedure
        if procedure is None or not procedure.drained:
            return
    if procedure.kind == "close" and not procedure.automatic and ends_days(d):
        return
    if any(sale.kind == "cash" for sale in d.state.sales.values()):
        return
    if procedure.movements:
        _begin_next(d, procedure)
    elif procedure.kind == "open":
        d.fact(f.MovementsPlanned(()))
    elif not d.state.sales and not late_waits(d.state) and d.stamp.room == "ample":
        _close(d)


def _begin_next(d: Draft, procedure: Procedure) -> None:
    """Begin the first of the movements that are planned."""
    movement, rest = procedure.movements[0], procedure.movements[1:]
    d.fact(f.MovementsPlanned(rest))
    station, operator = (
        (movement.station, movement.operator) if movement.station else (procedure.station, procedure.operator)
    )
    begin(d, station, operator, movement)


def _drain(d: Draft) -> None:
    """End what is open; then plan DifferenzSollIst and skim."""
    for sale in tuple(d.state.sales.values()):
        if sale.status == "open":
            d.fact(f.AbortAsked(sale.id, d.at, "closing"))
    procedure = d.state.till.procedure
    if d.state.sales or procedure is None:
        return
    movements = [movement_of(c, procedure.reason) for c in procedure.counts if c.difference]
    if procedure.skim:
        text = "Abschöpfung beim Abschluss"
        movements.append(Movement("Geldtransit", -procedure.skim, text, procedure.account))
    d.fact(f.MovementsPlanned(tuple(movements)))


def _close(d: Draft) -> None:
    """The closing line; deferred master data come into force with it (L-011)."""
    state, procedure = d.state, d.state.till.procedure
    assert procedure is not None
    number = state.closing + 1
    title = f"Z-Bericht Nr. {number}"
    document = report_document(state, d.at, f"Z{number}", title, procedure.station, procedure.operator)
    doubts = contradictions(state)
    if doubts:
        section = Section("Widersprüche in den Summen", tuple(Row(text) for text in doubts))
        document = replace(document, sections=(*document.sections, section))
    d.fact(
        f.TillClosed(
            number=number,
            at=d.at,
            business_day=state.till.business_day,
            operator=procedure.operator,
            first_receipt=state.till.first_receipt,
            last_receipt=state.receipt,
            total=sum(gross for gross, _, _ in state.till.totals.cases.values()),
            cash=state.till.cash,
            carried=state.till.cash,
            software=state.software,
            build=state.build,
            document=document,
            totals=state.till.totals,
            automatic=procedure.automatic,
            reason=procedure.reason,
            late=bool(state.till.day_over),
            holdings=state.cash.held,
            contradictions=doubts,
        )
    )
    end_training(d)
    used = in_use(d.state)  # by what goes on into the next period
    waiting = [key for key in state.pending if is_held(state, key, used)]
    for key, value in state.pending.items():
        if key in waiting:
            continue
        d.fact(f.ConfigChanged(key, state.in_force(key), value, "kassd", "closing"))
    print_document(d, document)
    ask_archive(d)


def change_rates(d: Draft, station: str) -> None:
    """At a tax key's first day the first Vorgang is preceded by a closing without count and the new period's
    Anfangsbestand (FISCAL 5)."""
    if not _rates_due(d):
        return
    if d.state.sales or d.state.till.procedure is not None or late_waits(d.state):
        raise _old_rates(d.state)
    require_room_to_close(d)
    operator, why = d.operator(station), "Steuersatzwechsel"
    d.fact(f.ClosingBegan(d.at, operator, station, (), 0, why, automatic=True))
    d.fact(f.MovementsPlanned(()))
    _close(d)
    take_rates(d)
    day = d.stamp.at.date().isoformat()
    cash = holding(d.state, drawer_account(d.state.config, station)).amount
    d.fact(f.TillOpened(d.at, day, operator, station, cash, cash, "", why, _floats(d.state)))
    while (opening := d.state.till.procedure) is not None and opening.movements:
        _begin_next(d, opening)


def _old_rates(state: State) -> Rejected:
    """What must end before the rates change, and where."""
    begun = [sale for sale in state.sales.values() if sale.status in ("open", "paying")]
    if not begun:
        return Rejected("till_closing", detail="(Neue Steuersätze: was noch begonnen ist, endet von selbst.)")
    told = "; ".join(map(so_far, begun[:5]))
    stations = list(dict.fromkeys(sale.station for sale in begun))
    why = "Inzwischen gelten neue Steuersätze; erst endet, was mit den alten begonnen ist"
    return Rejected("sale_open", {"stations": stations[:20]}, f"({why}. {told})")


def _rates_due(d: Draft) -> dict[int, Decimal]:
    """Rates that are not in force yet. A clock that has fallen behind the business day changes nothing."""
    day = d.stamp.at.date().isoformat()
    if day < d.state.till.business_day:
        return {}
    return {key: rate for key, rate in rates_on(day).items() if d.state.rates.get(key) != rate}


def take_rates(d: Draft) -> None:
    """The tax rates of the day come into force; only between two closings, or at the very first start."""
    for key, rate in _rates_due(d).items():
        name = f"{VAT}{key}"
        d.fact(f.ConfigChanged(name, d.state.in_force(name), f"{rate:f}", "kassd", "valid_from"))


def report(d: Draft, station: str) -> None:
    """X report: journalled, printed, nothing reset (L-153)."""
    if not d.state.till.open:
        raise Rejected("till_closed")
    title, operator = "X-Bericht (Zwischenbericht)", d.operator(station)
    document = report_document(d.state, d.at, f"X{d.stamp.seq}", title, station, operator)
    d.fact(f.ReportMade(d.at, operator, document))
    print_document(d, document)
