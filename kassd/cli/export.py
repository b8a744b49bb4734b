"""``kassd export tar|journal``: the TSE's log archive, or the journal with what is needed to verify it."""

import argparse
import asyncio
import shutil
from pathlib import Path

from kassd import settings
from kassd.app.tse_family import build_tse
from kassd.cli.locks import is_running
from kassd.clock import Clock
from kassd.errors import ConfigError, DataError, TseBusy
from kassd.settings import Settings

JOURNAL_FILES = ("*.jsonl", "*.jsonl.gz", "checkpoint", "blob", "torn")


def execute(arguments: argparse.Namespace) -> int:
    """Write aside, rename when complete."""
    loaded = settings.load(arguments.config)
    out: Path = arguments.out
    if out.exists():
        raise DataError(f"{out} gibt es schon; bitte einen anderen Namen wählen.")
    part = out.with_name(out.name + ".part")
    try:
        if arguments.what == "tar":
            asyncio.run(_export_tar(loaded, part))
        else:
            _export_journal(loaded.journal.dir, part)
        part.rename(out)
    except BaseException:
        _remove(part)
        raise
    print(out)
    return 0


async def _export_tar(loaded: Settings, part: Path) -> None:
    tse = build_tse(loaded, Clock())
    if tse is None:
        raise ConfigError("In der Konfiguration fehlt [tse]: es gibt nichts zu exportieren.")
    if is_running(loaded.journal.dir):
        raise TseBusy(
            "Die laufende Kasse benutzt die TSE. Bitte kassd vorher beenden (systemctl stop kassd)."
        )
    try:
        await tse.open()
        with part.open("wb") as file:
            async for chunk in tse.export():
                file.write(chunk)
    finally:
        await tse.close()


def _export_journal(directory: Path, part: Path) -> None:
    part.mkdir(parents=True)
    for pattern in JOURNAL_FILES:
        for source in directory.glob(pattern):
            if source.is_dir():
                shutil.copytree(source, part / source.name)
            else:
                shutil.copyfile(source, part / source.name)


def _remove(part: Path) -> None:
    """Half an export is none."""
    if part.is_dir():
        shutil.rmtree(part)
    elif part.exists():
        part.unlink()
