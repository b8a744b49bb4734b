"""A whole export: complete or not at all, the same bytes for the same period."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from kassd.core import inputs as i
from kassd.fiscal.dsfinvk import Source, export_dsfinvk
from kassd.fiscal.rows import ExportBlocked, Period
from tests.core.playbook import OPENED, Playbook, add, cash, command
from tests.fiscal.kit import close, exported, journal_of, read, traded

FIRST = date(2026, 3, 2)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return traded(tmp_path_factory.mktemp("bar") / "bar", "bar", FIRST, days=2, density=0.3)


def test_a_period_gives_22_files_and_a_log_beside_them(journal: Path, tmp_path: Path) -> None:
    made = exported(journal, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == len(made.files) == 22
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.exportprotokoll.txt"]
    for name, digest in made.files.items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
        assert f"{digest}  out/{name}" in made.log.read_text(encoding="utf-8")
    assert [key[2] for key in made.closings] == [1, 2]


def test_the_same_period_gives_the_same_bytes_wherever_reading_begins(journal: Path, tmp_path: Path) -> None:
    whole = exported(journal, tmp_path / "whole")
    assert exported(journal, tmp_path / "again").files == whole.files
    second = exported(journal, tmp_path / "second", Period(date(2026, 3, 3), date(2026, 3, 3)))
    assert second.files == exported(journal, tmp_path / "by_number", Period(first_number=2)).files
    whole_rows, rows = read(tmp_path / "whole"), read(tmp_path / "second")
    for stem, found in rows.items():
        assert found == [row for row in whole_rows[stem] if row["Z_NR"] == "2"], stem
    assert rows["transactions"]


def test_files_are_written_as_the_standard_says(journal: Path, tmp_path: Path) -> None:
    exported(journal, tmp_path / "out")
    for path in (tmp_path / "out").glob("*.csv"):
        data = path.read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"\r\n")
        data.decode("utf-8")
        unquoted = b"".join(data.split(b'"')[::2])
        assert unquoted.count(b"\n") == unquoted.count(b"\r\n") == unquoted.count(b"\r"), path.name
    orders = [
        row
        for row in read(tmp_path / "out")["transactions_tse"]
        if row["TSE_TA_VORGANGSART"] == "Bestellung-V1"
    ]
    assert orders
    assert all('"' in row["TSE_VORGANGSDATEN"] for row in orders)


def test_sums_agree_in_every_closing(journal: Path, tmp_path: Path) -> None:
    exported(journal, tmp_path / "out")
    rows = read(tmp_path / "out")

    def cents(text: str) -> int:
        return round(float(text.replace(",", ".")) * 100)

    for closing in rows["cashpointclosing"]:
        here = {
            stem: [row for row in found if row["Z_NR"] == closing["Z_NR"]] for stem, found in rows.items()
        }
        sold = {row["BON_ID"] for row in here["transactions"] if row["BON_TYP"] == "Beleg"}
        total = cents(closing["Z_SE_ZAHLUNGEN"])
        assert total == sum(cents(row["UMS_BRUTTO"]) for row in here["transactions"] if row["BON_ID"] in sold)
        assert total == sum(cents(row["BASISWAEH_BETRAG"]) for row in here["datapayment"])
        assert total == sum(cents(row["Z_UMS_BRUTTO"]) for row in here["businesscases"])
        assert total == sum(cents(row["POS_BRUTTO"]) for row in here["lines_vat"] if row["BON_ID"] in sold)
        assert total == sum(
            cents(row["BON_BRUTTO"]) for row in here["transactions_vat"] if row["BON_ID"] in sold
        )
        (stock,) = here["cash_per_currency"]
        assert stock["ZAHLART_BETRAG_WAEH"] == closing["Z_SE_BARZAHLUNGEN"]
        assert [closing["Z_START_ID"], closing["Z_ENDE_ID"]] == [
            here["transactions"][0]["BON_ID"],
            here["transactions"][-1]["BON_ID"],
        ]


def test_a_period_without_a_closing_is_refused_and_leaves_nothing(journal: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportBlocked, match="gibt es keinen Kassenabschluss"):
        exported(journal, tmp_path / "out", Period(date(2026, 5, 1), date(2026, 5, 2)))
    assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_export_left_is_no_export_and_goes_away(journal: Path, tmp_path: Path) -> None:
    left = tmp_path / "out.unvollstaendig"
    left.mkdir()
    (left / "lines.csv").write_text("half", encoding="utf-8")
    assert "lines.csv" in exported(journal, tmp_path / "out").files
    assert not left.exists()


def test_several_registers_share_the_files_and_none_is_named_twice(journal: Path, tmp_path: Path) -> None:
    kiosk = traded(tmp_path / "kiosk", "kiosk", FIRST, density=0.05)
    sources = [Source(journal), Source(kiosk)]
    made = export_dsfinvk(sources, tmp_path / "out", made_at="", software="")
    registers = [row["KASSE_SERIENNR"] for row in read(tmp_path / "out")["cashregister"]]
    assert registers == ["TEST-BAR", "TEST-BAR", *["TEST-KIOSK"] * (len(made.closings) - 2)]
    assert len(registers) > 2
    with pytest.raises(ExportBlocked, match="zweimal"):
        export_dsfinvk([Source(journal), Source(journal)], tmp_path / "twice", made_at="", software="")


def test_the_log_tells_of_numbers_that_were_not_given_and_of_outages(tmp_path: Path) -> None:
    book = Playbook().ready(1000)
    book >> i.RollbackFound("broker", "broker: kennt mehr.", 1, 40, 7)
    book >> command("counters.resume", reason="altes Abbild")
    book.outage() >> add() >> cash()
    book.paper() >> OPENED >> i.TseSurveyed(())
    made = exported(journal_of(close(book.done()), tmp_path / "journal"), tmp_path / "out")
    log = made.log.read_text(encoding="utf-8")
    assert [key[2] for key in made.closings] == [8]
    assert "# Kasse KASSE-1, Z 8: Belege 3 bis 40 wurden nicht vergeben (altes Abbild)" in log
    assert "# Kasse KASSE-1, Z 8: Abschlüsse 1 bis 7 wurden nicht vergeben (altes Abbild)" in log
    assert "1 Vorgänge ohne Signatur ausgegeben: Die TSE ist weg." in log


def test_registers_stand_in_the_order_of_their_ids(journal: Path, tmp_path: Path) -> None:
    other = traded(tmp_path / "kiosk", "kiosk", FIRST, density=0.1)
    sources = [Source(other), Source(journal)]
    made = [
        export_dsfinvk(given, tmp_path / name, made_at="", software="")
        for name, given in (("one", sources), ("two", sources[::-1]))
    ]
    assert made[0].files == made[1].files
    assert list(dict.fromkeys(key[0] for key in made[0].closings)) == ["TEST-BAR", "TEST-KIOSK"]
