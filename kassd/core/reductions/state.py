"""What holds for a whole sale until it ends."""

from decimal import Decimal
from typing import Literal

from kassd.deferred import dataclass

ReductionCase = Literal["Rabatt", "Aufschlag", "ZuschussUnecht"]


@dataclass(frozen=True, slots=True)
class Reduction:
    """``percent`` of what can be reduced, or ``amount`` cents of it at most. ``id`` stands in ``price_why``
    of its lines, unique for the register's life; ``after``: how many lines the sale had before. ``text`` and
    ``name`` (GV_NAME) are those of its lines, ``reason`` stands below the first. A coupon says which goods
    (``articles``, ``categories``; neither: all), from which sum (``min_total``, cents) and whether its code
    is good only ``once``."""

    id: str
    case: ReductionCase
    text: str
    after: int
    percent: Decimal | None = None
    amount: int = 0
    name: str = ""
    reason: str = ""
    coupon: str = ""
    articles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    min_total: int = 0
    once: bool = False

    @property
    def sign(self) -> int:
        """-1 if it makes the sale cheaper, 1 if dearer."""
        return 1 if self.case == "Aufschlag" else -1


@dataclass(frozen=True, slots=True)
class Granted:
    """A reduction by a ``coupon`` (its code) that is good only once; ``cents`` of it (0 or negative) stand on
    what has been ordered, delivered or sold by now."""

    coupon: str
    cents: int = 0
