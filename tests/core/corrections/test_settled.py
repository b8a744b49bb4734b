"""What settled goods without money goes back with them, and only the rest is money."""

import pytest

from kassd.core.inputs import CommandReceived
from tests.core.corrections.test_returns import back
from tests.core.playbook import Playbook, add, card, cash, command


def paid_by(settle: CommandReceived, *goods: CommandReceived, float_: int = 10_000) -> Playbook:
    """Receipt 4: goods, partly settled by ``settle``, the rest in cash; receipt 3 sold voucher G1, 6.00."""
    book = Playbook().ready(float_)
    (book >> command("voucher.sell", kind="multi", value=600, code="G1") >> card()).done()
    for one in goods or (add("Brot", 1000),):
        book >> one
    book >> settle
    return (book >> cash()).done() if book.state.current("main") else book.done()


BY_VOUCHER = command("sale.pay", type="voucher", code="G1")


def test_what_a_voucher_paid_goes_back_to_it_and_only_the_rest_is_money() -> None:
    book = paid_by(BY_VOUCHER)
    stock = book.state.till.cash
    book >> back({"1": "0.5"}, receipt="4")
    assert book.replies[-1]["result"]["due"] == -200
    (book >> cash()).done()
    slip = book.receipt().document
    assert [(p.case, p.amount) for p in slip.positions] == [
        ("Umsatz", -500),
        ("MehrzweckgutscheinEinloesung", 300),
    ]
    assert slip.positions[1].note == "Nr. G1"
    assert slip.title == "Rückgabe"
    assert slip.seal is not None
    assert slip.seal.process_data == "Beleg^0.00_-5.00_0.00_0.00_3.00^-2.00:Bar"
    assert book.state.vouchers["G1"].balance == 300
    (book >> back({"1": "0.5"}, receipt="4") >> cash()).done()
    assert book.state.vouchers["G1"].balance == 600
    assert book.state.till.cash == stock - 400
    (book >> command("receipt.cancel", receipt="6", reason="doch behalten")).done()
    assert book.state.vouchers["G1"].balance == 300


def test_goods_that_a_voucher_paid_whole_give_no_money() -> None:
    book = paid_by(BY_VOUCHER, add("Brot", 600))
    stock = book.state.till.cash
    book >> back({"1": "1"}, receipt="4")
    assert (book.current().due, book.state.vouchers["G1"].balance) == (0, 0)
    (book >> cash()).done()
    slip = book.receipt().document
    assert (slip.title, slip.total, slip.payments) == ("Rückgabe", 0, ())
    assert (book.state.vouchers["G1"].balance, book.state.vouchers["G1"].settled) == (600, "")
    assert book.state.till.cash == stock
    assert book.state.till.totals.sums["returns"] == -600


def test_an_exchange_makes_no_money_of_a_voucher_either() -> None:
    book = paid_by(BY_VOUCHER)
    stock = book.state.till.cash
    book >> back({"1": "1"}, receipt="4") >> add("Torte", 700)
    assert book.current().due == 300
    (book >> cash()).done()
    number = str(book.receipt().number)
    (book >> back({"1": "1"}, receipt=number)).says("line_not_found")
    book >> back({"3": "1"}, receipt=number)
    assert book.current().due == -700, "it was paid by what the bread had been paid in money, and 3.00"
    (book >> cash()).done()
    assert book.state.till.cash == stock - 400, "what the bread was paid in money"
    assert book.state.vouchers["G1"].balance == 600


def test_what_a_voucher_paid_of_an_exchange_goes_back_to_it() -> None:
    book = paid_by(BY_VOUCHER)
    book >> back({"1": "1"}, receipt="4") >> add("Torte", 700) >> add("Kaffee", 300)
    book.done()
    (book >> command("voucher.sell", kind="multi", value=200, code="G2", station="zwei")).says("ok")
    (book >> card(station="zwei")).done()
    (book >> command("sale.pay", type="voucher", code="G2") >> cash()).done()
    number = str(book.receipt().number)
    book >> back({"3": "1", "4": "1"}, receipt=number)
    assert book.current().due == -800
    (book >> cash()).done()
    assert book.state.vouchers["G2"].balance == 200


def test_taking_goods_back_piece_by_piece_or_again_never_gives_more_money() -> None:
    book = paid_by(BY_VOUCHER, add("Brot", 333, quantity="3"), add("Käse", 777, vat=1, quantity="0.5"))
    stock, paid = book.state.till.cash, 999 + 389 - 600
    book >> back({"1": "2", "2": "0.25"}, receipt="4") >> command("sale.void_line", line=1)
    (book >> cash()).done()
    for lines in ({"1": "1"}, {"2": "0.25"}, {"1": "2"}):
        (book >> back(lines, receipt="4") >> cash()).done()
    assert stock - book.state.till.cash == paid
    assert book.state.vouchers["G1"].balance == 600


