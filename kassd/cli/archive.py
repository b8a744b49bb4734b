"""``kassd archive``: what must be kept, until when, whether it is still there, and copies of it elsewhere."""

import argparse
import asyncio
import getpass
import sys
from datetime import date, datetime
from pathlib import Path

from kassd import settings
from kassd.app.boot import in_force
from kassd.cli.link import command
from kassd.cli.locks import is_running
from kassd.cli.output import print_json, print_verdict
from kassd.clock import Clock
from kassd.errors import DataError, LinkError
from kassd.fiscal.archive import (
    Keeper,
    Kept,
    Numbers,
    Place,
    check_copy,
    check_place,
    copy_to,
    keep_until,
    kept_in,
    told,
)
from kassd.fiscal.archive.keeping import spoken
from kassd.fiscal.archive.kept import TITLES, Kind, must_stay_until
from kassd.fiscal.archive.restoring import source_of
from kassd.journal import read_lines
from kassd.journal.files import OsFiles
from kassd.journal.segments import list_segments
from kassd.settings import Settings

EX_DATAERR = 65


def execute(arguments: argparse.Namespace) -> int:
    """One action on the archive of the configured register, or the check of a copy."""
    if arguments.action == "verify" and arguments.path is not None:
        copy = source_of(arguments.path)
        return print_verdict(check_copy(copy), as_json=arguments.json, subject=f"Kopie {copy}")
    loaded = settings.load(arguments.config)
    place = Place.beside(loaded.journal.dir)
    now = Clock(settings.zone(loaded)).now()
    match arguments.action:
        case "list":
            return _list(place, as_json=arguments.json)
        case "verify":
            return print_verdict(check_place(place), as_json=arguments.json, subject="Archiv")
        case "copy":
            return _copy(loaded, place, now, arguments)
        case "add":
            return _add(place, Keeper(place.kept, now), now, arguments)
        case "hold":
            return _hold(Keeper(place.kept, now), arguments)
        case _:
            return _prune(Keeper(place.kept, now), place, now, arguments)


def _list(place: Place, *, as_json: bool) -> int:
    """What is kept, by year and by name, each with the last day on which it must be there."""
    things, held = kept_in(place.kept)
    years = _years(place)
    if as_json:
        print_json({"years": years, "held": held, "kept": [_shown(t, things) for t in things.values()]})
        return 0
    print(f"Journal {place.journal}")
    for row in years:
        tars = f", TSE-Archive: {row['tars']}" if row["tars"] else ""
        print(f"  {row['year']}: Abschlüsse {row['closings']}{tars}; aufzubewahren bis {row['keep_until']}")
    print("  Das Journal und die TSE-Archive löscht kassd nie.")
    print(f"Archiv {place.kept}" + (f" – Löschsperre: {held}" if held else ""))
    for thing in things.values():
        row = _shown(thing, things)
        until = f"aufzubewahren bis {row['keep_until']}" if row["keep_until"] else "neueste Fassung"
        lock = f"; Löschsperre: {thing.held}" if thing.held else ""
        state = f"gelöscht {thing.removed}" if thing.removed else until + lock
        print(f"  {thing.name} ({TITLES[thing.kind]}, {row['files']} Dateien, {row['size']} Bytes): {state}")
    return 0


def _years(place: Place) -> list[dict[str, object]]:
    """Closings and TARs of each calendar year."""
    said = told(place.journal) if place.journal.is_dir() else None
    if said is None:
        return []
    rows = []
    years = {int(c.day[:4]) for c in said.closings} | {int(t.at[:4]) for t in said.tars}
    for year in sorted(years):
        numbers = [c.number for c in said.closings if int(c.day[:4]) == year]
        closings = f"{numbers[0]}–{numbers[-1]}" if numbers else "keine"
        tars = sum(1 for tar in said.tars if int(tar.at[:4]) == year)
        until = keep_until(year).isoformat()
        rows.append({"year": year, "closings": closings, "tars": tars, "keep_until": until})
    return rows


def _shown(thing: Kept, things: dict[str, Kept]) -> dict[str, object]:
    until = must_stay_until(thing, things.values())
    row: dict[str, object] = {key: getattr(thing, key) for key in ("name", "kind", "year", "at", "by")}
    row |= {"files": len(thing.files), "size": thing.size, "held": thing.held, "removed": thing.removed}
    return {**row, "keep_until": None if until is None else until.isoformat()}


