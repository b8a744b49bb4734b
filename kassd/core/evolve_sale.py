"""The fold of a Vorgang: lines, payments, its end."""

from dataclasses import fields
from operator import attrgetter
from typing import Any

from kassd.core import facts as f
from kassd.core.cards.state import taken_elsewhere, with_booked
from kassd.core.cash.fold import cash_moved
from kassd.core.corrections.fold import ended
from kassd.core.credit.ledger import settled_items
from kassd.core.entry import Line, Payment, counter_line
from kassd.core.evolve_till import count_sale
from kassd.core.facts import Fact
from kassd.core.fold import on, with_sale, with_station
from kassd.core.inputs import Stamp
from kassd.core.orders.state import after_bill
from kassd.core.reductions.counting import with_coupons
from kassd.core.state import SALE_TABLE, LateTransaction, Sale, SaleStatus, State
from kassd.core.tender.fold import with_linked_cash
from kassd.core.tips.ledger import with_tips
from kassd.core.totals import counted
from kassd.core.vouchers.ledger import booked
from kassd.deferred import replace

_line = attrgetter(*(item.name for item in fields(Line)))
_payment_of = attrgetter(*(item.name for item in fields(Payment)))


def _next(sale: Sale, fact: Fact) -> SaleStatus:
    return SALE_TABLE[sale.status, fact.kind]


def line_of(fact: f.LineAdded) -> Line:
    """The line as it was entered."""
    return Line(*_line(fact))


def payment_of(fact: f.PaymentAdded) -> Payment:
    """The payment as it was taken."""
    return Payment(*_payment_of(fact))


def opened_sale(fact: f.SaleOpened, mono: int) -> Sale:
    """The Vorgang as it begins."""
    return Sale(
        id=fact.sale,
        kind=fact.kind_of,
        station=fact.station,
        operator=fact.operator,
        opened_at=fact.at,
        case=fact.case,
        reason=fact.reason,
        person=fact.person,
        bon_type=fact.bon_type,
        name=fact.name,
        group=fact.group,
        references=fact.references,
        first_order_at=fact.first_order_at,
        note=fact.note,
        service=fact.service,
        touched=mono,
    )


@on(f.SaleOpened)
def _sale_opened(state: State, fact: f.SaleOpened, stamp: Stamp) -> State:
    here = state.station(fact.station)
    name = here.operator_name if here.operator == fact.operator else ""
    sale = replace(opened_sale(fact, stamp.mono), operator_name=name)
    state = replace(state, sales={**state.sales, sale.id: sale})
    return with_station(state, fact.station, current=sale.id, message="") if fact.kind_of == "sale" else state


