"""``kassd query``: text for people, CSV for spreadsheets, JSON for programs."""

import csv
import json
from pathlib import Path

import pytest

from kassd.fiscal.query import VIEWS
from tests.cli.kit import Done, kassd
from tests.fiscal.query import kit as day


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return day.written(tmp_path_factory.mktemp("query"), day.a_day())


def query(journal: Path, *words: str) -> Done:
    return kassd("query", *words, "--journal", journal)


def test_a_table_for_the_eye(journal: Path) -> None:
    done = query(journal, "zahlungen", "--where", "zahlart_typ=Unbar")
    assert done.stdout.splitlines() == [
        "datum       bon_id  bon_typ  zahlart_typ  zahlart_name  betrag  waehrung",
        "----------  ------  -------  -----------  ------------  ------  --------",
        "2026-11-21       4  Beleg    Unbar        Karte           9,99  EUR",
        "1 Zeile",
        "Weitere Spalten mit --columns: z_nr, art, gegeben, betrag_waehrung, kurs, referenz, bediener_id",
    ]


def test_csv_has_decimal_commas_and_survives_semicolons(journal: Path) -> None:
    words = ("positionen", "--where", "artikeltext~kaffee", "--columns", "artikeltext,menge,betrag", "--csv")
    done = query(journal, *words, "--limit=1")
    assert list(csv.reader(done.stdout.splitlines(), delimiter=";")) == [
        ["artikeltext", "menge", "betrag"],
        ["Kaffee; groß", "3", "8,40"],
    ]


def test_json_has_cents_and_decimal_strings(journal: Path) -> None:
    words = ("positionen", "--group", "artikeltext", "--sum", "menge,betrag", "--order=-betrag", "--json")
    found = json.loads(query(journal, *words, "--where", "gv_typ=Umsatz").stdout)
    assert {"artikeltext": "Kaffee; groß", "anzahl": 1, "menge": "3", "betrag": 840} in found
    assert found == sorted(found, key=lambda row: -row["betrag"])


def test_a_select_of_ones_own(journal: Path) -> None:
    sql = "SELECT bon_typ, count(*) AS zahl FROM belege GROUP BY 1 ORDER BY 1"
    found = json.loads(query(journal, "--sql", sql, "--json").stdout)
    assert [row["bon_typ"] for row in found] == ["AVBelegabbruch", "AVTraining", "Beleg"]
    (count,) = json.loads(query(journal, "--sql", "SELECT count(*) AS n FROM facts", "--json").stdout)
    assert count["n"] > 100


def test_without_a_table_they_are_listed() -> None:
    text = kassd("query").stdout
    listed = json.loads(kassd("query", "--json").stdout)
    assert list(listed) == list(VIEWS)
    for view in VIEWS.values():
        assert f"{view.name}: {view.means}\n" in text
        assert list(listed[view.name]["columns"]) == [column.name for column in view.columns]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("bons",), 65, "gibt es nicht. Es gibt: belege"),
        (("belege", "--where", "summe"), 65, "SPALTE OPERATOR WERT"),
        (("belege", "--sql", "SELECT 1"), 65, "nicht beides"),
        (("belege", "--limit=-1"), 65, "--limit"),
        (("--sql", "DELETE FROM main.facts"), 65, "Die Abfrage geht nicht"),
        (("belege", "--from", "gestern"), 64, "--from"),
    ],
)
def test_mistakes(journal: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = query(journal, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_journal_that_is_not_there(tmp_path: Path) -> None:
    done = query(tmp_path / "nothing", "belege")
    assert (done.returncode, done.stdout) == (65, "")
    assert "gibt es nicht" in done.stderr
