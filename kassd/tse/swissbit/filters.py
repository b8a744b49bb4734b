"""Filtered exports made on the host: the device has no command for them. Pure.

The same choice as the device would make (TR-03151 on export): one transaction: its messages only. A range,
a period, a client: the transactions' messages and the system messages between or within them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.messages import parse
from kassd.tse.log.names import parse_log_name
from kassd.tse.log.tar import Member
from kassd.tse.port import ExportFilter


@dataclass(frozen=True, slots=True)
class Row:
    """One log message: ``time`` unix seconds; ``number`` -1 and no client for others than transactions."""

    counter: int
    time: int
    number: int = -1
    client: str = ""


def row(member: Member) -> Row | None:
    """What a member's name says; None if it is no log message."""
    name = parse_log_name(member.name)
    if name is None:
        return None
    kind, _, moment = name.time.partition("_")
    time = int(moment) if kind == "Unixt" else parse(member.data).time // 1000
    if not name.rest.startswith("Tra_No-"):
        return Row(name.counter, time)
    number, _, rest = name.rest.removeprefix("Tra_No-").partition("_")
    return Row(name.counter, time, int(number), rest.partition("_Client-")[2])


def start_number(name: str) -> int | None:
    """Transaction number of a start's log file, else None."""
    found = parse_log_name(name)
    if found is None or not found.rest.startswith("Tra_No-"):
        return None
    number, _, rest = found.rest.removeprefix("Tra_No-").partition("_")
    return int(number) if rest.startswith("Start_") else None


@dataclass(slots=True)
class Selection:
    """Look at all rows first (:meth:`see`), then :meth:`conclude`, then ask :meth:`keeps`."""

    chosen: ExportFilter
    _low: int = -1
    _high: int = -1
    _system: bool = False
    _clients: set[str] = field(default_factory=set)

    @property
    def by_number(self) -> bool:
        """Whether transactions are chosen by number."""
        chosen = self.chosen
        numbers = (chosen.transaction_number, chosen.first_transaction, chosen.last_transaction)
        return any(number is not None for number in numbers)

    def see(self, rows: Iterable[Row]) -> None:
        """First pass."""
        for one in rows:
            if one.number < 0:
                self._system = self._system or self._timely(one)
                continue
            self._clients.add(one.client)
            if self._hit(one):
                self._low = one.counter if self._low < 0 else self._low
                self._high = one.counter

    def conclude(self) -> None:
        """Raises ``TseRefused`` if nothing was found; what is new may be nothing."""
        chosen = self.chosen
        if chosen.after_counter is not None:
            return
        if chosen.client_id is not None and chosen.client_id not in self._clients:
            raise refused(codes.NOT_FOUND, chosen.client_id)
        if self.by_number and self._low < 0:
            number = chosen.transaction_number
            raise refused(codes.TRANSACTION_NOT_FOUND, "" if number is None else str(number))
        if self._low < 0 and not self._system:
            raise refused(codes.NO_DATA)

    def keeps(self, one: Row | None) -> bool:
        """Second pass; what is no log message (certificates, info.csv) is always kept."""
        if one is None:
            return True
        if self.chosen.after_counter is not None:
            return one.counter > self.chosen.after_counter
        if one.number >= 0:
            return self._hit(one)
        if self.chosen.transaction_number is not None:
            return False
        between = not self.by_number or self._low <= one.counter <= self._high
        return between and self._timely(one)

    def _timely(self, one: Row) -> bool:
        start, end = self.chosen.start_time, self.chosen.end_time
        return (start is None or one.time >= start) and (end is None or one.time <= end)

    def _hit(self, one: Row) -> bool:
        chosen = self.chosen
        return (
            chosen.client_id in (None, one.client)
            and chosen.transaction_number in (None, one.number)
            and (chosen.first_transaction is None or one.number >= chosen.first_transaction)
            and (chosen.last_transaction is None or one.number <= chosen.last_transaction)
            and self._timely(one)
        )
