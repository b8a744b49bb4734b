"""``kassd export datev|dfka|cashbook`` on the journal of a shop that has traded."""

import asyncio
import csv
import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kassd.clock import Clock, utc_text
from kassd.core import facts as f
from kassd.fiscal.rows import closings
from kassd.journal import Entry, Journal
from tests.cli.kit import Done, kassd
from tests.fiscal.kit import traded

SHOP, FIRST = "boutique", date(2026, 3, 5)
DATEV = '[datev]\nconsultant = 29098\nclient = 55003\ncash = "1000"\nchart = "03"\n'


def accounts(journal: Path) -> str:
    """A row of the table for everything the shop has traded."""
    cases: dict[tuple[Any, ...], None] = {}
    for closing in closings(journal):
        for row in closing.tables["businesscases"]:
            if row["GV_TYP"] != "Anfangsbestand":
                cases["case", row["GV_TYP"], row["UST_SCHLUESSEL"], row["AGENTUR_ID"]] = None
        for row in closing.tables["payment"]:
            if row["ZAHLART_TYP"] not in ("Bar", "Keine"):
                cases["payment", row["ZAHLART_TYP"], 5, 0] = None
    row = '[[account]]\nname = "a-{}"\n{} = "{}"\nvat = {}\nagency = {}\nnumber = "{}"\n'
    return "".join(
        row.format(n, kind, name, vat, agency, 8000 + n) for n, (kind, name, vat, agency) in enumerate(cases)
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accounting") / SHOP
    traded(folder, SHOP, FIRST, days=3, density=0.2)
    return folder


def config(shop: Path, folder: Path, *more: str) -> Path:
    """The shop's configuration with ``more`` sections, its files named from everywhere."""
    text = (shop / "kassd.toml").read_text("utf-8")
    for name in ("journal", "catalog.json", "tse"):
        text = text.replace(f'"{name}"', f'"{shop / name}"')
    file = folder / "kassd.toml"
    file.write_text(text + "\n" + "\n".join(more), encoding="utf-8")
    return file


def export(what: str, out: Path, config: Path, *more: str) -> Done:
    return kassd("export", what, "--out", out, *more, config=config)


def remember(journal: Path, closings: dict[str, str]) -> None:
    """The register notes what was handed over."""

    async def write() -> None:
        now = utc_text(Clock().now())
        book, _ = await Journal.open(journal, f"TEST-{SHOP.upper()}", now=lambda: (now, 1, "0" * 16))
        fact = f.AccountsHandedOver("2026-03-09T10:00:00+01:00", "anna", "datev", closings)
        await book.append(Entry(now, 1, "0" * 16, [f.to_json(fact)], []))
        await book.close()

    asyncio.run(write())


def test_datev_is_blocked_until_everything_has_an_account(shop: Path, tmp_path: Path) -> None:
    done = export("datev", tmp_path / "out", config(shop, tmp_path))
    assert (done.returncode, "[datev]" in done.stderr) == (78, True)
    done = export("datev", tmp_path / "out", config(shop, tmp_path, DATEV))
    assert done.returncode == 78
    assert "Umsatz mit Steuerschlüssel 1" in done.stderr
    assert "Zahlungsart" in done.stderr
    assert "[[account]]" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kassd.toml"], "half an export is none"


def test_each_closing_is_a_file_and_the_cash_account_holds_the_cash(shop: Path, tmp_path: Path) -> None:
    file = config(shop, tmp_path, DATEV, accounts(shop / "journal"))
    done = export("datev", tmp_path / "out", file)
    assert done.returncode == 0, done.stderr
    assert "nicht im Journal vermerkt" in done.stderr, "no register runs"
    stock = 0
    for closing in closings(shop / "journal"):
        path = tmp_path / "out" / f"EXTF_Buchungsstapel_{closing.key.Z_KASSE_ID}_Z{closing.key.Z_NR:06}.csv"
        with path.open(encoding="cp1252", newline="") as data:
            header, _, *rows = csv.reader(data, delimiter=";")
        assert header[14:16] == [closing.business_day.replace("-", "")] * 2
        cents = [int(row[0].replace(",", "")) * (1 if row[1] == "S" else -1) for row in rows]
        assert {row[6] for row in rows} == {"1000"}
        assert {row[10] for row in rows} == {f"Z{closing.key.Z_NR}"}
        stock += sum(cents)
        assert stock == closing.tables["cashpointclosing"][0]["Z_SE_BARZAHLUNGEN"]
    again = export("datev", tmp_path / "again", file)
    assert again.returncode == 0
    assert _files(tmp_path / "out") == _files(tmp_path / "again"), "the same closing, the same bytes"


def _files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_what_was_handed_over_is_not_changed_in_silence(shop: Path, tmp_path: Path) -> None:
    copy = tmp_path / "shop"
    shutil.copytree(shop, copy)
    table = accounts(copy / "journal")
    file = config(copy, tmp_path, DATEV, table)
    assert export("datev", tmp_path / "first", file, "--closing", "1").returncode == 0
    ((_, digest),) = _files(tmp_path / "first").items()
    remember(copy / "journal", {"1": digest})
    assert export("datev", tmp_path / "same", file, "--closing", "1").returncode == 0
    config(copy, tmp_path, DATEV, table.replace('"8000"', '"8999"'))
    done = export("datev", tmp_path / "other", file)
    assert done.returncode == 65
    assert "Abschluss 1 wurde am 09.03.2026 schon mit anderen Buchungen übergeben" in done.stderr
    assert not (tmp_path / "other").exists()
    assert export("datev", tmp_path / "other", file, "--again").returncode == 0
    assert export("datev", tmp_path / "next", file, "--closing", "2").returncode == 0, "another closing"


def test_the_taxonomy_is_a_document_for_each_closing(shop: Path, tmp_path: Path) -> None:
    done = export("dfka", tmp_path / "out", config(shop, tmp_path))
    assert done.returncode == 0, done.stderr
    found = [json.loads(path.read_bytes()) for path in sorted((tmp_path / "out").iterdir())]
    assert [one["cash_point_closing"]["number"] for one in found] == list(range(1, len(found) + 1))


def test_the_cash_book_goes_through_all_closings(shop: Path, tmp_path: Path) -> None:
    done = export("cashbook", tmp_path / "kassenbuch.csv", config(shop, tmp_path), "--from", "2026-03-06")
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "kassenbuch.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfDatum;Uhrzeit;")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert {row["Abschluss"] for row in rows} == {"2", "3"}
    assert rows[-1]["Vorgang"] == "Kassenabschluss"
    assert rows[-1]["Bestand"]


