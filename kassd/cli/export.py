"""``kassd export tar|journal``: the TSEs' log of any period, or the journal with what verifies it."""

import argparse
import shutil
from pathlib import Path

from kassd import settings
from kassd.cli.export_tar import export_tar
from kassd.errors import DataError

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
            export_tar(loaded, arguments.first, arguments.last, part)
        else:
            _export_journal(loaded.journal.dir, part)
        part.rename(out)
    except BaseException:
        _remove(part)
        raise
    print(out)
    return 0


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
