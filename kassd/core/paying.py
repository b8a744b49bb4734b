"""Payments: cash with change, cash of other currencies, cards, cheques and configured tenders, mixed.

Redeeming a voucher and selling on account are no payments but lines of the sale; their rooms decide them.
"""

from typing import Literal, Unpack

from kassd.core import facts as f
from kassd.core.cards.charging import charge, has_terminal, reverse, terminal_at, undone_by_hand
from kassd.core.cards.data import CardData
from kassd.core.cards.words import reversal_of
from kassd.core.cash.accounts import account_of, require_cash
from kassd.core.commands import SaleAbort, SalePay
from kassd.core.credit.receivables import on_account
from kassd.core.decision import Draft, Rejected, bad_args, one_line, shown
from kassd.core.entry import PaymentFields, money_of, standing_charges
from kassd.core.goods.age import require_age
from kassd.core.printing import kick_drawer
from kassd.core.reductions.settling import settle_reductions
from kassd.core.selling import current, require_open_till
from kassd.core.state import Sale
from kassd.core.tender.cash_limit import check_cash
from kassd.core.tender.means import Means, in_euro, means_of, rate_of
from kassd.core.tender.rounding import round_cash
from kassd.core.tips.giving import settle_tips, tip_of_payment
from kassd.core.transfers.asking import GIROCODE, ask_transfer, drop_transfer, means_of_transfer
from kassd.core.transfers.state import Transfer
from kassd.core.vouchers.redeem import redeem

MAX_PAYMENTS = 20
MAX_GIVEN = 10_000_000
MAX_REFERENCE = 50


def pay(d: Draft, station: str, args: SalePay) -> Sale:
    """Take a payment. The fact is durable before the drawer opens and before the TSE is asked to finish."""
    require_open_till(d.state)
    drop_transfer(d, station)
    sale = settle_reductions(d, current(d.state, station))  # a bill of parts may have brought too much
    sale = settle_tips(d, sale)
    require_age(d, sale)
    if args.type in ("voucher", "account"):
        return _settle(d, sale, args)
    if args.code or args.customer:
        raise bad_args("code, customer: expected only with type voucher and account")
    if args.type == GIROCODE:
        return _transfer(d, sale, args)
    means = _means(d, args)
    sale = tip_of_payment(d, sale, args)
    if sale.due < 0:
        return _pay_out(d, sale, args, means)
    if sale.due == 0:
        return _end_free(d, sale, args)
    if args.type == "cash" and args.currency == "EUR" and args.amount is None:
        sale = round_cash(d, sale, args.given)
        if sale.due == 0:
            return end_if_paid(d, sale)
    amount = sale.due if args.amount is None else args.amount
    if amount <= 0:
        raise Rejected("amount_invalid")
    if amount > sale.due:
        raise Rejected("amount_too_high", {"due": sale.due})
    if args.currency != "EUR":
        return _pay_foreign(d, sale, args, amount)
    change = 0
    if args.given is not None:
        if args.type != "cash":
            raise bad_args("given: expected only with type cash")
        amount, change = _given(amount, args, args.given)
    if _through_terminal(d, sale, args):
        return _charge(d, sale, amount)
    return _take(
        d,
        sale,
        means,
        amount=amount,
        given=args.given,
        change=change,
        reference=one_line(args.reference, "reference", MAX_REFERENCE),
    )


def _transfer(d: Draft, sale: Sale, args: SalePay) -> Sale:
    """A code is shown, and nothing is booked before somebody says that it is paid. In training nobody may
    send money: it is taken as paid at once."""
    if args.given is not None or args.currency != "EUR" or args.tip is not None or args.brand:
        raise bad_args("given, currency, tip, brand: not with type girocode")
    amount = sale.due if args.amount is None else args.amount
    if amount > max(sale.due, 0):
        raise Rejected("amount_too_high", {"due": sale.due})
    _require_countable(sale, amount)
    if sale.bon_type != "AVTraining":
        return ask_transfer(d, sale, amount)
    if amount <= 0:
        raise Rejected("amount_invalid")
    return _take(d, sale, means_of_transfer("accepted"), amount=amount)


def book_transfer(d: Draft, sale: Sale, result: Literal["received", "accepted"], transfer: Transfer) -> None:
    """Somebody says that the transfer is paid; it ends the sale if nothing else is due."""
    told = transfer.reference[:MAX_REFERENCE]
    _book(d, sale, means_of_transfer(result), amount=transfer.amount, reference=told)
    end_if_paid(d, d.state.sales[sale.id])