def test_a_closing_behind_new_tax_rates_is_the_same_by_its_number(tmp_path: Path) -> None:
    """The closing before it, its opening and its first Vorgang are one line of the journal."""
    shop = tmp_path / "kiosk"
    journal = traded(shop, "kiosk", date(2020, 12, 31), density=0.2)
    assert [closing.fact.get("automatic", False) for closing in closings(journal)] == [True, False]
    file = config(shop, tmp_path, DATEV, accounts(journal))
    for what, name in (("dsfinvk", "d"), ("datev", "datev"), ("dfka", "dfka"), ("cashbook", "book.csv")):
        for number in ("1", "2"):
            done = export(what, tmp_path / f"{number}-{name}", file, "--closing", number)
            assert done.returncode == 0, done.stderr
        done = export(what, tmp_path / name, file)
        assert done.returncode == 0, done.stderr
    for name in ("datev", "dfka"):
        parts = _files(tmp_path / f"1-{name}") | _files(tmp_path / f"2-{name}")
        assert parts == _files(tmp_path / name)
    book = [(tmp_path / name).read_bytes().splitlines() for name in ("1-book.csv", "2-book.csv", "book.csv")]
    assert book[0] + book[1][1:] == book[2]
    assert b"Kassenabschluss" in book[1][-1]


def test_a_period_without_a_closing_is_said(shop: Path, tmp_path: Path) -> None:
    done = export("cashbook", tmp_path / "none.csv", config(shop, tmp_path), "--from", "2030-01-01")
    assert done.returncode == 65
    assert "keinen Kassenabschluss" in done.stderr
    assert not (tmp_path / "none.csv").exists()


@pytest.mark.parametrize("what", ["cashbook", "dfka"])
def test_closings_that_are_not_there_yet_are_said(what: str, shop: Path, tmp_path: Path) -> None:
    done = export(what, tmp_path / "out", config(shop, tmp_path), "--closing", "2-9")
    assert done.returncode == 0, done.stderr
    assert "die Abschlüsse 4–9 gibt es noch nicht" in done.stderr
