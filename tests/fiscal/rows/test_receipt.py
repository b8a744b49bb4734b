"""Rows of single receipts, and what blocks them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.goods.article import Article
from kassd.fiscal.rows import ExportBlocked, ReceiptRows, closings
from tests.core.playbook import Playbook, add, card, cash, command
from tests.fiscal.kit import close, journal_of, receipts


def by_name(found: list[ReceiptRows], name: str) -> ReceiptRows:
    (one,) = (receipt for receipt in found if receipt.transaction.get("BON_NAME") == name)
    return one


def sold(book: Playbook) -> Playbook:
    return (book >> add() >> cash()).done()


def test_a_void_is_a_negative_counter_line_and_p_storno_stays_0(tmp_path: Path) -> None:
    book = Playbook().ready()
    book >> add("Brot", 350) >> add("Torte", 2000) >> command("sale.void_line", line=1) >> cash()
    sale = receipts(close(book.done()), tmp_path)[-1]
    lines = sale.tables["lines"]
    assert [(row["POS_ZEILE"], row["MENGE"], row["STK_BR"]) for row in lines] == [
        ("1", Decimal(1), 350), ("2", Decimal(1), 2000), ("3", Decimal(-1), 350),
    ]  # fmt: skip
    assert {row["P_STORNO"] for row in lines} == {"0"}
    assert [row["POS_BRUTTO"] for row in sale.tables["lines_vat"]] == [350, 2000, -350]
    assert sale.transaction["UMS_BRUTTO"] == 2000


def test_an_abort_has_each_line_and_its_counter_line_sums_of_zero_and_no_payment(tmp_path: Path) -> None:
    book = Playbook().ready()
    book >> add("Brot", 350) >> add("Seife", 199, 1) >> command("sale.abort")
    found = receipts(close(book.done()), tmp_path)[-1]
    assert found.transaction["BON_TYP"] == "AVBelegabbruch"
    assert found.transaction["UMS_BRUTTO"] == 0
    assert [row["POS_BRUTTO"] for row in found.tables["lines_vat"]] == [350, 199, -350, -199]
    assert [row["MENGE"] for row in found.tables["lines"]] == [1, 1, -1, -1]
    assert {row["BON_BRUTTO"] for row in found.tables["transactions_vat"]} == {0}
    assert "datapayment" not in found.tables
    assert found.process_data == "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"


def test_payments_of_a_kind_are_one_row_and_what_was_undone_is_none(tmp_path: Path) -> None:
    book = Playbook().ready(5000)
    book >> add("Torte", 2000) >> cash(amount=500, given=500) >> cash(amount=300, given=300) >> card()
    found = receipts(close(book.done()), tmp_path)[-1]
    assert [(row["ZAHLART_TYP"], row["BASISWAEH_BETRAG"]) for row in found.tables["datapayment"]] == [
        ("Bar", 800),
        ("Unbar", 1200),
    ]
    assert {row["ZAHLWAEH_CODE"] for row in found.tables["datapayment"]} == {"EUR"}
    assert all("ZAHLWAEH_BETRAG" not in row for row in found.tables["datapayment"])


def test_foreign_cash_has_its_own_amount_and_is_counted_by_currency(tmp_path: Path) -> None:
    book = Playbook()
    book.config |= {"currency.CHF.code": "CHF", "currency.CHF.rate": "0.95"}
    book.ready(5000) >> add("Torte", 1900) >> cash(currency="CHF", given=2000)
    book.done()
    journal = journal_of(close(book), tmp_path)
    (closing,) = closings(journal)
    sale = list(next(iter(closings(journal))).receipts)[-1]
    (row,) = sale.tables["datapayment"]
    assert (row["ZAHLWAEH_CODE"], row["ZAHLWAEH_BETRAG"], row["BASISWAEH_BETRAG"]) == ("CHF", 2000, 1900)
    stock = {row["ZAHLART_WAEH"]: row["ZAHLART_BETRAG_WAEH"] for row in closing.tables["cash_per_currency"]}
    assert stock == {"EUR": 5000, "CHF": 2000}


def test_a_cancellation_refers_to_a_receipt_of_the_same_period_and_of_an_older_one(tmp_path: Path) -> None:
    book = sold(Playbook().ready(1000))
    number = book.receipt().number
    close((sold(book) >> command("receipt.cancel", receipt=str(number), reason="Irrtum")).done())
    first = book.facts(f.TillClosed)[-1]
    expected = book.state.till.expected_cash
    (book >> command("till.open", counted=expected)).done()
    (book >> command("receipt.cancel", receipt=str(number + 1), reason="Irrtum")).done()
    found = [one for one in receipts(close(book), tmp_path) if one.transaction.get("BON_NAME") == "Storno"]
    rows = [row for one in found for row in one.tables["references"]]
    for row, old in zip(rows, (number, number + 1), strict=True):
        assert row == {
            "REF_TYP": "Transaktion",
            "REF_BON_ID": str(old),
            "REF_DATUM": first.at,
            "REF_Z_KASSE_ID": "KASSE-1",
            "REF_Z_NR": 1,
        }
    assert [one.transaction["UMS_BRUTTO"] for one in found] == [-350, -350]
    assert {one.transaction["BON_STORNO"] for one in found} == {"0"}


def test_bon_storno_can_be_switched_by_the_configuration(tmp_path: Path) -> None:
    book = Playbook()
    book.config["fiscal.bon_storno"] = True
    sold(book.ready(1000))
    number = str(book.receipt().number)
    (book >> command("receipt.cancel", receipt=number, reason="Irrtum")).done()
    found = receipts(close(book), tmp_path)
    assert [one.transaction["BON_STORNO"] for one in found if one.transaction["BON_STORNO"] == "1"] == ["1"]
    assert by_name(found, "Storno").transaction["BON_STORNO"] == "1"


def test_a_price_that_was_changed_shows_what_it_was(tmp_path: Path) -> None:
    lists = {"price_list.abend.title": "Abendpreis", "price_list.abend.percent": "20"}
    book = Playbook()
    book.config |= {"price_list.abend.name": "abend", **lists}
    book.ready() >> i.CatalogOffered((Article("tee", "Tee", 250, 1),), (), "catalogue")
    book >> command("sale.add", article="tee") >> cash()
    sale = receipts(close(book.done()), tmp_path)[-1]
    assert [row["STK_BR"] for row in sale.tables["lines"]] == [200]
    assert [(row["TYP"], row["PF_BRUTTO"]) for row in sale.tables["itemamounts"]] == [
        ("base_amount", 250),
        ("discount", 50),
    ]


def test_an_order_has_its_group_its_payment_is_keine_and_its_bill_says_when_it_began(tmp_path: Path) -> None:
    book = Playbook().ready()
    book >> command("order.send", table="5", lines=[{"text": 'Eis "Himbeere"', "price": 399, "vat": 1}])
    book.done() >> command("order.bill", table="5")
    (book >> cash()).done()
    order, bill = receipts(close(book), tmp_path)[-2:]
    assert order.transaction["BON_TYP"] == "AVBestellung"
    assert order.process_data == '1;"Eis ""Himbeere""";3.99'
    assert [row["ZAHLART_TYP"] for row in order.tables["datapayment"]] == ["Keine"]
    assert order.tables["allocation_groups"] == bill.tables["allocation_groups"]
    assert f"erste Bestellung {order.transaction['BON_START']}" in bill.transaction["BON_NOTIZ"]


