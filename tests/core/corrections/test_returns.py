"""receipt.return, sale.return and sale.undo."""

from decimal import Decimal
from typing import Any

import pytest

from kassd.core.corrections.found import taken_by
from kassd.core.corrections.portion import returned_lines
from kassd.core.corrections.recall import find
from kassd.core.corrections.state import Taken
from kassd.core.entry import Line, Share
from kassd.core.inputs import CommandReceived
from kassd.core.state import Sale
from tests.core.goods.shop import label, lines, put, shop
from tests.core.playbook import Lines, Playbook, add, card, cash, command


def back(lines: dict[str, str], receipt: str = "3", **args: Any) -> CommandReceived:
    return command("receipt.return", receipt=receipt, lines=lines, **({"reason": "passt nicht"} | args))


def bought(float_: int = 5000) -> Playbook:
    """Receipt 3: three loaves, half a kilogram of cheese, a voided coffee."""
    book = Playbook().ready(float_)
    book >> add("Brot", 350, quantity="3") >> add("Käse", 1999, vat=1, quantity="0.5") >> add("Kaffee", 280)
    book >> command("sale.void_line") >> cash(given=5000)
    return book.done()


def test_goods_come_back_at_the_price_of_then_and_the_money_is_paid_out() -> None:
    book = bought()
    cash_before = book.state.till.cash
    book >> back({"1": "2"})
    book << "sale.opened receipt.corrected sale.line_added +tse.start"
    assert book.replies[-1]["result"]["due"] == -700
    book >> cash()
    book.done()
    receipt = book.receipt().document
    (position,) = receipt.positions
    assert (position.quantity, position.unit_price, position.amount) == (Decimal(-2), 350, -700)
    assert position.note == "Rückgabe: passt nicht"
    assert [r.number for r in receipt.references] == ["3"]
    assert receipt.seal is not None
    assert receipt.seal.process_data == "Beleg^0.00_-7.00_0.00_0.00_0.00^-7.00:Bar"
    assert book.state.till.cash == cash_before - 700
    assert (book.state.till.totals.counts["returns"], book.state.till.totals.sums["returns"]) == (1, -700)


def test_an_exchange_is_one_receipt() -> None:
    book = bought()
    book >> add("Torte", 2500) >> back({"1": "1", "2": "0.5"})
    assert book.current().total == 2500 - 350 - 1000
    book >> card()
    book.done()
    assert book.receipt().document.total == 1150
    assert book.state.till.totals.counts["returns"] == 2


def test_never_more_than_was_bought_over_all_returns() -> None:
    book = bought()
    (book >> back({"1": "2"}) >> back({"1": "2"})).says("return_too_much")
    assert book.replies[-1]["result"] == {"line": 1, "left": "1"}
    (book >> cash()).done()
    (book >> back({"1": "1.5"})).says("return_too_much")
    before = find(Lines(book.lines), "3")
    (book >> back({"1": "1"}) >> cash()).done()
    late = CommandReceived("b", "x", "receipt.return", dict(back({"1": "1"}).args), found=before)
    (book >> late).says("return_too_much")
    book.restart().tse_opens()
    (book >> back({"1": "1"})).says("return_too_much")


def test_a_return_that_was_aborted_or_voided_or_cancelled_never_was() -> None:
    book = bought()
    (book >> back({"1": "3"}) >> command("sale.abort")).done()
    book >> back({"1": "3"}) >> command("sale.void_line")
    (book >> back({"1": "3"})).says("ok")
    (book >> cash()).done()
    (book >> back({"1": "1"})).says("return_too_much")
    (book >> command("receipt.cancel", receipt="5", reason="doch behalten")).says("accepted")
    (book >> back({"1": "1"})).says("ok")
    book.done()
    book >> command("sale.abort")
    book.done().restart().tse_opens()
    (book >> back({"1": "3"})).says("ok")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ({}, "line_not_found"),
        ({"7": "1"}, "line_not_found"),
        ({"3": "1"}, "line_not_found"),  # voided
        ({"4": "1"}, "line_not_found"),  # its counter-line
        ({"1": "0"}, "quantity_invalid"),
        ({"1": "-1"}, "quantity_invalid"),
        ({"1": "0.0001"}, "quantity_invalid"),
        ({"x": "1"}, "bad_args"),
    ],
)
def test_what_cannot_be_taken_back(lines: dict[str, str], code: str) -> None:
    (bought() >> back(lines)).says(code)


