"""Payments: cash with change, card on a separate terminal, several of them for one sale."""

from kassd.core import facts as f
from kassd.core.commands import SalePay
from kassd.core.decision import Draft, Rejected, bad_args
from kassd.core.printing import kick_drawer
from kassd.core.selling import current, require_open_till
from kassd.core.state import Sale

MAX_PAYMENTS = 20
MAX_GIVEN = 10_000_000
NAMES = {"cash": ("Bar", "Bar"), "card": ("Unbar", "Karte")}


def pay(d: Draft, station: str, args: SalePay) -> Sale:
    """Take a payment. The fact is durable before the drawer opens and before the TSE is asked to finish."""
    require_open_till(d.state)
    sale = current(d.state, station)
    if sale.due < 0:
        return _pay_out(d, station, sale, args)
    if sale.due == 0:
        return _end_free(d, sale, args)
    amount = sale.due if args.amount is None else args.amount
    if amount <= 0:
        raise Rejected("amount_invalid")
    if amount > sale.due:
        raise Rejected("amount_too_high", {"due": sale.due})
    change = 0
    if args.given is not None:
        if args.type != "cash":
            raise bad_args("given: expected only with type cash")
        amount, change = _given(amount, args)
    if len(sale.payments) >= MAX_PAYMENTS - 1 and amount < sale.due:
        raise Rejected("amount_invalid", {"due": sale.due}, "(zu viele Teilzahlungen: den Rest kassieren)")
    type_, name = NAMES[args.type]
    operator = d.operator(station)
    d.fact(
        f.PaymentAdded(
            sale=sale.id,
            at=d.at,
            type=type_,
            name=name,
            amount=amount,
            given=args.given,
            change=change,
            operator=operator,
        )
    )
    if args.type == "cash":
        kick_drawer(d, station, "sale")
    paid = d.state.sales[sale.id]
    if paid.due == 0:
        d.fact(f.SalePaid(sale.id, d.at))
    return paid


def _pay_out(d: Draft, station: str, sale: Sale, args: SalePay) -> Sale:
    """The customer gets money back (goods or packages returned): all of it, in one act."""
    if args.given is not None or args.amount not in (None, sale.due):
        raise Rejected("amount_invalid", {"due": sale.due})
    if args.type == "cash" and -sale.due > d.state.till.expected_cash:
        raise Rejected("cash_negative", {"expected": d.state.till.expected_cash})
    type_, name = NAMES[args.type]
    operator = d.operator(station)
    d.fact(f.PaymentAdded(sale=sale.id, at=d.at, type=type_, name=name, amount=sale.due, operator=operator))
    if args.type == "cash":
        kick_drawer(d, station, "sale")
    d.fact(f.SalePaid(sale.id, d.at))
    return d.state.sales[sale.id]


def _end_free(d: Draft, sale: Sale, args: SalePay) -> Sale:
    """A sale of 0.00 ends with a receipt and without a payment (L-079); all lines voided it is no sale."""
    if not sale.standing() or args.amount or args.given:
        raise Rejected("nothing_due")
    d.fact(f.SalePaid(sale.id, d.at))
    return d.state.sales[sale.id]


def _given(amount: int, args: SalePay) -> tuple[int, int]:
    """Booked amount and change; ``given`` below what is due is a part payment unless ``amount`` is named."""
    given = args.given or 0
    if not 0 < given <= MAX_GIVEN:
        raise Rejected("amount_invalid")
    if given < amount:
        if args.amount is not None:
            raise Rejected("given_too_low")
        return given, 0
    return amount, given - amount
