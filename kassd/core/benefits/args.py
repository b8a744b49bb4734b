"""Commands about goods that are not sold."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Employee:
    """Who gets the goods: ``name`` and personnel number ``id`` (KUNDE_NAME, KUNDE_ID)."""

    name: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleBenefit(Arguments):
    """End the current sale as a benefit in kind for an ``employee``, or as what the ``owner`` (a name) takes
    for private use: no payment, no receipt, no turnover."""

    right = "discount"
    compares = "sale"

    employee: Employee | None = None
    owner: str = ""
    reason: str = ""


COMMANDS: dict[str, type[Arguments]] = {"sale.benefit": SaleBenefit}
