"""What the cover page and the count sheet say is what the register knows."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from kassd.core.cash.accounts import holdings
from kassd.fiscal.query import VIEWS
from kassd.fiscal.visit import Standing, count_sheet, cover_page, standing, write_tables
from kassd.fiscal.visit.bundle import Made
from kassd.fiscal.visit.standing import total_cash
from tests.core.playbook import SERIAL, Playbook, add, cash
from tests.fiscal.query import kit
from tests.journal.helpers import FORMAT, code_of

AT = "2026-11-21T13:00:00+01:00"


@pytest.fixture(scope="module")
def book() -> Playbook:
    return kit.a_day()


@pytest.fixture(scope="module")
def found(book: Playbook, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    with kit.opened(kit.written(tmp_path_factory.mktemp("visit"), book)) as records:
        return standing(book.state, records, AT)


def shown(page: str) -> str:
    """The text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("</style>")[1])).split())


def test_how_things_stand(found: Standing, book: Playbook) -> None:
    assert (found.register, found.issuer.name, found.test) == ("KASSE-1", "Backhaus Muster", True)
    assert (found.open, found.business_day, found.receipts) == (True, "2026-11-21", book.state.receipt)
    assert found.closing is not None
    assert (found.closing.number, found.closing.business_day) == (1, "2026-11-21")
    assert [cash.expected for cash in found.cash] == [held.amount for *_, held in holdings(book.state)]
    assert total_cash(found) == book.state.till.cash
    (tse,) = found.tses
    assert (tse.serial_number, tse.in_use, tse.expiry) == (SERIAL, True, "2033-05-18")
    assert [c.der for c in tse.certificates] == [b"cert"]
    (outage,) = found.outages
    assert (outage["ohne_signatur"], outage["nachsigniert"], outage["summe"]) == (1, 0, 400)


def test_the_cover_says_it(found: Standing) -> None:
    parts = [
        Made("dsfinvk", "Kassendaten", "Abschlüsse 1 bis 1", files=22, size=123_456),
        Made("tse/tse.tar", "Log der TSE", missing="Die TSE <steckt> nicht."),
    ]
    page = cover_page(found, "Frau Amt & Co", "von 01.11.2026 bis 21.11.2026", parts)
    text = shown(page)
    for word in (
        "Stand 21.11.2026 13:00:00 , Kasse KASSE-1",
        "Herausgegeben an: Frau Amt & Co",
        "Zeitraum der Daten: von 01.11.2026 bis 21.11.2026",
        "TEST – kein Beleg",
        "Nicht dabei: Log der TSE : Die TSE <steckt> nicht.",
        "dsfinvk Kassendaten Abschlüsse 1 bis 1 22 0,1 MB",
        "Backhaus Muster, Marktplatz 1, 01067 Dresden",
        "203/123/12345",
        f"Bargeld in Euro gesamt: {total_cash(found) // 100},{total_cash(found) % 100:02d} €",
        "Kasse offen, Geschäftstag 21.11.2026",
        SERIAL,
        "Die TSE ist weg. 1 0 4,00",
    ):
        assert word in text, word
    assert "<steckt>" not in page
    assert "src=" not in page, "it needs nothing from elsewhere"
    assert "http" not in page.replace("http-equiv", "")


def test_the_count_sheet_has_every_drawer_and_what_must_be_there(found: Standing) -> None:
    text = shown(count_sheet(found))
    assert "500,00 €" in text
    assert "0,01 €" in text
    for cash_ in found.cash:
        assert f"{cash_.drawer}, {cash_.currency}" in text
        assert f"Soll laut Kasse am 21.11.2026 13:00:00: {cash_.expected // 100}" in text


def test_before_the_first_closing_and_without_outages(tmp_path: Path) -> None:
    book = Playbook().ready(5_000)
    book >> add() >> cash()
    book.done()
    with kit.opened(kit.written(tmp_path, book)) as records:
        text = shown(cover_page(standing(book.state, records, AT), "", "alles", []))
    assert "Letzter Abschluss noch keiner" in text
    assert "Ausfälle der TSE keine" in text
    assert "Ausgelassene Nummern keine" in text
    assert "53,50 €" in text


def test_the_tables_are_all_there_with_their_structure(book: Playbook, tmp_path: Path) -> None:
    with kit.opened(kit.written(tmp_path, book)) as records:
        write_tables(tmp_path / "tabellen", records, date(2026, 11, 21), date(2026, 11, 21))
        write_tables(tmp_path / "leer", records, date(2027, 1, 1), None)
    said = (tmp_path / "tabellen" / "tabellen.txt").read_text("utf-8")
    for view in VIEWS.values():
        lines = (tmp_path / "tabellen" / f"{view.name}.csv").read_text("utf-8").splitlines()
        assert lines[0].split(";") == [column.name for column in view.columns]
        assert f"{view.name}.csv: {view.means}" in said
    rows = (tmp_path / "tabellen" / "belege.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + book.state.receipt
    assert len((tmp_path / "leer" / "belege.csv").read_text("utf-8").splitlines()) == 1
    assert len((tmp_path / "leer" / "tse.csv").read_text("utf-8").splitlines()) == 2


def test_the_verifier_that_is_handed_out_is_the_published_one() -> None:
    shipped = Path(standing.__code__.co_filename).with_name("journal_pruefen.txt").read_text("utf-8")
    assert shipped == code_of(FORMAT, "python")


def test_the_cover_names_the_place_of_business(found: Standing) -> None:
    assert "Betriebsstätte" not in cover_page(found, "", "alle", []), "it is the business' own address"
    text = shown(
        cover_page(replace(found, site="Filiale Altmarkt, Altmarkt 5, 01067 Dresden"), "", "alle", [])
    )
    assert "Betriebsstätte Filiale Altmarkt, Altmarkt 5, 01067 Dresden" in text


def test_an_export_names_who_was_logged_in_and_from_where_it_was_asked(found: Standing) -> None:
    row = {
        **dict.fromkeys(("von", "bis", "sha256", "empfaenger"), ""),
        **{"zeitpunkt": AT, "was": "audit"},
    }
    for operator, client, said in (
        ("anna", "console", "anna, von console"),
        ("console", "console", "console"),
        ("anna", "", "anna"),
    ):
        exports = ({**row, "bediener_id": operator, "anzeige": client},)
        assert f" {said} audit " in shown(cover_page(replace(found, exports=exports), "", "alle", []))