@on(f.LineAdded)
def _line_added(state: State, fact: f.LineAdded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    line = line_of(fact)
    state = with_sale(
        state, sale, lines=(*sale.lines, line), status=_next(sale, fact), touched=stamp.mono, newest="line"
    )
    if sale.kind != "sale":
        return state
    return with_station(state, sale.station, message="", next_quantity=None)


@on(f.CustomerSet)
def _customer(state: State, fact: f.CustomerSet, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    return with_sale(state, sale, status=_next(sale, fact), touched=stamp.mono, customer=fact.customer)


@on(f.SaleTyped)
def _typed(state: State, fact: f.SaleTyped, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    changes = {"bon_type": fact.bon_type, "name": fact.name, "reason": fact.reason or sale.reason}
    return with_sale(state, sale, status=_next(sale, fact), touched=stamp.mono, **changes)


@on(f.LineVoided)
def _line_voided(state: State, fact: f.LineVoided, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    line = next(line for line in sale.lines if line.n == fact.voids)
    counter = counter_line(line, fact.n)
    state = with_sale(
        state, sale, lines=(*sale.lines, counter), status=_next(sale, fact), touched=stamp.mono, newest="line"
    )
    if sale.bon_type == "AVTraining":
        return state
    totals = state.till.totals
    if fact.why in ("", "belongs"):  # what belongs to a line goes with it: one void
        totals = counted(totals, "voids", counter.amount, int(fact.why == ""))
    elif fact.why == "in_house":
        totals = counted(totals, "in_house", 0)
    return replace(state, till=replace(state.till, totals=totals))


@on(f.PaymentAdded)
def _payment(state: State, fact: f.PaymentAdded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    payment = payment_of(fact)
    state = with_sale(
        state,
        sale,
        payments=(*sale.payments, payment),
        status=_next(sale, fact),
        touched=stamp.mono,
        newest="payment" if sale.paid + payment.amount > 0 else "line",
    )
    real = sale.bon_type != "AVTraining"  # what is practised moves no money
    if real and fact.type == "Bar":
        return cash_moved(state, payment, sale.case)
    if real and fact.card is not None:
        return replace(state, cards=with_booked(state.cards, fact.card, fact.amount))
    if fact.card is None and (state.cards.charges or state.cards.settled):
        return replace(state, cards=taken_elsewhere(state.cards, fact.amount))
    return state


@on(f.SalePaid)
def _paid(state: State, fact: f.SalePaid, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    return _leave_slot(with_sale(state, sale, status=_next(sale, fact), deadline=stamp.mono), sale)


@on(f.AbortAsked)
def _abort_asked(state: State, fact: f.AbortAsked, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    changed = with_sale(state, sale, status=_next(sale, fact), why=fact.why, deadline=stamp.mono)
    left = _leave_slot(changed, sale)
    left = replace(left, orders=after_bill(left.orders, sale.id, aborted=True))
    return with_station(left, sale.station, last=None) if fact.why == "parked" else left


def _leave_slot(state: State, sale: Sale) -> State:
    if state.station(sale.station).current != sale.id:
        return state
    return with_station(state, sale.station, current="", last=state.sales[sale.id], message="")


@on(f.SaleNumbered)
def _numbered(state: State, fact: f.SaleNumbered, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    till = state.till if state.till.first_receipt else replace(state.till, first_receipt=fact.number)
    return with_sale(
        replace(state, receipt=max(state.receipt, fact.number), till=till),
        sale,
        number=fact.number,
        ended_at=fact.at,
        process_type=fact.process_type,
        process_data=fact.process_data,
        deadline=sale.deadline or stamp.mono,
    )


@on(f.SaleFinished)
def _finished(state: State, fact: f.SaleFinished, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    done = replace(sale, status=_next(sale, fact), ended_at=fact.at)
    sales = {key: value for key, value in state.sales.items() if key != sale.id}
    orders = after_bill(state.orders, sale.id, aborted=False)
    state = count_sale(replace(state, sales=sales, orders=orders), done, fact)
    if done.bon_type != "AVTraining":  # what is practised leaves no trace but its receipt
        state = booked(with_linked_cash(state, done), done, fact.at[:10])
        state = ended(settled_items(state, done, fact.at[:10]), done, stamp.seq)
        state = with_tips(with_coupons(state, done, fact.at[:10]), done)
    started = sale.transaction.number if sale.transaction else 0
    if fact.outage and (started or _start_outstanding(state, sale.id)):
        late = LateTransaction(sale.id, started, sale.process_type, sale.process_data)
        state = replace(state, tse=replace(state.tse, late=(*state.tse.late, late)))
    station = state.station(sale.station)
    if sale.kind == "orphan":
        return state
    changes: dict[str, Any] = {}
    if done.status == "done" and fact.bon_type == "Beleg" and fact.document.kind == "sale":
        changes = {"document": fact.document}
    if station.last is not None and station.last.id == sale.id:
        changes["last"] = done
    return with_station(state, sale.station, **changes) if changes else state


def _start_outstanding(state: State, sale: str) -> bool:
    return any(w.kind == "tse.start" and w.args["sale"] == sale for w in state.outbox.values())
