"""DSFinV-K Anhang I: the official examples, and the QR string."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.core.process_data import order_process_data, qr_text, receipt_process_data


@pytest.mark.parametrize(
    ("bon_type", "vat", "payments", "expected"),
    [
        (
            "Beleg",
            [(1, 7533), (2, 799)],
            [("Unbar", 6430), ("Bar", 500, "USD"), ("Bar", 1000, "EUR"), ("Bar", 500, "CHF")],
            "Beleg^75.33_7.99_0.00_0.00_0.00^10.00:Bar_5.00:Bar:CHF_5.00:Bar:USD_64.30:Unbar",
        ),
        # 20 EUR given back at 19 % and 80 EUR sold at 16 %: historic and current rates share a slot.
        ("Beleg", [(1, -2000), (1, 8000)], [("Unbar", 6000)], "Beleg^60.00_0.00_0.00_0.00_0.00^60.00:Unbar"),
        ("AVBelegabbruch", [], [], "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"),
        ("Beleg", [(5, -10000)], [("Bar", -10000)], "Beleg^0.00_0.00_0.00_0.00_-100.00^-100.00:Bar"),
        ("Beleg", [(5, 1), (6, 2), (7, 3), (8, 4)], [("Bar", 10)], "Beleg^0.00_0.00_0.00_0.00_0.10^0.10:Bar"),
        ("Beleg", [(3, 5), (4, 7)], [("Bar", 12)], "Beleg^0.00_0.00_0.05_0.07_0.00^0.12:Bar"),
        (
            "Beleg",
            [(1, 210)],
            [("ECKarte", 200), ("Kreditkarte", 10)],
            "Beleg^2.10_0.00_0.00_0.00_0.00^2.10:Unbar",
        ),
        ("Beleg", [(1, 0)], [("Bar", 100), ("Bar", -100), ("Keine", 0)], "Beleg^0.00_0.00_0.00_0.00_0.00^"),
    ],
)
def test_examples(
    bon_type: str, vat: list[tuple[int, int]], payments: list[tuple[str, int]], expected: str
) -> None:
    assert receipt_process_data(bon_type, vat, payments) == expected


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(-(10**8), 10**8)), max_size=8))
def test_slots_add_up(rows: list[tuple[int, int]]) -> None:
    slots = receipt_process_data("Beleg", rows, []).split("^")[1].split("_")
    assert len(slots) == 5
    assert sum(int(slot.replace(".", "")) for slot in slots) == sum(gross for _, gross in rows)
    for slot in slots:
        whole, cents = slot.removeprefix("-").split(".")
        assert len(cents) == 2
        assert whole == str(int(whole))


def test_qr_text_has_twelve_fields_in_order() -> None:
    text = qr_text("K1", "Kassenbeleg-V1", "Beleg^1^", 7, 15, "S", "E", "alg", "unixTime", "sig", "key")
    assert text == "V0;K1;Kassenbeleg-V1;Beleg^1^;7;15;S;E;alg;unixTime;sig;key"


def test_orders_as_the_annex_shows_them() -> None:
    lines = [(Decimal(2), 'Eisbecher "Himbeere"', 399), (Decimal("1.000"), "Eiskaffee", 299)]
    assert order_process_data(lines) == '2;"Eisbecher ""Himbeere""";3.99\r1;"Eiskaffee";2.99'
    assert order_process_data([(Decimal("-0.250"), "Käse", 1990)]) == '-0.25;"Käse";19.90'
