"""Cash movements: each a signed Kassenbeleg of its own, with an Eigenbeleg to be signed by hand.

A transfer between own accounts is one Vorgang with two lines of Geldtransit: nothing enters or leaves the
register, so its sums are 0.00, and no power cut can leave half of it.
"""

from kassd.core import facts as f
from kassd.core.cash.accounts import (
    drawer_account,
    expected_after,
    named,
    require_cash,
    value_of,
)
from kassd.core.cash.args import CashIn, CashOut, CashTransfer
from kassd.core.cash.booking import begin
from kassd.core.cash.state import EUR, Movement
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of, shown
from kassd.core.perform import Answer, performs
from kassd.core.printing import kick_drawer
from kassd.core.till import change_rates
from kassd.deferred import replace

MAX_CASH = 99_999_999
MAX_PERSON, MAX_VOUCHER = 50, 40
# kind of cash.in and cash.out → (GV_TYP, GV_NAME)
IN = {
    "transit": ("Geldtransit", ""),
    "change": ("Geldtransit", "Wechselgeld"),
    "private": ("Privateinlage", ""),
    "deposit": ("Einzahlung", ""),
}
OUT = {
    "transit": ("Geldtransit", ""),
    "change": ("Geldtransit", "Wechselgeld"),
    "private": ("Privatentnahme", ""),
    "wages": ("Lohnzahlung", ""),
    "expense": ("Auszahlung", ""),
}


@performs(CashOut)
@performs(CashIn)
def move_cash(d: Draft, station: str, args: CashIn | CashOut) -> Answer:
    """Cash into or out of an account, with reason and person."""
    _require_open(d, station)
    if not 0 < args.amount <= MAX_CASH:
        raise Rejected("amount_invalid")
    person = one_line(args.person, "person", MAX_PERSON)
    if args.kind == "wages" and not person:
        raise Rejected("person_required")
    operator = d.operator(station)
    account = drawer_account(d.state.config, station) if args.drawer is None else named(d.state, args.drawer)
    out = isinstance(args, CashOut)
    case, name = (OUT if out else IN)[args.kind]
    currency = args.currency if isinstance(args, CashOut) else EUR
    if currency != EUR and args.kind != "transit":
        german = "(Fremdwährung geht nur als Geldtransit zur Bank.)"
        raise bad_args("currency: expected only with kind transit", german)
    amount = args.amount
    if out:
        require_cash(d, account, amount, currency)
        amount = -(value_of(d.state, account, currency, amount) or 0)  # there is some, or it was refused
    movement = Movement(
        case=case,
        amount=amount,
        reason=reason_of(args.reason),
        account=account,
        name=name if currency == EUR else shown(currency),
        person=person or operator,
        currency=currency,
        foreign=0 if currency == EUR else -args.amount,
        voucher=one_line(args.voucher, "voucher", MAX_VOUCHER),
    )
    kick_drawer(d, station, "command")
    book(d, station, operator, movement)
    return "accepted", expected_after(d.state)


@performs(CashTransfer)
def transfer(d: Draft, station: str, args: CashTransfer) -> Answer:
    """Cash from one own account to another."""
    _require_open(d, station)
    if not 0 < args.amount <= MAX_CASH:
        raise Rejected("amount_invalid")
    config, operator = d.state.config, d.operator(station)
    source = drawer_account(config, station) if args.drawer is None else named(d.state, args.drawer)
    target = named(d.state, args.to)
    if source == target:
        german = "(Quelle und Ziel sind dieselbe Kasse.)"
        raise bad_args("to: expected another drawer or purse", german)
    require_cash(d, source, args.amount)
    movement = Movement(
        case="Geldtransit",
        amount=-args.amount,
        reason=one_line(args.reason, "reason") or "Umbuchung zwischen eigenen Kassen",
        account=source,
        name="Umbuchung",
        person=one_line(args.person, "person", MAX_PERSON) or operator,
        to=target,
    )
    kick_drawer(d, station, "command")
    book(d, station, operator, movement)
    return "accepted", expected_after(d.state)


def _require_open(d: Draft, station: str) -> None:
    """Cash moves while the till is open, of a new tax rate's period too."""
    if not d.state.till.open:
        raise Rejected("till_closed")
    procedure = d.state.till.procedure
    if procedure is not None and procedure.kind == "close":
        raise Rejected("till_closing")
    change_rates(d, station)


def book(d: Draft, station: str, operator: str, movement: Movement) -> None:
    """Book a movement now, or after the float that is still being booked."""
    procedure = d.state.till.procedure
    if procedure is None:
        begin(d, station, operator, movement)
    else:
        queued = replace(movement, station=station, operator=operator)
        d.fact(f.MovementsPlanned((*procedure.movements, queued)))
