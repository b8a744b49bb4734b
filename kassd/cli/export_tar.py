"""``kassd export tar``: the log of this register's TSEs for any period, from the archive and the device.

The archive has every TSE the register ever had, up to its last closing; what was signed since is read from
the device, if it is there and no daemon uses it.
"""

import asyncio
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from kassd import settings
from kassd.app.archive import FOLDER
from kassd.app.tse_family import build_tse
from kassd.cli.locks import is_running
from kassd.clock import Clock, unix_ns
from kassd.core.facts import TseArchived, TseSwapBegan
from kassd.errors import ConfigError, DataError, TseBusy, TseError
from kassd.journal import read_lines
from kassd.settings import Settings
from kassd.tse.combine import Period, Source, combine
from kassd.tse.port import ExportFilter, Tse

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive as the journal names it. ``last``: its highest counter, None: it has all that
    the TSE ever had."""

    path: Path
    serial_number: str
    sha256: str
    last: int | None


def export_tar(loaded: Settings, first: date | None, last: date | None, out: Path) -> None:
    """Write the archive from ``first`` to ``last``, both inclusive in the business' time zone, to ``out``."""
    parts = list(archived(loaded))
    sources = checked(parts)
    device = out.with_name(out.name + ".device")
    try:
        after = asyncio.run(_read_device(loaded, parts, device))
        if after is not None:
            sources.append(Source(device, after))
        if after is not None and len(sources) == 1 and first is None and last is None:
            device.rename(out)  # as the device wrote it
            return
        with out.open("wb") as file:
            if not combine(sources, _period(loaded, first, last), file):
                raise DataError("In diesem Zeitraum hat die TSE nichts protokolliert.")
    finally:
        device.unlink(missing_ok=True)


def _period(loaded: Settings, first: date | None, last: date | None) -> Period:
    def begin(day: date) -> int:
        return unix_ns(datetime.combine(day, time(), settings.zone(loaded))) // NS_PER_MS

    return Period(
        None if first is None else begin(first), None if last is None else begin(last + timedelta(days=1))
    )


def archived(loaded: Settings) -> Iterator[Part]:
    """Every part that the journal names, oldest first."""
    place = loaded.journal.dir.parent / FOLDER
    for line in read_lines(loaded.journal.dir):
        for fact in line.facts:
            data = fact["data"]
            if fact["kind"] == TseArchived.kind and data["file"]:
                yield Part(place / data["file"], data["serial_number"], data["sha256"], data["last"])
            elif fact["kind"] == TseSwapBegan.kind and data["archive"]:
                path = place / data["serial_number"] / Path(data["archive"]).name
                yield Part(path, data["serial_number"], data["sha256"], None)


def checked(parts: Sequence[Part]) -> list[Source]:
    """What each part adds to those before. Raises :class:`DataError` where a file is missing or changed."""
    newest: dict[str, int] = {}
    sources = []
    for part in parts:
        if not part.path.is_file():
            raise DataError(f"Die Archivdatei {part.path} fehlt. Bitte aus der Sicherung zurückholen.")
        with part.path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != part.sha256:
                raise DataError(
                    f"Die Archivdatei {part.path} wurde verändert: ihre Prüfsumme ist nicht die im Journal. "
                    "Bitte aus der Sicherung zurückholen."
                )
        sources.append(Source(part.path, newest.get(part.serial_number, -1)))
        if part.last is not None:
            newest[part.serial_number] = part.last
    return sources


async def _read_device(loaded: Settings, parts: Sequence[Part], file: Path) -> int | None:
    """Write what is not archived yet to ``file``; returns the counter it begins after, None: the archive has
    to do, and the operator is told."""
    tse = build_tse(loaded, Clock())
    if tse is None and not parts:
        raise ConfigError("In der Konfiguration fehlt [tse]: es gibt nichts zu exportieren.")
    try:
        if tse is None:
            raise TseError("Es ist keine TSE eingerichtet.")
        if is_running(loaded.journal.dir):
            raise TseBusy(
                "Die laufende Kasse benutzt die TSE. Bitte kassd vorher beenden (systemctl stop kassd)."
            )
        return await _export(tse, parts, file)
    except TseError as error:
        if not parts:
            raise
        print(f"kassd: Nur das Archiv, ohne die Zeit seit dem letzten Abschluss: {error}", file=sys.stderr)
        return None


async def _export(tse: Tse, parts: Sequence[Part], file: Path) -> int:
    try:
        info = await tse.open()
        ours = [p.last for p in parts if p.serial_number == info.serial_number and p.last is not None]
        after = max(ours, default=-1)
        chosen = ExportFilter(after_counter=after) if ours else ExportFilter()
        with file.open("wb") as out:
            async for piece in tse.export(chosen):
                out.write(piece)
        return after
    finally:
        await tse.close()
