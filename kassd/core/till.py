"""Opening and closing the till (FISCAL 5, 8, 15), cash movements, X report.

Each cash movement is its own signed Vorgang. ``Procedure`` holds what an opening or closing still has to
book; :func:`settle_till` takes the next step whenever the state allows it, so that a restart in between
simply goes on.
"""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.archiving import ask_archive
from kassd.core.commands import CashIn, CashOut, TillClose, TillOpen
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.master import drawers_of
from kassd.core.printing import kick_drawer, print_document
from kassd.core.reports import report_document
from kassd.core.signing import ask_start, late_waits
from kassd.core.state import VAT, State
from kassd.core.vat import NOT_TAXABLE, rates_on

DENOMINATIONS = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
MAX_CASH = 99_999_999
MAX_PIECES = 100_000


def open_till(d: Draft, station: str, args: TillOpen) -> None:
    """Begin the business day with the counted float (FISCAL 8)."""
    if d.state.till.open:
        raise Rejected("till_open")
    if not 0 <= args.counted <= MAX_CASH:
        raise Rejected("amount_invalid")
    carried = d.state.till.carried
    if args.counted != carried and args.source is None:
        raise Rejected("float_differs", {"expected": carried, "counted": args.counted})
    differs = args.counted != carried
    reason = (reason_of if differs and args.source == "difference" else _reason)(args.reason)
    take_rates(d)
    d.fact(
        f.TillOpened(
            at=d.at,
            business_day=d.stamp.at.date().isoformat(),
            operator=d.operator(station),
            station=station,
            carried=carried,
            counted=args.counted,
            source=args.source or "",
            reason=reason,
        )
    )


def _reason(text: str) -> str:
    return one_line(text, "reason")


def close_till(d: Draft, station: str, args: TillClose) -> None:
    """Begin the closing: checks now, bookings and the closing itself as the TSE answers."""
    till = d.state.till
    if not till.open:
        raise Rejected("till_closed")
    if till.procedure is not None and till.procedure.kind == "close":
        raise Rejected("till_closing")
    if any(sale.status == "paying" for sale in d.state.sales.values()):
        raise Rejected("sale_part_paid")
    if till.procedure is not None:
        raise Rejected("busy")  # the float is still being booked
    counted = _counted(d.state, station, args)
    stock = till.cash if counted is None else counted
    reason = _reason(args.reason)
    if counted is not None and counted != till.cash and not reason:
        raise Rejected("reason_required", {"expected": till.cash, "counted": counted})
    skim = args.skim or 0
    if skim < 0:
        raise Rejected("amount_invalid")
    if skim > stock:
        raise Rejected("cash_negative", {"expected": stock})
    d.fact(
        f.ClosingBegan(
            at=d.at,
            operator=d.operator(station),
            station=station,
            count=args.count,
            counted=counted,
            skim=skim,
            reason=reason,
        )
    )


def _counted(state: State, station: str, args: TillClose) -> int | None:
    if args.count is None:
        if state.till.cash or drawers_of(state.config, station):
            raise Rejected("count_required", {"expected": state.till.cash})
        return None
    wrong = [c for c, pieces in args.count.items() if c not in DENOMINATIONS or not 0 <= pieces <= MAX_PIECES]
    if wrong:
        german = f"({wrong[0]} Cent: keine Stückelung, oder die Anzahl ist nicht möglich.)"
        raise bad_args(
            f"count.{wrong[0]}: expected a denomination in cents and 0 to {MAX_PIECES} pieces", german
        )
    counted = sum(cents * pieces for cents, pieces in args.count.items())
    if counted > MAX_CASH:
        raise Rejected("amount_invalid")
    return counted


