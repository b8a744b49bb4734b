"""A GV_TYP goes with what stands beside it: key, payment, sign, kind of Vorgang."""

from pathlib import Path

import pytest

from kassd.fiscal.audit.cases import RULES
from kassd.fiscal.audit.norm import CASH_MOVEMENTS, GV_TYPES
from tests.fiscal.audit.foreign import Shop, line
from tests.fiscal.audit.forgeries import Folder
from tests.fiscal.audit.kit import first, found, put


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A sale at each key, a money movement each way, a voucher, an aborted sale."""
    shop = Shop()
    shop.book("Beleg", [line("Brot", 350, 2), line("Tasse", 990)], [("Bar", 1340)])
    shop.book("Beleg", [line("Lotto", 500, 5, agency="1")], [("Unbar", 500)])
    shop.book("Beleg", [line("Wechselgeld", 10000, 5, case="Privateinlage")], [("Bar", 10000)])
    shop.book("Beleg", [line("Tresor", -5000, 5, case="Geldtransit")], [("Bar", -5000)])
    gift = line("Gutschein", 2500, 5, case="MehrzweckgutscheinKauf", voucher="G-1")
    shop.book("Beleg", [gift], [("Bar", 2500)])
    shop.book("AVBelegabbruch", [line("Brot", 350, 2), line("Brot", 350, 2, -1)], [])
    shop.close()
    shop.write(tmp_path / "export")
    assert found(tmp_path / "export") == {}
    return tmp_path / "export"


def forge(export: Path, bon: str, case: str) -> None:
    """Another GV_TYP for a Vorgang's first line, in lines.csv and businesscases.csv."""
    folder = Folder(export)
    line_ = folder.of("lines.csv", bon)[0]
    row = next(r for r in folder.tables["businesscases.csv"] if r["GV_TYP"] == line_["GV_TYP"])
    line_["GV_TYP"] = case
    folder.tables["businesscases.csv"].append({**row, "GV_TYP": case})
    folder.sums_again()
    folder.save()


@pytest.mark.parametrize(
    ("bon", "case"),
    [
        ("2", "Privateinlage"),  # a sale with tax
        ("2", "Anfangsbestand"),
        ("2", "MehrzweckgutscheinKauf"),
        ("2", "TrinkgeldAN"),
        ("3", "Einzahlung"),  # by card
        ("4", "Auszahlung"),  # the wrong way
        ("4", "Lohnzahlung"),
        ("5", "Privateinlage"),
        ("5", "Einzahlung"),
        ("6", "Lohnzahlung"),
        ("6", "Privateinlage"),  # with a voucher's number
        ("7", "Rabatt"),  # one of the two lines of an abort
        ("7", "Privateinlage"),
    ],
)
def test_a_business_case_that_cannot_be(bon: str, case: str, export: Path) -> None:
    forge(export, bon, case)
    assert "D13" in found(export)


@pytest.mark.parametrize(("bon", "case"), [("4", "Einzahlung"), ("5", "Auszahlung"), ("2", "Pfand")])
def test_what_the_norm_leaves_open(bon: str, case: str, export: Path) -> None:
    forge(export, bon, case)
    assert "D13" not in found(export)


def test_an_article_that_is_named_after_its_business_case(export: Path) -> None:
    place = first(export, "lines.csv", GV_TYP="Geldtransit")
    put(export, "lines.csv", place, ART_NR="Privatentnahme")
    assert set(found(export)) == {"D13"}


def test_every_money_movement_has_a_rule_and_every_rule_a_source() -> None:
    assert RULES.keys() >= CASH_MOVEMENTS
    assert RULES.keys() <= set(GV_TYPES)
    assert all(rule.source.startswith("Anhang C") for rule in RULES.values())
