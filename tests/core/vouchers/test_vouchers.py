"""Vouchers: tax at the right time, part by part, never twice (§ 3 Abs. 13–15 UStG)."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.vouchers.ledger import available
from kassd.core.vouchers.number import ALPHABET, check_character
from tests.core.goods.shop import shop as goods
from tests.core.playbook import Playbook, add, card, cash, command, replayed, scan


def redeem(code: str, **args: Any) -> Any:
    return command("sale.pay", type="voucher", code=code, **args)


def sell(book: Playbook, kind: str = "multi", value: int = 5000, **args: Any) -> str:
    """Sell one voucher for cash; its number."""
    book >> command("voucher.sell", kind=kind, value=value, **args)
    assert book.replies[-1]["status"] == "ok", book.replies[-1]
    code: str = book.replies[-1]["result"]["code"]
    book >> cash()
    book.done()
    return code


def shop(**config: Any) -> Playbook:
    book = Playbook()
    book.config |= config
    return book.ready()


def worth(book: Playbook, code: str) -> int:
    return available(book.state, book.state.vouchers[code])


def test_a_multi_purpose_voucher_is_taxed_when_it_is_redeemed() -> None:
    book = shop()
    code = sell(book)
    assert book.state.till.totals.cases["MehrzweckgutscheinKauf|5"] == (5000, 5000, 0)
    assert book.receipt().document.vat[0].tax == 0
    book >> add(price=1190, vat=1) >> add(price=1070, vat=2) >> redeem(code)
    book << "sale.line_added sale.paid"
    book.done()
    document = book.receipt().document
    assert {row.vat: (row.gross, row.tax) for row in document.vat} == {
        1: (1190, 190),
        2: (1070, 70),
        5: (-2260, 0),
    }
    assert document.payments == ()
    assert document.positions[-1].note == f"Nr. {code}, Restwert 27,40 €"
    assert book.facts(f.SaleNumbered)[-1].process_data == "Beleg^11.90_10.70_0.00_0.00_-22.60^"
    assert worth(book, code) == 2740


def test_a_single_purpose_voucher_is_taxed_when_it_is_sold() -> None:
    book = shop()
    code = sell(book, "single", 1070, vat=2, text="Brotkorb")
    assert book.state.till.totals.cases["EinzweckgutscheinKauf|2"] == (1070, 1000, 70)
    book >> add("Brotkorb", 1070) >> redeem(code)
    document = book.done().receipt().document
    assert [(row.vat, row.gross, row.tax) for row in document.vat] == [(2, 0, 0)]
    assert document.total == 0
    (book >> add() >> redeem(code)).says("voucher_used")


def test_a_single_purpose_voucher_pays_goods_of_its_rate_only() -> None:
    book = shop()
    code = sell(book, "single", 1000, vat=2, text="Brotkorb")
    book >> add("Bier", 400, vat=1)
    (book >> redeem(code)).says("voucher_not_for_these")
    book >> add("Brot", 300, vat=2) >> redeem(code)
    assert book.current().due == 400
    (book >> redeem(code)).says("voucher_not_for_these")
    book >> cash()
    book.done()
    assert worth(book, code) == 700


def test_the_line_carries_the_number_and_the_case() -> None:
    book = shop()
    code = sell(book)
    book >> add(price=700) >> redeem(code, amount=200)
    line = book.current().lines[-1]
    assert (line.case, line.voucher, line.amount, line.vat) == ("MehrzweckgutscheinEinloesung", code, -200, 5)
    assert book.current().due == 500
    book >> card()
    assert book.done().receipt().document.total == 500
    assert worth(book, code) == 4800


def test_part_by_part_until_it_is_used_up() -> None:
    book = shop()
    code = sell(book, value=1000)
    for price, left in ((300, 700), (500, 200)):
        book >> add(price=price) >> redeem(code)
        book.done()
        assert worth(book, code) == left
    book >> add(price=300) >> redeem(code) >> cash()
    book.done()
    assert book.state.vouchers[code].settled == "2026-11-21"
    (book >> add() >> redeem(code)).says("voucher_used")


@pytest.mark.parametrize("how", ["void", "abort", "timeout", "closing"])
def test_what_does_not_come_about_gives_the_balance_back(how: str) -> None:
    book = shop()
    code = sell(book, value=1000)
    book >> add(price=5000) >> redeem(code)
    assert worth(book, code) == 0
    if how == "void":
        book >> command("sale.void_line") >> cash()
    elif how == "abort":
        book >> command("sale.abort")
    elif how == "timeout":
        book.wait(1801).tick()
    else:
        book >> command("till.close", count={"1000": 1})
    book.done()
    assert worth(book, code) == 1000


def test_two_stations_cannot_spend_it_twice_at_once() -> None:
    book = shop()
    code = sell(book, value=1000)
    book >> add(price=800) >> add(price=800, station="zwei") >> redeem(code, amount=800)
    (book >> redeem(code, station="zwei", amount=800)).says("voucher_too_low")
    (book >> redeem(code, station="zwei")).says("accepted")
    assert book.current("zwei").due == 600
    book.done()
    assert worth(book, code) == 0


def test_it_is_valid_only_once_it_is_paid() -> None:
    book = shop()
    book >> command("voucher.sell", kind="multi", value=1000, code="KARTE-1") >> add(station="zwei")
    (book >> redeem("KARTE-1", station="zwei")).says("voucher_unpaid")
    book >> command("sale.abort")
    book.done()
    (book >> redeem("KARTE-1", station="zwei")).says("voucher_unknown")
    book >> command("voucher.sell", kind="multi", value=1000, code="KARTE-1") >> command("sale.void_line")
    book >> add() >> cash()
    book.done()
    assert book.state.vouchers == {}


def test_a_voucher_does_not_buy_a_voucher() -> None:
    book = shop()
    code = sell(book)
    book >> command("voucher.sell", kind="multi", value=1000)
    (book >> redeem(code)).says("voucher_not_for_these")


def test_goods_paid_with_a_voucher_are_not_voided_into_money() -> None:
    book = shop()
    code = sell(book, value=1000)
    book >> add(price=800) >> add(price=900) >> redeem(code)
    (book >> command("sale.void_line", line=2)).says("settled_first")
    book >> command("sale.void_line", line=3) >> command("sale.void_line", line=2) >> redeem(code)
    book.done()
    assert book.receipt().document.total == 0
    assert worth(book, code) == 200


def test_voiding_what_was_left_to_pay_ends_the_sale() -> None:
    book = shop()
    code = sell(book, value=800)
    book >> add(price=800) >> add(price=900) >> redeem(code) >> command("sale.void_line", line=2)
    assert book.state.current("main") is None
    assert book.done().receipt().bon_type == "Beleg"


def test_expiry() -> None:
    book = shop()
    code, other = sell(book, expiry="2026-11-30"), sell(book)
    assert book.state.vouchers[other].expiry == "2029-12-31"
    (book >> command("voucher.sell", kind="multi", value=1, expiry="2026-11-20")).says("bad_args")
    (book >> command("voucher.sell", kind="multi", value=1, expiry="morgen")).says("bad_args")
    book.wait(10 * 86_400) >> add()
    (book >> redeem(code)).says("voucher_expired")
    (book >> command("voucher.balance", code=code)).says("ok")
    assert book.replies[-1]["result"]["problem"] == "voucher_expired"
    assert book.replies[-1]["result"]["balance"] == 5000


def test_own_numbers_have_a_check_character_and_cards_their_own() -> None:
    book = shop()
    codes = [sell(book) for _ in range(20)]
    assert len(set(codes)) == 20
    for code in codes:
        body = code.removeprefix("GS")
        assert len(body) == 11
        assert set(body) <= set(ALPHABET)
        assert check_character(body[:-1]) == body[-1]
    wrong = codes[0][:-1] + ALPHABET[(ALPHABET.index(codes[0][-1]) + 1) % 31]
    (book >> add() >> redeem(wrong)).says("voucher_unknown")
    assert "Prüfzeichen" in book.replies[-1]["message"]
    (book >> redeem(codes[0].lower())).says("accepted")
    book.done()
    assert sell(book, code="7340001") == "7340001"
    (book >> command("voucher.sell", kind="multi", value=1, code="7340001")).says("voucher_exists")


def test_a_used_up_number_is_not_given_again() -> None:
    book = shop(**{"vouchers.foreign": "take_over"})
    sell(book, value=350, code="7340001")
    book >> add() >> redeem("7340001")
    redeemed = book.done().receipt().number
    (book >> command("voucher.sell", kind="multi", value=500, code="7340001")).says("voucher_exists")
    again = {"kind": "multi", "value": 500, "issuer": "KASSE-2", "reason": "umgezogen"}
    (book >> command("voucher.take_over", code="7340001", **again)).says("voucher_exists")
    (book >> command("receipt.cancel", receipt=str(redeemed), reason="Irrtum")).says("accepted")
    book.done()
    assert worth(book, "7340001") == 350


def test_a_foreign_voucher_is_spent_once() -> None:
    book = shop(**{"vouchers.foreign": "take_over"})
    args = {"code": "F1", "kind": "multi", "value": 350, "issuer": "Filiale 2", "reason": "Vertrag"}
    (book >> command("voucher.take_over", **args)).says("ok")
    book >> add() >> redeem("F1")
    book.done()
    (book >> command("voucher.take_over", **args)).says("voucher_exists")
    (book >> add() >> redeem("F1")).says("voucher_used")


def test_a_scanned_voucher_pays() -> None:
    book = shop()
    code = sell(book)
    book >> scan(code)
    assert "kein Verkauf offen" in book.state.station("main").message
    book >> add() >> scan(code)
    book.done()
    assert worth(book, code) == 4650


def test_what_cannot_be_sold() -> None:
    book = shop()
    book >> command("catalog.put", id="korb", name="Brotkorb", price=1200, vat=2, codes=["4006381333931"])
    for args, code in (
        ({"kind": "single", "value": 1}, "unknown_vat"),
        ({"kind": "single", "value": 1, "vat": 5}, "unknown_vat"),
        ({"kind": "multi", "value": 1, "vat": 1}, "bad_args"),
        ({"kind": "multi", "article": "korb"}, "bad_args"),
        ({"kind": "multi"}, "amount_invalid"),
        ({"kind": "multi", "value": 0}, "amount_invalid"),
        ({"kind": "multi", "value": 1, "code": "4006381333931"}, "voucher_exists"),
        ({"kind": "multi", "value": 1, "code": "x" * 41}, "bad_args"),
    ):
        (book >> command("voucher.sell", **args)).says(code)
    book >> command("voucher.sell", kind="single", article="korb")
    line = book.current().lines[-1]
    assert (line.text, line.amount, line.vat, line.article) == ("Gutschein Brotkorb", 1200, 2, "korb")


def test_a_balance_is_paid_out_only_where_the_shop_allows_it() -> None:
    book = shop()
    code = sell(book)
    (book >> command("voucher.refund", code=code, reason="Umzug")).says("voucher_not_refundable")
    book = shop(**{"vouchers.refund": True})
    code = sell(book, "single", 1190, vat=1, text="Abend")
    book >> command("voucher.refund", code=code, reason="Umzug") >> cash()
    book.done()
    assert book.state.till.cash == 0
    assert book.state.till.totals.cases["EinzweckgutscheinKauf|1"] == (0, 0, 0)
    (book >> command("voucher.refund", code=code, reason="Umzug")).says("voucher_used")


def test_a_voucher_of_another_register_is_refused_or_taken_over_once() -> None:
    args = {"code": "GSALT1", "kind": "multi", "value": 2500, "issuer": "KASSE-2", "reason": "umgezogen"}
    (shop() >> command("voucher.take_over", **args)).says("voucher_unknown")
    book = shop(**{"vouchers.foreign": "take_over"})
    (book >> add() >> redeem("GSALT1")).says("voucher_unknown")
    (book >> command("voucher.take_over", **args)).says("ok")
    (book >> command("voucher.take_over", **args)).says("voucher_exists")
    (book >> redeem("GSALT1")).says("accepted")
    book.done()
    (book >> command("voucher.withdraw", code="GSALT1", reason="zurück an KASSE-2")).says("ok")
    assert book.replies[-1]["result"]["balance"] == 2150
    (book >> add() >> redeem("GSALT1")).says("voucher_used")


def test_what_an_open_sale_holds_is_not_withdrawn() -> None:
    book = shop()
    code = sell(book)
    book >> add() >> add() >> redeem(code, amount=1)
    (book >> command("voucher.withdraw", code=code, reason="verloren")).says("sale_open")


def test_the_slip_of_a_voucher_has_its_number() -> None:
    book = shop()
    code = sell(book)
    printed = book.facts(f.VoucherPrinted)[-1].document
    assert (printed.kind, printed.code, printed.total, printed.valid_until) == (
        "voucher",
        code,
        5000,
        "2029-12-31",
    )
    assert [wish.args["document"] for wish in book.wishes("print")] == [
        book.receipt().document.id,
        printed.id,
    ]


def test_vouchers_outlive_closing_and_restart_and_leave_when_long_used_up() -> None:
    book = shop()
    used, kept = sell(book, value=350), sell(book)
    book >> add() >> redeem(used)
    book.done() >> command("till.close", count={"50": 107})
    book.done().restart().tse_opens()
    assert set(book.state.vouchers) == {used, kept}
    assert replayed(book.lines).vouchers == book.state.vouchers
    book.wait(100 * 86_400) >> command("till.open", counted=5350)
    book.done() >> command("till.close", count={"50": 107})
    assert set(book.done().state.vouchers) == {kept}


def test_a_number_stays_used_up_for_as_long_as_it_would_have_been_valid() -> None:
    book = shop(**{"vouchers.foreign": "take_over"})
    sell(book, value=350, code="Karte-1")
    book >> add() >> redeem("Karte-1")

    def closed(days: int) -> None:
        (book.done() >> command("till.close", count={"50": 7}, reason="zu")).done()
        (book.wait(days * 86_400) >> command("till.open", counted=350)).done()

    closed(100)
    closed(1)
    assert book.restart().tse_opens().state.vouchers == {}
    again = {"kind": "multi", "value": 500, "issuer": "KASSE-2", "reason": "umgezogen"}
    for code in ("Karte-1", "KARTE-1"):
        (book >> command("voucher.take_over", code=code, **again)).says("voucher_exists")
        (book >> command("voucher.sell", kind="multi", value=500, code=code)).says("voucher_exists")
        (book >> command("voucher.balance", code=code)).says("voucher_used")
    (book >> add() >> redeem("Karte-1")).says("voucher_used")
    (book >> command("voucher.balance", code="Karte-2")).says("voucher_unknown")
    book >> command("sale.abort")
    closed(4 * 366)
    closed(1)
    assert book.state.spent == {}, "after its last day nobody takes it for valid"
    (book >> command("voucher.balance", code="Karte-1")).says("voucher_unknown")


def test_as_many_vouchers_as_there_is_room_for_their_slips() -> None:
    """Receipt and slips are one line of the journal (the playbook looks at its size)."""
    book = Playbook().ready()
    texts = [f"Geschenkgutschein zum Geburtstag, herzlichen Glückwunsch {n:03d}" for n in range(60)]
    count = 0
    while (
        book >> command("voucher.sell", kind="multi", value=1000, text=texts[count])
    ).last.reply.status == "ok":  # type: ignore[union-attr]
        count += 1
    book.says("sale_too_long")
    assert 30 <= count < 60
    (book >> cash()).says("accepted").done()
    assert len(book.facts(f.VoucherPrinted)) == count


def test_a_single_purpose_voucher_needs_one_known_rate() -> None:
    """§ 3 Abs. 14 UStG: a combo of two rates, and what is eaten there or taken away, is multi-purpose."""
    book = goods()
    for article in ("menue", "latte"):
        (book >> command("voucher.sell", kind="single", article=article)).says("voucher_single_rate")
    assert book.replies[-1]["result"] == {"vat": [1, 2]}
    book >> command("catalog.put", id="mix", name="Mix", price=700, vat=2, split="70/30",
                    parts=[{"article": "burger"}, {"article": "brot"}])  # fmt: skip
    (book >> command("voucher.sell", kind="single", article="mix")).says("voucher_single_rate")
    book >> command("catalog.put", id="paar", name="Paar", price=700, vat=1,
                    parts=[{"article": "burger"}, {"article": "brot"}])  # fmt: skip
    (book >> command("voucher.sell", kind="single", article="paar")).says("ok")
    assert book.current().lines[-1].vat == 2
    changes = [{"day": "2026-01-01", "vat": 2}]
    book >> command("catalog.put", id="speise", name="Speise", price=900, vat=1, vat_changes=changes)
    (book >> command("voucher.sell", kind="single", article="speise")).says("ok")
    assert book.current().lines[-1].vat == 2
    (book >> command("voucher.sell", kind="multi", value=999, text="Menü")).says("ok")