def move_cash(d: Draft, station: str, args: CashIn) -> None:
    """Privateinlage, Privatentnahme or Geldtransit as a signed Vorgang of its own."""
    if not d.state.till.open:
        raise Rejected("till_closed")
    procedure = d.state.till.procedure
    if procedure is not None and procedure.kind == "close":
        raise Rejected("till_closing")
    if not 0 < args.amount <= MAX_CASH:
        raise Rejected("amount_invalid")
    reason = reason_of(args.reason)
    out = isinstance(args, CashOut)
    expected = d.state.till.expected_cash
    if out and args.amount > expected:
        raise Rejected("cash_negative", {"expected": expected})
    private = "Privatentnahme" if out else "Privateinlage"
    case = "Geldtransit" if args.kind == "transit" else private
    amount, operator = -args.amount if out else args.amount, d.operator(station)
    kick_drawer(d, station, "command")
    if procedure is None:
        begin_movement(d, station, operator, case, amount, reason)
    else:  # after the float, which is still being booked
        queued = (case, str(amount), reason, station, operator)
        d.fact(f.MovementsPlanned((*procedure.movements, queued)))


def begin_movement(d: Draft, station: str, operator: str, case: str, amount: int, reason: str) -> None:
    """Open, fill and pay the Vorgang of a cash movement; the TSE's answers end it."""
    sale = d.new_sale_id()
    d.fact(f.SaleOpened(sale, "cash", station, operator, d.at, case, reason, operator))
    d.fact(
        f.LineAdded(
            sale=sale,
            n=1,
            at=d.at,
            text=case,
            quantity=Decimal(1),
            unit_price=amount,
            amount=amount,
            vat=NOT_TAXABLE,
            rate=Decimal(0),
            case=case,
        )
    )
    if amount:
        d.fact(f.PaymentAdded(sale=sale, at=d.at, type="Bar", name="Bar", amount=amount))
    d.fact(f.SalePaid(sale, d.at))
    ask_start(d, sale)


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
    if any(sale.kind == "cash" for sale in d.state.sales.values()):
        return
    if procedure.movements:
        (case, amount, reason, *who), rest = procedure.movements[0], procedure.movements[1:]
        station, operator = who or (procedure.station, procedure.operator)
        d.fact(f.MovementsPlanned(rest))
        begin_movement(d, station, operator, case, int(amount), reason)
    elif procedure.kind == "open":
        d.fact(f.MovementsPlanned(()))
    elif not d.state.sales and not late_waits(d.state):
        _close(d)


def _drain(d: Draft) -> None:
    """End what is open; then plan DifferenzSollIst and skim."""
    for sale in tuple(d.state.sales.values()):
        if sale.status == "open":
            d.fact(f.AbortAsked(sale.id, d.at, "closing"))
    procedure, cash = d.state.till.procedure, d.state.till.cash
    if d.state.sales or procedure is None:
        return
    movements: list[tuple[str, ...]] = []
    if procedure.counted is not None and procedure.counted != cash:
        movements.append(("DifferenzSollIst", str(procedure.counted - cash), procedure.reason))
    if procedure.skim:
        movements.append(("Geldtransit", str(-procedure.skim), "Abschöpfung beim Abschluss"))
    d.fact(f.MovementsPlanned(tuple(movements)))


def _close(d: Draft) -> None:
    """The closing line; deferred master data come into force with it (L-011)."""
    state, procedure = d.state, d.state.till.procedure
    assert procedure is not None
    number = state.closing + 1
    title = f"Z-Bericht Nr. {number}"
    document = report_document(state, d.at, f"Z{number}", title, procedure.station, procedure.operator)
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
        )
    )
    for key, value in state.pending.items():
        d.fact(f.ConfigChanged(key, state.in_force(key), value, "kassd", "closing"))
    print_document(d, document)
    ask_archive(d)


def change_rates(d: Draft, station: str) -> None:
    """At a tax key's first day the first Vorgang is preceded by a closing without count (FISCAL 5)."""
    if not _rates_due(d):
        return
    if d.state.sales or d.state.till.procedure is not None or late_waits(d.state):
        raise Rejected("till_closing", detail="(Neue Steuersätze: erst die offenen Vorgänge beenden.)")
    operator, cash = d.operator(station), d.state.till.cash
    d.fact(f.ClosingBegan(d.at, operator, station, None, None, 0, "Steuersatzwechsel", True))
    d.fact(f.MovementsPlanned(()))
    _close(d)
    take_rates(d)
    day = d.stamp.at.date().isoformat()
    d.fact(f.TillOpened(d.at, day, operator, station, cash, cash, "", "Steuersatzwechsel"))


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
