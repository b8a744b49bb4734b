"""How the members of a TSE archive lie, which no signature covers: their order, the times in their headers.

Nothing here is wrong by itself, since TR-03153 asks for no order; but what could be changed without another
word is said, as notes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from kassd.core.verdict import Finding
from kassd.tse.log.certificates import TseCertificate
from kassd.tse.log.info import NAME as INFO
from kassd.tse.log.names import parse_log_name
from kassd.tse.log.tar import Member
from kassd.tse.log.times import file_seconds

SHOWN = 1000  # characters


class Layout:
    """Takes the members in the archive's order; keeps one row for each that is no message."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.logs: list[int] = []  # how many messages lie before each of ``order``, and after the last
        self.times: Counter[str] = Counter()
        self._run = 0

    def add(self, member: Member, is_log: bool) -> None:
        """One more member. A message's time may be that in its own name."""
        named = parse_log_name(member.name) if is_log else None
        if named is None or member.time != file_seconds(named.time):
            self.times[member.time] += 1
        if is_log:
            self._run += 1
        else:
            self.order.append(member.name)
            self.logs.append(self._run)
            self._run = 0

    def findings(self, certificates: Sequence[TseCertificate]) -> Iterator[Finding]:
        """What is to be said of the whole."""
        if len(self.times) > 1:
            counted = ", ".join(f"{time} ({count}×)" for time, count in self.times.most_common())
            text = f"{len(self.times)} Änderungszeiten in den Dateiköpfen: {counted}"
            yield Finding("header_times", "info", "", text[:SHOWN])
        if not self._usual(certificates):
            yield Finding("members_order", "info", "", f"das Archiv enthält der Reihe nach {self}"[:SHOWN])

    def _usual(self, certificates: Sequence[TseCertificate]) -> bool:
        """``info.csv``, then the certificates from the TSE up to its root, then the messages."""
        certificates = [each for each in certificates if each.where in self.order]  # no files of several
        upwards = all(
            upper.self_signed or upper.library.issuer != lower.library.subject
            for place, lower in enumerate(certificates)
            for upper in certificates[place + 1 :]
        )
        return upwards and not any(self.logs) and INFO not in self.order[1:]

    def __str__(self) -> str:
        runs = [*self.logs, self._run]
        parts = []
        for run, name in zip(runs, [*self.order, ""], strict=True):
            parts += [f"{run} Nachrichten"] if run else []
            parts += [name.replace("_X509", "")[:16] if name != INFO else name] if name else []
        return ", ".join(parts)
