"""Parking, recalling, splitting: what is billed is what was ordered, and the receipt says since when."""

from decimal import Decimal

import pytest

from kassd.core import facts as f
from kassd.core.document import Document
from kassd.receipt.layout import plain_text
from tests.core.orders.test_placing import BEER, STEAK, result, send
from tests.core.playbook import Playbook, add, card, cash, command


def document(book: Playbook) -> Document:
    found = book.state.station("main").document
    assert found is not None
    return found


def served() -> Playbook:
    book = Playbook().ready(10_000)
    book >> send("5", {**BEER, "quantity": "3"}, STEAK)
    return book.sign()


def test_park_finishes_the_number_as_an_order_and_recall_begins_a_beleg() -> None:
    book = Playbook().ready()
    book >> add("Brot", 350) >> add("Saft", 200) >> add("Ei", 50)
    book.sign() >> command("sale.void_line", line=2)
    began = book.current().opened_at
    book >> command("sale.park")
    book << "order.group_opened sale.parked order.placed sale.numbered +tse.finish"
    assert result(book) == {"group": "P-000001", "number": 1, "total": 400}
    assert book.state.current("main") is None
    assert book.state.station("main").last is None, "the slot is empty"
    book.sign()
    assert book.wishes("tse.finish")[-1].args["process_data"] == (
        '1;"Brot";3.50\r1;"Saft";2.00\r1;"Ei";0.50\r-1;"Saft";2.00'
    )
    assert began == book.state.orders.groups["P-000001"].first_order_at
    book >> command("sale.recall", group="1")
    book << "sale.opened sale.line_added sale.line_added order.billed +tse.start"
    book.sign() >> cash()
    book.done()
    slip = document(book)
    assert (slip.total, slip.group) == (400, "P-000001")
    assert slip.first_order_at
    assert [(p.text, p.amount) for p in slip.positions] == [("Brot", 350), ("Ei", 50)]
    assert not book.state.orders.groups
    assert not book.state.orders.bills


def test_changes_after_recall_are_ordered_before_the_bill_is_finished() -> None:
    book = served()
    book >> command("order.bill", table="5")
    book.sign() >> add("Kaffee", 290) >> command("sale.void_line", line=1)
    assert book.current().total == 1890 + 290
    book >> cash()
    book << (
        "sale.payment_added sale.paid sale.opened sale.line_added sale.line_added order.placed sale.paid "
        "+drawer +tse.start"
    )
    book.sign()
    kinds = [(fact.bon_type, fact.document.total) for fact in book.facts(f.SaleFinished)][-2:]
    assert kinds == [("AVBestellung", 290 - 1440), ("Beleg", 2180)], "first secured, then billed"
    data = book.wishes("tse.finish")[-2].args["process_data"]
    assert data == '1;"Kaffee";2.90\r-3;"Pils 0,4";4.80'
    assert not book.state.orders.groups


def test_many_changes_are_secured_in_several_orders() -> None:
    book = served()
    book >> command("order.bill", table="5")
    book.sign()
    for _ in range(130):
        book >> add("Kaffee", 290)
    book >> card()
    book.sign()
    totals = [fact.document.total for fact in book.facts(f.SaleFinished)]
    assert totals[-4:] == [60 * 290, 60 * 290, 10 * 290, 3330 + 130 * 290]


def test_changes_are_secured_in_an_outage_too() -> None:
    book = served()
    book >> command("order.bill", table="5")
    book.sign() >> add("Kaffee", 290)
    book.outage() >> cash()
    book.tick()
    last = book.facts(f.SaleFinished)[-2:]
    assert [fact.bon_type for fact in last] == ["AVBestellung", "Beleg"]
    assert all(fact.outage for fact in last)


def test_a_tip_is_not_ordered() -> None:
    book = served()
    book >> command("order.bill", table="5")
    assert book.last.reply is not None
    book.sign() >> cash(amount=1000)
    book << "sale.payment_added +drawer"


def test_split_by_lines_and_quantity_each_with_the_first_orders_time() -> None:
    book = served()
    first = book.state.orders.groups["T5-000001"].first_order_at
    book.wait(600) >> send("5", {"text": "Espresso", "price": 260, "vat": 1})
    book >> command("order.bill", table="5", lines={"1": "2", "3": "1"})
    assert result(book)["total"] == 960 + 260
    book.sign() >> cash()
    book.done()
    assert document(book).first_order_at == first < document(book).issued_at
    (book >> command("order.bill", table="5", lines={"1": "2"})).says("quantity_invalid")
    book >> command("order.bill", table="5")
    assert result(book)["total"] == 480 + 1890
    book.sign() >> card()
    book.done()
    assert document(book).first_order_at == first
    assert not book.state.orders.groups


