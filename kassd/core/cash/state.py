"""What is known of cash: stock by account and currency, movements still to be booked, differences to look at.

An account is a cash drawer or a waiter's purse, by its name; ``''`` is the main one (the drawer of station
``main``, or the cash box of a register without a drawer).
"""

from collections.abc import Iterator, Mapping
from dataclasses import field

from kassd.deferred import dataclass

EUR = "EUR"
FLOAT = "Anfangsbestand"  # is in the drawer already: it moves no cash


def holding_key(account: str, currency: str = EUR) -> str:
    """Key of :attr:`CashState.held`."""
    return f"{account}|{currency}"


def read_holding_key(key: str) -> tuple[str, str]:
    """Inverse of :func:`holding_key`."""
    account, currency = key.rsplit("|", 1)
    return account, currency


@dataclass(frozen=True, slots=True)
class Holding:
    """Cash of one currency in one account: ``amount`` in its hundredths, ``value`` in euro cents as booked
    (the same for EUR)."""

    amount: int = 0
    value: int = 0


@dataclass(frozen=True, slots=True)
class Leg:
    """What a movement does to one account: ``units`` hundredths of ``currency``, worth ``amount`` cents."""

    account: str
    currency: str
    units: int
    amount: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A cash movement, booked as a signed Kassenbeleg of its own. ``case`` and ``name``: GV_TYP, GV_NAME.

    ``amount`` in euro cents, negative takes out; foreign cash is ``foreign`` hundredths of ``currency`` and
    ``amount`` its booked value. ``to``: the account that gets what leaves ``account`` (None: no transfer).
    ``voucher``: number of the external voucher. ``station``, ``operator``: who asked, '' = the opening's or
    closing's own.
    """

    case: str
    amount: int
    reason: str = ""
    account: str = ""
    name: str = ""
    person: str = ""
    currency: str = EUR
    foreign: int = 0
    to: str | None = None
    voucher: str = ""
    station: str = ""
    operator: str = ""

    def legs(self) -> Iterator[Leg]:
        """What it does to each account; nothing for the float, which is there already."""
        units = self.amount if self.currency == EUR else self.foreign
        if self.case != FLOAT:
            yield Leg(self.account, self.currency, units, self.amount)
            if self.to is not None:
                yield Leg(self.to, self.currency, -units, -self.amount)


@dataclass(frozen=True, slots=True)
class Count:
    """A count of one account and currency: ``pieces`` by denomination in hundredths, their sum ``counted``,
    and what it should have been. ``worth``: booked value in euro cents of a difference of foreign cash, None
    where no rate is known."""

    account: str
    currency: str
    pieces: Mapping[int, int]
    counted: int
    expected: int
    worth: int | None = None

    @property
    def difference(self) -> int:
        """Ist − Soll in hundredths of the currency."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class Alarm:
    """A count that differed by at least ``[cash] difference_alarm``, until the account is counted again."""

    at: str
    difference: int
    person: str


@dataclass(frozen=True, slots=True)
class CashState:
    """``held``: expected stock by :func:`holding_key`, over all closings; ``alarms`` by the same key."""

    held: Mapping[str, Holding] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
