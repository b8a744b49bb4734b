"""What somebody changed or put into an export: cells that other cells fix, and files that are none."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.fiscal.audit.norm import TABLES
from tests.fiscal.audit.foreign import Shop, line, two_days
from tests.fiscal.audit.kit import first, found, put
from tests.fiscal.audit.mutators import cells, lines, write

HUGE = "9" * 5000


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("original")
    two_days().write(place / "export")
    return place


@pytest.fixture
def export(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "copy")) / "export"


def test_the_original_is_in_order(export: Path) -> None:
    assert found(export) == {}


@pytest.mark.parametrize(
    ("file", "which", "changes", "expected"),
    [
        ("transactions.csv", {"BON_ID": "3"}, {"BON_START": "2025-01-01T00:00:00+01:00"}, "E9"),
        ("transactions.csv", {"BON_ID": "12"}, {"BON_START": "2025-01-01T00:00:00+01:00"}, "E9"),
        ("transactions.csv", {"BON_ID": "3"}, {"BON_STORNO": "1"}, "D3"),
        ("datapayment.csv", {"ZAHLART_TYP": "ECKarte"}, {"ZAHLWAEH_BETRAG": "1,00"}, "C15"),
        ("lines_vat.csv", {"UST_SCHLUESSEL": "2"}, {"POS_UST": "1,00000"}, "C4"),
        ("lines_vat.csv", {"UST_SCHLUESSEL": "2"}, {"POS_NETTO": "1,00000"}, "C4"),
        ("cashpointclosing.csv", {"Z_NR": "1"}, {"TAXONOMIE_VERSION": "2.1"}, "A9"),
        ("payment.csv", {"ZAHLART_TYP": "Keine"}, {"ZAHLART_NAME": "nichts"}, "C7"),
        ("lines.csv", {"GV_TYP": "Umsatz"}, {"ART_NR": ""}, "A10"),
        ("lines.csv", {"GV_TYP": "Umsatz"}, {"MENGE": HUGE}, "A7"),
        ("transactions.csv", {"BON_ID": "3"}, {"UMS_BRUTTO": HUGE}, "A7"),
        ("transactions.csv", {"BON_ID": "3"}, {"BON_NR": "9999999999999999999"}, "A7"),
        ("references.csv", {"REF_TYP": "Transaktion"}, {"REF_Z_NR": HUGE}, "A7"),
        ("references.csv", {"REF_TYP": "Transaktion"}, {"REF_Z_NR": "²"}, "A7"),
        ("datapayment.csv", {"ZAHLART_TYP": "ECKarte"}, {"BASISWAEH_BETRAG": "9999999999999999"}, "A7"),
    ],
)
def test_a_cell_that_others_fix(
    file: str, which: dict[str, str], changes: dict[str, str], expected: str, export: Path
) -> None:
    before = (export / file).read_bytes()
    put(export, file, first(export, file, **which), **changes)
    assert (export / file).read_bytes() != before
    assert expected in found(export)


def test_what_stands_rightly_beside_the_gross_is_no_finding(export: Path) -> None:
    place = first(export, "lines_vat.csv", POS_BRUTTO="29,90000")
    put(export, "lines_vat.csv", place, POS_NETTO="27,94393", POS_UST="1,95607")
    put(
        export,
        "datapayment.csv",
        first(export, "datapayment.csv", ZAHLART_TYP="ECKarte"),
        ZAHLWAEH_BETRAG="29,90",
    )
    assert found(export) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"PF_NETTO": "27,94393", "PF_UST": "1,95607"}, set()),
        ({"PF_UST": "7,00000"}, {"C4"}),
        ({"PF_NETTO": "7,00000"}, {"C4"}),
        ({"UST_SCHLUESSEL": "1"}, {"C5"}),
    ],
)
def test_a_price_found_as_its_line_is_taxed(
    changes: dict[str, str], expected: set[str], export: Path
) -> None:
    place = first(export, "lines_vat.csv", POS_BRUTTO="29,90000")
    key = cells(lines(export / "lines_vat.csv")[place + 1])[:5]
    head = lines(export / "itemamounts.csv")[0]
    write(export / "itemamounts.csv", [head, ";".join((*key, "base_amount", "2", "29,90000", "", ""))])
    if changes:
        put(export, "itemamounts.csv", 0, **changes)
    assert set(found(export)) == expected


def test_an_encoding_that_cannot_be(export: Path) -> None:
    head, *rows = lines(export / "tse.csv")
    write(export / "tse.csv", [head, *(row.replace(";UTF-8;", ";ASCII;") for row in rows)])
    assert "kein ASCII" in found(export)["E5"]  # somebody ordered Eis "groß"


def test_master_data_of_one_closing_alone(tmp_path: Path) -> None:
    shop = Shop()
    for _ in range(3):
        shop.book("Beleg", [line("Brot", 350, 2)], [("Unbar", 350)])
        shop.close()
    shop.write(tmp_path / "export")
    assert found(tmp_path / "export") == {}
    put(tmp_path / "export", "cashpointclosing.csv", 1, STNR="203/123/54321")
    assert "Z_NR 2" in found(tmp_path / "export")["D12"]
    put(tmp_path / "export", "cashpointclosing.csv", 2, STNR="203/123/54321")
    assert "D12" not in found(tmp_path / "export")  # moved to another tax office


@pytest.mark.parametrize("file", TABLES)
def test_a_renamed_column_is_a_finding(file: str, export: Path) -> None:
    head, *rows = lines(export / file)
    names = head.split(";")
    write(export / file, [";".join([*names[:3], names[3] + "X", *names[4:]]), *rows])
    assert "A5" in found(export)


def _pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


@pytest.mark.parametrize("make", [_pipe, _folder])
@pytest.mark.parametrize("file", ["pa.csv", "lines.csv", "gdpdu-01-09-2004.dtd", "more.csv"])
def test_what_is_no_file(make: Callable[[Path], None], file: str, export: Path) -> None:
    make(export / file)
    assert "A2" in found(export)


def test_a_row_of_nothing_with_another_key(tmp_path: Path) -> None:
    shop = Shop()
    for cents in (5000, -5000):
        shop.book("Beleg", [line("Tresor", cents, 5, case="Geldtransit")], [("Bar", cents)])
    shop.close()
    shop.write(tmp_path / "export")
    assert found(tmp_path / "export") == {}
    put(tmp_path / "export", "businesscases.csv", 0, UST_SCHLUESSEL="6")
    assert set(found(tmp_path / "export")) == {"C6"}
