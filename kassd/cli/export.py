"""``kassd export dsfinvk|tar|journal|elster``: fiscal data, the TSEs' log of any period, the journal with
what verifies it, or the notification of § 146a Abs. 4 AO."""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from kassd import settings
from kassd.cli.export_elster import export_elster
from kassd.cli.export_tar import export_tar
from kassd.cli.link import command
from kassd.cli.locks import is_running
from kassd.errors import DataError, LinkError
from kassd.settings import Settings

JOURNAL_FILES = ("*.jsonl", "*.jsonl.gz", "checkpoint", "blob", "torn")


def execute(arguments: argparse.Namespace) -> int:
    """Write aside, rename when complete."""
    loaded = settings.load(arguments.config)
    out: Path = arguments.out
    if out.exists():
        raise DataError(f"{out} gibt es schon; bitte einen anderen Namen wählen.")
    if arguments.what == "dsfinvk":
        from kassd.cli.export_dsfinvk import export_days

        export_days(loaded, arguments)
    else:
        _write(loaded, arguments, out)
    print(out)
    _record(loaded, arguments)
    return 0


def _write(loaded: Settings, arguments: argparse.Namespace, out: Path) -> None:
    part = out.with_name(out.name + ".part")
    try:
        if arguments.what == "tar":
            export_tar(loaded, arguments.first, arguments.last, part)
        elif arguments.what == "elster":
            export_elster(loaded, part)
        else:
            _export_journal(loaded.journal.dir, part)
        part.rename(out)
    except BaseException:
        _remove(part)
        raise


def _record(loaded: Settings, arguments: argparse.Namespace) -> None:
    """The running register notes the export. While none runs nobody may write the journal (it would have to
    be opened by the service's own account): that is said."""
    days = {"first": arguments.first, "last": arguments.last}
    args = {"what": arguments.what} | {key: day.isoformat() for key, day in days.items() if day}
    problem = "die Kasse läuft nicht"
    if is_running(loaded.journal.dir):
        try:
            reply = asyncio.run(command(loaded, "export.record", args))
        except LinkError as error:
            problem = str(error)
        else:
            problem = "" if reply["status"] == "ok" else str(reply.get("message", reply["status"]))
    if problem:
        print(f"Der Export ist nicht im Journal vermerkt: {problem}", file=sys.stderr)


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
