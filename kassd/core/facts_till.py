"""Facts of the till: opened, counted, closed, reported, exported. Part of :mod:`kassd.core.facts`."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from kassd.core.cash.state import Count, Holding, Movement
from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TillOpened(Fact):
    """The business day began. ``carried`` is what the last closing left in the station's drawer, ``counted``
    what was found there; ``movements`` are still to be signed: every account's Anfangsbestand, also 0.00,
    then what was more or less, by ``source``."""

    kind = "till.opened"
    at: str
    business_day: str
    operator: str
    station: str
    carried: int
    counted: int
    source: str
    reason: str
    movements: tuple[Movement, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DayPassed(Fact):
    """The business day is over and the till is still open (AEAO zu § 146 Nr. 3.3)."""

    kind = "till.day_passed"
    at: str
    business_day: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClosingReminded(Fact):
    """The till is still open at the hour of ``[cash] remind_at``."""

    kind = "till.closing_reminded"
    at: str
    business_day: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClosingBegan(Fact):
    """The till takes no more sales; counted and skimmed cash wait to be booked. ``counts``: every account
    that was counted; ``account``: the one that ``skim`` cents are taken from."""

    kind = "till.closing_began"
    at: str
    operator: str
    station: str
    counts: tuple[Count, ...]
    skim: int
    reason: str
    account: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MovementsPlanned(Fact):
    """Cash movements still to be signed, in order."""

    kind = "till.movements_planned"
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TillClosed(Fact):
    """The closing (Kassenabschluss). ``carry`` names the blob of what goes on; ``document`` is the Z.

    ``reason``: of a difference, and of a closing after the business day (``late``). ``holdings``: the stock
    of each account and currency (:func:`kassd.core.cash.state.holding_key`), for cash_per_currency.
    ``contradictions``: sums of the period that do not add up, as sentences."""

    kind = "till.closed"
    number: int
    at: str
    business_day: str
    operator: str
    first_receipt: int
    last_receipt: int
    total: int
    cash: int
    carried: int
    software: str
    build: str
    document: Document
    totals: Any
    automatic: bool = False
    reason: str = ""
    late: bool = False
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()
    carry: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReportMade(Fact):
    """An X report was made (L-013, L-153)."""

    kind = "report.made"
    at: str
    operator: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccountsHandedOver(Fact):
    """Closings went to ``target`` (datev) as bookings. ``closings``: Z_NR → SHA-256 of the file. Noted by
    ``client``, '' if that was not kept yet, for ``operator``: who was logged in at its station, else
    the client."""

    kind = "accounting.handed_over"
    at: str
    operator: str
    target: str
    closings: Mapping[str, str]
    client: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExportMade(Fact):
    """Data left the register: ``what`` (tar, journal, dsfinvk, …) of the days ``first`` to ``last`` ('' =
    all), by ``operator`` (L-013): who was logged in at the station of the ``client`` that asked or noted it,
    else that client; ``client`` is '' if it was not kept yet. ``sha256``: of the file, or of the list of a
    folder's files with their hashes; ``recipient``: who got it, as the operator named them (L-161)."""

    kind = "export.made"
    at: str
    operator: str
    what: str
    first: str = ""
    last: str = ""
    sha256: str = ""
    recipient: str = ""
    client: str = ""
