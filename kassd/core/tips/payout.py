"""Tips leave the till: a cash movement of GV_TYP TrinkgeldAN, without which the drawer is short (L-118)."""

from kassd.core.cash.accounts import account_of, expected_after, require_cash
from kassd.core.cash.movements import book
from kassd.core.cash.state import Movement
from kassd.core.decision import Draft, Rejected, one_line
from kassd.core.perform import Answer, performs
from kassd.core.printing import kick_drawer
from kassd.core.selling import require_open_till
from kassd.core.till import change_rates
from kassd.core.tips.args import TipBalance, TipPayout
from kassd.core.tips.giving import MAX_NAME
from kassd.core.tips.ledger import STAFF, kept


@performs(TipPayout)
def _payout(d: Draft, station: str, args: TipPayout) -> Answer:
    require_open_till(d.state)
    change_rates(d, station)
    acting = d.operator(station)
    whose = one_line(args.operator, "operator", MAX_NAME) or acting[:MAX_NAME]
    held = kept(d.state, whose)
    amount = held if args.amount is None else args.amount
    if amount > held or held <= 0:
        raise Rejected("tips_too_low", {"kept": held})
    if amount <= 0:
        raise Rejected("amount_invalid")
    account = account_of(d.state, station, acting)
    require_cash(d, account, amount)
    reason = one_line(args.reason, "reason") or "Auszahlung Trinkgeld"
    kick_drawer(d, station, "command")
    book(d, station, acting, Movement(STAFF, -amount, reason, account, whose, whose))
    return "accepted", {"paid": amount, "kept": held - amount, **expected_after(d.state)}


@performs(TipBalance)
def _balance(d: Draft, station: str, args: TipBalance) -> Answer:
    names = [args.operator] if args.operator else sorted(d.state.tips)
    return "ok", {"tips": [{"operator": name, "kept": kept(d.state, name)} for name in names]}
