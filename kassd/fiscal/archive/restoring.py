"""From a copy back to a register's folders, with proof: checked before, read back and checked after.

Nothing is overwritten, and nothing has its name before it is proven: the folder is made aside and renamed.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kassd.core.verdict import Finding, Verdict
from kassd.errors import DataError
from kassd.fiscal.archive import manifest
from kassd.fiscal.archive.checking import check_copy, check_place
from kassd.fiscal.archive.durable import ASIDE, files_below, make_folder, print_of, put, sync_folder
from kassd.fiscal.archive.holdings import JOURNAL, KEPT, TARS, Place
from kassd.journal import verify_journal

WORKING = ("lock", "key", "next.seg", "next.blob", "index.sqlite", "index.sqlite-wal", "index.sqlite-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """``verdict``: on what was found, and if that was good, on what was written. ``files`` written; 0: none,
    because the source is not what it should be."""

    verdict: Verdict
    files: int = 0


def source_of(folder: Path) -> Path:
    """The copy in ``folder``: itself, or the only ``kassd-…`` in it."""
    if (folder / JOURNAL).is_dir() or list(folder.glob("*.jsonl*")):
        return folder
    copies = sorted(path for path in folder.glob("kassd-*") if path.is_dir())
    if len(copies) == 1:
        return copies[0]
    names = ", ".join(path.name for path in copies) or "keine"
    raise DataError(f"In {folder} wird eine Kopie erwartet (kassd archive copy); gefunden: {names}.")


def check_source(source: Path) -> Verdict:
    """A copy with its manifest; of a bare journal (``kassd export journal``, a mirror) only the journal."""
    if (source / JOURNAL).is_dir():
        return check_copy(source)
    verdict = verify_journal(source)
    message = "Die Quelle ist nur ein Journal: TSE-Archive, Exporte und Dokumente sind nicht dabei."
    return Verdict(
        "restore", verdict.checked, (*verdict.findings, Finding("journal_only", "warning", "", message))
    )


def restore(source: Path, target: Path, told: Callable[[str], None]) -> Restored:
    """Make the folders ``journal``, ``tse-archive`` and ``archive`` in ``target``, which must not be there
    (or be empty). A source with errors is not restored: the verdict names them."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DataError(
            f"{target} gibt es schon; überschrieben wird nichts. Bitte einen neuen Ordner nennen."
        )
    source = source_of(source)
    verdict = check_source(source)
    if not verdict.ok:
        return Restored(verdict)
    aside = target.with_name(target.name + ASIDE)
    if aside.exists():
        raise DataError(f"{aside} ist von einem abgebrochenen Zurückholen übrig. Bitte löschen.")
    make_folder(aside)
    files = 0
    for name, path in _wanted(source):
        told(name)
        if put(path, aside / name) != print_of(path):
            raise DataError(f"{name} hat sich beim Kopieren geändert. Bitte noch einmal beginnen.")
        (aside / name).chmod(0o600 if _grows(name) else 0o400)
        files += 1
    after = _check_target(aside, bare=source.joinpath(JOURNAL).is_dir() is False)
    if after.ok:
        if target.exists():
            target.rmdir()
        os.replace(aside, target)
        sync_folder(target.parent)
    notes = tuple(f for f in verdict.findings if f.severity != "error" and f not in after.findings)
    return Restored(Verdict("restore", after.checked, (*notes, *after.findings)), files if after.ok else 0)


def _check_target(root: Path, *, bare: bool) -> Verdict:
    if bare:
        return verify_journal(root / JOURNAL)
    return check_place(Place.below(root), signatures=False)  # byte for byte what was verified


def _wanted(source: Path) -> list[tuple[str, Path]]:
    if not (source / JOURNAL).is_dir():
        return [
            (f"{JOURNAL}/{name}", source / name)
            for name in files_below(source)
            if name not in WORKING and not name.endswith((".tmp", ASIDE, manifest.MANIFEST))
        ]
    return [
        (name, source / name)
        for name in files_below(source)
        if name.startswith((f"{JOURNAL}/", f"{TARS}/", f"{KEPT}/")) and not name.endswith(ASIDE)
    ]


def _grows(name: str) -> bool:
    """What the register goes on writing."""
    return name.endswith((".jsonl", "checkpoint"))
