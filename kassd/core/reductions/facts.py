"""What has been decided about reductions of whole sales. Their amounts are lines."""

from kassd.core.fact import Fact
from kassd.core.reductions.state import Reduction
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleReduced(Fact):
    """From now on until it ends the sale is cheaper (or dearer) by ``reduction``."""

    kind = "sale.reduced"
    sale: str
    at: str
    reduction: Reduction
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReductionEnded(Fact):
    """A reduction of the whole sale was taken back; ``reduction``: its id."""

    kind = "sale.reduction_ended"
    sale: str
    at: str
    reduction: str
    operator: str = ""
