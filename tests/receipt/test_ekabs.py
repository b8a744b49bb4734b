import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kassd.core.document import Document, Position, Tender, VatSum
from kassd.receipt.ekabs import ekabs, is_receipt

from .samples import ALL, CASH, INVOICE, ORDER, ORDERED, OUTAGE, SALE, SMALL, SPLIT, TEST, TRAINING

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "ekabs.schema.json").read_text(encoding="utf-8"))
CHECK = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
RECEIPTS = {name: document for name, document in ALL.items() if is_receipt(document)}


def tree(document: Document) -> Any:
    return json.loads(ekabs(document), parse_float=Decimal)


def cents(value: Any) -> int:
    return int(Decimal(value) * 100)


@pytest.mark.parametrize("name", RECEIPTS)
def test_every_receipt_is_valid_and_says_what_the_slip_says(name: str) -> None:
    document = RECEIPTS[name]
    found = json.loads(ekabs(document))
    CHECK.validate(found)
    assert found["head"]["number"] == document.number
    assert cents(tree(document)["data"]["full_amount_incl_vat"]) == document.total
    data = tree(document)["data"]
    assert [cents(p["amount"]) for p in data["payment_types"]] == [p.amount for p in document.payments]
    assert [(cents(v["incl_vat"]), cents(v["excl_vat"]), cents(v["vat"])) for v in data["vat_amounts"]] == [
        (v.gross, v.net, v.tax) for v in document.vat
    ]
    assert [line["text"] for line in data["lines"]] == [p.text for p in document.positions]
    assert sum(cents(v["incl_vat"]) for line in data["lines"] for v in line["vat_amounts"]) == document.total


@pytest.mark.parametrize("document", [TRAINING, CASH, ORDER], ids=lambda d: d.title)
def test_what_is_no_receipt_has_no_form(document: Document) -> None:
    with pytest.raises(ValueError, match="no receipt"):
        ekabs(document)


def test_the_seal_is_that_of_the_tse() -> None:
    tse, seal = tree(SALE)["security"]["tse"], SALE.seal
    assert seal is not None
    assert tse["signature"] == seal.signature
    assert tse["process_data"] == seal.process_data
    assert (tse["transaction_number"], tse["signature_number"]) == (1017, 2078)
    assert (tse["timestamp_start"], tse["timestamp_end"]) == (seal.start, seal.finish)
    assert "first_order" not in tse
    assert tree(ORDERED)["security"]["tse"]["first_order"] == ORDERED.first_order_at


def test_an_outage_has_the_registers_times_and_no_transaction() -> None:
    assert tree(OUTAGE)["security"]["tse"] == {
        "error_description": "TSE-Ausfall",
        "timestamp_start": OUTAGE.started_at,
        "timestamp_end": OUTAGE.issued_at,
    }


def test_small_business_buyer_units_and_test_mode() -> None:
    seller = tree(SMALL)["head"]["seller"]
    assert seller["tax_exemption"] is True
    assert "§ 19 UStG" in seller["tax_exemption_note"]
    assert tree(SALE)["head"]["seller"]["tax_exemption"] is False
    assert tree(INVOICE)["head"]["buyer"]["name"] == "Konditorei Zuckerguss OHG"
    assert tree(SPLIT)["data"]["lines"][0]["item"]["quantity_measure"] == "kg"
    assert (tree(TEST)["type"], tree(SALE)["type"]) == ("TEST", "INVOICE")


LOTTERY = VatSum(5, "E", Decimal(0), 1200, 0, 1200, "Nicht steuerbar")
SOLAR = VatSum(8, "H", Decimal(0), 1200, 0, 1200, "Steuersatz 0 % (§ 12 Abs. 3 UStG)")
STAMPS = VatSum(6, "F", Decimal(0), 1200, 0, 1200, "Umsatzsteuerfrei")
BREAD = VatSum(2, "B", Decimal(7), 826, 58, 884)
(SMALL_ONE,) = SMALL.vat


