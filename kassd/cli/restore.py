"""``kassd restore FROM --to DIR``: a copy back to a register's folders, with proof, and what is newer."""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

from kassd import settings
from kassd.app.boot import state_of
from kassd.app.tse_family import open_ours
from kassd.cli.archive import progress
from kassd.cli.link import checkpoint
from kassd.cli.locks import is_running
from kassd.cli.output import MARKS, print_json, print_verdict
from kassd.clock import Clock
from kassd.core.state import State
from kassd.core.verdict import Finding
from kassd.errors import ConfigError, JournalError, KassdError
from kassd.fiscal.archive import Anchor, newer, restore
from kassd.fiscal.archive.holdings import JOURNAL
from kassd.journal import read_lines
from kassd.journal.note import NoteError, parse_note
from kassd.settings import Settings

EX_DATAERR = 65
DECIDE = """\
Andere wissen mehr als diese Sicherung: zwischen ihr und dem Ausfall wurde gearbeitet. Beim Start verlangt
kassd, bevor wieder verkauft wird, eine Entscheidung (counters.resume): die letzte Beleg- und Abschlussnummer
vom letzten gedruckten Z-Bon eingeben. Die Zähler laufen darüber weiter; die Lücke steht danach auf X, Z und
in der Verfahrensdokumentation. Fehlende Belege aus TSE-Archiv, Spiegel oder Papier nachweisen."""


def execute(arguments: argparse.Namespace) -> int:
    """Restore, then ask who remembers more. Exit code 65: the source is damaged, nothing was made."""
    done = restore(arguments.source, arguments.to, progress)
    if not done.files:
        return print_verdict(done.verdict, as_json=arguments.json, subject=f"Quelle {arguments.source}")
    journal = arguments.to / JOURNAL
    first = next(read_lines(journal, 0, 0))
    origin = str(first.facts[0]["data"]["origin"])
    state = state_of(journal, origin) or State()
    loaded, notes = _settings(arguments, origin)
    bound = state.tse.bound.serial_number if state.tse.bound is not None else ""
    anchors = list(_anchors(loaded, bound, notes)) if loaded is not None else []
    ours = {"epoch": state.epoch, "receipt": state.receipt, "closing": state.closing}
    found = newer(journal, {**ours, "transaction": state.tse.newest}, anchors)
    if arguments.json:
        rows = [_row(finding) for finding in found]
        shown = {"to": str(arguments.to), "files": done.files, **ours, "newer": rows, "not_asked": notes}
        print_json({**done.verdict.render(), **shown})
        return 0
    print_verdict(done.verdict, as_json=False, subject=f"{arguments.to}")
    print(f"{done.files} Dateien; letzter Beleg {state.receipt}, letzter Abschluss {state.closing}.")
    for note in notes:
        print(f"Nicht gefragt: {note}")
    for finding in found:
        print(f"{MARKS['warning']} [{finding.id}] {finding.message}")
    print(DECIDE if found else "Niemand von den Gefragten weiß mehr als diese Sicherung.")
    print(f'In der Konfiguration: [journal] dir = "{journal.absolute()}"')
    return 0


def _row(finding: Finding) -> dict[str, str]:
    return {"id": finding.id, "source": finding.where, "message": finding.message}


def _settings(arguments: argparse.Namespace, origin: str) -> tuple[Settings | None, list[str]]:
    """The configuration tells where anchors are; a restore works without one."""
    try:
        loaded = settings.load(arguments.config)
    except ConfigError as error:
        return None, [f"Spiegel, Broker und TSE ({error})"]
    if loaded.register.id != origin:
        return None, [f"Spiegel, Broker und TSE (die Konfiguration ist die von {loaded.register.id})"]
    return loaded, []


def _anchors(loaded: Settings, bound: str, notes: list[str]) -> Iterator[Anchor]:
    """Who remembers something; ``notes`` gets who could not be asked, and why."""
    for source, folder in (("journal", loaded.journal.dir), ("mirror", loaded.journal.mirror)):
        if folder is not None and folder.is_dir():
            try:
                yield Anchor(source, _of_journal(folder, loaded.register.id))
            except KassdError as error:
                notes.append(str(error))
    if loaded.mqtt.local is not None:
        try:
            payload = asyncio.run(checkpoint(loaded))
            told = json.loads(payload) if payload else {}
            told.pop("transaction", None)  # the TSE itself is asked
            if not told:
                notes.append("Broker (er hat keinen Prüfpunkt)")
            yield Anchor("broker", told)
        except (KassdError, ValueError) as error:
            notes.append(f"Broker ({error})")
    if loaded.tse is not None:
        if is_running(loaded.journal.dir):
            notes.append("TSE (die Kasse läuft und benutzt sie)")
        else:
            try:
                serial, counter = asyncio.run(_counter(loaded))
                yield Anchor("tse", {"transaction": counter} if serial == bound else {})
            except (KassdError, OSError) as error:
                notes.append(f"TSE ({error})")


def _of_journal(folder: Path, origin: str) -> dict[str, object]:
    """Lines, counters, signed size and root of a journal that is still there, as far as it is good."""
    size = -1
    try:
        for line in read_lines(folder):
            size = line.seq
    except JournalError:
        if size < 0:
            raise
    told: dict[str, object] = {"size": size + 1}
    try:
        note = parse_note((folder / "checkpoint").read_text(encoding="utf-8"))
        if note.size >= size + 1:
            told |= {"size": note.size, "root": note.root.hex()}
    except (OSError, NoteError, UnicodeDecodeError):
        pass  # without one the number of lines has to do
    try:
        state = state_of(folder, origin)
    except KassdError:
        state = None
    if state is not None:
        told |= {"epoch": state.epoch, "receipt": state.receipt, "closing": state.closing}
    return told


async def _counter(loaded: Settings) -> tuple[str, int]:
    tse, info = await open_ours(loaded, Clock(), others=True)
    try:
        return info.serial_number, info.transaction_counter
    finally:
        await tse.close()
