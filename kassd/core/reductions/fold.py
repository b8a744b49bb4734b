"""The fold of reductions: what holds for a sale, and coupons that are used up."""

from kassd.core.fold import on, with_sale
from kassd.core.inputs import Stamp
from kassd.core.reductions.facts import ReductionEnded, SaleReduced
from kassd.core.reductions.state import Granted
from kassd.core.state import State
from kassd.deferred import replace


@on(SaleReduced)
def _reduced(state: State, fact: SaleReduced, stamp: Stamp) -> State:
    sale, reduction = state.sales[fact.sale], fact.reduction
    if reduction.once:
        state = replace(state, granted={**state.granted, reduction.id: Granted(reduction.coupon)})
    return with_sale(state, sale, reductions=(*sale.reductions, reduction), touched=stamp.mono)


@on(ReductionEnded)
def _ended(state: State, fact: ReductionEnded, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    kept = tuple(reduction for reduction in sale.reductions if reduction.id != fact.reduction)
    return with_sale(state, sale, reductions=kept, touched=stamp.mono)
