"""Cash movements: each a signed Kassenbeleg of its own, with an Eigenbeleg to be signed by hand.

A transfer between own accounts is one Vorgang with two lines of Geldtransit: nothing enters or leaves the
register, so its sums are 0.00, and no power cut can leave half of it.
"""

from dataclasses import replace
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.cash.accounts import (
    account_of,
    drawer_account,
    expected_after,
    label,
    named,
    require_cash,
    value_of,
)
from kassd.core.cash.args import CashIn, CashOut, CashTransfer
from kassd.core.cash.state import EUR, Movement
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of, shown
from kassd.core.entry import Reference
from kassd.core.money import euros
from kassd.core.perform import Answer, performs
from kassd.core.printing import kick_drawer
from kassd.core.signing import ask_start
from kassd.core.vat import NOT_TAXABLE

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
    _require_open(d)
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
    _require_open(d)
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


def _require_open(d: Draft) -> None:
    if not d.state.till.open:
        raise Rejected("till_closed")
    procedure = d.state.till.procedure
    if procedure is not None and procedure.kind == "close":
        raise Rejected("till_closing")


def book(d: Draft, station: str, operator: str, movement: Movement) -> None:
    """Book a movement now, or after the float that is still being booked."""
    procedure = d.state.till.procedure
    if procedure is None:
        begin(d, station, operator, movement)
    else:
        queued = replace(movement, station=station, operator=operator)
        d.fact(f.MovementsPlanned((*procedure.movements, queued)))


def begin_movement(
    d: Draft,
    station: str,
    operator: str,
    case: str,
    amount: int,
    reason: str,
    *,
    account: str | None = None,
    person: str = "",
    name: str = "",
    voucher: str = "",
) -> None:
    """Begin the Vorgang of a cash movement in euro; ``account`` None: that of operator or station.

    What takes cash out must have been checked by :func:`kassd.core.cash.accounts.require_cash`.
    """
    own = account_of(d.state, station, operator) if account is None else account
    begin(d, station, operator, Movement(case, amount, reason, own, name, person, voucher=voucher))


def begin(d: Draft, station: str, operator: str, movement: Movement) -> None:
    """Open, fill and pay the Vorgang; the TSE's answers end it."""
    m, sale = movement, d.new_sale_id()
    references = (Reference("ExterneSonstige", m.voucher, name="Fremdbeleg"),) if m.voucher else ()
    d.fact(
        f.SaleOpened(
            sale,
            "cash",
            station,
            operator,
            d.at,
            m.case,
            m.reason,
            m.person or operator,
            name=m.name,
            references=references,
        )
    )
    _line(d, sale, 1, m, m.amount, _text(d, m, m.account, "von"))
    if m.to is not None:
        _line(d, sale, 2, m, -m.amount, _text(d, m, m.to, "an"))
    legs = [(m.account, m.amount, m.foreign)] + ([(m.to, -m.amount, -m.foreign)] if m.to is not None else [])
    for account, amount, foreign in legs:
        if amount or foreign:
            d.fact(
                f.PaymentAdded(
                    sale=sale,
                    at=d.at,
                    type="Bar",
                    name="Bar",
                    amount=amount,
                    currency=m.currency,
                    foreign=foreign,
                    rate=None if m.currency == EUR else (Decimal(amount) / foreign).quantize(_RATE),
                    drawer=account,
                )
            )
    d.fact(f.SalePaid(sale, d.at))
    ask_start(d, sale)


_RATE = Decimal("0.000001")


def _text(d: Draft, movement: Movement, account: str, way: str) -> str:
    """The line's text: the case, and where there are several accounts or currencies, which one."""
    text = f"{movement.case} ({movement.name})" if movement.name else movement.case
    if movement.to is not None:
        return f"{movement.case} {way} {label(d.state.config, account)}: {euros(abs(movement.amount))} €"
    if movement.currency != EUR:
        text += f" {euros(movement.foreign)} {movement.currency}"
    return f"{text}, {account}" if account else text


def _line(d: Draft, sale: str, n: int, movement: Movement, amount: int, text: str) -> None:
    d.fact(
        f.LineAdded(
            sale=sale,
            n=n,
            at=d.at,
            text=text,
            quantity=Decimal(1),
            unit_price=amount,
            amount=amount,
            vat=NOT_TAXABLE,
            rate=Decimal(0),
            case=movement.case,
            name=movement.name,
        )
    )