def _settle(d: Draft, sale: Sale, args: SalePay) -> Sale:
    """What is due is settled by a line instead of money."""
    if args.given is not None:
        raise bad_args("given: expected only with type cash")
    if sale.due <= 0:
        raise Rejected("nothing_due")
    if args.type == "voucher":
        redeem(d, sale, args.code, args.amount)
    else:
        on_account(d, sale, args.customer, args.amount)
    return end_if_paid(d, d.state.sales[sale.id])


def _means(d: Draft, args: SalePay) -> Means:
    means = means_of(d.state.config, args.type, one_line(args.brand, "brand", 30))
    if means is None:
        raise Rejected("payment_type_unknown", detail=f"({shown(args.type)})")
    if args.brand and args.type != "card":
        raise bad_args("brand: expected only with type card")
    if args.currency != "EUR" and args.type != "cash":
        raise bad_args("currency: expected only with type cash")
    if args.type == "cheque" and not args.reference.strip():
        raise bad_args("reference: expected the cheque's number", "(Die Nummer des Schecks fehlt.)")
    return means


def _through_terminal(d: Draft, sale: Sale, args: SalePay) -> bool:
    """Whether a terminal of the station charges the card; in training it stays closed (FISCAL 12)."""
    wanted = args.type == "card" and not args.manual and sale.bon_type != "AVTraining"
    return wanted and has_terminal(d.state, sale.station)


def _charge(d: Draft, sale: Sale, amount: int) -> Sale:
    """The terminal is asked; the payment follows when it says so. ``amount`` below 0 goes to the card."""
    _require_countable(sale, amount)
    operation: Literal["payment", "refund"] = "payment" if amount > 0 else "refund"
    charge(d, terminal_at(d, sale.station), operation, abs(amount), sale.station, sale=sale)
    return d.state.sales[sale.id]


def book_card(d: Draft, sale: Sale, means: Means, amount: int, data: CardData, reference: str) -> None:
    """What a terminal has moved; a reversal has the name of what it undoes."""
    _book(d, sale, means, amount=amount, reference=reference, card=data)


def _require_countable(sale: Sale, amount: int) -> None:
    if len(sale.payments) >= MAX_PAYMENTS - 1 and amount < sale.due:
        raise Rejected("amount_invalid", {"due": sale.due}, "(zu viele Teilzahlungen: den Rest kassieren)")


def _take(d: Draft, sale: Sale, means: Means, **fields: Unpack[PaymentFields]) -> Sale:
    """Book a payment; the last one ends the sale."""
    amount = fields["amount"]
    _require_countable(sale, amount)
    if means.type == "Bar":
        check_cash(d, sale, amount)
    _book(d, sale, means, **fields)
    return end_if_paid(d, sale, drawer=means.drawer)


def _book(d: Draft, sale: Sale, means: Means, **fields: Unpack[PaymentFields]) -> None:
    operator = d.operator(sale.station)
    if means.type == "Bar":
        fields.setdefault("drawer", _account(d, sale))
    d.fact(
        f.PaymentAdded(sale=sale.id, at=d.at, type=means.type, name=means.name, operator=operator, **fields)
    )


def _account(d: Draft, sale: Sale) -> str:
    """The drawer or purse of who takes the payment."""
    return account_of(d.state, sale.station, d.operator(sale.station))


def end_if_paid(d: Draft, sale: Sale, *, drawer: bool = False) -> Sale:
    """Open the drawer for what goes into it, and end the sale once nothing is due."""
    if drawer:
        kick_drawer(d, sale.station, "sale")
    paid = d.state.sales[sale.id]
    if paid.due == 0:
        d.fact(f.SalePaid(sale.id, d.at))
    return paid


def _pay_foreign(d: Draft, sale: Sale, args: SalePay, amount: int) -> Sale:
    """Notes of another currency at the configured rate; the change is a payment of its own, in euro."""
    rate = rate_of(d.state.config, args.currency)
    if rate is None:
        raise Rejected("currency_unknown", detail=f"({shown(args.currency)})")
    if args.given is None:
        raise bad_args("given: expected with a currency, in hundredths", "(Der gegebene Betrag fehlt.)")
    if not 0 < args.given <= MAX_GIVEN:
        raise Rejected("amount_invalid")
    worth = in_euro(args.given, rate)
    _, change = _given(amount, args, worth)
    require_cash(d, _account(d, sale), change)
    check_cash(d, sale, worth - change)
    cash = Means("Bar", "Bar", drawer=True)
    left = sale.due - worth + change
    if len(sale.payments) >= MAX_PAYMENTS - 2 and left:
        raise Rejected("amount_invalid", {"due": sale.due}, "(zu viele Teilzahlungen: den Rest kassieren)")
    _book(
        d, sale, cash, amount=worth, given=args.given, currency=args.currency, foreign=args.given, rate=rate
    )
    if change:
        _book(d, sale, cash, amount=-change, change=change)
    return end_if_paid(d, sale, drawer=True)


