"""Exports as streams: the device's own filters where it has them, the host's where not.

A full export is asked for with ``ExportData``. A store so large that the device does not begin to answer in
time is read in slices with ``ExportMoreData``, as is what is new since a counter. The end of the archive is
ours to write: devices leave it out.
"""

import logging
from collections.abc import AsyncIterator
from functools import partial

from kassd.errors import TseError, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.cryptovision import status
from kassd.tse.cryptovision.codec import Code, Export, byte_array, command, long, string
from kassd.tse.cryptovision.session import Session
from kassd.tse.log.names import parse_log_name
from kassd.tse.log.tar import END, Member, TarError, TarReader, entry
from kassd.tse.port import ExportFilter

log = logging.getLogger(__name__)
SLICE = 10_000  # log messages
_ANY, _ALL = 0xFFFFFFFF, ExportFilter()


def export_data(chosen: ExportFilter) -> bytes:
    """The command for a filter; ``after_counter`` is not its matter."""

    def given(value: int | None, otherwise: int) -> bytes:
        return long(otherwise if value is None else value)

    return command(
        Code.EXPORT_DATA,
        string(chosen.client_id or ""),
        given(chosen.transaction_number, _ANY),
        given(chosen.first_transaction, 0),
        given(chosen.last_transaction, _ANY),
        given(chosen.start_time, 0),
        given(chosen.end_time, _ANY),
        long(0),
    )


def export_more(serial: bytes, previous: int, records: int) -> bytes:
    """The command for the ``records`` messages after the counter ``previous``."""
    return command(Code.EXPORT_MORE_DATA, byte_array(serial), long(previous), long(records))


class Exporter:
    """Reads one archive. ``newest`` is the highest counter read, and ``whole`` becomes True when everything
    that was stored up to it has been read."""

    def __init__(self, session: Session, serial: bytes) -> None:
        self.newest = 0
        self.whole = False
        self._session = session
        self._serial = serial

    async def run(self, chosen: ExportFilter) -> AsyncIterator[bytes]:
        """Yield the archive a filter asks for, with its end."""
        after = chosen.after_counter
        if after is not None and chosen == ExportFilter(after_counter=after):
            async for member in self._new(after):
                yield member
        elif after is not None:
            async for found in self.members(chosen):
                if (counter := _counter(found)) is None or counter > after:
                    yield _packed(found)
        else:
            try:
                async for chunk in self._raw(export_data(chosen)):
                    yield chunk
            except _NotBegun as failed:
                if chosen != _ALL:
                    raise failed.silence from None
                log.warning("full export not begun in time; reading it in slices")
                async for member in self._slices(0):
                    yield member
        yield END
        self.whole = chosen == _ALL

    async def after(self, previous: int, records: int) -> AsyncIterator[Member]:
        """The members of one slice; nothing there is no error."""
        try:
            async for found in self.members(export_more(self._serial, previous, records)):
                yield found
        except TseRefused as error:
            if error.code != codes.NO_DATA:
                raise

    async def _new(self, after: int) -> AsyncIterator[bytes]:
        """What is newer than ``after``; nothing new is ``info.csv`` and certificates alone."""
        counter = await status.signature_counter(self._session, self._serial)
        seen = False
        if counter > after:
            async for member in self._slices(after):
                seen = True
                yield member
        elif counter > 0:
            async for found in self.after(counter - 1, 1):
                if _counter(found) is None:
                    seen = True
                    yield _packed(found)
        if not seen:
            for found in TarReader().feed(await status.certificate_archive(self._session)):
                yield _packed(found)

    async def _slices(self, previous: int) -> AsyncIterator[bytes]:
        """The messages after ``previous``, with what is no message once."""
        last = await status.signature_counter(self._session, self._serial)
        names: set[str] = set()
        while previous < last:
            before, records = self.newest, min(SLICE, last - previous)
            async for found in self.after(previous, records):
                if _counter(found) is None:
                    if found.name in names:
                        continue
                    names.add(found.name)
                yield _packed(found)
            # an empty slice: its messages were deleted
            previous = max(previous + 1, self.newest) if self.newest > before else previous + records

    async def members(self, chosen: ExportFilter | bytes) -> AsyncIterator[Member]:
        """The files of the archive that a filter, or a command, asks for."""
        asked = chosen if isinstance(chosen, bytes) else export_data(chosen)
        reader = TarReader()
        try:
            async for chunk in self._stream(asked):
                for found in reader.feed(chunk):
                    self.newest = max(self.newest, _counter(found) or 0)
                    yield found
            reader.close()
        except TarError as error:
            raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error
        except _NotBegun as failed:
            raise failed.silence from None

    async def _raw(self, asked: bytes) -> AsyncIterator[bytes]:
        """The device's own bytes, read along to know that they are whole."""
        reader = TarReader()
        try:
            async for chunk in self._stream(asked):
                for found in reader.feed(chunk):
                    self.newest = max(self.newest, _counter(found) or 0)
                yield chunk
            reader.close()
        except TarError as error:
            raise TseError(f"Der Export der TSE ist nicht lesbar: {error}") from error

    async def _stream(self, asked: bytes) -> AsyncIterator[bytes]:
        session, link = self._session, self._session.link
        try:
            stream: Export = await session.run(lambda: link.begin_export(asked))
        except TseSilent as silence:
            raise _NotBegun(silence) from None
        left, chunk = stream.length, stream.data
        while True:
            chunk = chunk[:left]
            left -= len(chunk)
            if not left:
                link.end_export(stream)
            if chunk:
                yield chunk
            if not left:
                return
            chunk = await session.run(partial(link.more, stream, left))


class _NotBegun(Exception):
    """The device has not begun to answer in time."""

    def __init__(self, silence: TseSilent) -> None:
        self.silence = silence


def _counter(member: Member) -> int | None:
    name = parse_log_name(member.name)
    if name is None and member.name.endswith(".log"):
        raise TseError(f"Der Name {member.name} im Export der TSE ist nicht lesbar.")
    return None if name is None else name.counter


def _packed(member: Member) -> bytes:
    name = parse_log_name(member.name)
    moment = name.time.removeprefix("Unixt_") if name is not None else "0"
    return entry(member.name, member.data, int(moment) if moment.isdigit() else 0)
