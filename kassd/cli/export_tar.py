"""``kassd export tar``: the log of this register's TSEs for any period, from the archive and the device.

The archive has every TSE the register ever had, up to its last closing; what was signed since is read from
the device, if it is there and no daemon uses it.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from kassd import settings
from kassd.app.archive import FOLDER
from kassd.app.tse_family import open_ours
from kassd.cli.locks import is_running
from kassd.clock import Clock, unix_ns
from kassd.core.facts import TseArchived, TseBound, TseSwapBegan
from kassd.errors import ConfigError, DataError, TseBusy, TseError, TseWrong
from kassd.journal import read_lines
from kassd.settings import Settings
from kassd.tse.combine import Period, combine
from kassd.tse.port import ExportFilter

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive as the journal names it. ``last``: its highest counter, None: it has all that
    the TSE ever had."""

    path: Path
    serial_number: str
    sha256: str
    last: int | None


def export_tar(loaded: Settings, first: date | None, last: date | None, out: Path) -> str:
    """Write the archive from ``first`` to ``last``, both inclusive in the business' time zone, to ``out``.
    The result: '' or the German sentence that says what is not in it."""
    parts = list(archived(loaded))
    sources = checked(parts)
    device = out.with_name(out.name + ".device")
    try:
        without = asyncio.run(_read_device(loaded, parts, device))
        if not without:
            sources.append(device)
        if sources == [device] and first is None and last is None:
            device.rename(out)  # as the device wrote it
            return without
        with out.open("wb") as file:
            if not combine(sources, _period(loaded, first, last), file):
                raise DataError("In diesem Zeitraum hat die TSE nichts protokolliert.")
        return without
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


def checked(parts: Sequence[Part]) -> list[Path]:
    """The files of the parts. Raises :class:`DataError` where one is missing or changed."""
    for part in parts:
        if not part.path.is_file():
            raise DataError(f"Die Archivdatei {part.path} fehlt. Bitte aus der Sicherung zurückholen.")
        with part.path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != part.sha256:
                raise DataError(
                    f"Die Archivdatei {part.path} wurde verändert: ihre Prüfsumme ist nicht die im Journal. "
                    "Bitte aus der Sicherung zurückholen."
                )
    return [part.path for part in parts]


async def _read_device(loaded: Settings, parts: Sequence[Part], file: Path) -> str:
    """Write what is not archived yet to ``file``; else the sentence that says why the archive has to do."""
    if loaded.tse is None and not parts:
        raise ConfigError("In der Konfiguration fehlt [tse]: es gibt nichts zu exportieren.")
    try:
        if loaded.tse is None:
            raise TseError("Es ist keine TSE eingerichtet.")
        if is_running(loaded.journal.dir):
            raise TseBusy(
                "Die laufende Kasse benutzt die TSE. Bitte kassd vorher beenden (systemctl stop kassd)."
            )
        await _export(loaded, parts, file)
        return ""
    except TseError as error:
        if not parts:
            raise
        return f"Nur das Archiv, ohne die Zeit seit dem letzten Abschluss: {error}"


def _bound(loaded: Settings) -> str:
    """Serial number of the TSE that is this register's now; '' before the first."""
    facts = (fact for line in read_lines(loaded.journal.dir) for fact in line.facts)
    numbers = [fact["data"]["serial_number"] for fact in facts if fact["kind"] == TseBound.kind]
    return str(numbers[-1]) if numbers else ""


async def _export(loaded: Settings, parts: Sequence[Part], file: Path) -> None:
    tse, info = await open_ours(loaded, Clock())
    try:
        if (bound := _bound(loaded)) and bound != info.serial_number:
            raise TseWrong(f"Es steckt eine andere TSE ({info.serial_number[:16]}…) als die dieser Kasse.")
        ours = [p.last for p in parts if p.serial_number == info.serial_number and p.last is not None]
        after = max(ours, default=-1)
        chosen = ExportFilter(after_counter=after) if ours else ExportFilter()
        with file.open("wb") as out:
            async for piece in tse.export(chosen):
                out.write(piece)
    finally:
        await tse.close()
