"""A finished receipt is cancelled, or written again because it was paid otherwise (FISCAL 11, § 1.6).

The cancellation is a Beleg of its own with every sign reversed, a row of Bon_Referenzen and its own
transaction; BON_STORNO stays 0. The original is never touched.
"""

from collections.abc import Iterable

from kassd.core import facts as f
from kassd.core.cards.charging import reverse, undone_by_hand
from kassd.core.cards.inputs import CardReceiptFound
from kassd.core.cards.state import Reversed
from kassd.core.cash.accounts import account_of
from kassd.core.corrections.args import ReceiptCancel, ReceiptCorrectPayment
from kassd.core.corrections.fold import CANCELLED
from kassd.core.corrections.found import Recalled
from kassd.core.corrections.old import reference_to, whole_receipt
from kassd.core.corrections.rewrite import book, fill, require_stock, reversed_payments
from kassd.core.credit.common import require_reversible
from kassd.core.decision import Draft, Rejected, one_line, reason_of, shown
from kassd.core.entry import NO_SUPPLY, Payment, Reference, money_of, standing_charges
from kassd.core.paying import standing_cards
from kassd.core.perform import Answer, performs
from kassd.core.printing import kick_drawer
from kassd.core.selling import require_open_till
from kassd.core.signing import ask_start
from kassd.core.slips import supplied_on
from kassd.core.state import Sale
from kassd.core.tender.cash_limit import check_taken
from kassd.core.tender.means import means_of
from kassd.core.till import change_rates
from kassd.core.vouchers.ledger import available, sums_of
from kassd.deferred import replace

OTHER_TENDER = "Zahlungsart berichtigt"
NOT_ANOTHER = "(Das Kartenterminal hat kassiert: den Beleg stornieren und neu kassieren.)"


@performs(ReceiptCancel)
def cancel(d: Draft, station: str, args: ReceiptCancel) -> Answer:
    """Reverse a receipt of any age, once."""
    require_open_till(d.state)
    receipt, reason = whole_receipt(d), reason_of(args.reason)
    number = str(receipt.sale.number)
    asked = d.state.cards.reversed.get(number)
    payments = _given_back(d, receipt.sale, asked)
    if receipt.sale.kind != "cash":  # paid out by who cancels; a movement is undone where it was booked
        account = account_of(d.state, station, d.operator(station))
        payments = tuple(replace(p, drawer=account) if p.type == "Bar" else p for p in payments)
    require_stock(d, payments)
    _require_vouchers(d, receipt.sale)
    require_reversible(d, receipt.sale.lines)
    money = money_of(payments)
    _require_no_reversal(d, number)
    if money["card"] and not args.card_reversed and asked is None:
        charged = standing_cards(receipt.sale)
        if sum(one.amount for one in charged) != -money["card"]:
            raise Rejected("card_not_reversed", money)
        charge = reverse(d, station, charged, then="cancel", receipt=number, reason=reason)
        return "accepted", {"charge": charge.id, **money}
    change_rates(d, station)
    sale = _begin(d, station, receipt, "cancel", reason)
    book(d, *((sale, payment) for payment in payments))
    if any(money["currencies"].values()):
        kick_drawer(d, station, "sale")
    fill(d, sale, receipt, -1)
    if asked is not None:
        d.fact(f.CardReversedUsed(number, d.at))
    else:
        undone_by_hand(d, station, receipt.sale.payments, receipt.sale.id, number, reason)
    return "accepted", {"sale": sale, **money}


def _given_back(d: Draft, sale: Sale, asked: Reversed | None) -> tuple[Payment, ...]:
    """Payments with the terminals' numbers of their reversal, as far as they have told them."""
    back = asked.back if asked is not None else ()
    return reversed_payments(sale.payments, undone=not _is_denied(d, sale), back=back)


def _is_denied(d: Draft, sale: Sale) -> bool:
    """Whether somebody said that it was paid and the terminal knows nothing of it."""
    return any(stray.paid and stray.charge.sale == sale.id for stray in d.state.cards.strays.values())


def _told_by_terminals(payments: Iterable[Payment]) -> tuple[Payment, ...]:
    """What terminals have charged and named: it can be called another card, and nothing else."""
    return tuple(one for one in standing_charges(payments) if one.card and one.card.reference)


def _require_no_reversal(d: Draft, receipt: str) -> None:
    """What a terminal is giving back is not given back twice."""
    for charge in d.state.cards.charges.values():
        if charge.receipt == receipt:
            raise Rejected("payment_unknown" if charge.in_doubt else "terminal_busy", {"charge": charge.id})


def on_reversed(d: Draft, input: CardReceiptFound) -> None:
    """The terminals have given back what an old receipt was paid with: now it is cancelled. If that cannot
    be just now, the alert says so, and whoever cancels it later is not asked for the card again."""
    asked = d.state.cards.reversed.get(input.receipt)
    if asked is None:
        return
    d.found, d.actor = input.found, asked.operator
    try:
        cancel(d, asked.station, ReceiptCancel(receipt=input.receipt, reason=asked.reason))
    except Rejected as rejection:
        said = rejection.reply("", 0)
        d.fact(f.MessageShown(asked.station, f"{said.message} {said.next}".strip()))


def resume(d: Draft) -> None:
    """After a start: cancel what was given back."""
    for receipt in d.state.cards.reversed:
        d.ask("card.recall", receipt=receipt)


