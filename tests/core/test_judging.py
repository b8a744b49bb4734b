"""What was settled without money stays covered by goods, whatever command changes the sale."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.inputs import CommandReceived
from tests.core.goods.shop import lines, sell, shop
from tests.core.playbook import Playbook, add, cash, command, scan

VOID = command("sale.void_line", line=1)


def paid(book: Playbook, *what: Any) -> dict[str, Any]:
    """The result of the first of these commands, paid in cash."""
    result: dict[str, Any] = {}
    for one in what:
        book >> one
        assert book.replies[-1]["status"] == "ok", book.replies[-1]
        result = result or dict(book.replies[-1]["result"])
    (book >> cash()).done()
    return result


def redeem(code: str = "GS-1", **args: Any) -> CommandReceived:
    return command("sale.pay", type="voucher", code=code, **args)


def with_drinks_voucher(**config: Any) -> Playbook:
    book = shop(**config)
    paid(book, command("voucher.sell", kind="single", value=1000, vat=1, text="Getränke", code="GS-1"))
    return book


def sums(book: Playbook) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in book.current().lines:
        for share in line.by_vat():
            found[share.vat] = found.get(share.vat, 0) + share.amount
    return found


CHANGES: dict[str, tuple[CommandReceived, ...]] = {
    "void": (VOID,),
    "discount": (command("sale.discount", percent="10"),),
    "discount of the line": (command("sale.discount", line=1, amount=1),),
    "subsidy": (command("sale.subsidy", kind="unecht", amount=100, payer="Werk", reason="Essen"),),
    "goods back": (command("sale.return", article="cola", price=1, reason="schal"),),
    "packages back": (command("deposit.return", article="pf25", quantity="1"),),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("settling", ["voucher", "down payment"])
def test_what_it_settled_stays(settling: str, change: tuple[CommandReceived, ...]) -> None:
    book = with_drinks_voucher()
    taken = command("downpayment.take", customer="W", what="Limo", amount=1000, vat=1)
    number = paid(book, taken)["number"]
    book >> sell("limo", quantity="2") >> sell("brot")
    settle = redeem() if settling == "voucher" else command("downpayment.release", number=number)
    book >> settle
    before = book.current()
    for one in change:
        book >> one
    book.says("settled_first")
    (settled,) = [line for line in before.lines if line.settles]
    assert book.replies[-1]["result"] == {"line": settled.n}
    assert settled.text in book.replies[-1]["message"]
    assert book.current() == before
    assert sums(book) == {1: 0, 2: 390}
    book >> command("sale.void_line", line=settled.n)
    for one in change:
        (book >> one).says("ok")
    book >> settle
    refused = book.replies[-1].get("code") in ("item_not_for_these", "voucher_not_for_these")
    assert refused == (sums(book)[1] == 0 and not any(line.settles for line in lines(book)))
    assert min(sums(book).values()) >= 0


def test_where_they_are_eaten_moves_goods_away_from_what_paid_them() -> None:
    book = with_drinks_voucher()
    book >> sell("latte", in_house=True) >> sell("brot") >> redeem()
    (book >> command("sale.set_in_house", in_house=False)).says("settled_first")
    (book >> command("sale.set_in_house", in_house=False, line=1)).says("settled_first")
    before = book.current()
    book >> scan("KASSDMIT")
    (told,) = book.last.volatile
    assert isinstance(told, f.MessageShown)
    assert (told.code, book.current()) == ("settled_first", before)


def test_an_undo_takes_the_redemption_first() -> None:
    book = with_drinks_voucher()
    book >> sell("brot") >> sell("cola") >> redeem()
    (book >> command("sale.undo")).says("ok")
    assert sums(book) == {1: 299, 2: 390}
    (book >> command("sale.undo")).says("ok")
    assert sums(book) == {1: 0, 2: 390}


def test_goods_that_a_voucher_did_not_pay_may_go() -> None:
    book = with_drinks_voucher()
    book >> sell("limo", quantity="2") >> sell("cola") >> sell("brot") >> redeem(amount=299)
    (book >> VOID).says("ok")
    (book >> command("sale.void_line", line=4)).says("ok")
    assert book.state.current("main") is None, "nothing is due any more"
    book.done()
    assert [(row.vat, row.gross) for row in book.receipt().document.vat] == [(1, 0)]


def test_a_voucher_pays_no_voucher_when_the_goods_are_gone() -> None:
    book = shop()
    paid(book, command("voucher.sell", kind="multi", value=5000, code="GS-1"))
    book >> sell("burger") >> command("voucher.sell", kind="multi", value=1000, code="GS-2") >> redeem()
    assert (book.current().due, [line.amount for line in lines(book)]) == (1000, [799, 1000, -799])
    (book >> VOID).says("settled_first")
    (book >> command("sale.discount", percent="10")).says("settled_first")
    (book >> cash(amount=100)).says("accepted")
    (book >> command("sale.discount", percent="10")).says("settled_first")
    (book >> command("sale.void_line", line=3)).says("ok")
    (book >> VOID).says("ok")


def test_money_paid_first_leaves_the_goods_to_the_voucher() -> None:
    book = shop()
    paid(book, command("voucher.sell", kind="multi", value=5000, code="GS-1"))
    book >> sell("burger") >> command("voucher.sell", kind="multi", value=1000, code="GS-2")
    book >> cash(amount=500) >> redeem()
    assert book.current().due == 500


def test_a_claim_is_not_made_of_an_older_one() -> None:
    book = shop()
    (book >> sell("burger") >> command("sale.pay", type="account", customer="Krone")).done()
    book >> command("account.list")
    number = book.replies[-1]["result"]["items"][0]["number"]
    book >> sell("burger") >> command("account.settle", number=number)
    book >> command("sale.pay", type="account", customer="Krone")
    assert book.current().due == 799
    (book >> command("sale.discount", line=1, percent="10")).says("settled_first")


def test_a_down_payment_given_back_is_no_deduction() -> None:
    book = shop()
    number = paid(book, command("downpayment.take", customer="W", what="Torte", amount=1000, vat=2))["number"]
    (book >> command("downpayment.refund", number=number, reason="abbestellt")).says("ok")
    (book >> sell("brot")).says("ok")
    (book >> sell("cola")).says("ok")
    (book >> cash()).says("accepted").done()
    assert book.receipt().document.total == 689 - 1000


def test_cents_rounded_away_are_those_that_cash_pays() -> None:
    book = with_drinks_voucher(**{"cash.round_to": 5})
    book >> sell("limo", quantity="2") >> add("Brot", 387) >> redeem()
    (book >> cash()).says("accepted").done()
    document = book.receipt().document
    assert [(row.vat, row.gross) for row in document.vat] == [(1, 0), (2, 385)]
    book >> sell("limo", quantity="2") >> redeem(amount=250) >> cash()
    book.done()
    assert [(row.vat, row.gross) for row in book.receipt().document.vat] == [(1, 40)]
    assert book.facts(f.PaymentAdded)[-1].amount == 40