def test_a_line_that_gives_back_to_a_voucher_goes_with_its_goods() -> None:
    book = paid_by(BY_VOUCHER)
    book >> back({"1": "1"}, receipt="4")
    (book >> command("sale.void_line", line=2)).says("line_follows")
    (book >> command("sale.set_in_house", line=1, in_house=True)).says("line_not_found")
    book >> command("sale.undo")
    assert (book.current().total, book.current().standing()) == (0, ())
    (book >> back({"1": "0.1"}, receipt="4") >> back({"1": "0.1"}, receipt="4")).says("ok")
    assert book.current().due == -80


def test_a_claim_is_lower_as_far_as_it_is_open() -> None:
    book = paid_by(command("sale.pay", type="account", customer="Kim", amount=600))
    (number,) = book.state.credit.items
    (book >> back({"1": "0.5"}, receipt="4") >> cash()).done()
    assert (book.receipt().document.total, book.state.credit.items[number].balance) == (-200, 300)
    (book >> command("account.settle", number=number, amount=200) >> cash()).done()
    (book >> back({"1": "0.5"}, receipt="4") >> cash()).done()
    assert (book.receipt().document.total, book.state.credit.items[number].balance) == (-400, 0)
    assert book.state.credit.items[number].settled


@pytest.mark.parametrize(("taxed", "code"), [("unknown", "ok"), ("payment", "paid_otherwise")])
def test_a_claim_whose_tax_comes_with_its_payment_is_undone_whole(taxed: str, code: str) -> None:
    book = Playbook()
    book.config["business.claims_vat"] = taxed
    book.ready(5000)
    book >> add("Brot", 600) >> add("Wein", 400, vat=1)
    (book >> command("sale.pay", type="account", customer="Kim")).done()
    (book >> back({"1": "1"})).says(code)
    if code == "ok":
        assert [line.amount for line in book.current().lines] == [-600, 600]
        (book >> cash()).done()
    else:
        (book >> command("receipt.cancel", receipt="3", reason="x")).done()
    (item,) = book.state.credit.items.values()
    assert item.balance == (400 if code == "ok" else 0)


def test_a_down_payment_is_open_again() -> None:
    book = Playbook().ready(10_000)
    (book >> command("downpayment.take", customer="Wald", what="Torte", amount=400, vat=2) >> card()).done()
    (number,) = book.state.credit.items
    book >> add("Torte", 1000) >> command("downpayment.release", number=number)
    (book >> cash()).done()
    (book >> back({"1": "1"}, receipt="4") >> cash()).done()
    assert book.receipt().document.total == -600
    assert book.state.credit.items[number].balance == 400
    (book >> command("downpayment.refund", number=number, reason="abbestellt") >> cash()).done()
    assert book.state.credit.items[number].balance == 0


def test_a_subsidy_goes_back_to_who_gave_it() -> None:
    book = paid_by(command("sale.subsidy", kind="echt", amount=250, payer="Stadt", reason="Bildung"))
    (book >> back({"1": "1"}, receipt="4") >> cash()).done()
    slip = book.receipt().document
    assert [(p.case, p.amount) for p in slip.positions] == [("Umsatz", -1000), ("ZuschussEcht", 250)]
    assert book.state.till.totals.sums["returns"] == -1000


def test_a_single_purpose_voucher_settles_goods_of_its_tax_key_only() -> None:
    book = Playbook().ready(10_000)
    (
        book >> command("voucher.sell", kind="single", value=500, vat=1, text="Wein", code="E1") >> card()
    ).done()
    book >> add("Brot", 1000) >> add("Wein", 800, vat=1) >> command("sale.pay", type="voucher", code="E1")
    (book >> cash()).done()
    (book >> back({"1": "1"}, receipt="4") >> cash()).done()
    assert (book.receipt().document.total, book.state.vouchers["E1"].balance) == (-1000, 0)
    (book >> back({"2": "1"}, receipt="4") >> cash()).done()
    slip = book.receipt().document
    assert (slip.total, book.state.vouchers["E1"].balance) == (-300, 500)
    assert [(row.vat, row.gross) for row in slip.vat] == [(1, -300)]


def test_money_for_another_voucher_is_no_money_for_the_goods() -> None:
    book = Playbook().ready(5000)
    book >> command("voucher.sell", kind="multi", value=1000, code="G1")
    (book >> card()).done() >> add("Brot", 1000)
    book >> command("voucher.sell", kind="multi", value=1000, code="G2")
    book >> command("sale.pay", type="voucher", code="G1", amount=1000) >> card()
    assert book.done().receipt().document.total == 1000
    book >> back({"1": "1"}, receipt="4")
    assert book.current().due == 0
    book.done()
    (book >> cash()).done()
    assert book.state.vouchers["G1"].balance == 1000
