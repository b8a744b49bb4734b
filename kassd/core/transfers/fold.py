"""The fold of credit transfers."""

from kassd.core.fold import on, with_sale
from kassd.core.inputs import Stamp
from kassd.core.state import SALE_TABLE, State
from kassd.core.transfers.facts import TransferAsked, TransferEnded, TransferShown
from kassd.core.transfers.state import Transfer
from kassd.deferred import replace


@on(TransferAsked)
def _asked(state: State, fact: TransferAsked, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    status = SALE_TABLE[sale.status, fact.kind]
    transfer = Transfer(fact.amount, fact.reference, fact.content, fact.at)
    return with_sale(state, sale, status=status, touched=stamp.mono, transfer=transfer)


@on(TransferEnded)
def _ended(state: State, fact: TransferEnded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    status = SALE_TABLE[sale.status, fact.kind]
    return with_sale(state, sale, status=status, touched=stamp.mono, transfer=None)


@on(TransferShown)
def _shown(state: State, fact: TransferShown, stamp: Stamp) -> State:
    sale = state.sales.get(fact.sale)
    if sale is None or sale.transfer is None or sale.transfer.content != fact.content:
        return state
    return with_sale(state, sale, transfer=replace(sale.transfer, edge=fact.edge, bits=fact.bits))
