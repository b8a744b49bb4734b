"""The fold of facts about goods."""

from kassd.core.fold import on, with_sale, with_station
from kassd.core.goods.facts import AgeApproved, InHouseSet, QuantityNamed, StockWasted
from kassd.core.inputs import Stamp
from kassd.core.state import SALE_TABLE, State
from kassd.core.totals import counted
from kassd.deferred import replace


def _counted(state: State, what: str) -> State:
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, what, 0)))


@on(AgeApproved)
def _age_approved(state: State, fact: AgeApproved, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    status = SALE_TABLE[sale.status, fact.kind]
    state = with_sale(state, sale, status=status, touched=stamp.mono, age_approved=fact.age)
    return _counted(with_station(state, sale.station, message=""), "age_approved")


@on(InHouseSet)
def _in_house(state: State, fact: InHouseSet, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    status = SALE_TABLE[sale.status, fact.kind]
    return with_sale(state, sale, status=status, touched=stamp.mono, in_house=fact.in_house)


@on(StockWasted)
def _wasted(state: State, fact: StockWasted, stamp: Stamp) -> State:
    return _counted(state, "waste")


@on(QuantityNamed)
def _quantity(state: State, fact: QuantityNamed, stamp: Stamp) -> State:
    return with_station(state, fact.station, next_quantity=fact.quantity, message="")