@performs(ReceiptCorrectPayment)
def correct_payment(d: Draft, station: str, args: ReceiptCorrectPayment) -> Answer:
    """Cancellation and new receipt in one journal line; the drawer stays shut, nobody hands money over."""
    require_open_till(d.state)
    receipt, reason = whole_receipt(d), one_line(args.reason, "reason") or OTHER_TENDER
    means = means_of(d.state.config, args.type, one_line(args.brand, "brand", 30))
    if means is None:
        raise Rejected("payment_type_unknown", detail=f"({shown(args.type)})")
    old = receipt.sale.payments
    if receipt.sale.kind == "cash" or not old:
        raise Rejected("nothing_due")
    if all((payment.type, payment.name) == (means.type, means.name) for payment in old):
        raise Rejected("payment_same")
    back = reversed_payments(old)
    amount = sum(payment.amount for payment in old)
    charged = () if _is_denied(d, receipt.sale) else _told_by_terminals(old)
    if charged and args.type != "card":
        raise Rejected("card_not_reversed", money_of(back), NOT_ANOTHER)
    new = [replace(one, type=means.type, name=means.name) for one in charged]
    if rest := amount - sum(one.amount for one in charged):
        drawer = _drawer(d, receipt.sale)
        new.append(Payment(type=means.type, name=means.name, amount=rest, drawer=drawer))
    require_stock(d, (*back, *new))
    change_rates(d, station)
    first = _begin(d, station, receipt, "cancel", reason)  # ends first: what it undoes is done again after it
    second = _begin(d, station, receipt, "replace", reason)
    if means.type == "Bar" and not receipt.sale.identified:
        check_taken(d, d.state.sales[second], amount, args.identified)
    money = [*((first, payment) for payment in back), *((second, payment) for payment in new)]
    book(
        d, *sorted(money, key=lambda one: -one[1].amount)
    )  # in before out: no stock is below zero in between
    fill(d, first, receipt, -1)
    fill(d, second, receipt, 1)
    if second in d.state.corrections.plans and _returns(receipt.sale):
        raise Rejected("not_cancellable")  # meanwhile it would not be known what is back
    return "accepted", {"cancellation": first, "sale": second}


def _drawer(d: Draft, old: Sale) -> str:
    """The drawer or purse a receipt's cash is in, or would be: a receipt that replaces another keeps it."""
    if any(one.how == "replace" for one in old.corrects):
        return old.payments[0].drawer
    cash = (payment.drawer for payment in old.payments if payment.type == "Bar")
    return next(cash, account_of(d.state, old.station, old.operator))


def _returns(sale: Sale) -> list[str]:
    """Receipts of which a sale takes goods back."""
    return [one.receipt for one in dict.fromkeys(sale.corrects) if one.how == "return"]


def _require_vouchers(d: Draft, sale: Sale) -> None:
    """A voucher that was sold can be taken back as long as it is not used up."""
    for number, amount in sums_of(sale.lines).items():
        voucher = d.state.vouchers.get(number)
        if voucher is None:
            raise Rejected("voucher_unknown")
        if available(d.state, voucher) < amount:
            raise Rejected("voucher_used")


def _service_then(receipt: Recalled, at: str) -> str:
    """What the receipt said of the day of its supply, as a slip of today must say it."""
    document, sale = receipt.document, receipt.sale
    supplied = sale.kind != "cash" and any(line.case not in NO_SUPPLY for line in sale.lines)
    if document.service or not supplied or document.issued_at[:10] == at[:10]:
        return document.service
    return supplied_on(document.issued_at)


def _begin(d: Draft, station: str, receipt: Recalled, how: str, reason: str) -> str:
    """Open one of the Vorgänge that correct ``receipt`` and ask the TSE to start it; gives its id."""
    old, sale, operator = receipt.sale, d.new_sale_id(), d.operator(station)
    reference = reference_to(d, receipt)
    opening = f.SaleOpened(
        sale,
        "cash" if old.kind == "cash" else "other",
        station,
        operator,
        d.at,
        case=old.case,
        reason=reason,
        person=old.person,
        name=CANCELLED if how == "cancel" else "",
        references=(reference, *(r for r in old.references if how == "replace" and r.type != "Transaktion")),
        first_order_at=old.first_order_at if how == "replace" else "",
        note=old.note if how == "replace" else "",
        service=_service_then(receipt, d.at),
    )
    correction = f.ReceiptCorrected(
        sale, str(old.number), "cancel" if how == "cancel" else "replace", d.at, reference, reason, operator
    )
    d.fact(opening)
    d.fact(correction)
    if how == "replace":
        _carry_on(d, sale, receipt, reference)
    if old.customer is not None:
        d.fact(f.CustomerSet(sale, d.at, old.customer, operator))
    ask_start(d, sale)
    return sale


def _carry_on(d: Draft, sale: str, receipt: Recalled, own: Reference) -> None:
    """What the old receipt did to others the new one does: goods taken back, a paper slip captured."""
    old, operator = receipt.sale, d.state.sales[sale].operator
    for number in _returns(old):
        reference = next(r for r in old.references if (r.type, r.number) == ("Transaktion", number))
        if not reference.closing:  # both were of one period
            reference = replace(reference, closing=own.closing, closed_at=own.closed_at)
        d.fact(f.ReceiptCorrected(sale, number, "return", d.at, reference, old.reason, operator))
    if old.slip:
        d.fact(f.PaperCaptured(sale, old.slip, old.written_at, d.at, operator))
