"""Facts about goods that are no lines."""

from decimal import Decimal

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AgeApproved(Fact):
    """``by`` (operator, else client) has seen that the customer is at least ``age``; ``station`` is the lane,
    ``client`` where it was said. No date of birth is kept (JuSchG §§ 9, 10)."""

    kind = "sale.age_approved"
    sale: str
    at: str
    age: int
    by: str
    client: str
    station: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InHouseSet(Fact):
    """The whole sale, with what is still to come, is consumed on site or taken away."""

    kind = "sale.in_house_set"
    sale: str
    at: str
    in_house: bool
    operator: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StockWasted(Fact):
    """Goods left the stock without a Vorgang; ``name`` as it was then."""

    kind = "stock.wasted"
    at: str
    station: str
    operator: str
    article: str
    name: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class QuantityNamed(Fact):
    """Not journalled: the quantity of the next article, None for none."""

    kind = "station.quantity"
    station: str
    quantity: Decimal | None
