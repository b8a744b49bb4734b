"""``kassd export audit``: what an official may ask for on the spot, in one folder (§ 146b AO).

Run as a program of its own (``python -m kassd.cli.export_audit``) by a running register whose display asked
for it: its process id and how much lower the priority is as arguments, a task as JSON on standard input, the
result on standard output.
"""

import argparse
import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import kassd
from kassd import settings
from kassd.app.archive import FOLDER
from kassd.app.boot import in_force
from kassd.app.finder import FILE
from kassd.cli.export_tar import export_tar
from kassd.clock import Clock
from kassd.core.state import State
from kassd.errors import DataError, KassdError, refusal
from kassd.fiscal import documents
from kassd.fiscal.archive.copying import copy_journal
from kassd.fiscal.audit import audit
from kassd.fiscal.audit.page import page
from kassd.fiscal.dsfinvk import Source, export_dsfinvk
from kassd.fiscal.dsfinvk.export import LOG
from kassd.fiscal.query import Records
from kassd.fiscal.rows import Period
from kassd.fiscal.visit import (
    Bundle,
    Part,
    Standing,
    Unavailable,
    count_sheet,
    cover_page,
    standing,
    write_bundle,
    write_tables,
)
from kassd.fiscal.visit.bundle import Progress
from kassd.journal import verify_journal
from kassd.settings import Settings

STICK = "usb"  # --out usb: the stick that is there
VERIFIER = "journal_pruefen.py"
EX_TERMINATED = 143
PR_SET_PDEATHSIG = 1  # linux/prctl.h
DAY = "%d.%m.%Y"


def hand_out(
    loaded: Settings,
    out: Path,
    first: date | None,
    last: date | None,
    recipient: str,
    progress: Progress = lambda _: None,
    workers: int | None = None,
    allowed: Callable[[], None] = lambda: None,
) -> Bundle:
    """Make the folder, a new one inside of ``out`` where that is there already; ``workers``: processes that
    audit it, default one per core; ``allowed``: see :func:`write_bundle`. Raises
    :class:`DataError` in German."""
    journal = loaded.journal.dir
    now = Clock(settings.zone(loaded)).now()
    state = in_force(loaded) if journal.is_dir() else None
    if state is None:
        raise DataError(f"In {journal} liegt noch kein Journal, aus dem etwas herauszugeben wäre.")
    folder = out / f"nachschau-{loaded.register.id}-{now:%Y%m%d-%H%M%S}" if out.is_dir() else out
    with Records(journal, journal.parent / FILE, settings.zone(loaded)) as records:
        found = standing(state, records, now.isoformat(timespec="seconds"))
        parts = [*_parts(loaded, records, found, first, last, workers), *_documents(journal, state)]
        return write_bundle(
            folder,
            parts,
            lambda made: cover_page(found, recipient, _period(first, last), made),
            _needed(journal),
            progress,
            allowed,
        )


