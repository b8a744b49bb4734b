"""Commands of the cash: in, out, between own accounts, what is expected, counts."""

from collections.abc import Mapping
from typing import Literal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class _CashMove(Arguments):
    right = "cash"

    amount: int
    reason: str
    person: str = ""
    drawer: str | None = None
    voucher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CashIn(_CashMove):
    """Put ``amount`` cents into a drawer: ``transit`` (safe, bank), ``change`` (Wechselgeld from there),
    ``private`` (owner) or ``deposit`` (any other Einzahlung). ``drawer``: drawer or purse, else that of the
    station; ``person``: who brings it, else the operator; ``voucher``: number of an external voucher."""

    kind: Literal["transit", "change", "private", "deposit"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CashOut(_CashMove):
    """Take ``amount`` cents out of a drawer: ``transit`` (safe, bank), ``change`` (to be changed there),
    ``private`` (owner), ``wages`` (Lohnzahlung to ``person``) or ``expense`` (any other Auszahlung, e.g. a
    purchase with its ``voucher``). With ``currency`` (``transit`` only) ``amount`` is in its hundredths."""

    kind: Literal["transit", "change", "private", "wages", "expense"]
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CashTransfer(Arguments):
    """Move ``amount`` cents from ``drawer`` (a drawer or purse, else the station's) to another one, ``to``:
    one Vorgang with two lines of Geldtransit that add up to nothing."""

    right = "cash"

    amount: int
    to: str
    drawer: str | None = None
    reason: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CashExpected(Arguments):
    """What every drawer and purse should hold now, by currency. Journals nothing, prints nothing."""

    right = "report"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TillCount(Arguments):
    """Count a drawer or purse by denomination (hundredths → pieces) without a closing.

    ``blind``: the reply does not tell what was expected. ``book``: the difference is booked now
    (DifferenzSollIst, needs ``reason``), else only recorded. ``to``: who takes the drawer over.
    """

    right = "cash"

    count: Mapping[int, int]
    drawer: str | None = None
    currency: str = "EUR"
    blind: bool | None = None
    book: bool = False
    reason: str = ""
    to: str = ""


COMMANDS: dict[str, type[Arguments]] = {
    "cash.in": CashIn,
    "cash.out": CashOut,
    "cash.transfer": CashTransfer,
    "cash.expected": CashExpected,
    "till.count": TillCount,
}
