"""Tips: to the staff without tax, to the owner with the goods' tax, paid out as a movement of their own."""

from typing import Any

import pytest

from kassd.core import facts as f
from tests.core.goods.shop import by_vat, lines, sell, shop
from tests.core.playbook import Playbook, add, card, cash, command
from tests.core.reductions.test_giving import sums


def tip(**args: Any) -> Any:
    return command("sale.tip", **args)


def staffed(**config: Any) -> Playbook:
    return shop(**config) >> command("operator.login", operator="Anna")


def balance(book: Playbook) -> list[Any]:
    book >> command("tip.balance")
    assert book.last.reply is not None
    assert book.last.reply.result is not None
    return list(book.last.reply.result["tips"])


def test_a_tip_on_a_card_is_the_staffs_and_is_paid_out_in_cash() -> None:
    book = staffed() >> sell("cola") >> card(amount=350, tip="staff")
    book << "sale.line_added sale.payment_added sale.paid"
    line = book.state.sales[book.receipt_id()].lines[-1]
    assert (line.case, line.name, line.vat, line.amount) == ("TrinkgeldAN", "Anna", 5, 51)
    assert not book.state.tips  # not before the receipt is there
    book.done()
    assert by_vat(book) == {1: 299, 5: 51}
    assert balance(book) == [{"operator": "Anna", "kept": 51}]
    expected = book.state.till.expected_cash
    book >> command("tip.payout", amount=52)
    book.says("tips_too_low")
    book >> command("tip.payout")
    book.says("accepted")
    assert book.state.till.expected_cash == expected - 51
    assert balance(book) == [{"operator": "Anna", "kept": 0}]
    book >> command("tip.payout")
    book.says("tips_too_low")  # while the TSE still signs the first one
    book.done()
    slip = book.receipt().document
    assert (slip.title, slip.person, slip.total) == ("Auszahlung von Trinkgeld", "Anna", -51)
    assert book.state.tips == {}
    assert book.state.till.totals.cases["TrinkgeldAN|5|Anna|0"][0] == 0
    assert sums(book)["tips.staff"] == (1, 51)
    assert sums(book)["movements.TrinkgeldAN"] == (1, -51)


def test_keep_the_change() -> None:
    book = staffed() >> sell("brot") >> cash(given=300, keep_change=True)
    book.says("given_too_low")
    book >> cash(given=500, keep_change=True)
    book.done()
    receipt = book.receipt().document
    assert (receipt.total, receipt.change) == (500, 0)
    assert [(p.amount, p.given) for p in receipt.payments] == [(500, 500)]
    assert balance(book) == [{"operator": "Anna", "kept": 110}]
    book >> sell("brot") >> cash(given=390, keep_change=True)
    assert book.done().receipt().document.total == 390  # nothing was too much


def test_a_cash_tip_that_is_kept_apart_is_not_recorded() -> None:
    book = staffed() >> sell("brot") >> cash(given=500)
    assert book.done().state.tips == {}
    assert book.receipt().document.change == 110


def test_a_tip_for_the_owner_has_the_tax_of_the_goods() -> None:
    book = staffed(tips__to="owner") >> sell("brot") >> sell("cola") >> sell("limo")
    book >> tip(total=1000)  # 3.90 at 7 %, 4.18 at 19 %, 0.25 deposit
    line = lines(book)[-1]
    assert line.case == "TrinkgeldAG"
    assert {share.vat: share.amount for share in line.by_vat()} == {1: 86, 2: 81}
    (book >> cash()).done()
    assert by_vat(book) == {1: 299 + 119 + 25 + 86, 2: 390 + 81}
    assert book.state.tips == {}
    assert sums(book)["tips.owner"] == (1, 167)


def test_a_tip_on_what_was_on_the_house() -> None:
    book = staffed() >> sell("cola") >> command("sale.discount", line=1, percent="100", reason="Haus")
    book >> tip(to="owner", amount=200)
    (book >> cash()).done()
    assert by_vat(book) == {1: 200}


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({}, "bad_args"),
        ({"amount": 1, "total": 500}, "bad_args"),
        ({"amount": 0}, "amount_invalid"),
        ({"total": 390}, "amount_invalid"),
        ({"amount": 10_001}, "amount_invalid"),
    ],
)
def test_what_is_no_tip(args: dict[str, Any], code: str) -> None:
    book = staffed() >> sell("brot") >> tip(**args)
    book.says(code)


