"""Commands about tips. "Keep the change" is ``sale.pay {"keep_change": true}``."""

from typing import Literal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass

TipTo = Literal["staff", "owner"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleTip(Arguments):
    """Add a tip to the current sale: ``amount`` cents, or what makes the sum due ``total`` cents. ``to``:
    default ``[tips] to``; ``operator``: whose it is, default who acts."""

    compares = "sale"

    to: TipTo | None = None
    amount: int | None = None
    total: int | None = None
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TipPayout(Arguments):
    """Pay ``operator`` (default: who acts) tips out of the till: ``amount`` cents, else all that is kept.
    Never more than was collected."""

    right = "cash"

    operator: str = ""
    amount: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TipBalance(Arguments):
    """Whose tips the register keeps, and how much: of ``operator``, else of all."""

    right = "report"

    operator: str = ""


COMMANDS: dict[str, type[Arguments]] = {
    "sale.tip": SaleTip,
    "tip.payout": TipPayout,
    "tip.balance": TipBalance,
}