@pytest.mark.parametrize(
    ("sums", "note"),
    [
        ((BREAD, LOTTERY), None),
        ((LOTTERY,), None),
        ((SOLAR,), None),
        ((replace(LOTTERY, vat=1000, text="Differenzbesteuerung (§ 25a UStG)"),), None),
        ((BREAD, STAMPS), None),  # the stamps are, the business is not
        ((STAMPS, LOTTERY), STAMPS.text),
        ((SMALL_ONE, LOTTERY), SMALL_ONE.text),
        ((BREAD, SMALL_ONE), SMALL_ONE.text),  # taken back from the days before
    ],
)
def test_a_seller_is_exempt_where_he_owes_no_tax_not_where_something_is_not_taxable(
    sums: tuple[VatSum, ...], note: str | None
) -> None:
    found = json.loads(ekabs(replace(SALE, vat=sums)))
    CHECK.validate(found)
    seller = found["head"]["seller"]
    assert (seller["tax_exemption"], seller.get("tax_exemption_note")) == (note is not None, note)


def test_a_line_of_several_rates_has_each() -> None:
    """A breakfast of bread and coffee, and the owner's tip on it."""
    breakfast = Position(1, "Frühstück", Decimal(1), 990, 990, 2, "BA", shares=(700, 290))
    tip = Position(2, "Trinkgeld", Decimal(1), 110, 110, 1, "AB", case="TrinkgeldAG", shares=(32, 78))
    sums = (
        VatSum(1, "A", Decimal(19), 271, 51, 322),
        VatSum(2, "B", Decimal(7), 727, 51, 778),
    )
    found = json.loads(ekabs(replace(SALE, positions=(breakfast, tip), vat=sums, total=1100)))
    CHECK.validate(found)
    assert [line["vat_amounts"] for line in found["data"]["lines"]] == [
        [{"percentage": 7, "incl_vat": 7.0}, {"percentage": 19, "incl_vat": 2.9}],
        [{"percentage": 19, "incl_vat": 0.32}, {"percentage": 7, "incl_vat": 0.78}],
    ]


def test_what_was_taken_back_keeps_its_rate_where_no_sum_tells_it() -> None:
    coffee = Position(2, "Kaffee", Decimal(1), 290, 290, 1, "A", rates=(Decimal(19),))
    back = replace(coffee, n=3, quantity=Decimal(-1), amount=-290, voids=2)
    bread = Position(1, "Brot", Decimal(1), 884, 884, 2, "B")
    paid = replace(SALE, positions=(bread, coffee, back), vat=(BREAD,), total=884)
    assert [line["vat_amounts"] for line in tree(paid)["data"]["lines"]] == [
        [{"percentage": 7, "incl_vat": Decimal("8.84")}],
        [{"percentage": 19, "incl_vat": Decimal("2.90")}],
        [{"percentage": 19, "incl_vat": Decimal("-2.90")}],
    ]


@pytest.mark.parametrize("code", ["AB", "C"])
def test_what_an_older_version_did_not_record_is_not_made_up(code: str) -> None:
    old = replace(SALE, positions=(Position(1, "Frühstück", Decimal(1), 990, 990, 2, code),))
    found = json.loads(ekabs(old))
    CHECK.validate(found)
    assert found["data"]["lines"][0]["vat_amounts"] == []


def test_foreign_cash() -> None:
    francs = Tender("Bar", "Bar", 2488, 3000, "CHF", 2600, Decimal("0.957"))
    (paid,) = tree(replace(SALE, payments=(francs,)))["data"]["payment_types"]
    assert paid == {
        "name": "Bar",
        "amount": Decimal("24.88"),
        "currency_code": "CHF",
        "foreign_amount": Decimal("26.00"),
    }


def test_decimals_are_written_as_they_are() -> None:
    text = ekabs(replace(SALE, total=10**15 + 1)).decode()
    assert '"full_amount_incl_vat": 10000000000000.01' in text
    assert '"quantity": 0.384' in ekabs(SPLIT).decode()


def test_the_schema_refuses_what_is_wrong() -> None:
    for spoil in (
        lambda d: d["security"]["tse"].pop("signature"),
        lambda d: d["data"].update(full_amount_incl_vat="24,88"),
        lambda d: d["head"]["seller"].update(tax_exemption=True),
        lambda d: d["security"]["tse"].update(process_data="AVTraining^"),
        lambda d: d.update(more=1),
    ):
        found = json.loads(ekabs(SALE))
        spoil(found)
        assert not CHECK.is_valid(found)
