"""Commands about reductions."""

from decimal import Decimal
from typing import Literal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleDiscount(Arguments):
    """Make line ``line`` of the current sale cheaper, else the whole sale: by ``percent``, by ``amount``
    cents, or by what the ``coupon`` with this code says. What then costs nothing needs a ``reason``. More
    than ``[discount]`` leaves free needs the right discount; tobacco, press, price-bound books and deposits
    are left out, alone they are refused. ``sale.void_line`` takes it back."""

    compares = "sale"

    line: int | None = None
    percent: Decimal | None = None
    amount: int | None = None
    coupon: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleSurcharge(Arguments):
    """Make line ``line`` of the current sale dearer, else the whole sale: by ``percent`` or ``amount`` cents
    (night surcharge, delivery). ``reason`` is what the receipt says. Never one for a means of payment."""

    right = "price"
    compares = "sale"

    reason: str
    line: int | None = None
    percent: Decimal | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleSubsidy(Arguments):
    """A third party, ``payer``, pays ``amount`` cents of the current sale. ``echt``: to fill up the price,
    the tax stays that of the full price (ZuschussEcht); ``unecht``: for something it gets itself, the price
    is reduced (ZuschussUnecht)."""

    right = "discount"
    compares = "sale"

    kind: Literal["echt", "unecht"]
    amount: int
    payer: str
    reason: str


COMMANDS: dict[str, type[Arguments]] = {
    "sale.discount": SaleDiscount,
    "sale.surcharge": SaleSurcharge,
    "sale.subsidy": SaleSubsidy,
}
