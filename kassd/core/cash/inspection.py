"""What should be in the drawers, and counting them at any time: Kassensturz and hand-over."""

from kassd.core.cash.accounts import drawer_account, expected_in, expected_json, is_blind, label, named
from kassd.core.cash.args import CashExpected, TillCount
from kassd.core.cash.counting import count_of, movement_of, require_rate
from kassd.core.cash.facts import CashCounted
from kassd.core.cash.movements import book
from kassd.core.cash.protocol import protocol
from kassd.core.decision import Draft, Rejected, one_line
from kassd.core.perform import Answer, performs
from kassd.core.printing import print_document
from kassd.core.till import change_rates

MAX_PERSON = 50


@performs(CashExpected)
def expected(d: Draft, station: str, args: CashExpected) -> Answer:
    """Soll-Bestand of every account, also of a closed till."""
    drawers = expected_json(d.state)
    return "ok", {"expected": d.state.till.expected_cash, "drawers": drawers}


@performs(TillCount)
def count_cash(d: Draft, station: str, args: TillCount) -> Answer:
    """Kassensturz or hand-over: record the count, book the difference if asked."""
    account = drawer_account(d.state.config, station) if args.drawer is None else named(d.state, args.drawer)
    count = count_of(d.state, account, args.currency, args.count)
    operator, reason = d.operator(station), one_line(args.reason, "reason")
    to = one_line(args.to, "to", MAX_PERSON)
    blind = is_blind(d.state.config) if args.blind is None else args.blind
    if is_blind(d.state.config) and not blind:
        d.require("report")
    booked = args.book and count.difference != 0
    if booked and not d.state.till.open:
        raise Rejected("till_closed")
    if booked and d.state.till.procedure is not None:
        raise Rejected("busy" if d.state.till.procedure.kind == "open" else "till_closing")
    if booked and not reason:
        result = {} if blind else expected_in(d.state, count.expected, counted=count.counted)
        raise Rejected("reason_required", result or None)
    if booked:
        require_rate(count)
        change_rates(d, station)
    document = protocol(d, station, count, to, reason, blind=blind, booked=booked)
    d.fact(CashCounted(d.at, station, operator, count, document, to, blind, booked, reason))
    print_document(d, document)
    if booked:
        book(d, station, operator, movement_of(count, reason, operator))
    told: dict[str, object] = {"drawer": label(d.state.config, account), "currency": count.currency}
    told["counted"] = count.counted
    if not blind:
        told |= {"expected": count.expected, "difference": count.difference}
    return "ok", told
