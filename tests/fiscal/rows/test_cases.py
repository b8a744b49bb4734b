"""Every business case of ``docs/business-cases.md`` is exported as what the page promises."""

from pathlib import Path
from typing import Any

import pytest

from kassd.fiscal.rows import ReceiptRows, closings
from tests.core.cases_page import Row, play, rows, setting
from tests.fiscal.kit import close, journal_of

ROWS = rows()
LISTS = {"GV_TYP": 25, "BON_TYP": 8, "ZAHLART_TYP": 7}


def values(receipts: list[ReceiptRows], column: str) -> set[Any]:
    """What stands in ``column``; of business cases and payments that of a Beleg."""
    found: set[Any] = set()
    for receipt in receipts:
        if column == "BON_TYP":
            found.add(receipt.transaction[column])
        elif receipt.is_beleg:
            tables = ("lines",) if column == "GV_TYP" else ("datapayment",)
            found |= {row[column] for table in tables for row in receipt.tables.get(table, ())}
    return found


def test_the_page_has_every_value() -> None:
    for column, count in LISTS.items():
        assert len({row.value for row in ROWS if row.kind == column}) == count


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.value)
def test_a_case_is_exported_as_itself(row: Row, tmp_path: Path) -> None:
    book = close(play(setting(tmp_path), row), reason="Zählung")
    found = list(closings(journal_of(book, tmp_path / "journal")))
    receipts = [receipt for closing in closings(tmp_path / "journal") for receipt in closing.receipts]
    assert row.value in values(receipts, row.kind)
    tables = found[-1].tables
    if row.kind == "GV_TYP":
        assert row.value in {case["GV_TYP"] for case in tables["businesscases"]}
    elif row.kind == "ZAHLART_TYP":
        assert row.value in {payment["ZAHLART_TYP"] for payment in tables["payment"]}
    for receipt in receipts:
        amount, vat = receipt.transaction["UMS_BRUTTO"], receipt.tables["transactions_vat"]
        assert amount == sum(line["BON_BRUTTO"] for line in vat)
        assert amount == sum(line["POS_BRUTTO"] for line in receipt.tables.get("lines_vat", ()))
        places = [line["POS_ZEILE"] for line in receipt.tables.get("lines", ())]
        assert places == [str(n) for n in range(1, len(places) + 1)]
        (seal,) = receipt.tables["transactions_tse"]
        assert seal["TSE_VORGANGSDATEN"] == receipt.process_data