def test_a_cancelled_receipt_and_a_cancellation_have_nothing_to_take_back() -> None:
    book = bought()
    (book >> command("receipt.cancel", receipt="3", reason="x")).done()
    (book >> back({"1": "1"})).says("already_cancelled")
    (book >> back({"1": "1"}, receipt="4")).says("not_cancellable")
    book.restart().tse_opens()
    (book >> back({"1": "1"})).says("already_cancelled")


def test_a_former_rate_has_its_own_key() -> None:
    from kassd.core.former import key_then

    state = bought().state
    assert key_then(state, 1, Decimal(19)) == 1
    assert key_then(state, 1, Decimal(16)) == 21
    assert key_then(state, 2, Decimal(5)) == 22
    assert key_then(state, 3, Decimal(9)) == 33
    assert key_then(state, 21, Decimal(16)) == 21
    assert key_then(state, 1, Decimal(17)) == 1, "nobody knows it: the old key"


# -- portions -----------------------------------------------------------------------------------------


def line(n: int, amount: int, quantity: str = "3", **fields: Any) -> Line:
    values = {"vat": 1, "rate": Decimal(19), "text": "x", "unit_price": amount} | fields
    return Line(n=n, quantity=Decimal(quantity), amount=amount, **values)


def piecewise(lines: tuple[Line, ...], *steps: dict[int, str]) -> tuple[int, dict[int, Taken]]:
    """Total given back over several returns, and what was taken of each line."""
    sale = Sale("1-1", "sale", "main", "", "", status="done", number=7, lines=lines)
    taken: dict[int, Taken] = {}
    total = 0
    for step in steps:
        wanted = {n: Decimal(quantity) for n, quantity in step.items()}
        for one in list(returned_lines(sale, wanted, taken)):
            assert one.origin is not None
            taken[one.origin.line] = taken.get(one.origin.line, Taken(Decimal(0), 0)) + taken_by(one)
            assert sum(share.amount for share in one.by_vat()) == one.amount
            total -= one.amount
    return total, taken


def test_pieces_add_up_to_the_whole_to_the_cent() -> None:
    lines = (line(1, 1000), line(2, -100, "1", case="Rabatt", of=1), line(3, 75, case="Pfand", of=1))
    total, taken = piecewise(lines, {1: "1"}, {1: "1"}, {1: "1"})
    assert total == 975
    assert [taken[n].amount for n in (1, 2, 3)] == [1000, -100, 75]


def test_a_reduction_of_the_whole_receipt_comes_back_in_proportion() -> None:
    lines = (
        line(1, 600, "2"),
        line(2, 300, "1"),
        line(3, 500, "1", vat=2, rate=Decimal(7)),
        line(4, 200, "1", reducible=False),
        line(5, -100, "1", case="Rabatt"),
    )
    one, _ = piecewise(lines, {1: "1"})
    assert one == 300 - 33
    assert piecewise(lines, {3: "1"})[0] == 500
    assert piecewise(lines, {4: "1"})[0] == 200
    total, _ = piecewise(lines, {1: "1"}, {2: "1"}, {4: "1"}, {1: "1"}, {3: "1"})
    assert total == 600 + 300 + 500 + 200 - 100


def test_a_combo_comes_back_by_its_shares() -> None:
    shares = (Share(2, Decimal(7), 700), Share(1, Decimal(19), 299))
    total, _ = piecewise((line(1, 999, "3", shares=shares),), {1: "1"}, {1: "2"})
    assert total == 999


def test_a_combo_taken_back_piece_by_piece_gives_each_tax_key_what_it_had() -> None:
    book = Playbook().ready(5000)
    book >> command("catalog.put", id="a", name="Burger", price=500, vat=2, codes=[])
    book >> command("catalog.put", id="c", name="Cola", price=300, vat=1, codes=[])
    parts = [{"article": "a"}, {"article": "c"}]
    book >> command(
        "catalog.put", id="k", name="Menü", price=699, vat=2, codes=[], parts=parts, split="prices"
    )
    book >> command("sale.add", article="k", quantity="3") >> command("sale.discount", line=1, percent="10")
    (book >> command("sale.discount", percent="7.77", reason="Treue") >> cash()).done()
    number = str(book.receipt().number)
    sold = {row.vat: row.gross for row in book.receipt().document.vat}
    given: dict[int, int] = {}
    for _ in range(3):
        (book >> back({"1": "1"}, receipt=number) >> cash()).done()
        for row in book.receipt().document.vat:
            given[row.vat] = given.get(row.vat, 0) - row.gross
    assert given == sold