def _period(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "alles, was die Kasse aufgezeichnet hat"
    begin = f"von {first.strftime(DAY)}" if first is not None else "von Anfang an"
    return f"{begin} bis {last.strftime(DAY)}" if last is not None else f"{begin} bis zuletzt"


def _needed(journal: Path) -> int:
    """Bytes, about: journal and TAR as they are, and once more as much as CSV."""
    folders = (journal, journal.parent / FOLDER)
    return 3 * sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def _parts(
    loaded: Settings,
    records: Records,
    found: Standing,
    first: date | None,
    last: date | None,
    workers: int | None,
) -> Iterator[Part]:
    def sheet(path: Path) -> None:
        path.write_text(count_sheet(found), encoding="utf-8")

    def dsfinvk(path: Path) -> str:
        made = export_dsfinvk(
            [Source(loaded.journal.dir, Period(first, last))],
            path,
            made_at=found.at,
            software=f"kassd {kassd.__version__}",
            dtd=loaded.fiscal.dtd,
        )
        numbers = [number for _, _, number in made.closings]
        return f"Abschlüsse {numbers[0]} bis {numbers[-1]}, {made.receipts} Vorgänge; dazu {made.log.name}"

    def tar(path: Path) -> str:
        return export_tar(loaded, first, last, path)

    def report(path: Path) -> str:
        folder, archive = path.parent / "dsfinvk", path.parent / "tse" / "tse.tar"
        if not folder.is_dir():
            raise Unavailable("Ohne Kassendaten gibt es nichts zu prüfen.")
        tars, log = ([archive] if archive.exists() else []), folder.with_name(folder.name + LOG)
        done = audit(folder, tars, journals=[loaded.journal.dir], log=log, workers=workers)
        made = f"{datetime.fromisoformat(found.at):am %d.%m.%Y um %H:%M} mit kassd {kassd.__version__}"
        given = {"journal", "log", *(["tar"] if tars else [])}
        path.write_text(page(done, folder.name, made, given), "utf-8")
        errors = sum(finding.severity == "error" for finding in done.verdict.findings)
        return "keine Fehler" if done.verdict.ok else f"{errors} Fehler gefunden: bitte lesen"

    def certificates(path: Path) -> None:
        if not any(tse.certificates for tse in found.tses):
            raise Unavailable("Es ist keine TSE in Betrieb genommen, oder sie hat keine Zertifikate genannt.")
        path.mkdir()
        for tse in found.tses:
            for certificate in tse.certificates:
                name = f"{tse.serial_number[:16]}-{certificate.number}.der"
                (path / name).write_bytes(certificate.der)

    def tables(path: Path) -> None:
        write_tables(path, records, first, last)
        records.check()

    yield Part("zaehlprotokoll.html", "Zählprotokoll zum Ausfüllen", sheet)
    yield Part("dsfinvk", "Kassendaten nach DSFinV-K 2.4 (Abschlüsse des Zeitraums)", dsfinvk)
    yield Part("tse/tse.tar", "Log-Nachrichten der TSE (TAR, BSI TR-03153)", tar)
    yield Part("pruefbericht.html", "Prüfung der Kassendaten, auch gegen TAR und Journal", report)
    yield Part("tse/zertifikate", "Zertifikate der TSE (DER)", certificates)
    yield Part("tabellen", "Alle Aufzeichnungen des Zeitraums als Tabellen (CSV), auch vom Tage", tables)
    yield Part("journal", "Journal der Kasse, jede Zeile", lambda p: _journal(loaded, p))
    yield Part(
        VERIFIER, f"Prüfprogramm: python3 {VERIFIER} journal", lambda p: _resource("journal_pruefen.txt", p)
    )


def _documents(journal: Path, state: State) -> Iterator[Part]:
    """Procedural documentation, data sheet and manuals as they are now."""
    record = cache(partial(documents.read_record, journal))

    def write(name: str, path: Path) -> str:
        composed = documents.compose(name, state, record())
        path.write_bytes(documents.to_pdf(composed))
        return composed.stand

    for name, title in documents.DOCUMENTS.items():
        yield Part(f"dokumente/{title.replace(' ', '-')}.pdf", title, partial(write, name))


def _journal(loaded: Settings, path: Path) -> str:
    copy_journal(loaded.journal.dir, path)
    verdict = verify_journal(path, deep=False)
    if not verdict.ok:
        return f"BESCHÄDIGT, herausgegeben wie es ist: {verdict.first_error}"
    return "vollständig und unverändert: jede Zeile schließt die Prüfsumme der vorigen ein"


def _resource(name: str, path: Path) -> None:
    path.write_bytes(files("kassd.fiscal.visit").joinpath(name).read_bytes())


def stick(folder: Path) -> Path:
    """The one stick mounted below ``folder``."""
    try:
        mounted = [path for path in sorted(folder.iterdir()) if path.is_mount()]
    except FileNotFoundError:
        mounted = []
    if not mounted:
        raise DataError(f"Unter {folder} ist kein USB-Stick eingehängt. Bitte einen einstecken.")
    if len(mounted) > 1:
        names = ", ".join(path.name for path in mounted)
        raise DataError(f"Es stecken mehrere USB-Sticks ({names}). Bitte nur einen stecken lassen.")
    return mounted[0]


def place_of(loaded: Settings, out: str) -> Path:
    """The folder that ``--out`` means; ``usb``: the stick, or what ``[fiscal] handout`` names instead."""
    if out != STICK:
        return Path(out)
    return loaded.fiscal.handout or stick(loaded.fiscal.sticks)


def export_audit(loaded: Settings, arguments: argparse.Namespace) -> Bundle:
    """The command: what was handed out is printed, what was not goes to standard error."""
    bundle = hand_out(
        loaded,
        place_of(loaded, str(arguments.out)),
        arguments.first,
        arguments.last,
        arguments.recipient,
        lambda title: print(f"{title} …", file=sys.stderr) if sys.stderr.isatty() else None,
    )
    for part in bundle.missing:
        print(f"Nicht dabei: {part.title}: {part.missing}", file=sys.stderr)
    print(f"{bundle.files} Dateien, SHA-256 der Liste: {bundle.sha256}", file=sys.stderr)
    return bundle


def _still_asked(register: int) -> None:
    """Ends this program where the process that asked for the data is gone: nobody would record the export."""
    if os.getppid() != register:
        sys.exit(EX_TERMINATED)


def main(register: int, nice: int) -> int:
    """The task of a running register, the process ``register``: ``{"first", "last", "recipient"}`` in; out:
    ``{"folder", "sha256", "missing": […]}`` or ``{"error"}``. ``nice``: how much lower its priority is."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EX_TERMINATED))  # half a folder is removed
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # without the register nothing is recorded
    _still_asked(register)  # it may have gone before the line above
    with suppress(PermissionError):  # the unit's system call filter: then the other core has to do
        os.nice(nice)
    Path("/proc/self/oom_score_adj").write_text("1000")  # rather this than the register
    task: dict[str, Any] = json.load(sys.stdin)
    first, last = (date.fromisoformat(task[key]) if task[key] else None for key in ("first", "last"))
    try:
        loaded = settings.load()
        place, allowed = place_of(loaded, STICK), partial(_still_asked, register)
        bundle = hand_out(loaded, place, first, last, task["recipient"], workers=1, allowed=allowed)
    except (KassdError, OSError) as error:
        said = refusal(error) if isinstance(error, OSError) else str(error)
        json.dump({"error": said}, sys.stdout)
        return 0
    missing = [f"{part.title}: {part.missing}" for part in bundle.missing]
    json.dump({"folder": str(bundle.folder), "sha256": bundle.sha256, "missing": missing}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
