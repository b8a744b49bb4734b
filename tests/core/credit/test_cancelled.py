"""A cancelled receipt takes back what it did to vouchers and open items, if that can still be done."""

from typing import Any

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, cash, command


def shop() -> Playbook:
    book = Playbook()
    book.config |= {"empties.pattern": "981NNNNPPPPPC"}
    return book.ready(50_000)


def cancel(book: Playbook, receipt: str) -> Any:
    """Cancel; gives the reply."""
    book >> command("receipt.cancel", receipt=receipt, reason="Irrtum")
    reply = book.replies[-1]
    book.done()
    return reply


def number(book: Playbook) -> str:
    return str(book.receipt().number)


def test_a_cancelled_redemption_gives_the_balance_back_and_an_unused_voucher_is_taken_back() -> None:
    book = shop() >> command("voucher.sell", kind="multi", value=1000, code="V1") >> cash()
    sold = number(book.done())
    book >> add() >> command("sale.pay", type="voucher", code="V1")
    used = number(book.done())
    assert book.state.vouchers["V1"].balance == 650
    assert cancel(book, sold)["code"] == "voucher_used"
    assert cancel(book, used)["status"] == "accepted"
    assert book.state.vouchers["V1"].balance == 1000
    slips = len(book.facts(f.VoucherPrinted))
    assert cancel(book, sold)["status"] == "accepted"
    assert book.state.vouchers["V1"].balance == 0
    assert book.state.till.cash == 50_000
    assert len(book.facts(f.VoucherPrinted)) == slips


def test_a_corrected_tender_leaves_the_voucher_and_prints_it_once() -> None:
    book = shop() >> command("voucher.sell", kind="multi", value=1000, code="V1") >> cash()
    sold = number(book.done())
    book >> command("receipt.correct_payment", receipt=sold, type="card", reason="doch Karte")
    assert book.replies[-1]["status"] == "accepted", book.replies[-1]
    book.done()
    assert book.state.vouchers["V1"].balance == 1000
    assert len(book.facts(f.VoucherPrinted)) == 1


def test_a_receivable_is_cancelled_only_while_it_is_open() -> None:
    book = shop() >> add() >> command("sale.pay", type="account", customer="Krone")
    made = number(book.done())
    (item,) = book.state.credit.items
    book >> command("account.settle", number=item, amount=100) >> cash()
    settled = number(book.done())
    assert cancel(book, made)["code"] == "item_settled"
    assert cancel(book, settled)["status"] == "accepted"
    assert book.state.credit.items[item].balance == 350
    assert cancel(book, made)["status"] == "accepted"
    assert book.state.credit.items[item].balance == 0


def test_a_down_payment_is_open_again_when_its_bill_is_cancelled() -> None:
    book = shop() >> command("downpayment.take", customer="Wald", what="Torte", amount=300, vat=2) >> cash()
    taken = number(book.done())
    (item,) = book.state.credit.items
    book >> add("Torte", 1000) >> command("downpayment.release", number=item) >> cash()
    billed = number(book.done())
    assert cancel(book, taken)["code"] == "item_settled"
    assert cancel(book, billed)["status"] == "accepted"
    assert book.state.credit.items[item].balance == 300


def test_a_cancelled_bill_leaves_the_delivery_note_open() -> None:
    book = shop() >> add() >> command("delivery.issue", customer="Krone")
    (item,) = book.done().state.credit.items
    book >> command("delivery.bill", number=item) >> cash()
    billed = number(book.done())
    assert cancel(book, billed)["status"] == "accepted"
    (book >> command("delivery.bill", number=item)).says("ok")


def test_a_slip_for_empties_is_valid_again() -> None:
    book = shop() >> add() >> command("empties.redeem", code="9810001001255") >> cash()
    assert cancel(book, number(book.done()))["status"] == "accepted"
    (book >> command("empties.redeem", code="9810001001255")).says("ok")