def test_equal_parts_differ_by_a_cent_at_most_and_make_the_whole() -> None:
    book = Playbook().ready()
    book >> send("5", BEER, STEAK, {"text": "Brot", "price": 100, "vat": 2})
    totals = []
    for _ in range(3):
        book >> command("order.bill", table="5", parts=3)
        totals.append(result(book)["total"])
        book.sign() >> card()
        book.done()
    assert sum(totals) == 2470
    assert max(totals) - min(totals) <= 1
    assert not book.state.orders.groups
    (book >> command("order.bill", table="5", parts=3)).says("unknown_group")


def test_an_aborted_part_is_still_to_be_paid() -> None:
    book = served()
    book >> command("order.bill", table="5", parts=2)
    book.sign() >> command("sale.abort")
    book.sign()
    for _ in range(2):
        book >> command("order.bill", table="5", parts=2)
        assert result(book)["total"] == 1665
        book.sign() >> card()
        book.done()
    assert not book.state.orders.groups


def test_an_aborted_bill_returns_to_its_group_at_once() -> None:
    book = served()
    book >> command("order.bill", table="5", lines={"1": "2"})
    book >> add("Kaffee", 290)
    book >> command("sale.abort")
    group = book.state.orders.groups["T5-000001"]
    assert [(line.n, line.quantity) for line in group.lines] == [(1, 3), (2, 1)]
    book.sign()
    assert book.receipt().bon_type == "AVBelegabbruch"
    assert book.state.orders.groups["T5-000001"].total == 3330


def test_a_bill_aborted_after_money_keeps_what_was_secured() -> None:
    book = served()
    book >> command("order.bill", table="5")
    book >> add("Kaffee", 290) >> command("sale.void_line", line=1) >> cash(amount=100)
    book.sign() >> command("sale.abort", cash_returned=100)
    book.sign()
    assert [(line.text, line.amount) for line in book.state.orders.groups["T5-000001"].lines] == [
        (STEAK["text"], 1890),
        ("Kaffee", 290),
    ]


def test_a_bill_parked_again_goes_back_with_its_changes() -> None:
    book = served()
    book >> command("order.bill", table="5")
    book.sign() >> add("Kaffee", 290)
    (book >> command("sale.park", table="9")).says("table_differs")
    book >> command("sale.park")
    assert result(book)["total"] == 3620
    assert book.state.station("main").last is None
    book.sign()
    assert [fact.bon_type for fact in book.facts(f.SaleFinished)][-2:] == ["AVBelegabbruch", "AVBestellung"]
    assert book.state.orders.groups["T5-000001"].total == 3620


def test_a_bill_of_which_nothing_stands_goes_back_as_nothing_and_its_group_is_over() -> None:
    book = Playbook().ready()
    book >> add("Brot", 350) >> command("sale.park")
    book.sign() >> command("sale.recall", group="1")
    book.sign() >> command("sale.void_line") >> command("sale.park")
    assert result(book) == {"group": "P-000001", "number": 1, "total": 0}
    book.sign()
    assert not book.state.orders.groups
    assert not book.state.orders.bills
    slips = [(fact.bon_type, fact.document.total) for fact in book.facts(f.SaleFinished)][-2:]
    assert slips == [("AVBelegabbruch", 0), ("AVBestellung", -350)], "what was ordered is taken back"
    (book >> command("sale.recall", group="1")).says("unknown_group")


def test_parts_of_a_bill_say_what_part_they_are() -> None:
    book = Playbook().ready()
    lines = [{**BEER, "quantity": "2"}, STEAK, {"text": "Wein", "price": 100, "vat": 1, "quantity": "0.25"}]
    book >> send("5", *lines)
    book.sign()
    shown = []
    for _ in range(3):
        book >> command("order.bill", table="5", parts=3) >> card()
        slip = book.done().receipt().document
        shown.append([(p.share, p.amount) for p in slip.positions])
        assert sum(p.amount for p in slip.positions) == slip.total
        assert "2/3 × 4,80" in plain_text(slip, 42)
    assert [part[0] for part in shown] == [("2/3", 320)] * 3
    assert [part[1] for part in shown] == [("1/3", 630)] * 3
    assert {share for part in shown for share, _ in part[2:]} == {""}, "a quarter's third says nothing"
    book >> send("5", {**BEER, "quantity": "3"})
    book.sign() >> command("order.bill", table="5", parts=3) >> card()
    (one,) = book.done().receipt().document.positions
    assert (one.quantity, one.share) == (1, "")