# -- quantity prices ----------------------------------------------------------------------------------


def three_for(mix: str = "") -> Playbook:
    """Receipt 3: three pretzels, 3 for 1.50 at 1.00 (of two kinds where they are mixed), and a coffee."""
    book = Playbook().ready(5000)
    bundle = {"price": 100, "vat": 2, "bundles": [{"quantity": "3", "price": 150}], "codes": [], "mix": mix}
    book >> command("catalog.put", id="m", name="Brezel", **bundle)
    book >> command("catalog.put", id="l", name="Laugenstange", **bundle)
    book >> add("Kaffee", 280, vat=2)
    for article in ("m", "m", "l" if mix else "m"):
        book >> command("sale.add", article=article)
    return (book >> cash()).done()


@pytest.mark.parametrize("mix", ["", "Laugengebäck"])
def test_part_of_a_quantity_price_comes_back_at_its_share(mix: str) -> None:
    book = three_for(mix)
    assert book.receipt().document.total == 280 + 150
    (book >> back({"2": "1", "3": "1"}) >> cash()).done()
    assert book.receipt().document.total == -100
    (book >> back({"1": "1"}) >> cash()).done()
    assert book.receipt().document.total == -280
    (book >> back({"4": "1"}) >> cash()).done()
    assert book.receipt().document.total == -50


def test_a_share_that_comes_back_is_no_quantity_price_of_the_sale() -> None:
    book = three_for()
    book >> back({"2": "1"}) >> command("sale.add", article="m")
    assert book.current().total == -50 + 100
    for _ in range(2):
        book >> command("sale.add", article="m")
    assert book.current().total == -50 + 150


# -- what belongs together ----------------------------------------------------------------------------


def reduced() -> Playbook:
    """Receipt 3: bread and cake less 10 %."""
    book = Playbook().ready(5000)
    book >> add("Brot", 1000) >> add("Kuchen", 500)
    return (book >> command("sale.discount", percent="10", reason="Treue") >> cash()).done()


def test_the_share_of_a_reduction_goes_with_the_goods_it_belongs_to() -> None:
    book = reduced()
    book >> back({"1": "1"})
    assert book.current().total == -900
    (book >> command("sale.void_line", line=2)).says("line_follows")
    book >> command("sale.void_line", line=1)
    assert (book.current().total, book.current().standing()) == (0, ())
    book >> back({"1": "1", "2": "1"})
    assert book.current().total == -1350
    book >> command("sale.undo")
    assert book.current().total == -900
    book >> command("sale.undo")
    assert (book.current().total, book.current().standing()) == (0, ())
    (book >> back({"1": "1"}) >> cash()).done()
    assert book.receipt().document.total == -900
    assert book.state.till.totals.sums["returns"] == -900
    (book >> back({"2": "1"}) >> cash()).done()
    assert book.receipt().document.total == -450


# -- only by a receipt --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("sale.park", {"table": "3"}),
        ("sale.benefit", {"owner": "Chefin"}),
    ],
)
def test_a_return_ends_as_a_receipt_only(name: str, args: dict[str, Any]) -> None:
    book = bought()
    book >> back({"1": "1"}) >> add("Torte", 2500)
    (book >> command(name, **args)).says("takes_back")
    book >> command("sale.void_line", line=1)
    (book >> command(name, **args)).done()
    assert book.last.reply is None or not book.last.reply.code
    (book >> back({"1": "3"})).says("ok")


# -- without receipt ----------------------------------------------------------------------------------


def test_goods_without_receipt_come_back_at_todays_price_with_a_reason() -> None:
    book = bought()
    (book >> command("sale.return", text="Brot", price=350, vat=2, reason="")).says("reason_required")
    (book >> command("sale.return", text="Brot", price=350, vat=2, quantity="-1", reason="x")).says(
        "quantity_invalid"
    )
    (book >> command("sale.return", text="Brot", price=-1, vat=2, reason="x")).says("amount_invalid")
    (book >> command("sale.return", text="Brot", price=1, reason="x")).says("unknown_vat")
    (book >> command("sale.return", code="4006381333931", reason="x")).says("unknown_article")
    (book >> command("sale.return", client="theke-2", text="x", price=1, vat=2, reason="x")).says(
        "unauthorized"
    )
    book >> command("catalog.put", id="1", name="Brot", price=360, vat=2, codes=["4006381333931"])
    book >> command("sale.return", code="4006381333931", quantity="2", reason="verschimmelt")
    book.says("ok")
    (book >> cash()).done()
    receipt = book.receipt().document
    assert (receipt.total, receipt.positions[0].note) == (-720, "Rückgabe: verschimmelt")
    assert book.state.till.totals.sums["returns"] == -720