def _copy(loaded: Settings, place: Place, now: datetime, arguments: argparse.Namespace) -> int:
    state = in_force(loaded)
    if state is None:
        raise DataError("Im Journal steht noch nichts, was zu kopieren wäre.")
    numbers = Numbers(state.epoch, state.receipt, state.closing)
    done = copy_to(place, arguments.dir, loaded.register.id, numbers, now, progress)
    if arguments.json:
        print_json({**done.verdict.render(), "root": str(done.root), "files": done.files, "size": done.size})
    elif done.verdict.ok:
        print(
            f"{done.root}: {done.files} Dateien, {done.size} Bytes, {done.lines} Journalzeilen; "
            f"{done.written} davon neu geschrieben, alle zurückgelesen und verglichen."
        )
    else:
        print_verdict(done.verdict, as_json=False, subject=f"Kopie {done.root}")
        print("Die Kopie bleibt liegen, so wie sie ist; kassd restore nimmt sie so nicht an.")
    record(loaded, "archive-copy")
    return 0 if done.verdict.ok else EX_DATAERR


def _add(place: Place, keeper: Keeper, now: datetime, arguments: argparse.Namespace) -> int:
    source: Path = arguments.path
    if not source.exists():
        raise DataError(f"{source} gibt es nicht.")
    if own := place.owner(source):
        raise DataError(f"{source} liegt in {own} und wird dort schon aufbewahrt.")
    kind: Kind = arguments.kind or _kind_of(source)
    last: date = arguments.last or now.date()
    if last > now.date():
        raise DataError("--to liegt in der Zukunft; gemeint ist der letzte Tag, von dem die Daten handeln.")
    thing = keeper.add(source, kind, last.year, arguments.by or user())
    print(f"{thing.name}: {len(thing.files)} Dateien, {thing.size} Bytes")
    return 0


def _kind_of(source: Path) -> Kind:
    """Told apart by what it is."""
    if source.is_dir():
        return "export"
    if source.suffix == ".tar":
        return "tar"
    return "document" if source.suffix in (".pdf", ".html", ".md") else "other"


def _hold(keeper: Keeper, arguments: argparse.Namespace) -> int:
    name, by = arguments.name or "", arguments.by or user()
    if arguments.release:
        rest = keeper.release(name, by)
        print(f"{spoken(name)}: Löschsperre aufgehoben.")
        if rest:
            print(f"Gesperrt bleibt: {', '.join(map(spoken, rest))}.")
        return 0
    if not (arguments.reason or "").strip():
        raise DataError("Eine Löschsperre braucht einen Grund: --reason 'Betriebsprüfung 2024–2026'.")
    keeper.hold(name, arguments.reason.strip(), by)
    print(f"{spoken(name)}: Löschsperre gesetzt.")
    return 0


def _prune(keeper: Keeper, place: Place, now: datetime, arguments: argparse.Namespace) -> int:
    """Without names of two people only what might go is shown. A clock that runs ahead removes nothing: the
    journal's newest line says how late it can be at most."""
    keeper.sweep()
    today = min(now.date(), _newest(place, now))
    due = keeper.due(today)
    for thing in due:
        print(thing.name)
    if not due:
        print(f"Nichts ist über seine Aufbewahrungsfrist hinaus (Stand {today:%d.%m.%Y}).")
    if not due or not (arguments.by or arguments.and_by):
        return 0
    for thing in due:
        keeper.remove(thing.name, today, arguments.by or "", arguments.and_by or "")
    print(f"{len(due)} gelöscht; das Verzeichnis nennt sie weiterhin.")
    return 0


def _newest(place: Place, now: datetime) -> date:
    """Day of the journal's newest line; without a journal nothing says more than the clock."""
    for segment in reversed(list_segments(OsFiles(), place.journal)):
        times = [line.at for line in read_lines(place.journal, segment.first)]
        if times:
            return datetime.fromisoformat(times[-1]).astimezone(now.tzinfo).date()
    return now.date()


def progress(name: str) -> None:
    """The name of the file at work, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{name[-70:]}", end="", file=sys.stderr, flush=True)


def user() -> str:
    """Who sits at the console."""
    try:
        return getpass.getuser()[:40]
    except (KeyError, OSError):
        return "konsole"


def record(loaded: Settings, what: str) -> None:
    """The running register notes that data left it; if it does not run, that is said."""
    problem = "die Kasse läuft nicht"
    if is_running(loaded.journal.dir):
        try:
            reply = asyncio.run(command(loaded, "export.record", {"what": what}))
        except LinkError as error:
            problem = str(error)
        else:
            problem = "" if reply["status"] == "ok" else str(reply.get("message", reply["status"]))
    if problem:
        print(f"Die Kopie ist nicht im Journal vermerkt: {problem}", file=sys.stderr)
