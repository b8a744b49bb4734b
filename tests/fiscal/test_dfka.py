"""The DFKA taxonomy: one JSON document per closing, with everything the rows have and exact numbers."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kassd.fiscal.dfka import document, text_of
from kassd.fiscal.rows import ClosingRows, closings
from tests.fiscal.kit import traded

Json = dict[str, Any]


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder, day = tmp_path_factory.mktemp("dfka"), date(2026, 3, 6)
    wanted = (("bakery", 1, 0.2), ("boutique", 2, 0.3), ("bar", 1, 0.5))
    return [traded(folder / shop, shop, day, days, density) for shop, days, density in wanted]


def read(closing: ClosingRows) -> Json:
    """The document as its reader sees it, numbers exact."""
    text = "".join(document(*closing.key, closing.tables, closing.receipts))
    found: Json = json.loads(text, parse_float=Decimal)["cash_point_closing"]
    return found


def cents(amount: Decimal | int) -> int:
    found = Decimal(amount) * 100
    assert found == int(found)
    return int(found)


def test_sums_and_counts_are_those_of_the_rows(journals: list[Path]) -> None:
    for closing in (closing for journal in journals for closing in closings(journal)):
        found, (head,) = read(closing), closing.tables["cashpointclosing"]
        assert (found["number"], found["head"]["creation_date"]) == closing.key[:0:-1]
        payment = found["cash_statement"]["payment"]
        assert cents(payment["full_amount"]) == head["Z_SE_ZAHLUNGEN"]
        assert cents(payment["cash_amount"]) == head["Z_SE_BARZAHLUNGEN"]
        cases = [a for case in found["cash_statement"]["business_cases"] for a in case["amounts_per_vat_id"]]
        assert sum(cents(amount["incl_vat"]) for amount in cases) == head["Z_SE_ZAHLUNGEN"]
        assert len(cases) == len(closing.tables["businesscases"])
        assert len(found["transactions"]) == len(closing)
        for one, receipt in zip(found["transactions"], closing.receipts, strict=True):
            _compare(one, receipt.transaction, receipt.tables)


def _compare(one: Json, head: Json, tables: dict[str, list[Json]]) -> None:
    data = one["data"]
    assert (one["head"]["id"], one["head"]["type"]) == (head["BON_ID"], head["BON_TYP"])
    assert cents(data["full_amount_incl_vat"]) == head["UMS_BRUTTO"]
    paid = [(p["type"], cents(p["amount"])) for p in data.get("payment_types", ())]
    assert paid == [(p["ZAHLART_TYP"], p["BASISWAEH_BETRAG"]) for p in tables.get("datapayment", ())]
    lines = data.get("lines", [])
    assert [line["item"]["quantity"] for line in lines] == [row["MENGE"] for row in tables.get("lines", ())]
    split = [share for line in lines for share in line["business_case"]["amounts_per_vat_id"]]
    shares = [(share["id"], cents(share["incl_vat"])) for share in split]
    assert shares == [(v["UST_SCHLUESSEL"], v["POS_BRUTTO"]) for v in tables.get("lines_vat", ())]
    kept = len(data.get("references", ())) + sum("reference" in line for line in lines)
    assert kept == len(tables.get("references", ()))
    (tse,) = tables["transactions_tse"]
    assert one["security"]["tse"].get("finish_transaction_signature", "") == (tse.get("TSE_TA_SIG") or "")


def test_the_register_and_its_tse_are_described(journals: list[Path]) -> None:
    found = read(next(closings(journals[0])))
    (module, *_) = found["security"]["tse"]["modules"]
    assert len(module["serial_number"]) == 64
    assert len(module["certificate"]) > 500
    assert found["security"]["tse"]["process_data_encoding"] == "UTF-8"
    register = found["head"]["company"]["location"]["cash_register"]
    assert {rate["id"]: rate["percentage"] for rate in register["vat_definitions"]}[1] == 19
    assert register["id"] == register["serial_number"] == "TEST-BAKERY"
    assert register["slaves"]


@dataclass
class Bon:
    """A receipt made by hand."""

    transaction: Json
    tables: dict[str, list[Json]]


def test_how_a_price_came_about_and_what_a_line_refers_to() -> None:
    def price(kind: str, cents: int) -> Json:
        return {"POS_ZEILE": "1", "TYP": kind, "UST_SCHLUESSEL": 2, "PF_BRUTTO": cents}

    place = {"INHAUS": "1", "P_STORNO": "0"}
    tables = {
        "lines": [{"POS_ZEILE": "1", "GV_TYP": "Umsatz", "AGENTUR_ID": 0, "MENGE": Decimal("1.500")} | place],
        "itemamounts": [price("base_amount", 500), price("discount", 50), price("extra_amount", 20)],
        "subitems": [{"POS_ZEILE": "1", "ZI_ART_NR": "brot", "ZI_MENGE": Decimal(2), "ZI_UST_SCHLUESSEL": 2}],
        "allocation_groups": [{"ABRECHNUNGSKREIS": "T5-000123"}],
        "references": [{"POS_ZEILE": "1", "REF_TYP": "Transaktion", "REF_Z_NR": 3, "REF_BON_ID": "17"}],
    }
    buyer = {"KUNDE_NAME": "Gasthaus Krone", "KUNDE_ID": "17", "KUNDE_TYP": "Kunde", "KUNDE_ORT": "Dresden"}
    bon = Bon({"BON_ID": "18", "BON_TYP": "Beleg", "UMS_BRUTTO": 470, "BON_STORNO": "1", **buyer}, tables)
    text = "".join(document("K1", "2026-11-21T20:00:00+01:00", 4, _hand_made(), [bon]))
    (one,) = json.loads(text, parse_float=Decimal)["cash_point_closing"]["transactions"]
    assert one["head"]["storno"] is True
    address = {"city": "Dresden"}
    assert one["head"]["buyer"] == {"name": "Gasthaus Krone", "id": "17", "type": "Kunde", "address": address}
    (line,) = one["data"]["lines"]
    assert (line["in_house"], line["storno"]) == (True, False)
    item = line["item"]
    assert item["quantity"] == Decimal("1.5")
    assert item["base_amounts_per_vat_id"] == [{"id": 2, "incl_vat": 5}]
    assert item["discounts_per_vat_id"] == [{"id": 2, "incl_vat": Decimal("0.5")}]
    assert item["extra_amounts_per_vat_id"] == [{"id": 2, "incl_vat": Decimal("0.2")}]
    assert item["sub_items"] == [{"number": "brot", "quantity": 2, "amount_per_vat_id": {"id": 2}}]
    assert one["head"]["allocation_groups"] == ["T5-000123"]
    assert line["reference"] == {"type": "Transaktion", "cash_point_closing_id": 3, "id": "17"}
    assert "references" not in one["data"]


def _hand_made() -> dict[str, list[Json]]:
    """A closing with as little as there can be."""
    head = {"TAXONOMIE_VERSION": "2.4", "Z_SE_ZAHLUNGEN": 0, "Z_SE_BARZAHLUNGEN": 0}
    empty: dict[str, list[Json]] = {
        stem: [] for stem in ("slaves", "pa", "tse", "vat", "businesscases", "payment", "cash_per_currency")
    }
    return empty | {"cashpointclosing": [head], "location": [{}], "cashregister": [{}]}


def test_numbers_keep_their_digits() -> None:
    value = {"a": Decimal("0.10"), "b": [Decimal("1E+2"), 3, True, None], "c": 'Ä"'}
    assert text_of(value) == '{"a":0.10,"b":[100,3,true,null],"c":"Ä\\""}'


def test_the_same_closing_gives_the_same_document(journals: list[Path]) -> None:
    texts = [
        "".join(document(*closing.key, closing.tables, closing.receipts))
        for _ in range(2)
        for closing in closings(journals[1])
    ]
    assert texts[: len(texts) // 2] == texts[len(texts) // 2 :]