def test_a_tip_needs_something_to_be_a_tip_for() -> None:
    book = staffed() >> tip(amount=100)
    book.says("no_sale")
    book >> sell("brot") >> command("sale.void_line") >> tip(amount=100)
    book.says("nothing_due")
    book >> command("voucher.sell", kind="multi", value=1000) >> tip(to="owner", amount=100)
    book.says("tip_without_goods")
    book >> card(tip="staff")
    book.says("bad_args")
    book >> cash(given=1200, keep_change=True, amount=1000)
    book.says("bad_args")
    book >> card(amount=1100)
    book.says("amount_too_high")  # nobody said that it is a tip


def test_a_tip_is_voided_and_stays_out_of_reductions() -> None:
    book = staffed() >> sell("brot") >> tip(amount=100) >> command("sale.discount", percent="10")
    assert book.current().total == 390 + 100 - 39
    book >> command("sale.void_line", line=2)
    (book >> cash()).done()
    assert book.state.tips == {}
    assert "tips.staff" not in book.state.till.totals.counts


def test_never_more_than_the_drawer_holds_and_kept_over_the_closing() -> None:
    book = staffed() >> add("Feier", 100_000, 1) >> card(amount=115_000, tip="staff")
    book.done() >> command("tip.payout", operator="Anna")
    book.says("cash_negative")
    book >> command("tip.payout", operator="Anna", amount=9_000)
    book.done()
    book >> command("till.report")
    sections = {section.title: section.rows for section in book.facts(f.ReportMade)[-1].document.sections}
    assert [(row.label, row.amount) for row in sections["Trinkgeld des Personals in der Kasse"]] == [
        ("Anna", 6_000)
    ]
    book.done() >> command("till.close", count={"1": book.state.till.cash})
    book.done().restart().tse_opens()
    assert book.state.tips == {"Anna": 6_000}


def test_a_cancelled_receipt_takes_its_tip_back_and_a_cancelled_pay_out_gives_it_again() -> None:
    book = staffed() >> sell("brot") >> tip(amount=50, operator="Ben")
    (book >> cash()).done()
    receipt = str(book.receipt().number)
    book >> command("tip.payout", operator="Ben", amount=20)
    book.done()
    assert book.state.tips == {"Ben": 30}
    book >> command("receipt.cancel", receipt=str(book.receipt().number), reason="falscher Betrag")
    book.says("accepted").done()
    assert book.state.tips == {"Ben": 50}
    book >> command("receipt.cancel", receipt=receipt, reason="falsch boniert")
    book.says("accepted").done()
    assert book.state.tips == {}


def test_the_owners_tip_follows_the_goods_that_stand_when_it_is_paid() -> None:
    book = Playbook().ready() >> add("Kaffee", 1000, 1) >> add("Brot", 1000, 2) >> tip(to="owner", amount=400)
    book >> command("sale.void_line", line=1) >> cash()
    (row,) = book.done().receipt().document.vat
    assert (row.vat, row.gross) == (2, 1400)
    book >> add("Brot", 1000, 2) >> tip(to="owner", amount=400) >> add("Kaffee", 1000, 1) >> cash(amount=500)
    book >> command("sale.pay", type="cash")
    assert [(row.vat, row.gross) for row in book.done().receipt().document.vat] == [(1, 1200), (2, 1200)]


def test_a_void_that_ends_the_sale_takes_the_owners_tip_along() -> None:
    book = Playbook().ready() >> add("Kaffee", 1000, 1) >> add("Brot", 1000, 2) >> tip(to="owner", amount=400)
    book >> cash(amount=1400) >> command("sale.void_line", line=1)
    (row,) = book.done().receipt().document.vat
    assert (row.vat, row.gross) == (2, 1400)


def test_a_tip_for_the_owner_needs_goods_that_stand() -> None:
    book = Playbook().ready() >> add("Kaffee", 1000, 1) >> tip(to="owner", amount=400)
    book >> command("sale.void_line", line=1)
    (book >> cash()).says("tip_without_goods")
