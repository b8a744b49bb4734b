"""Any change of one cell or row of the twenty files is found, or one of those that the docs name."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.fiscal.audit import audit
from kassd.fiscal.audit.limits import CHANGES, LIMITS, Limit
from kassd.fiscal.audit.norm import TABLES
from tests.fiscal.audit.anything import CELL, ROW, change, places
from tests.fiscal.audit.mutators import KEY, Mutation
from tests.fiscal.audit.test_mutators import FITTING, GONE
from tests.fiscal.audit.week import week

SOAK = os.environ.get("SOAK") == "1"
PLACES = list(places())
SEEDS = range(200) if SOAK else range(0, 200, 10)
FORM = {"A7", "A8", "A9", "A10", "A11"}  # what a cell alone may be found as
# Columns whose value others fix in some rows only; the rest of the columns is in test_mutators.
MORE: dict[str, str] = {
    **dict.fromkeys(
        ("NAME", "STRASSE", "PLZ", "ORT", "USTID", "UST_BESCHR", "TSE_ZERTIFIKAT_II"), "D12 E7 E8"
    ),
    "STNR": "D12 F2",
    "TSE_ID": "B9 B10 B16 E6 E7",
    "TSE_SIG_ALGO": "E8 D12",
    "BON_TYP": "D1 D8",
    "BON_ID": "B16 D3",
    "POS_ZEILE": "C5",
    "UST_SCHLUESSEL": "C5",
    "REF_BON_ID": "D11",
    "ZAHLWAEH_BETRAG": "C15",
    "TSE_VORGANGSDATEN": "E6",
    "TSE_ZEITFORMAT": "E6 E8 E10 D12",
    "TSE_PD_ENCODING": "E5 D12",
    "TAXONOMIE_VERSION": "A9",
    "Z_BUCHUNGSTAG": "B12 C16",
    "GV_NAME": "C6",
    "BON_NAME": "D1 D3 D7 E6",
    "BON_STORNO": "D2 D3",
    "BON_START": "B14 E9",
    "BEDIENER_ID": "B15",
    "TERMINAL_ID": "B10",
    "POS_TERMINAL_ID": "B10",
    "ARTIKELTEXT": "E5 F2 D3",
    "ART_NR": "D3 D13",
    "P_STORNO": "D6",
    "FAKTOR": "C5",
    "GUTSCHEIN_NR": "D9 D13",
    "TYP": "C5",
    "ZI_UST_SCHLUESSEL": "B10",
    "ABRECHNUNGSKREIS": "D8",
    "REF_NAME": "D4",
    "TSE_TA_FEHLER": "E1 E11",
    **dict.fromkeys(("PF_BRUTTO", "PF_NETTO", "PF_UST", "POS_NETTO", "POS_UST"), "C4 C5"),
    **dict.fromkeys(("ZAHLART_NAME", "ZAHLWAEH_CODE"), "C7 C10 C15 E5"),
}


def fitting(done: Mutation) -> set[str]:
    """Checks of which one should have found it, if any has."""
    if done.what == "double":
        return {"B3", "B5", "B8", "B9"}
    if done.what == "swap":
        return {"B16", "B7"}
    if done.what == "drop":
        rest = {"subitems.csv": "B9", "references.csv": "D3 D11", "allocation_groups.csv": "D8"}
        return set(GONE.get(done.file, rest.get(done.file, "B10")).split()) | {"B9", "B10", "C3", "C5", "C6"}
    if done.file in ("slaves.csv", "pa.csv", "cashregister.csv"):
        return FORM | {"B10", "D12", "B13", "E6", "D10", "C10"}
    if done.column.startswith("KUNDE_"):
        return FORM
    named = {*FITTING.get(done.column, "").split(), *MORE.get(done.column, "").split()}
    return FORM | named | ({"D13", "C6", "C7", "E1", "E5", "E11"} if named else set())


def limit_of(done: Mutation) -> Limit | None:
    """Where the docs say that this is not found."""
    return next((each for each in LIMITS if each.names(done.what, done.file, done.column)), None)


class Place:
    """An export that is put right again after each change."""

    def __init__(self, folder: Path) -> None:
        week().write(folder / "export")
        self.export, self.tars = folder / "export", sorted(folder.glob("*.tar"))

    def found(self, what: str, file: str, column: str, seed: int) -> tuple[Mutation | None, set[str]]:
        """One change, and the checks that find it, with the archives if need be."""
        path = self.export / file
        before = path.read_bytes()
        try:
            done = change(self.export, what, file, column, seed)
            if done is None:
                return None, set()
            ids = {each.id for each in audit(self.export).verdict.findings}
            return done, ids or {each.id for each in audit(self.export, self.tars).verdict.findings}
        finally:
            path.write_bytes(before)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("week")
    yield Place(folder)
    shutil.rmtree(folder)


def test_the_week_is_in_order(place: Place) -> None:
    assert audit(place.export, place.tars).verdict.findings == ()
    assert {file for file in TABLES if len((place.export / file).read_bytes().splitlines()) < 3} == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_any_change_is_found_or_named(seed: int, place: Place) -> None:
    chance = random.Random(seed)
    done = None
    while done is None:
        what, file, column = chance.choice(PLACES)
        done, ids = place.found(what, file, column, seed)
    assert done is not None
    if ids:
        wanted = {"B2", "B3"} if done.column in KEY else fitting(done)
        assert ids & wanted, (done, ids)
    else:
        assert limit_of(done), done


def test_every_row_and_column_has_a_change() -> None:
    assert {(file, column) for _, file, column in PLACES if column} == {
        (file, column) for file, table in TABLES.items() for column in table.names
    }
    assert {*CELL, *ROW} == set(CHANGES)


def test_what_is_named_is_of_the_norm() -> None:
    for limit in LIMITS:
        assert set(limit.changes) <= set(CHANGES)
        assert set(limit.columns) - {""} <= set(TABLES[limit.file].names)
        assert (limit.columns == ("",)) == (not set(limit.changes) & set(CELL))


# Silent only in a row that the week has not, or by a change smaller than those made here.
ELSEWHERE = {
    *(("tse.csv", "TSE_ID"), ("tse.csv", "TSE_PD_ENCODING"), ("vat.csv", ""), ("cash_per_currency.csv", "")),
    *(("transactions.csv", "BON_ENDE"), ("transactions_tse.csv", "TSE_TA_START")),
    *(("lines.csv", "GV_TYP"), ("lines.csv", "AGENTUR_ID"), ("lines.csv", "MENGE")),
    *(("lines_vat.csv", ""), ("allocation_groups.csv", "ABRECHNUNGSKREIS")),
}
HERE = [each for each in LIMITS if (each.file, each.columns[0]) not in ELSEWHERE]
FREE = [each for each in LIMITS if each.why.startswith("free text")]


@pytest.mark.parametrize(
    "limit", HERE if SOAK else FREE, ids=lambda each: f"{each.file} {' '.join(each.columns)}"
)
def test_what_is_named_is_silent_indeed(limit: Limit, place: Place) -> None:
    tries = ((what, column, seed) for seed in range(40) for what in limit.changes for column in limit.columns)
    assert any(
        done is not None and not ids
        for done, ids in (place.found(what, limit.file, column, seed) for what, column, seed in tries)
    )
