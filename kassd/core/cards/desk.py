"""What people ask for about a card terminal, besides paying."""

from kassd.core.cards import inputs
from kassd.core.cards.answers import end
from kassd.core.cards.args import CardAbort, CardEndOfDay, CardRepeat, CardSettle
from kassd.core.cards.charging import charge, require_free, terminal_at
from kassd.core.cards.facts import CardStraySettled
from kassd.core.cards.state import Charge, charge_of
from kassd.core.cards.words import AGAIN
from kassd.core.decision import Draft, Rejected, reason_of
from kassd.core.master import items
from kassd.core.perform import Answer, performs


def _charge_at(d: Draft, station: str) -> Charge:
    """What a terminal does for the station: for its current sale, else for a receipt of before."""
    sale = d.state.current(station)
    found = charge_of(d.state.cards, sale.id) if sale is not None else None
    charges = d.state.cards.charges.values()
    found = found or next((one for one in charges if one.station == station and not one.sale), None)
    if found is None:
        raise Rejected("no_charge")
    return found


@performs(CardAbort)
def _abort(d: Draft, station: str, args: CardAbort) -> Answer:
    found = _charge_at(d, station)
    if found.in_doubt:
        raise Rejected("payment_unknown", {"charge": found.id})
    d.ask("card.abort", terminal=found.terminal, charge=found.id)
    return "accepted", {"charge": found.id}


@performs(CardSettle)
def _settle(d: Draft, station: str, args: CardSettle) -> Answer:
    strays = d.state.cards.strays
    named = args.charge or ("" if d.state.cards.charges else next(iter(strays), ""))
    if named in strays:
        d.fact(CardStraySettled(named, d.at, d.operator(station), reason_of(args.reason)))
        return "ok", {"charge": named}
    found = d.state.cards.charges.get(args.charge) if args.charge else _charge_at(d, station)
    if found is None:
        raise Rejected("no_charge")
    if not found.in_doubt:
        raise Rejected("charge_running", {"charge": found.id})
    reason, operator = reason_of(args.reason), d.operator(station)
    message = "" if args.paid else f"Als nicht gebucht bestätigt. Bitte {AGAIN[found.operation]}."
    outcome = inputs.CardOutcome(found.id, "done" if args.paid else "failed", "", message)
    end(d, found, outcome, "operator", operator, reason)
    return "ok", {"charge": found.id, "sale": found.sale, "paid": args.paid}


@performs(CardEndOfDay)
def _end_of_day(d: Draft, station: str, args: CardEndOfDay) -> Answer:
    name = args.terminal or terminal_at(d, station)
    if name not in items(d.state.config, "terminal"):
        raise Rejected("terminal_unknown")
    require_free(d, name)
    begun = charge(d, name, "end_of_day", 0, station)
    return "accepted", {"charge": begun.id}


@performs(CardRepeat)
def _repeat(d: Draft, station: str, args: CardRepeat) -> Answer:
    name = args.terminal or terminal_at(d, station)
    if name not in items(d.state.config, "terminal"):
        raise Rejected("terminal_unknown")
    require_free(d, name)
    procedure = d.state.till.procedure
    if procedure is not None and procedure.kind == "close":
        raise Rejected("till_closing")
    begun = charge(d, name, "repeat", 0, station)
    return "accepted", {"charge": begun.id}
