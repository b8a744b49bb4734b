"""``kassd catalog check|diff|import|export|schema``: articles from a shop's files and back."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from kassd import catalog, settings
from kassd.app.boot import in_force
from kassd.catalog import Context, Difference, FileRefused, Problem, Reading
from kassd.cli.catalog_take import take
from kassd.cli.output import print_json
from kassd.clock import Clock
from kassd.core.catalog import Article, parse_catalog
from kassd.core.vat import rates_on
from kassd.errors import CatalogError, DataError
from kassd.settings import Settings

EX_DATAERR = 65
SHOWN = 200


def execute(arguments: argparse.Namespace) -> int:
    """Read, compare, show; only ``import`` and ``export`` write."""
    if arguments.action == "schema":
        print_json(catalog.schema())
        return 0
    loaded = settings.load(arguments.config)
    current = _current(loaded)
    if arguments.action == "export":
        return _export(loaded, arguments, current)
    try:
        reading = _read(loaded, arguments, current)
    except FileRefused as error:
        return _refused(arguments, error)
    if arguments.action == "check":
        return _checked(arguments, reading)
    found = catalog.difference(current, reading.articles)
    if arguments.action == "diff":
        _show(arguments, reading, found)
        return 0
    _show(arguments, reading, found)
    return take(loaded, arguments, reading.articles, found)


def _current(loaded: Settings) -> Mapping[str, Article]:
    """The articles in force: what the journal says; before the first start, what the file says."""
    state = in_force(loaded)
    if state is not None:
        return state.catalog.articles
    if loaded.catalog is None or not loaded.catalog.file.exists():
        return {}
    file = loaded.catalog.file
    try:
        text = file.read_text(encoding="utf-8")
        return parse_catalog(text, loaded.register.control_prefix, loaded.tax_keys())
    except (CatalogError, UnicodeDecodeError) as error:
        print(f"Achtung: der bisherige Artikelstamm {file} ist fehlerhaft: {error}", file=sys.stderr)
        return {}


def _read(loaded: Settings, arguments: argparse.Namespace, current: Mapping[str, Article]) -> Reading:
    return catalog.read_file(
        arguments.file,
        Context(
            current=current,
            keys=loaded.tax_keys(),
            rates=rates_on(Clock(settings.zone(loaded)).now().date()),
            control_prefix=loaded.register.control_prefix,
            agencies=loaded.agencies(),
            partial=arguments.partial,
            sheet=arguments.sheet,
            progress=_bar,
        ),
    )


def _bar(rows: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{rows} Zeilen gelesen", end="", file=sys.stderr, flush=True)


def _end_bar() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _finding(problem: Problem, severity: str) -> dict[str, str]:
    return {
        "id": "catalog",
        "severity": severity,
        "where": problem.where,
        "message": (f"„{problem.value}“: " if problem.value else "") + problem.text,
    }


def _refused(arguments: argparse.Namespace, error: FileRefused) -> int:
    """Every problem at once; nothing of the file is taken."""
    _end_bar()
    if arguments.json:
        findings = [_finding(problem, "error") for problem in error.problems]
        print_json({"ok": False, "kind": "catalog", "checked": 0, "findings": findings})
    else:
        print(error, file=sys.stderr)
        count = len(error.problems)
        print(f"{arguments.file}: NICHT in Ordnung ({count} Fehler); nichts übernommen", file=sys.stderr)
    return EX_DATAERR


def _checked(arguments: argparse.Namespace, reading: Reading) -> int:
    _end_bar()
    if arguments.json:
        findings = [_finding(problem, "warning") for problem in reading.notices]
        count = len(reading.articles)
        print_json({"ok": True, "kind": "catalog", "checked": count, "findings": findings})
    else:
        _show_notices(reading)
        print(f"{arguments.file}: in Ordnung ({len(reading.articles)} Artikel)")
    return 0


def _show_notices(reading: Reading) -> None:
    for problem in reading.notices[:SHOWN]:
        print(f"Hinweis: {problem}", file=sys.stderr)
    if len(reading.notices) > SHOWN:
        print(f"… und {len(reading.notices) - SHOWN} weitere Hinweise", file=sys.stderr)


def _show(arguments: argparse.Namespace, reading: Reading, found: Difference) -> None:
    """The difference; all of it, unless a person would have to read more than a screen of it to decide."""
    _end_bar()
    if arguments.json:
        notices = [_finding(problem, "warning") for problem in reading.notices]
        print_json({**found.to_json(), "notices": notices})
        return
    _show_notices(reading)
    lines = list(found.lines())
    shown = lines if arguments.action == "diff" else lines[:SHOWN]
    for line in shown:
        print(line)
    if len(lines) > len(shown):
        print(f"… und {len(lines) - len(shown)} weitere Artikel (alle: kassd catalog diff)")
    print(found.summary())


def _export(loaded: Settings, arguments: argparse.Namespace, current: Mapping[str, Article]) -> int:
    """To a file that is not there yet, or text to standard output."""
    out: Path | None = arguments.file
    format = arguments.format or (out.suffix[1:].lower() if out is not None else "json")
    if format not in catalog.FORMATS:
        raise DataError(f"{out}: das Format ist unklar; bitte --format json, csv oder xlsx angeben.")
    data = catalog.to_bytes(current, format, Context(keys=loaded.tax_keys()))
    if out is None:
        sys.stdout.buffer.write(data)
        return 0
    if out.exists():
        raise DataError(f"{out} gibt es schon; bitte einen anderen Namen wählen.")
    catalog.replace_file(out, data)
    print(f"{out}: {len(current)} Artikel")
    return 0
