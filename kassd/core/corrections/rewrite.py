"""A Vorgang that repeats an old receipt's lines: reversed for a cancellation, as they were for the receipt
that replaces it.

Its payments come first, with its opening, so that the cash is right from the first line on. A journal line
has 64 KiB; what of a long receipt does not fit is looked up again (``receipt.recall``) and follows in the
next lines, also after a power cut. Until it is complete nothing is numbered or printed.
"""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import NotRequired, TypedDict

from kassd.core import facts as f
from kassd.core.cards.data import CardData
from kassd.core.cards.words import reversal_of
from kassd.core.cash.accounts import require_cash
from kassd.core.codec import encode
from kassd.core.corrections.found import Recalled
from kassd.core.decision import Draft
from kassd.core.entry import Line, Origin, Payment, standing_charges, units_of
from kassd.core.former import with_keys_then
from kassd.core.inputs import ReceiptRecalled
from kassd.core.state import State
from kassd.deferred import replace

ROOM = 26_000  # bytes of repeated lines in one journal line


def repeated(state: State, line: Line, receipt: str, sign: int) -> Line:
    """``line`` as it stands in a cancellation (``sign`` -1) or in the receipt that replaces it."""
    line = with_keys_then(state, line)
    return replace(
        line,
        quantity=sign * line.quantity,
        amount=sign * line.amount,
        shares=tuple(replace(share, amount=sign * share.amount) for share in line.shares),
        origin=Origin(receipt, line.n) if sign < 0 else line.origin,
    )


def reversed_payments(
    payments: Iterable[Payment], *, undone: bool = False, back: Iterable[CardData] = ()
) -> tuple[Payment, ...]:
    """The money goes back the way it came. ``undone``: what stands of it was reversed at the terminals, who
    said ``back`` of it, one after another; without it they know nothing of this. A number that stays is the
    payment's, and the slip says so."""
    payments, said = tuple(payments), iter(back)
    standing = standing_charges(payments) if undone else []
    return tuple(
        replace(
            payment,
            amount=-payment.amount,
            foreign=-payment.foreign,
            given=None,
            change=0,
            **_numbers(payment, next(said, None))
            if any(payment is one for one in standing)
            else _as_paid(payment),
        )
        for payment in payments
    )


class _Told(TypedDict):
    reference: str
    card: NotRequired[CardData]


def _numbers(payment: Payment, back: CardData | None) -> _Told:
    told: _Told = {"reference": reversal_of(payment.reference, back)}
    return {**told, "card": back} if back is not None and back.reference else told


def _as_paid(payment: Payment) -> _Told:
    return {"reference": f"ursprünglich {payment.reference}" if payment.reference else ""}


def require_stock(d: Draft, payments: Iterable[Payment]) -> None:
    """Each drawer and purse must have what these payments take out of it, in each currency."""
    stock: dict[tuple[str, str], int] = {}
    for payment in payments:
        if payment.type == "Bar":
            key = payment.drawer, payment.currency
            stock[key] = stock.get(key, 0) + units_of(payment)
    for (account, currency), units in stock.items():
        if units < 0:
            require_cash(d, account, -units, currency)


def book(d: Draft, *payments: tuple[str, Payment]) -> None:
    """The money of Vorgänge: (id, payment)."""
    for sale, payment in payments:
        d.fact(payment_fact(d, sale, payment, d.state.sales[sale].operator))


def payment_fact(d: Draft, sale: str, payment: Payment, operator: str) -> f.PaymentAdded:
    """``payment`` is taken for a Vorgang now."""
    values = {field.name: getattr(payment, field.name) for field in fields(Payment)}
    return f.PaymentAdded(**values, sale=sale, at=d.at, operator=operator)


def fill(d: Draft, sale_id: str, receipt: Recalled, sign: int) -> None:
    """Repeat the lines that ``sale_id`` still lacks, as many as the journal line takes; complete, it is
    paid."""
    number, wanted = str(receipt.sale.number), receipt.sale.lines
    done = len(d.state.sales[sale_id].lines)
    room = ROOM - sum(_weight(fact) for fact in d.facts if isinstance(fact, f.LineAdded))
    for line in wanted[done:]:
        again = repeated(d.state, line, number, sign)
        values = {field.name: getattr(again, field.name) for field in fields(Line)}
        operator = d.state.sales[sale_id].operator
        fact = f.LineAdded(**values, sale=sale_id, at=d.at, operator=operator)
        room -= _weight(fact)
        if room < 0 and any(isinstance(other, f.LineAdded) for other in d.facts):
            break
        d.fact(fact)
        done += 1
    if done == len(wanted):
        d.fact(f.SalePaid(sale_id, d.at))
        return
    if sale_id not in d.state.corrections.plans:
        d.fact(f.RewritePlanned(sale_id, number, sign))
    d.ask("receipt.recall", sale=sale_id, receipt=number)


def _weight(fact: f.LineAdded) -> int:
    return len(json.dumps(encode(fact), ensure_ascii=False).encode())


def on_recalled(d: Draft, recalled: ReceiptRecalled) -> None:
    """More of a long receipt can be repeated."""
    plan, sale = d.state.corrections.plans.get(recalled.sale), d.state.sales.get(recalled.sale)
    if plan is not None and sale is not None and len(sale.lines) < len(recalled.receipt.sale.lines):
        fill(d, sale.id, recalled.receipt, plan.sign)


def resume(d: Draft) -> None:
    """After a start: ask again for what unfinished Vorgänge lack."""
    for sale, plan in d.state.corrections.plans.items():
        if len(d.state.sales[sale].lines) == 0 or d.state.sales[sale].status in ("open", "paying"):
            d.ask("receipt.recall", sale=sale, receipt=plan.receipt)
