"""What goes from Vorgang to Vorgang: references, vouchers, tables, TSEs, master data."""

from pathlib import Path
from typing import Any

import pytest

from kassd.fiscal.audit import audit
from tests.fiscal.audit.foreign import Shop, Style, Tse, line, signer
from tests.fiscal.audit.forgeries import Folder
from tests.fiscal.audit.kit import first, found, put
from tests.fiscal.audit.mutators import cells, lines, write


def bread(count: int = 1, article: str = "Brot") -> dict[str, Any]:
    return line(article, 350, 2, count)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop()


def written(shop: Shop, tmp_path: Path) -> Path:
    shop.close()
    shop.write(tmp_path / "export")
    return tmp_path / "export"


def drop(export: Path, file: str, number: int) -> None:
    head, *rows = lines(export / file)
    del rows[number]
    write(export / file, [head, *rows])


@pytest.fixture
def trade(shop: Shop, tmp_path: Path) -> Path:
    """1 Anfangsbestand, 2 a sale, 3 another, 4 takes 2 back, 5 a claim, 6 its settlement."""
    sale = shop.book("Beleg", [bread(), line("Tasse", 990)], [("Unbar", 1340)])
    shop.book("Beleg", [bread(2), line("Tasse", 990)], [("Unbar", 1690)])
    shop.book(
        "Beleg",
        [bread(-1), line("Tasse", 990, quantity=-1)],
        [("Unbar", -1340)],
        refers=[shop.reference(sale)],
    )
    owed = line("auf Rechnung", -990, 5, case="Forderungsentstehung")
    claim = shop.book("Beleg", [line("Tasse", 990), owed], [("Keine", 0)])
    paid = line("Rechnung", 990, 5, case="Forderungsaufloesung")
    shop.book("Beleg", [paid], [("Unbar", 990)], refers=[shop.reference(claim)])
    export = written(shop, tmp_path)
    for place, article in enumerate(("", "BROT", "TASSE", "BROT", "TASSE", "BROT", "TASSE", "TASSE")):
        put(export, "lines.csv", place, ART_NR=article or "Anfangsbestand")
    assert found(export) == {}
    return export


def test_who_takes_back_a_whole_receipt_says_which(trade: Path) -> None:
    drop(trade, "references.csv", 0)
    assert found(trade) == {"D3": "4 hebt 2 ganz auf und verweist nicht darauf"}


@pytest.mark.parametrize(
    ("bon", "to", "expected"),
    [("4", "4", "D4"), ("4", "5", "D4"), ("4", "99", "D4"), ("4", "1", "D3"), ("6", "3", "D11")],
)
def test_a_reference_to_what_it_cannot_be(bon: str, to: str, expected: str, trade: Path) -> None:
    put(trade, "references.csv", first(trade, "references.csv", BON_ID=bon), REF_BON_ID=to)
    assert set(found(trade)) == {expected}


@pytest.mark.parametrize("column", ["REF_DATUM", "REF_Z_KASSE_ID", "REF_Z_NR"])
def test_what_is_outside_has_no_closing(column: str, trade: Path) -> None:
    head, *rows = lines(trade / "references.csv")
    key = cells(rows[0])[:4]
    write(
        trade / "references.csv",
        [head, *rows, ";".join((*key, "", "ExternerLieferschein", "", "", "", "", "L-1"))],
    )
    assert "D4" not in found(trade)
    put(trade, "references.csv", 2, **{column: cells(rows[0])[head.split(";").index(column)]})
    assert "D4" in found(trade)


def gift(cents: int, number: str = "G-1") -> dict[str, Any]:
    case = "MehrzweckgutscheinKauf" if cents > 0 else "MehrzweckgutscheinEinloesung"
    return line("Gutschein", cents, 5, case=case, voucher=number)


@pytest.mark.parametrize(
    ("number", "value", "expected"),
    [("G-1", -990, set()), ("G-9", -990, {"D9"}), ("", -990, {"D9"}), ("G-1", -2600, {"D9"})],
)
def test_a_voucher_was_sold_before(
    number: str, value: int, expected: set[str], shop: Shop, tmp_path: Path
) -> None:
    shop.book("Beleg", [gift(2500)], [("Unbar", 2500)])
    shop.book("Beleg", [line("Tasse", -value), gift(value, number)], [("Keine", 0)])
    assert set(found(written(shop, tmp_path))) == expected


def test_a_voucher_from_before_the_export_is_told(shop: Shop, tmp_path: Path) -> None:
    shop.closing = 7
    shop.book("Beleg", [line("Tasse", 990), gift(-990)], [("Keine", 0)])
    findings = audit(written(shop, tmp_path)).verdict.findings
    assert [(each.id, each.severity) for each in findings] == [("D9", "info")]


@pytest.fixture
def tables(shop: Shop, tmp_path: Path) -> Path:
    """Four tables, each with two orders and a bill; a fifth is open."""
    for table in range(4):
        for pieces in (1, 2):
            shop.book("AVBestellung", [bread(pieces)], [("Keine", 0)], group=f"T{table}")
        tip = line("Trinkgeld", 50, 5, case="TrinkgeldAN")
        shop.book("Beleg", [bread(3), tip], [("Unbar", 1100)], group=f"T{table}")
    shop.book("AVBestellung", [bread()], [("Keine", 0)], group="T9")
    export = written(shop, tmp_path)
    assert found(export) == {}
    return export