def test_parking_joins_the_table() -> None:
    book = served()
    book >> add("Brot", 350) >> command("sale.park", table="5")
    assert result(book) == {"group": "T5-000001", "number": 1, "total": 3680}
    assert book.state.orders.groups["T5-000001"].lines[-1].n == 3


def test_what_cannot_be_parked_or_billed() -> None:
    book = served()
    (book >> command("sale.park")).says("no_sale")
    book >> add("Brot", 350)
    (book >> command("order.bill", table="5")).says("sale_open")
    (book >> command("sale.recall", table="5")).says("sale_open")
    book >> command("sale.void_line")
    (book >> command("sale.park")).says("nothing_to_order")
    book >> add("Brot", 350) >> cash(amount=100)
    (book >> command("sale.park")).says("sale_part_paid")
    book >> card()
    book.done()
    (book >> command("sale.recall", table="6")).says("unknown_group")
    (book >> command("sale.recall")).says("bad_args")
    (book >> command("order.bill", table="5", parts=1)).says("bad_args")
    (book >> command("order.bill", table="5", parts=2, lines={"1": "1"})).says("bad_args")
    book >> command("order.bill", table="5")
    (book >> command("order.bill", table="5", station="zwei")).says("nothing_open")


def test_nothing_is_open_over_a_closing_but_the_order() -> None:
    book = served()
    book >> command("order.bill", table="5")
    book.sign() >> command("till.close", count={"5000": 2})
    book.done()
    (closed,) = book.facts(f.TillClosed)
    assert not book.tse.open, "no transaction over a Z"
    section = next(s for s in closed.document.sections if s.title == "Offene Bestellungen")
    assert [(row.label[:9], row.amount) for row in section.rows] == [("T5-000001", 3330)]
    assert "Umsatz|1" not in closed.totals["cases"]
    book.restart()
    book.tse_opens()
    book.wait(86_400) >> command("till.open", counted=10_000)
    book.done() >> command("sale.recall", table="5")
    book.sign() >> cash()
    book.done()
    assert document(book).first_order_at[:10] < document(book).issued_at[:10]
    assert book.state.till.totals.cases["Umsatz|1"][0] == 1440


def test_a_shop_may_refuse_to_close_with_open_orders() -> None:
    book = Playbook()
    book.config["orders.carry"] = False
    book.ready()
    book >> send("5")
    book.sign()
    (book >> command("till.close", count={"1": 0})).says("orders_open")
    book >> command("order.cancel", table="5", reason="Feierabend")
    book.sign() >> command("till.close", count={"1": 0})
    book.says("accepted")


def test_a_walkout_is_turnover_and_a_claim() -> None:
    book = served()
    (book >> command("order.walkout", table="5", reason="")).says("reason_required")
    book >> command("order.walkout", table="5", reason="Zechpreller, zwei Personen")
    book.done()
    slip = book.receipt()
    assert (slip.bon_type, slip.document.total, slip.document.payments) == ("Beleg", 0, ())
    assert slip.document.positions[-1].amount == -3330
    totals = book.state.till.totals
    assert totals.cases["Umsatz|1"][0] == 1440
    assert totals.cases["Forderungsentstehung|5|Zechprellerei|0"][0] == -3330
    assert (totals.counts["walkouts"], totals.sums["walkouts"]) == (1, 3330)
    assert not book.state.orders.groups
    assert book.state.till.cash == 10_000


def test_the_claim_of_a_walkout_is_open_until_it_is_paid() -> None:
    book = served()
    (book >> command("order.walkout", table="5", reason="Zechpreller")).says("accepted").done()
    (item,) = result(book >> command("account.list"))["items"]
    assert (item["customer"], item["left"]) == ("Zechprellerei Tisch 5", 3330)
    book >> command("till.report")
    assert "Offene Rechnungen (1)" in plain_text(book.facts(f.ReportMade)[-1].document, 42)
    book >> command("till.close", count={"1000": 10})
    book.done() >> command("till.open", counted=10_000)
    book.done() >> command("account.settle", number=item["number"])
    (book >> cash()).says("accepted").done()
    assert book.receipt().document.total == 3330
    assert book.receipt().document.positions[0].case == "Forderungsaufloesung"
    assert result(book >> command("account.list"))["count"] == 0


