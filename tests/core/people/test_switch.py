"""The switch to § 19 UStG and back: what was taxed keeps its key and rate, new turnover has today's."""

import pytest

from tests.core.playbook import Playbook, add, cash, command, device

Vat = list[tuple[int, int, int]]


def switched(book: Playbook, small: bool) -> Playbook:
    """The configuration changes with the next closing."""
    book.config["business.small_business"] = small
    book.restart()
    book.tse_opens()
    book >> device("printer", "ready") >> device("drawer", "ready")
    book.done()
    euros, cents = divmod(book.state.till.expected_cash, 100)
    (book >> command("till.close", count={"100": euros, "1": cents})).done()
    counted = book.state.till.carried
    (book >> command("till.open", counted=counted)).done()
    return book


def result(book: Playbook, name: str, /, **args: object) -> dict[str, object]:
    book >> command(name, **args)
    reply = book.last.reply
    assert reply is not None
    assert reply.status in ("ok", "accepted"), reply
    return dict(reply.result or {})


def vat(book: Playbook) -> Vat:
    """Key, gross and tax of the newest receipt."""
    return [(row.vat, row.gross, row.tax) for row in book.done().receipt().document.vat]


def test_returns_deliveries_and_down_payments_keep_the_key_of_their_day() -> None:
    book = Playbook().ready(50_000)
    book >> add(price=1070) >> cash()
    sold = book.done().receipt().number
    paid = result(book, "downpayment.take", customer="W", what="Torte", amount=10_700, vat=2)["number"]
    book >> cash()
    assert vat(book) == [(2, 10_700, 700)]
    book >> add(price=2140)
    note = result(book, "delivery.issue", customer="K")["number"]
    switched(book.done(), True)
    result(book, "receipt.return", receipt=str(sold), lines={"1": "1"}, reason="alt")
    book >> cash()
    assert vat(book) == [(2, -1070, -70)]
    result(book, "delivery.bill", number=note)
    book >> cash()
    assert vat(book) == [(2, 2140, 140)]
    book >> add(price=10_700)
    (book >> command("downpayment.release", number=paid)).says("rate_changed")
    book >> command("sale.abort")
    book.done()
    result(book, "downpayment.refund", number=paid, reason="§ 19")
    book >> cash()
    assert vat(book) == [(2, -10_700, -700)]
    (book >> command("downpayment.refund", number=paid, reason="§ 19")).says("item_settled")
    assert result(book, "downpayment.list")["count"] == 0


def test_new_turnover_is_free_of_tax_and_comes_back_so() -> None:
    book = Playbook()
    book.config["business.small_business"] = True
    book.ready(50_000)
    book >> add(price=1070) >> cash()
    assert vat(book) == [(6, 1070, 0)]
    sold = book.receipt().number
    paid = result(book, "downpayment.take", customer="W", what="Torte", amount=1000, vat=2)["number"]
    book >> cash()
    switched(book.done(), False)
    result(book, "receipt.return", receipt=str(sold), lines={"1": "1"}, reason="alt")
    book >> cash()
    assert vat(book) == [(6, -1070, 0)]
    book >> add(price=2140)
    (book >> command("downpayment.release", number=paid)).says("item_not_for_these")
    book >> cash()
    assert vat(book) == [(2, 2140, 140)]
    result(book, "downpayment.refund", number=paid, reason="Regelbesteuerung")
    book >> cash()
    assert vat(book) == [(6, -1000, 0)]


@pytest.mark.parametrize("small", [False, True])
def test_what_was_ordered_before_keeps_its_tax_where_it_is_consumed_elsewhere(small: bool) -> None:
    """Taxed before, it follows the rate it would have had; free of tax before, it stays so."""
    book = Playbook()
    book.config["business.small_business"] = not small
    book.ready(50_000)
    parts = [{"article": "t"}, {"article": "k"}]
    coffee = {"vat": 2, "vat_in_house": 1, "codes": []}
    book >> command("catalog.put", id="t", name="Latte", price=400, **coffee)
    book >> command("catalog.put", id="k", name="Kuchen", price=300, vat=2, codes=[])
    book >> command(
        "catalog.put", id="m", name="Gedeck", price=600, vat=2, codes=[], parts=parts, split="prices"
    )
    book >> command("order.send", table="1", lines=[{"article": "t"}, {"article": "m"}])
    switched(book.done(), small)
    book >> command("order.bill", table="1")
    result(book, "sale.set_in_house", in_house=True)
    keys = [{share.vat for share in line.by_vat()} for line in book.current().standing()]
    assert keys == ([{1}, {1, 2}] if small else [{6}, {6}])
    book >> cash()
    assert sum(tax for _, _, tax in vat(book)) == (136 if small else 0)
    book >> command("sale.add", article="t", in_house=True)
    assert book.current().lines[0].vat == (6 if small else 1), "what is ordered now has today's"


def test_single_purpose_vouchers_are_redeemed_under_the_key_their_goods_have() -> None:
    book = Playbook()
    book.config["vouchers.refund"] = True
    book.ready(50_000)
    before = result(book, "voucher.sell", kind="single", value=1070, vat=2, text="Brot")["code"]
    book >> cash()
    assert vat(book) == [(2, 1070, 70)]
    switched(book, True)
    book >> add(price=1070) >> command("sale.pay", type="voucher", code=before)
    assert vat(book) == [(6, 0, 0)]
    small = [
        result(book, "voucher.sell", kind="single", value=500, vat=2, text="Brot")["code"] for _ in range(3)
    ]
    book >> cash()
    assert vat(book) == [(6, 1500, 0)]
    book >> add(price=500) >> command("sale.pay", type="voucher", code=small[0])
    assert vat(book) == [(6, 0, 0)]
    switched(book, False)
    book >> add(price=500) >> command("sale.pay", type="voucher", code=small[1])
    assert vat(book) == [(2, 0, 0)]
    result(book, "voucher.refund", code=small[2], reason="Kulanz")
    book >> cash()
    assert vat(book) == [(6, -500, 0)]