@pytest.mark.parametrize("place", [0, 1, 2, 9, 11])
@pytest.mark.parametrize("group", ["T8", "T9", "T0"])
def test_orders_and_their_bill_are_of_one_table(place: int, group: str, tables: Path) -> None:
    before = (tables / "allocation_groups.csv").read_bytes()
    put(tables, "allocation_groups.csv", place, ABRECHNUNGSKREIS=group)
    assert set(found(tables)) == (
        {"D8"} if (tables / "allocation_groups.csv").read_bytes() != before else set()
    )


def test_orders_that_nobody_bills_are_told(tables: Path) -> None:
    assert audit(tables).summary.open_groups == [("T9", 350 * 1000)]


def test_a_register_whose_tables_have_no_orders(shop: Shop, tmp_path: Path) -> None:
    for table in range(3):
        shop.book("Beleg", [bread()], [("Unbar", 350)], group=f"Tisch {table}")
    assert found(written(shop, tmp_path)) == {}


def test_closings_of_a_tse_that_are_gone(shop: Shop, tmp_path: Path) -> None:
    style = Style()
    for name in ("", "m1", "m2"):
        if name:
            shop.swap_tse(Tse(style, signer(name)))
        shop.book("Beleg", [bread()], [("Unbar", 350)])
        shop.close()
    shop.write(tmp_path / "export")
    assert found(tmp_path / "export") == {}
    folder = Folder(tmp_path / "export")
    for file, rows in folder.tables.items():
        kept = [row for row in rows if row["Z_NR"] != "2"]
        for row in kept:
            for name in {"Z_NR", "BON_ID", "BON_NR", "Z_START_ID", "Z_ENDE_ID"} & row.keys():
                if row["Z_NR"] == "3" and name != "Z_NR":
                    row[name] = str(int(row[name]) - 2)
            row["Z_NR"] = "2" if row["Z_NR"] == "3" else row["Z_NR"]
        folder.tables[file] = kept
    folder.save()
    findings = audit(tmp_path / "export").verdict.findings
    assert [(each.id, each.where) for each in findings] == [("E2", "tse.csv Zeile 4")]


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("cashregister.csv", {"KASSE_SW_VERSION": "9"}),
        ("cashpointclosing.csv", {"USTID": "DE123456789"}),
        ("pa.csv", {"AGENTUR_STNR": "1/3"}),
        ("pa.csv", {"AGENTUR_NAME": "Toto"}),
        ("vat.csv", {"UST_BESCHR": "anders"}),
        ("tse.csv", {"TSE_PD_ENCODING": "ASCII"}),
    ],
)
def test_master_data_of_one_closing_alone(
    file: str, changes: dict[str, str], shop: Shop, tmp_path: Path
) -> None:
    for _ in range(4):
        shop.book("Beleg", [bread()], [("Unbar", 350)])
        shop.close()
    shop.write(tmp_path / "export")
    assert found(tmp_path / "export") == {}
    put(tmp_path / "export", file, first(tmp_path / "export", file, Z_NR="2"), **changes)
    findings = audit(tmp_path / "export").verdict.findings
    told = [(each.where, each.message) for each in findings if each.id == "D12"]
    assert len(told) == 1
    assert told[0][0].startswith(file)
    assert "nur im Abschluss Z_NR 2 " in told[0][1]


CUSTOMER = {"KUNDE_NAME": "Otto", "KUNDE_ID": "17", "KUNDE_TYP": "Kunde"}


@pytest.mark.parametrize(
    ("kind", "customer", "expected"),
    [
        ("Beleg", CUSTOMER, set()),
        *(("Beleg", {**CUSTOMER, name: ""}, {"A10"}) for name in CUSTOMER),
        ("Beleg", {"KUNDE_ORT": "Dresden"}, {"A10"}),
        ("AVSachbezug", CUSTOMER, set()),
        ("AVSachbezug", {}, {"A10"}),
    ],
)
def test_who_the_customer_is(
    kind: str, customer: dict[str, str], expected: set[str], shop: Shop, tmp_path: Path
) -> None:
    shop.book(kind, [bread()], [("Unbar", 350)] if kind == "Beleg" else [], **customer)
    assert set(found(written(shop, tmp_path))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"TSE_TA_ENDE": "2026-03-01T08:02:00.000Z"}, "E1"),
        ({"TSE_TA_START": "2026-03-01T08:02:00.000Z"}, "E1"),
        ({"TSE_TA_VORGANGSART": "Bestellung-V1"}, "E4"),
        ({"TSE_VORGANGSDATEN": "Beleg^9.99_0.00_0.00_0.00_0.00^9.99:Bar"}, "E5"),
        ({"TSE_VORGANGSDATEN": "Beleg^0.00_3.50_0.00_0.00_0.00^3.50:Unbar"}, ""),
    ],
)
def test_what_an_outage_says_is_so(
    changes: dict[str, str], expected: str, shop: Shop, tmp_path: Path
) -> None:
    shop.book("Beleg", [bread()], [("Unbar", 350)], fault="TSE antwortet nicht")
    export = written(shop, tmp_path)
    put(export, "transactions_tse.csv", 1, **changes)
    assert set(found(export)) == ({expected} if expected else set())
