"""Values as the standard wants them written."""

from decimal import Decimal

import pytest

from kassd.fiscal.dsfinvk.cells import exact, line_writer, number
from kassd.fiscal.layout import layout_of

LINES = layout_of("2026-01-01").table("lines")


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0, 2, "0,00"), (5, 2, "0,05"), (-5, 2, "-0,05"), (123456789, 2, "1234567,89"), (-100, 2, "-1,00"),
        (350, 5, "3,50000"), (-1, 5, "-0,01000"),
        (Decimal("1"), 3, "1,000"), (Decimal("-0.451"), 3, "-0,451"), (Decimal("7.8"), 2, "7,80"),
        (Decimal("1E+3"), 3, "1000,000"),
    ],
)  # fmt: skip
def test_numbers(value: int | Decimal, decimals: int, written: str) -> None:
    assert number(decimals)(value) == written


def test_a_number_with_more_decimals_than_its_column_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 3"):
        exact(Decimal("0.0005"), 3)


def test_a_row_is_written_in_the_file_s_order_and_what_is_unset_is_empty() -> None:
    row = {"POS_ZEILE": "1", "ARTIKELTEXT": "Brot", "MENGE": Decimal(2), "STK_BR": 350, "AGENTUR_ID": 0}
    cells = line_writer(LINES, 4)(row)
    named = dict(zip([column.name for column in LINES.columns[4:]], cells, strict=True))
    assert named["POS_ZEILE"] == "1"
    assert (named["MENGE"], named["STK_BR"], named["AGENTUR_ID"], named["FAKTOR"]) == (
        "2,000",
        "3,50000",
        "0",
        "",
    )


def test_a_column_that_the_file_does_not_have_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="ZAHLART_TYP"):
        line_writer(LINES, 4)({"ZAHLART_TYP": "Bar"})