def test_training_has_sums_and_no_payment_and_does_not_enter_the_closing(tmp_path: Path) -> None:
    book = Playbook().ready()
    book >> command("mode.training", on=True) >> add() >> cash()
    book.done() >> command("mode.training", on=False)
    journal = journal_of(close(book), tmp_path)
    (closing,) = closings(journal)
    training = list(next(iter(closings(journal))).receipts)[-1]
    assert training.transaction["BON_TYP"] == "AVTraining"
    assert (training.transaction["UMS_BRUTTO"], "datapayment" in training.tables) == (350, False)
    assert closing.tables["cashpointclosing"][0]["Z_SE_ZAHLUNGEN"] == 0
    assert {row["GV_TYP"] for row in closing.tables["businesscases"]} == {"Anfangsbestand"}


def forged(book: Playbook, folder: Path, old: str, new: str) -> Path:
    """The journal with ``old`` replaced in its facts, chained anew as a forger would."""
    text = json.dumps([[line["facts"], line["wishes"]] for line in book.lines])
    assert old in text
    for line, (facts, wishes) in zip(book.lines, json.loads(text.replace(old, new)), strict=True):
        line["facts"], line["wishes"] = facts, wishes
    return journal_of(book, folder)


CHANGES = [
    ('"process_data": "Beleg^0.00_3.50', '"process_data": "Beleg^0.00_3.40', "Aus den Zeilen folgt"),
    ('"gross": 350', '"gross": 340', "Summe der Positionen 350"),
    ('"Umsatz|2": [350', '"Umsatz|2": [340', "im Abschluss 340, aus den Belegen 350"),
    ('"total": 350, "cash"', '"total": 340, "cash"', "Zahlungen: im Abschluss 340"),
    ('"vat.rate.2"', '"vat.rate.9"', "Der Satz von Steuerschlüssel 2 steht nicht im Journal"),
    ('"vat": 2, ', '"vat": 1007, ', "Zu Steuerschlüssel 1007 gibt es keinen Steuersatz"),
]


@pytest.mark.parametrize(("old", "new", "told"), CHANGES, ids=lambda text: text[:20])
def test_what_contradicts_itself_is_not_exported(old: str, new: str, told: str, tmp_path: Path) -> None:
    book = close(sold(Playbook().ready()))
    journal = forged(book, tmp_path, old, new)
    with pytest.raises(ExportBlocked, match="Hersteller") as blocked:
        list(closings(journal))
    assert told in str(blocked.value)
    assert blocked.value.problems[0].where.startswith("Z 1")


MISSING: list[tuple[str, Any, str]] = [
    ("business.tax_number", "", "Steuernummer und USt-IdNr. fehlen"),
    ("business.city", "", "fehlt ORT"),
]


@pytest.mark.parametrize(("key", "value", "told"), MISSING)
def test_missing_company_data_block_with_what_to_do(key: str, value: Any, told: str, tmp_path: Path) -> None:
    book = Playbook()
    book.config |= {"business.country": "DEU", key: value}
    journal = journal_of(close(sold(book.ready())), tmp_path)
    with pytest.raises(ExportBlocked, match=told) as blocked:
        list(closings(journal))
    assert "Konfiguration" in str(blocked.value)


def test_a_text_is_shortened_visibly_and_told(tmp_path: Path) -> None:
    book = Playbook().ready()
    reason = "Einkauf " * 31
    book >> command("cash.in", kind="private", amount=500, reason=reason.strip(), person="Frau Muster")
    (closing,) = closings(journal_of(close(book.done()), tmp_path))
    (cut,) = closing.cuts
    assert cut.column == "BON_NOTIZ"
    assert cut.where == "Z 1, Beleg 2"
    assert cut.text.endswith("Person: Frau Muster")
