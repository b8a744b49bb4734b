"""The cash book: each movement with the stock it leaves."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kassd.errors import DataError
from kassd.fiscal.cashbook import Entry, entries
from kassd.fiscal.rows import closings
from tests.fiscal.kit import traded

CLOSED = "2026-11-21T20:00:00+01:00"


@dataclass
class Bon:
    """As much of a receipt as the cash book looks at."""

    kind: str
    transaction: dict[str, Any]
    tables: dict[str, Any] = field(default_factory=dict)


def bon(
    number: int, kind: str, case: str, *amounts: int, note: str = "", bon_type: str = "Beleg", **more: Any
) -> Bon:
    """``amounts`` in cash; none: paid otherwise."""
    head = {"BON_ID": str(number), "BON_TYP": bon_type, "BON_ENDE": f"2026-11-21T10:{number:02}:00+01:00"}
    payments = [{"ZAHLART_TYP": "Bar", "BASISWAEH_BETRAG": amount} for amount in amounts]
    tables = {"datapayment": payments or [{"ZAHLART_TYP": "Unbar", "BASISWAEH_BETRAG": 999}]}
    return Bon(
        kind, head | ({"BON_NOTIZ": note} if note else {}), {**tables, "lines": [{"GV_TYP": case}], **more}
    )


DAY = [
    bon(1, "cash", "Anfangsbestand", 10_000),
    bon(2, "sale", "Umsatz", 350),
    bon(3, "sale", "Umsatz"),
    bon(4, "sale", "Umsatz", 1_000, -200),
    bon(5, "sale", "Umsatz", 5_000, bon_type="AVTraining"),
    bon(6, "cash", "Auszahlung", -1_290, note="Reiniger", references=[{"REF_BON_ID": "RE-4711"}]),
    bon(7, "cash", "Geldtransit", -500, 500),
    bon(8, "sale", "Umsatz", -150),
    bon(9, "cash", "Geldtransit", -9_000, note="Abschöpfung"),
]


def test_every_movement_has_the_stock_it_leaves() -> None:
    found = [entry.cells()[2:] for entry in entries(7, CLOSED, 710, DAY)]
    assert found == [
        ("7", "1", "Anfangsbestand", "", "", "", "100,00"),
        ("7", "2-4", "Bareinnahmen", "2 Belege", "11,50", "", "111,50"),
        ("7", "6", "Auszahlung", "Reiniger; Fremdbeleg RE-4711", "", "12,90", "98,60"),
        ("7", "8", "Bareinnahmen", "1 Beleg", "", "1,50", "97,10"),
        ("7", "9", "Geldtransit", "Abschöpfung", "", "90,00", "7,10"),
        ("7", "", "Kassenabschluss", "Endbestand Z 7", "", "", "7,10"),
    ]
    assert next(iter(entries(7, CLOSED, 710, DAY))).cells()[:2] == ("21.11.2026", "10:01")


def test_a_book_that_differs_from_the_closing_is_none() -> None:
    with pytest.raises(DataError, match=r"ergibt 7,10 €, der Abschluss 7,00 €"):
        list(entries(7, CLOSED, 700, DAY))


def test_large_sums_have_no_points() -> None:
    assert Entry(CLOSED, 1, "1", "Geldtransit", "", -1_234_567, 7_654_321).cells()[-2:] == (
        *("12345,67", "76543,21"),
    )


@pytest.mark.parametrize("shop", ["bar", "truck"])
def test_the_book_of_made_up_trade_goes_from_closing_to_closing(shop: str, tmp_path: Path) -> None:
    """Purses, several drawers, foreign cash: each closing ends with what the next one opens with."""
    journal = traded(tmp_path / shop, shop, date(2026, 3, 5), days=3, density=0.1)
    left, days = 0, 0
    for closing in closings(journal):
        (head,) = closing.tables["cashpointclosing"]
        cash = head["Z_SE_BARZAHLUNGEN"]
        found = list(entries(closing.key.Z_NR, closing.key.Z_ERSTELLUNG, cash, closing.receipts))
        for entry in found:  # without a break, also where a purse's or a currency's float is told
            left += entry.amount or 0
            assert entry.stock == left >= 0, entry
        assert found[-1].stock == cash
        left, days = cash, days + 1
    assert days == 3
