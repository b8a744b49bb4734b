"""TSE archives on their way to the reader: choose members, join parts, end them. Pure; holds one member.

The members' bytes stay as the device wrote them, headers included.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kassd.tse.log.messages import TransactionData, parse
from kassd.tse.log.tar import BLOCK, END, Member, TarError, TarReader
from kassd.tse.port import ExportFilter

_HEADERS_BEFORE = (b"x", b"L", b"g")  # pax and GNU: belong to the entry that follows


@dataclass(frozen=True, slots=True)
class Kept:
    """One member with its original bytes."""

    member: Member
    raw: bytes


class Splitter:
    """Feed it one archive; it gives the members with their bytes. Raises :class:`TarError`."""

    def __init__(self) -> None:
        self._reader = TarReader()
        self._buffer = bytearray()
        self._before = b""

    def feed(self, chunk: bytes) -> Iterator[Kept]:
        """Take more bytes and yield the members that became complete."""
        self._buffer += chunk
        while len(self._buffer) >= BLOCK:
            size = self._size()
            if len(self._buffer) < size:
                return
            raw = bytes(self._buffer[:size])
            del self._buffer[:size]
            members = list(self._reader.feed(raw))
            if raw[156:157] in _HEADERS_BEFORE:
                self._before += raw
                continue
            for member in members:
                yield Kept(member, self._before + raw)
            self._before = b""

    def _size(self) -> int:
        """Length of the entry at the buffer's begin; the reader judges whether it is right."""
        header = bytes(self._buffer[:BLOCK])
        try:
            length = int(header[124:136].strip(b"\x00 ") or b"0", 8)
        except ValueError:
            raise TarError("Länge im Dateikopf nicht lesbar") from None
        return BLOCK + (length + BLOCK - 1) // BLOCK * BLOCK if any(header) else BLOCK

    def close(self) -> None:
        """Say that nothing more follows; raises :class:`TarError` if something is cut off."""
        self._reader.close()
        if any(self._buffer):
            raise TarError("das Archiv der TSE bricht ab")


def chosen(filter: ExportFilter, member: Member) -> bool:
    """Whether a member belongs to what was asked for. What is no log message (certificates, info.csv)
    always does; system messages belong to every choice but that of one transaction."""
    if filter == ExportFilter() or not member.name.endswith(".log"):
        return True
    message = parse(member.data)
    if filter.after_counter is not None and message.signature_counter <= filter.after_counter:
        return False
    start, end, seconds = filter.start_time, filter.end_time, message.time / 1000
    if (start is not None and seconds < start) or (end is not None and seconds >= end + 1):
        return False
    data = message.data
    if not isinstance(data, TransactionData):
        return filter.transaction_number is None
    number = data.transaction_number
    return (
        filter.client_id in (None, data.client_id)
        and filter.transaction_number in (None, number)
        and (filter.first_transaction is None or number >= filter.first_transaction)
        and (filter.last_transaction is None or number <= filter.last_transaction)
    )


class Joined:
    """Archives, one after the other, as one. ``size`` counts their bytes as the device sent them."""

    def __init__(self, filter: ExportFilter) -> None:
        self.size = 0
        self.messages = self.transactions = 0
        self._filter = filter
        self._splitter: Splitter | None = None

    def begin(self) -> None:
        """Another archive follows."""
        if self._splitter is not None:
            self._splitter.close()
        self._splitter = Splitter()

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes of the current archive and return what is to be passed on."""
        assert self._splitter is not None  # begin() comes first
        self.size += len(chunk)
        out = bytearray()
        for kept in self._splitter.feed(chunk):
            if chosen(self._filter, kept.member):
                self.messages += kept.member.name.endswith(".log")
                self.transactions += "_Log-Tra_" in kept.member.name
                out += kept.raw
        return bytes(out)

    def close(self) -> bytes:
        """The end of the archive."""
        if self._splitter is None:
            raise TarError("die TSE hat kein Archiv gesendet")
        self._splitter.close()
        return END
