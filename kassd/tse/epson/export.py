"""Which export function of an Epson TSE fits a filter, and what is still to be sifted out of its archive."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from kassd.errors import TseError
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.epson.codec import Output, date
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import Operation, TransactionData, parse
from kassd.tse.log.tar import END, TarError, TarReader, entry
from kassd.tse.port import ExportFilter

EARLIEST, LATEST = 0, (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Function and inputs; ``sift``: the archive holds more than was asked for; ``missing``: the refusal when
    the TSE has nothing that fits."""

    function: str
    inputs: Output
    sift: bool
    missing: str
    full: bool


def plan(chosen: ExportFilter, newest: int) -> Plan:
    """The narrowest function of the TSE; ``newest``: the highest transaction number, for open intervals."""
    client: dict[str, object] = {"clientId": chosen.client_id or ""}
    first, last = chosen.first_transaction, chosen.last_transaction
    by_time = chosen.start_time is not None or chosen.end_time is not None
    late = chosen.after_counter is not None
    if chosen.transaction_number is not None:
        number = chosen.transaction_number
        if not (number if first is None else first) <= number <= (number if last is None else last):
            raise refused(codes.TRANSACTION_NOT_FOUND, str(number))
        inputs = client | {"transactionNumber": number}
        missing = codes.TRANSACTION_NOT_FOUND
        return Plan("ExportFilteredByTransactionNumber", inputs, by_time or late, missing, False)
    if first is not None or last is not None:
        low = 1 if first is None else first
        interval = {
            "startTransactionNumber": low,
            "endTransactionNumber": max(low, newest) if last is None else last,
        }
        function = "ExportFilteredByTransactionNumberInterval"
        return Plan(function, client | interval, by_time or late, codes.TRANSACTION_NOT_FOUND, False)
    if by_time:
        start = EARLIEST if chosen.start_time is None else chosen.start_time
        end = LATEST if chosen.end_time is None else chosen.end_time
        inputs = client | {"startDate": date(start), "endDate": date(end)}
        return Plan("ExportFilteredByPeriodOfTime", inputs, late, codes.NO_DATA, False)
    return Plan("ArchiveExport", client, late, codes.NOT_FOUND, chosen == ExportFilter())


class Sieve:
    """Takes the TSE's archive in pieces and gives on what a filter asks for; certificates and info always.

    ``ended``: the archive had its end; one that broke off inside a member raises :class:`TseError`.
    """

    def __init__(self, plan: Plan, chosen: ExportFilter) -> None:
        self._sift = plan.sift
        self._chosen = chosen
        self._reader = TarReader()
        self._logs = 0

    def feed(self, piece: bytes) -> bytes:
        """What of ``piece`` is to be given on."""
        try:
            if not self._sift:
                for _ in self._reader.feed(piece):
                    self._logs += 1
                return piece
            return b"".join(self._kept(piece))
        except (TarError, DerError) as error:
            raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error

    def _kept(self, piece: bytes) -> Iterator[bytes]:
        for member in self._reader.feed(piece):
            if not member.name.endswith(".log"):
                yield entry(member.name, member.data, 0)
                continue
            message = parse(member.data)
            if self._wanted(message.signature_counter, message.time):
                self._logs += 1
                yield entry(member.name, member.data, message.time // 1000)

    def _wanted(self, counter: int, time_ms: int) -> bool:
        """The conditions that no export function combines with its own."""
        chosen = self._chosen
        return (
            (chosen.after_counter is None or counter > chosen.after_counter)
            and (chosen.start_time is None or time_ms >= chosen.start_time * 1000)
            and (chosen.end_time is None or time_ms < (chosen.end_time + 1) * 1000)
        )

    def close(self) -> bytes:
        """The end of the archive as far as it is missing; refuses a selection without a message."""
        try:
            self._reader.close()
        except TarError as error:
            raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error
        if self._sift and not self._logs and self._chosen.after_counter is None:
            raise refused(codes.NO_DATA)
        return END if self._sift or not self._reader.ended else b""


async def operation_of(archive: AsyncIterator[bytes], counter: int) -> Operation | None:
    """Which operation the log message with this signature counter is of; None if the archive has none."""
    reader, found = TarReader(), None
    try:
        async for piece in archive:
            for member in reader.feed(piece):
                message = parse(member.data) if member.name.endswith(".log") else None
                if message is not None and message.signature_counter == counter:
                    found = message.data.operation if isinstance(message.data, TransactionData) else None
    except (TarError, DerError) as error:
        raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error
    return found