WEIGHT, PRICE = label("28", "1234", "00235"), label("22", "1234", "01499")
ALP = "(01)04006381333948"


@pytest.mark.parametrize(
    ("code", "quantity"),
    [
        *((WEIGHT, None), (WEIGHT, "2"), (PRICE, None), (PRICE, "3"), (f"{ALP}(3103)001250", None)),
        *((f"{ALP}(3103)001250(3922)2990", None), (f"{ALP}(3103)001250(3922)2990", "2")),
        *(("(01)04006381333931(30)6", None), ("4190102109254", None)),
    ],
)
def test_what_a_label_says_of_its_piece_comes_back_as_it_is_sold(code: str, quantity: str | None) -> None:
    book = put(shop(), id="alp", name="Alpkäse", price=249, factor="0.1", vat=2, weighed=True,
               codes=["4006381333948"])  # fmt: skip
    named = {} if quantity is None else {"quantity": quantity}
    book >> command("sale.add", code=code, **named)
    (book.says("ok") >> command("sale.return", code=code, reason="verwechselt", **named)).says("ok")
    sold, back = lines(book)
    assert (back.quantity, back.amount) == (-sold.quantity, -sold.amount)
    same = ("article", "text", "unit", "unit_price", "factor", "price_why", "gtin", "vat", "case")
    assert [getattr(back, name) for name in same] == [getattr(sold, name) for name in same]
    assert (book.current().total, back.note) == (0, "Rückgabe: verwechselt")


def test_another_price_for_what_has_a_label() -> None:
    book = shop() >> command("sale.return", code=PRICE, price=1000, quantity="2", reason="halb verdorben")
    book >> command("sale.return", code=WEIGHT, price=2000, reason="zu teuer")
    found = [(line.quantity, line.unit, line.unit_price, line.amount, line.price_why) for line in lines(book)]
    assert found == [
        (Decimal(-2), "", 1000, -2000, ""),
        (Decimal("-0.235"), "kg", 2000, -470, ""),
    ]


def test_goods_by_weight_come_back_by_weight() -> None:
    book = shop() >> command("sale.return", article="kaese", reason="alt")
    book.says("weight_required")
    (book >> command("sale.return", article="kaese", quantity="0.4", reason="alt")).says("ok")
    assert lines(book)[0].amount == -996
    code = "(01)04006381333931(3103)000500"
    (book >> command("sale.return", code=code, reason="alt")).says("weight_on_pieces")


@pytest.mark.parametrize("mode", ["warn", "refuse"])
@pytest.mark.parametrize("date", ["15", "16", "17"])
def test_what_has_expired_comes_back_as_well(mode: str, date: str) -> None:
    code = f"(01)04006381333931({date})261120"
    book = put(shop(register__expired=mode), id="pfandbrot", name="Brot im Glas", price=500, vat=2,
               codes=["4006381333948"], deposit=[{"article": "pf8"}])  # fmt: skip
    (book >> command("sale.return", code=code, reason="verdorben")).says("ok")
    glass = f"(01)04006381333948({date})261120"
    (book >> command("deposit.return", code=glass, quantity="1")).says("ok")
    assert [(line.article, line.amount) for line in lines(book)] == [("brot", -390), ("pf8", -8)]


def test_goods_without_a_price_of_their_own_come_back_at_the_price_that_was_paid() -> None:
    book = shop() >> command("sale.return", article="blumen", reason="verwelkt")
    book.says("price_required")
    assert book.state.current("main") is None
    (book >> command("sale.return", article="blumen", price=1250, reason="verwelkt")).says("ok")
    assert lines(book)[0].amount == -1250


# -- undo ---------------------------------------------------------------------------------------------