def _pay_out(d: Draft, sale: Sale, args: SalePay, means: Means) -> Sale:
    """The customer gets money back (goods or packages returned): all of it, in one act."""
    if args.given is not None or args.amount not in (None, sale.due) or args.currency != "EUR":
        raise Rejected("amount_invalid", {"due": sale.due})
    if args.type == "cash" and args.amount is None:
        sale = round_cash(d, sale, None)
        if sale.due == 0:
            return end_if_paid(d, sale)
    if _through_terminal(d, sale, args):
        return _charge(d, sale, sale.due)
    if means.type == "Bar":
        require_cash(d, _account(d, sale), -sale.due)
        check_cash(d, sale, sale.due)
    _book(d, sale, means, amount=sale.due, reference=one_line(args.reference, "reference", MAX_REFERENCE))
    return end_if_paid(d, sale, drawer=means.drawer)


def _end_free(d: Draft, sale: Sale, args: SalePay) -> Sale:
    """A sale of 0.00 ends with a receipt and without a payment (L-079); all lines voided it is no sale."""
    if not sale.standing() or args.amount or args.given:
        raise Rejected("nothing_due")
    d.fact(f.SalePaid(sale.id, d.at))
    return d.state.sales[sale.id]


def _given(amount: int, args: SalePay, given: int) -> tuple[int, int]:
    """Booked amount and change; ``given`` below what is due is a part payment unless ``amount`` is named."""
    if not 0 < given <= MAX_GIVEN:
        raise Rejected("amount_invalid")
    if given < amount:
        if args.amount is not None:
            raise Rejected("given_too_low")
        return given, 0
    return amount, given - amount


def abort(d: Draft, station: str, args: SaleAbort) -> Sale:
    """End the current sale as AVBelegabbruch; money taken must be given back first (FISCAL 10). What a
    terminal took is reversed there; the sale ends when that is done."""
    drop_transfer(d, station)
    sale = current(d.state, station)
    money, charged = money_of(sale.payments), standing_cards(sale)
    at_terminal = sum(card.amount for card in charged) == money["card"] and not args.card_reversed
    card_back = args.card_reversed or at_terminal or not money["card"]
    if money["cash"] != (args.cash_returned or 0) or not card_back:
        raise Rejected("sale_part_paid", money)
    if charged and at_terminal:
        reverse(d, station, charged, sale=sale, then="abort")
    else:
        undone_by_hand(d, station, sale.payments, sale=sale.id)
        for taken in standing_charges(sale.payments):
            told = reversal_of(taken.reference, None)
            means = Means(taken.type, taken.name)
            _book(d, sale, means, amount=-taken.amount, reference=told, card=taken.card)
        end_aborted(d, d.state.sales[sale.id])
    return d.state.sales[sale.id]


def standing_cards(sale: Sale) -> list[CardData]:
    """What of a sale terminals took and have not given back."""
    standing = standing_charges(sale.payments)
    return [one.card for one in standing if one.card is not None and one.amount > 0]


def end_aborted(d: Draft, sale: Sale) -> None:
    """The money is back, or goes back now: the sale ends."""
    _give_back(d, sale)
    d.fact(f.AbortAsked(sale.id, d.at, "operator", d.operator(sale.station)))


def _give_back(d: Draft, sale: Sale) -> None:
    """Every payment goes back as it came, each currency in its own, out of the drawer it went into."""
    sums: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for payment in sale.payments:
        key = payment.type, payment.name, payment.currency, payment.drawer
        amount, foreign = sums.get(key, (0, 0))
        sums[key] = amount + payment.amount, foreign + payment.foreign
    rates = {payment.currency: payment.rate for payment in sale.payments}
    for (kind, name, currency, drawer), (amount, foreign) in sums.items():
        if amount:
            if kind == "Bar":
                require_cash(d, drawer, amount if currency == "EUR" else foreign, currency)
            label = "Bar zurück" if kind == "Bar" else f"{name} storniert"
            back: PaymentFields = {"amount": -amount, "foreign": -foreign, "currency": currency}
            back |= {"rate": rates[currency], "drawer": drawer}
            _book(d, sale, Means(kind, label), **back)
    if any(kind == "Bar" for kind, *_ in sums):
        kick_drawer(d, sale.station, "sale")
