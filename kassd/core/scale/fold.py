"""The fold of weighing."""

from kassd.core.fold import on, with_sale
from kassd.core.inputs import Stamp
from kassd.core.scale.facts import LineWeighed
from kassd.core.state import State


@on(LineWeighed)
def _weighed(state: State, fact: LineWeighed, stamp: Stamp) -> State:
    sale = state.sales.get(fact.sale)
    return state if sale is None else with_sale(state, sale, weighed=True)
