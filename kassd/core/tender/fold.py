"""The fold: who has been identified, and how much cash each known customer has paid."""

from kassd.core.fold import on, with_sale
from kassd.core.inputs import Stamp
from kassd.core.state import Sale, State
from kassd.core.tender.facts import CustomerIdentified
from kassd.deferred import replace


@on(CustomerIdentified)
def _identified(state: State, fact: CustomerIdentified, stamp: Stamp) -> State:
    return with_sale(state, state.sales[fact.sale], identified=fact.operator, touched=stamp.mono)


def with_linked_cash(state: State, sale: Sale) -> State:
    """A finished receipt counts for its customer; a closing begins anew."""
    cash = sum(payment.amount for payment in sale.payments if payment.type == "Bar")
    if sale.status != "done" or not cash or sale.customer is None or not sale.customer.id:
        return state
    known = state.linked_cash.get(sale.customer.id, 0)
    return replace(state, linked_cash={**state.linked_cash, sale.customer.id: known + cash})
