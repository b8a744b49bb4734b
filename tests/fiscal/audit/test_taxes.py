"""The tax of sums: as exactly as a register may round, and no euro beside it."""

from pathlib import Path

import pytest

from kassd.fiscal.audit import audit
from tests.fiscal.audit.foreign import Shop, line, money
from tests.fiscal.audit.kit import first, found, put
from tests.fiscal.audit.mutators import cells, lines, write

SALES, PRICE = 40, 350  # 0,22897 tax each: of the sum 9,16, of the receipts 9,20


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A baker's closing of forty rolls, and one piece of jewellery."""
    shop = Shop()
    for _ in range(SALES):
        shop.book("Beleg", [line("Brot", PRICE, 2)], [("Unbar", PRICE)])
    shop.book("Beleg", [line("Ring", 11900), line("Aufpreis", 1190, case="Aufschlag")], [("Unbar", 13090)])
    shop.close()
    return shop.write(tmp_path / "export")


def put_tax(export: Path, tax: int, case: str = "Umsatz", key: str = "2", gross: int = SALES * PRICE) -> None:
    place = first(export, "businesscases.csv", GV_TYP=case, UST_SCHLUESSEL=key)
    put(export, "businesscases.csv", place, Z_UMS_NETTO=money(gross - tax, 5), Z_UST=money(tax, 5))


@pytest.mark.parametrize("tax", [916, 920])
def test_the_tax_of_the_sum_or_the_sum_of_the_taxes(tax: int, export: Path) -> None:
    put_tax(export, tax)
    assert found(export) == {}


@pytest.mark.parametrize(
    ("tax", "severity"), [(918, "warning"), (914, "warning"), (924, "warning"), (700, "error")]
)
def test_no_other_tax(tax: int, severity: str, export: Path) -> None:
    put_tax(export, tax)
    findings = audit(export).verdict.findings
    assert {(each.id, each.severity) for each in findings} == {("C4", severity)}


def test_tax_shifted_from_one_business_case_to_another(export: Path) -> None:
    put_tax(export, 1900 + 50, "Umsatz", "1", 11900)
    put_tax(export, 190 - 50, "Aufschlag", "1", 1190)
    assert set(found(export)) == {"C4"}


@pytest.mark.parametrize(("tax", "expected"), [(23, set()), (22, set()), (24, {"C4"}), (21, {"C4"})])
def test_a_receipts_tax_is_right_to_the_cent(tax: int, expected: set[str], export: Path) -> None:
    place = first(export, "transactions_vat.csv", BON_BRUTTO="3,50")
    put(export, "transactions_vat.csv", place, BON_NETTO=money(PRICE - tax), BON_UST=money(tax))
    put_tax(export, 916)
    assert set(found(export)) == expected


def test_a_row_without_any_amount(export: Path) -> None:
    put(export, "lines_vat.csv", 0, POS_BRUTTO="")
    assert "lines_vat.csv" in str(audit(export).verdict.findings)
    assert set(found(export)) == {"A10"}  # the Anfangsbestand of nothing


def test_a_tax_row_of_nothing_that_belongs_to_another(export: Path) -> None:
    put(export, "transactions_vat.csv", 0, BON_ID="2")
    assert "C2" in found(export)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"TYP": ""}, {"C5"}),
        ({"TYP": "extra_amount"}, {"C5"}),
        ({"PF_BRUTTO": "3,51000"}, {"C5"}),
    ],
)
def test_how_a_price_came_about(changes: dict[str, str], expected: set[str], export: Path) -> None:
    place = first(export, "lines_vat.csv", POS_BRUTTO="3,50000")
    key = cells(lines(export / "lines_vat.csv")[place + 1])[:5]
    head = lines(export / "itemamounts.csv")[0]
    write(export / "itemamounts.csv", [head, ";".join((*key, "base_amount", "2", "3,50000", "", ""))])
    if changes:
        put(export, "itemamounts.csv", 0, **changes)
    assert set(found(export)) == expected


def test_a_means_of_payment_of_nothing_stands_for_another(tmp_path: Path) -> None:
    shop = Shop()
    shop.book("Beleg", [line("Brot", 350, 2), line("Brot", -350, 2)], [("Keine", 0)])
    shop.close()
    shop.write(tmp_path / "export")
    assert found(tmp_path / "export") == {}
    place = first(tmp_path / "export", "payment.csv", ZAHLART_TYP="Keine")
    put(tmp_path / "export", "payment.csv", place, ZAHLART_TYP="Kreditkarte")
    assert set(found(tmp_path / "export")) == {"C7"}
