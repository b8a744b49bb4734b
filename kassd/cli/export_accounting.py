"""``kassd export datev|dfka|cashbook``: what a tax adviser gets of each closing."""

import argparse
import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from kassd.cli.export_dsfinvk import missing_after, period_of, progress_bar
from kassd.core.facts import AccountsHandedOver
from kassd.errors import ConfigError, DataError
from kassd.fiscal import cashbook, dfka
from kassd.fiscal.datev import Account, Chart, Client, Closing, Unmapped, bookings, extf, file_name
from kassd.fiscal.dsfinvk import Source
from kassd.fiscal.rows import ClosingRows, Key, closings
from kassd.journal.stream import raw_lines
from kassd.settings import Settings
from kassd.settings_accounting import DatevSection

HANDED_OVER = f'"kind":"{AccountsHandedOver.kind}"'.encode()
EXAMPLE = '[[account]] name = "umsatz-19", case = "Umsatz", vat = 1, number = "8400"'


def write(loaded: Settings, arguments: argparse.Namespace, part: Path) -> dict[int, str] | None:
    """Write what was asked for to ``part``; what was handed over to DATEV (number → SHA-256), else None."""
    if arguments.what == "datev":
        return export_datev(loaded, arguments, part)
    (export_dfka if arguments.what == "dfka" else export_cashbook)(loaded, arguments, part)
    return None


def wanted(loaded: Settings, arguments: argparse.Namespace) -> Iterator[ClosingRows]:
    """The closings asked for, with a bar on a terminal; at the end it is told which are not there yet."""
    source = Source(loaded.journal.dir, period_of(arguments))
    key: Key | None = None
    with progress_bar([source]) as progress:
        for closing in closings(source.journal, source.period, lambda seq: progress(0, seq)):
            key = closing.key
            yield closing
    for sentence in missing_after([key] if key else [], source.period.last_number or 0):
        print(sentence, file=sys.stderr)


def export_dfka(loaded: Settings, arguments: argparse.Namespace, part: Path) -> None:
    """A JSON document for each closing."""
    part.mkdir(parents=True)
    for closing in wanted(loaded, arguments):
        key = closing.key
        name = f"DFKA_{key.Z_KASSE_ID}_Z{key.Z_NR:06}.json"
        with (part / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(dfka.document(*key, closing.tables, closing.receipts))


def export_cashbook(loaded: Settings, arguments: argparse.Namespace, part: Path) -> None:
    """One CSV file of all closings: UTF-8 with its mark, ``;``, decimal comma."""
    with part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(cashbook.TITLES)
        for closing in wanted(loaded, arguments):
            (head,) = closing.tables["cashpointclosing"]
            key, cash = closing.key, head["Z_SE_BARZAHLUNGEN"]
            found = cashbook.entries(key.Z_NR, key.Z_ERSTELLUNG, cash, closing.receipts)
            writer.writerows(entry.cells() for entry in found)


def export_datev(loaded: Settings, arguments: argparse.Namespace, part: Path) -> dict[int, str]:
    """A file of bookings for each closing that has any; number → SHA-256.

    Raises :class:`ConfigError` naming every sum of the period without an account, :class:`DataError` where a
    closing was handed over with other bookings before.
    """
    section = loaded.datev
    if section is None:
        raise ConfigError("In der Konfiguration fehlt [datev]: Berater, Mandant, Kasse (accounting.md).")
    chart, client = chart_of(loaded, section), client_of(section)
    known: dict[int, tuple[str, str]] | None = None
    made: dict[int, str] = {}
    gaps: set[str] = set()
    part.mkdir(parents=True)
    for rows in wanted(loaded, arguments):
        if known is None:
            known = handed_over(loaded.journal.dir, rows.seq)
        closing = Closing(rows.key.Z_KASSE_ID, rows.key.Z_ERSTELLUNG, rows.key.Z_NR, _day(rows))
        try:
            found = bookings(rows.tables, chart)
        except Unmapped as unmapped:
            gaps.update(unmapped.sums)
            continue
        if found:
            data = extf(closing, found, client)
            made[closing.number] = hashlib.sha256(data).hexdigest()
            (part / file_name(closing)).write_bytes(data)
    if gaps:
        raise ConfigError(
            "Für diese Summen ist kein Konto eingerichtet; übergeben wurde nichts. Bitte mit dem "
            f"Steuerberater unter [[account]] eintragen, z. B. {EXAMPLE}:\n  " + "\n  ".join(sorted(gaps))
        )
    if not arguments.again:
        _refuse_others(known or {}, made)
    return made


def _day(rows: ClosingRows) -> date:
    return date.fromisoformat(rows.business_day)


def chart_of(loaded: Settings, section: DatevSection) -> Chart:
    """The accounts as they are configured."""
    rows = [Account(a.number, a.case, a.payment, a.vat, a.text, a.agency, a.bu) for a in loaded.account]
    return Chart(section.cash, tuple(rows))


def client_of(section: DatevSection) -> Client:
    """Whose books."""
    return Client(
        section.consultant,
        section.client,
        section.account_length,
        section.chart,
        section.year_begins,
        section.locked,
        section.prefix,
    )


def handed_over(journal: Path, first: int) -> dict[int, tuple[str, str]]:
    """Closing → when it was handed over last, and SHA-256 of its file; from line ``first`` on."""
    found: dict[int, tuple[str, str]] = {}
    for raw in raw_lines(journal, first):
        if HANDED_OVER not in raw:
            continue
        for fact in json.loads(raw)["facts"]:
            if fact["kind"] == AccountsHandedOver.kind:
                told = fact["data"]["closings"].items()
                found |= {int(number): (fact["data"]["at"], digest) for number, digest in told}
    return found


def _refuse_others(known: dict[int, tuple[str, str]], made: dict[int, str]) -> None:
    for number, digest in made.items():
        at, before = known.get(number, ("", digest))
        if before != digest:
            day = re.sub(r"^(\d{4})-(\d\d)-(\d\d).*", r"\3.\2.\1", at)
            raise DataError(
                f"Abschluss {number} wurde am {day} schon mit anderen Buchungen übergeben: Konten, Mandant "
                "oder Programm haben sich seitdem geändert. Erst mit dem Steuerberater klären, was in den "
                "Büchern steht; mit --again wird er neu übergeben."
            )