def test_the_newest_entry_is_undone_whatever_it_was() -> None:
    book = Playbook().ready(1000)
    (book >> command("sale.undo")).says("no_sale")
    book >> add("Brot", 350) >> add("Kaffee", 280) >> cash(amount=100, given=200)
    book >> card(amount=50)
    (book >> command("sale.undo")).says("card_not_reversed")
    book >> command("sale.undo", card_reversed=True)
    book << "sale.payment_added"
    assert book.current().paid == 100
    book >> command("sale.undo")
    book << "sale.payment_added sale.reopened +drawer"
    assert (book.current().paid, book.state.till.cash) == (0, 1000)
    book >> command("sale.undo")
    book << "sale.line_voided"
    assert book.current().total == 350
    book >> command("sale.undo")
    (book >> command("sale.undo")).says("line_not_found")
    assert book.current().total == 0


def test_a_line_after_a_part_payment_is_undone_before_it() -> None:
    book = Playbook().ready(1000)
    book >> add("Brot", 350) >> cash(amount=100) >> add("Kaffee", 280) >> command("sale.undo")
    book << "sale.line_voided"
    assert (book.current().total, book.current().paid) == (350, 100)


def test_a_sale_whose_payments_are_undone_is_open_again_and_a_closing_ends_it() -> None:
    book = Playbook().ready(1000)
    book >> add("Brot", 350) >> cash(amount=100) >> card(amount=50)
    book >> command("sale.undo", card_reversed=True)
    assert book.current().status == "paying"
    (book >> command("till.close", count={"1": 1100})).says("sale_part_paid")
    book >> command("sale.undo")
    book << "sale.payment_added sale.reopened +drawer"
    assert book.current().status == "open"
    assert book.state.till.cash == 1000
    book >> command("till.close", count={"1": 1000})
    book.says("accepted").done()
    assert not book.state.till.open
    assert book.receipt().bon_type == "AVBelegabbruch"


def test_a_sale_that_is_open_again_can_be_sold() -> None:
    book = Playbook().ready(1000)
    book >> add("Brot", 350) >> cash(amount=100) >> command("sale.undo") >> add("Kaffee", 280) >> card()
    document = book.done().receipt().document
    assert (document.bon_type, document.total) == ("Beleg", 630)
    assert document.seal.process_data.endswith("^6.30:Unbar")


@pytest.mark.parametrize(
    ("name", "args", "bon_type"),
    [
        ("sale.park", {}, "AVBestellung"),
        ("invoice.issue", {"customer": "Hotel Post"}, "AVRechnung"),
        ("offer.issue", {}, "AVSonstige"),
        ("delivery.issue", {"customer": "Hotel Post"}, "AVTransfer"),
        ("sale.benefit", {"owner": "Petra Muster"}, "AVSonstige"),
    ],
)
def test_a_sale_whose_payments_are_undone_may_end_in_every_other_way(
    name: str, args: dict[str, str], bon_type: str
) -> None:
    book = Playbook().ready(1000)
    book >> add("Brot", 350) >> cash(amount=100, given=200)
    (book >> command(name, **args)).says("sale_part_paid" if name != "sale.benefit" else "not_a_benefit")
    book >> command("sale.undo") >> command(name, **args)
    assert book.last.reply is not None
    assert book.last.reply.status in ("ok", "accepted"), book.last.reply
    ended = book.done().receipt()
    assert (ended.bon_type, ended.document.total) == (bon_type, 350)
    assert (ended.document.payments, ended.document.change) == ((), 0), "no payment stands on it"
    assert book.state.till.cash == 1000


def test_a_bill_whose_payments_are_undone_goes_back_to_its_table() -> None:
    book = Playbook().ready(1000)
    book >> command("order.send", table="5", lines=[{"text": "Pils", "price": 480, "vat": 1}])
    book.sign() >> command("order.bill", table="5") >> cash(amount=100)
    (book >> command("sale.park")).says("sale_part_paid")
    book >> command("sale.undo") >> command("sale.park")
    book.says("ok").done()
    (group,) = book.state.orders.groups.values()
    assert (group.total, book.state.till.cash) == (480, 1000)


def test_lines_of_a_sale_that_is_open_again_are_voided_as_if_nothing_had_been_paid() -> None:
    book = Playbook().ready(1000)
    book >> add("Brot", 350) >> add("Beilage", 0, reason="Haus") >> cash(amount=100) >> command("sale.undo")
    book >> command("sale.void_line", line=1)
    book << "sale.line_voided"
    assert book.current().status == "open", "nothing due is not paid"