def test_the_claim_of_a_walkout_may_be_given_up() -> None:
    """Lost for good (§ 17 Abs. 2 Nr. 1 UStG): that is for the books; here it is open no more."""
    book = served()
    (book >> command("order.walkout", table="5", reason="Zechpreller")).says("accepted").done()
    (number,) = book.state.credit.items
    turnover = book.state.till.totals.cases
    (book >> command("invoice.close", number=number, reason="")).says("reason_required")
    book >> command("account.settle", number=number)
    (book >> command("invoice.close", number=number, reason="verloren")).says("sale_open")
    book >> command("sale.abort")
    (book.done() >> command("invoice.close", number=number, reason="verloren")).says("ok")
    assert book.state.till.totals.cases == turnover
    assert book.state.till.totals.sums["invoices_closed"] == 3330
    assert result(book >> command("account.list"))["count"] == 0
    (book >> command("account.settle", number=number)).says("item_settled")


@pytest.mark.parametrize("hours", [1, 30])
def test_lines_keep_the_price_of_their_order(hours: int) -> None:
    book = Playbook().ready()
    book >> command("catalog.put", id="bier", name="Pils", price=480, vat=1)
    book >> send("5", {"article": "bier"})
    book.wait(hours * 3600) >> command("catalog.put", id="bier", name="Pils groß", price=520, vat=1)
    book.sign() >> command("sale.recall", table="5")
    line = book.current().lines[0]
    assert (line.text, line.unit_price, line.rate, line.article) == ("Pils", 480, Decimal(19), "bier")


def test_changes_of_a_bill_are_secured_in_orders_that_fit_a_line() -> None:
    """Combos of many parts (the playbook looks at the size of each line)."""
    book = Playbook().ready()
    for n in range(20):
        book >> command(
            "catalog.put", id=f"teil-{n:02d}-{'x' * 30}", name=f"Teil {n}", price=100, vat=1 + n % 2
        )
    parts = [{"article": f"teil-{n:02d}-{'x' * 30}"} for n in range(20)]
    book >> command("catalog.put", id="korb", name="Korb", price=4000, vat=1, parts=parts)
    book >> send("5", {"article": "korb"})
    book.sign() >> command("order.bill", table="5")
    for _ in range(30):
        (book >> command("sale.add", article="korb")).says("ok")
    (book >> cash()).says("accepted")
    book.done()
    while book.state.sales:
        before = len(book.lines)
        book.tick().done()
        assert len(book.lines) > before
    assert book.receipt().document.total == 31 * 4000
    assert len([fact for fact in book.facts(f.OrderPlaced) if fact.bill]) > 1


def test_a_bill_of_another_day_says_since_when_it_was_supplied() -> None:
    """§ 14 Abs. 4 Nr. 6 UStG: a guest who stays past midnight, an order carried over a closing."""
    book = served()
    book >> command("order.bill", table="5", lines={"1": "1"})
    book.sign() >> cash()
    assert document(book.done()).service == ""
    book.wait(13 * 3600) >> command("order.bill", table="5")
    book.sign() >> cash()
    text = "Leistungszeitraum 21.11.2026 bis 22.11.2026 (ab der ersten Bestellung)"
    assert document(book.done()).service == text
    assert "entspricht Belegdatum" not in plain_text(document(book), 42)


@pytest.mark.parametrize("in_house", [False, True])
def test_goods_ordered_in_advance_are_supplied_when_they_are_fetched(in_house: bool) -> None:
    """§ 14 Abs. 4 Nr. 6 UStG: the day of the supply is not that of the order; what is consumed here is
    supplied from the first order on."""
    book = Playbook().ready()
    book >> command("sale.add", text="Torte", price=3900, vat=2, in_house=in_house) >> command("sale.park")
    group = book.replies[-1]["result"]["group"]
    book.sign().wait(25 * 3600) >> command("order.bill", group=group)
    book.sign() >> cash()
    slip, text = document(book.done()), plain_text(document(book), 42)
    assert slip.first_order_at[:10] == "2026-11-21", "printed as ever (L-035)"
    assert slip.service.startswith("Leistungszeitraum 21.11.2026 bis 22.11.2026") is in_house
    assert ("Leistungsdatum entspricht Belegdatum" in text) is not in_house
    book >> command("receipt.correct_payment", receipt=slip.number, type="card", reason="Karte")
    assert {one.document.service for one in book.done().facts(f.SaleFinished)[-2:]} == {slip.service}
