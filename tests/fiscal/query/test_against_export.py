"""What queries say is what the DSFinV-K export says: receipt by receipt, line by line, closing by closing."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kassd.fiscal.query import Condition, Query, Records, ask
from tests.fiscal import kit as fiscal
from tests.fiscal.kit import Cells
from tests.fiscal.query import kit
from tests.fiscal.rows.test_stream import new_year

Said = tuple[Records, dict[str, Cells]]
Sums = Counter[tuple[str, ...]]


@pytest.fixture(scope="module", params=["boutique", "bar"])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    """Both answers about two days of a shop with vouchers, returns, orders and tips."""
    folder: Path = tmp_path_factory.mktemp("shop")
    journal = fiscal.traded(folder, request.param, date(2026, 3, 2), days=2, density=0.5)
    cells = fiscal.read(fiscal.exported(journal, folder / "dsfinvk").folder)
    with kit.opened(journal) as records:
        yield records, cells


def answers(records: Records, table: str, *columns: str) -> list[tuple[Any, ...]]:
    closed = (Condition("z_nr", ">", "0"),)
    return list(ask(records, Query(table, columns=columns, where=closed)).rows)


def added(rows: list[tuple[Any, ...]]) -> Sums:
    """The last column added up by the others; what adds up to nothing is left out."""
    sums: Sums = Counter()
    for *key, amount in rows:
        sums[tuple(map(str, key))] += amount
    return Counter({key: value for key, value in sums.items() if value})


def exported(cells: Cells, *columns: str) -> Sums:
    return added([(*(row[name] for name in columns[:-1]), cents(row[columns[-1]])) for row in cells])


def cents(text: str) -> int:
    return int(Decimal(text.replace(",", ".") or 0) * 100)


def test_every_vorgang(said: Said) -> None:
    records, cells = said
    seals = {
        row["BON_ID"]: (row.get("TSE_TANR"), row.get("TSE_TA_SIGZ")) for row in cells["transactions_tse"]
    }
    asked = answers(
        records,
        "belege",
        *("bon_id", "bon_typ", "z_nr", "beginn", "ende", "summe", "tse_transaktion", "tse_zaehler"),
    )
    assert {
        (str(number), kind, str(z), begin, end, total, (str(ta or ""), str(counter or "")))
        for number, kind, z, begin, end, total, ta, counter in asked
    } == {
        (
            *(row["BON_ID"], row["BON_TYP"], row["Z_NR"], row["BON_START"], row["BON_ENDE"]),
            cents(row["UMS_BRUTTO"]),
            seals[row["BON_ID"]],
        )
        for row in cells["transactions"]
    }
    assert len(asked) > 20


def test_every_line(said: Said) -> None:
    records, cells = said
    columns = ("bon_id", "pos_zeile", "gv_typ", "artikeltext", "menge", "storno_von")
    asked = {
        (str(number), str(n), case, text, Decimal(quantity) / 1000)
        for number, n, case, text, quantity, _ in answers(records, "positionen", *columns)
    }
    assert asked == {
        (
            *(row["BON_ID"], row["POS_ZEILE"], row["GV_TYP"], row["ARTIKELTEXT"]),
            Decimal(row["MENGE"].replace(",", ".")),
        )
        for row in cells["lines"]
    }


@pytest.mark.parametrize(
    ("table", "columns", "file", "names"),
    [
        ("steuern", ("bon_id", "ust_schluessel", "brutto"), "transactions_vat",
         ("BON_ID", "UST_SCHLUESSEL", "BON_BRUTTO")),
        ("steuern", ("bon_id", "ust_schluessel", "ust"), "transactions_vat",
         ("BON_ID", "UST_SCHLUESSEL", "BON_UST")),
        ("zahlungen", ("bon_id", "zahlart_typ", "betrag"), "datapayment",
         ("BON_ID", "ZAHLART_TYP", "BASISWAEH_BETRAG")),
        ("z_gv_typ", ("z_nr", "gv_typ", "ust_schluessel", "brutto"), "businesscases",
         ("Z_NR", "GV_TYP", "UST_SCHLUESSEL", "Z_UMS_BRUTTO")),
        ("z_zahlart", ("z_nr", "zahlart_typ", "betrag"), "payment",
         ("Z_NR", "ZAHLART_TYP", "Z_ZAHLART_BETRAG")),
        ("z_waehrungen", ("z_nr", "waehrung", "bestand"), "cash_per_currency",
         ("Z_NR", "ZAHLART_WAEH", "ZAHLART_BETRAG_WAEH")),
        ("abschluesse", ("z_nr", "summe_zahlungen"), "cashpointclosing", ("Z_NR", "Z_SE_ZAHLUNGEN")),
    ],
)  # fmt: skip
def test_sums(said: Said, table: str, columns: tuple[str, ...], file: str, names: tuple[str, ...]) -> None:
    records, cells = said
    assert added(answers(records, table, *columns)) == exported(cells[file], *names)


def test_behind_new_tax_rates_a_vorgang_belongs_to_the_closing_of_its_own_rates(tmp_path: Path) -> None:
    """Without a TSE the opening of the new period is over in the very line that closes the one before it."""
    journal = fiscal.segmented(new_year(outage=True), tmp_path)
    cells = fiscal.read(fiscal.exported(journal, tmp_path / "dsfinvk").folder)
    with kit.opened(journal) as records:
        asked = answers(records, "belege", "bon_id", "z_nr")
    told = {(int(row["BON_ID"]), int(row["Z_NR"])) for row in cells["transactions"]}
    assert {(number, z) for number, z in asked} == told
    assert {z for _, z in told} == {1, 2}
