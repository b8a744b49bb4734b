"""A sale from its first line to its receipt, as playbooks."""

from decimal import Decimal

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.catalog import Article
from kassd.core.paying import MAX_PAYMENTS
from tests.core.playbook import Playbook, add, card, cash, command, device, scan

BEER = Article("bier", "Pils 0,5 l", 199, 1, ("4006381333931", "20000004"))
SOON = Article("neu", "Kalender 2027", 990, 2, ("2000000000015",), valid_from="2026-11-22")


def shop() -> Playbook:
    book = Playbook().ready(1000)
    return book >> i.CatalogOffered((BEER, SOON), (), "h1")


def test_cash_from_scan_to_paper() -> None:
    book = shop()
    book >> scan("4006381333931") << "sale.opened sale.line_added +tse.start"
    book.sign_one() << "tse.started"
    book >> cash(given=500) << "sale.payment_added sale.paid sale.numbered +drawer +tse.finish"
    assert book.replies[-1]["result"] == {"sale": book.receipt_id(), "due": 0, "change": 301}
    assert book.state.station("main").current == ""
    book.sign_one() << "tse.finished sale.finished print.sending +print"
    document = book.receipt().document
    assert (document.total, document.change, document.payments[0].given) == (199, 301, 500)
    assert document.title == "Rechnung"
    assert document.test
    assert document.seal is not None
    assert document.seal.start < document.seal.finish
    assert document.seal.process_data == "Beleg^1.99_0.00_0.00_0.00_0.00^1.99:Bar"
    assert document.seal.qr.startswith("V0;KASSE-1;Kassenbeleg-V1;Beleg^1.99_")
    book.paper()
    assert not book.state.outbox
    assert not book.state.jobs
    assert book.state.till.cash == 1199


def test_article_and_open_item_and_quantity() -> None:
    book = shop()
    book >> command("sale.add", article="bier", quantity="3")
    book >> add("Käse", 1990, 2, quantity="0.333")
    book >> command("sale.add", article="bier", price=150)
    assert [line.amount for line in book.current().lines] == [597, 663, 150]
    assert book.current().lines[1].quantity == Decimal("0.333")
    assert book.current().lines[0].article == "bier"
    assert book.current().total == 1410


@pytest.mark.parametrize("quantity", ["1e3", "\u0663", "", " 1", "+1", "NaN", "1_0"])
def test_a_quantity_that_is_no_decimal_number(quantity: str) -> None:
    book = shop() >> add(quantity=quantity)
    book.says("bad_args")


@pytest.mark.parametrize(
    "quantity", ["0", "-1", "0.0004", "1.0000000000000000000000000000000001", "100000.001"]
)
def test_a_quantity_out_of_bounds(quantity: str) -> None:
    book = shop()
    book >> add(quantity=quantity)
    book.says("quantity_invalid")


@pytest.mark.parametrize(
    "args",
    [
        {"text": "", "price": 1, "vat": 1},
        {"text": "a\nb", "price": 1, "vat": 1},
        {"text": "a" * 256, "price": 1, "vat": 1},
        {"price": 100, "vat": 1},
        {"code": "4006381333931", "article": "bier"},
        {"code": "4006381333931", "text": "Pils", "price": 1, "vat": 1},
        {"code": "4006381333931", "vat": 2},
        {},
        {"code": ""},
    ],
)
def test_an_ambiguous_or_unreadable_item(args: dict[str, object]) -> None:
    book = shop()
    book >> command("sale.add", **args)
    book.says("bad_args")


@pytest.mark.parametrize("price", [-1, 100_000_000])
def test_a_price_out_of_bounds(price: int) -> None:
    book = shop()
    book >> add(price=price)
    book.says("amount_invalid")


def test_a_sale_never_grows_past_its_bounds() -> None:
    book = shop()
    book >> add(price=99_999_999) >> add(price=1)
    book.says("amount_invalid")


def test_long_texts_end_a_sale_before_its_slip_outgrows_a_line() -> None:
    book = shop()
    while book.last.reply is None or not book.last.reply.code:
        book >> add("ß" * 250, 1)
    book.says("sale_too_long")
    assert len(book.current().lines) < 60
    for _ in book.current().lines[:-1]:
        book >> command("sale.void_line")
        book.says("ok")
    book >> cash()
    book.sign()
    assert len(str(book.lines[-1]).encode()) < 64_000


def test_an_article_is_not_sold_before_its_first_day() -> None:
    book = shop()
    book >> scan("2000000000015")
    assert "nicht bekannt" in book.state.station("main").message
    book.wait(86_400) >> scan("2000000000015")
    assert book.current().lines[0].text == "Kalender 2027"


def test_a_bad_scan_sells_nothing_says_the_code_and_is_counted() -> None:
    book = shop()
    for number, (code, word) in enumerate(
        [
            ("4006381333930", "Prüfziffer"),
            ("4006381333948", "nicht bekannt"),
            ("KASSDUNFUG", "nicht bekannt"),
        ],
        1,
    ):
        book >> scan(code) << ""
        station = book.state.station("main")
        assert code in station.message
        assert word in station.message
        assert station.misreads == number
    book >> i.ScanFailed("scanner", "main", "lost")
    assert "bitte neu scannen" in book.state.station("main").message
    assert book.state.station("main").misreads == 4
    book >> add()
    assert book.state.station("main").message == ""


def test_void_is_a_counter_line() -> None:
    book = shop()
    book >> add("Brot", 350) >> add("Saft", 120, quantity="2") >> command("sale.void_line", line=1)
    book << "sale.line_voided"
    brot, saft, counter = book.current().lines
    assert (counter.voids, counter.amount, counter.quantity) == (1, -350, Decimal(-1))
    assert book.current().standing() == (saft,)
    book >> command("sale.void_line", line=3)
    book.says("line_not_found")
    book >> command("sale.void_line")
    assert book.current().total == 0
    assert brot.amount == 350


def test_all_voided_ends_as_abort_and_not_as_a_receipt() -> None:
    book = shop()
    book >> add() >> command("sale.void_line") >> cash()
    book.says("nothing_due")
    book >> command("sale.abort")
    book.sign()
    assert book.receipt().bon_type == "AVBelegabbruch"


def test_abort() -> None:
    book = shop()
    book >> add()
    book.sign() >> command("sale.abort") << "sale.abort_asked sale.numbered +tse.finish"
    assert book.facts(f.SaleNumbered)[-1].process_data == "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"
    book.sign_one() << "tse.finished sale.finished"
    assert book.state.till.totals.counts["aborts"] == 1
    assert book.state.station("main").document is None
    document = book.receipt().document
    assert (document.title, document.total, document.payments) == ("Belegabbruch - kein Beleg", 0, ())
    assert document.vat == ()
    assert [p.amount for p in document.positions] == [350, -350]


def test_an_untouched_sale_ends_by_time_out() -> None:
    book = shop()
    book >> add()
    book.sign()
    assert book.last.wake is not None
    book.wait(1799).tick() << ""
    book.wait(1).tick() << "sale.abort_asked sale.numbered +tse.finish"
    assert book.facts(f.AbortAsked)[-1].why == "timeout"


def test_a_part_paid_sale_never_times_out() -> None:
    book = shop()
    book >> add() >> cash(amount=100)
    book.sign().wait(99_999).tick()
    assert book.current().status == "paying"


def test_split_payment_and_part_payment() -> None:
    book = shop()
    book >> add(price=1000)
    book.sign() >> cash(given=300) << "sale.payment_added +drawer"
    assert book.replies[-1]["result"]["due"] == 700
    book >> card(amount=200) << "sale.payment_added"
    book >> cash(amount=400, given=1000) << "sale.payment_added +drawer"
    assert book.replies[-1]["result"] == {"sale": book.current().id, "due": 100, "change": 600}
    book >> card()
    book.sign()
    assert book.receipt().document.seal is not None
    assert (
        book.facts(f.SaleNumbered)[-1].process_data == "Beleg^0.00_10.00_0.00_0.00_0.00^7.00:Bar_3.00:Unbar"
    )
    assert book.receipt().document.change == 600


def test_payments_are_bounded_and_the_last_one_must_pay_all() -> None:
    book = shop()
    book >> add(price=1000)
    for _ in range(MAX_PAYMENTS - 1):
        book >> cash(amount=1)
        book.says("accepted")
    book >> cash(amount=1)
    book.says("amount_invalid")
    book >> cash()
    book.says("accepted")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"given": 0}, "amount_invalid"),
        ({"given": 10_000_001}, "amount_invalid"),
        ({"amount": 0}, "amount_invalid"),
        ({"amount": -5}, "amount_invalid"),
        ({"amount": 351}, "amount_too_high"),
        ({"amount": 300, "given": 200}, "given_too_low"),
        ({"type": "card", "given": 400}, "bad_args"),
        ({"type": "cheque"}, "bad_args"),
    ],
)
def test_a_payment_that_cannot_be(args: dict[str, object], code: str) -> None:
    book = shop()
    book >> add() >> command("sale.pay", **{"type": "cash", **args})
    book.says(code)
    assert book.current().status == "open"


def test_a_free_sale_ends_with_a_receipt_of_zero() -> None:
    book = shop()
    book >> add("Probe", 0, reason="Kostprobe") >> cash(given=500)
    book.says("nothing_due")
    book.sign() >> cash() << "sale.paid sale.numbered +tse.finish"
    book.sign()
    assert book.receipt().bon_type == "Beleg"
    assert book.facts(f.SaleNumbered)[-1].process_data == "Beleg^0.00_0.00_0.00_0.00_0.00^"
    assert book.receipt().document.payments == ()
    book >> add("Probe", 0, reason="Kostprobe") >> card()
    book.says("accepted")


def test_voiding_down_to_what_is_paid_finishes_the_sale() -> None:
    book = shop()
    book >> add(price=300) >> add(price=200) >> cash(amount=300)
    book.sign() >> command("sale.void_line", line=1)
    book.says("sale_part_paid")
    book >> command("sale.void_line", line=2) << "sale.line_voided sale.paid sale.numbered +tse.finish"
    book.sign()
    assert book.receipt().document.total == 300


def test_a_scan_during_signing_opens_the_next_sale() -> None:
    book = shop()
    book >> add()
    book.sign() >> cash()
    first = book.state.station("main").last
    book >> scan("4006381333931") << "sale.opened sale.line_added +tse.start"
    assert first is not None
    assert set(book.state.sales) == {first.id, book.current().id}
    book.sign()
    assert book.state.station("main").current in book.state.sales


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("BAR", "sale.payment_added sale.paid …"),
        ("BAR5", "sale.payment_added sale.paid …"),
        ("BAR10", "sale.payment_added sale.paid …"),
        ("BAR20", "sale.payment_added sale.paid …"),
        ("BAR50", "sale.payment_added sale.paid …"),
        ("KARTE", "sale.payment_added sale.paid …"),
        ("STORNO", "sale.line_voided"),
        ("ABBRUCH", "sale.abort_asked …"),
        ("KOPIE", "receipt.copied print.sending +print"),
        ("BERICHT", "report.made print.sending +print"),
    ],
)
def test_control_barcodes(code: str, facts: str) -> None:
    book = shop()
    book >> add(price=450) >> cash()
    book.done() >> add(price=450)
    book.sign() >> scan(f"KASSD{code}") << facts
    if code.startswith("BAR"):
        given = int(code[3:] or 0) * 100
        assert book.facts(f.PaymentAdded)[-1].change == max(0, given - 450)


def test_a_control_barcode_with_nothing_to_do_says_so() -> None:
    book = shop()
    book >> scan("KASSDBAR") << ""
    assert "kein Verkauf offen" in book.state.station("main").message


def test_two_stations_sell_at_once_each_with_its_operator() -> None:
    book = shop()
    (
        book
        >> command("operator.login", operator="Anna")
        >> command("operator.login", operator="Ben", station="zwei")
    )
    book >> add() >> add(station="zwei", price=100)
    one, two = book.current(), book.current("zwei")
    assert (one.operator, two.operator) == ("Anna", "Ben")
    book.sign() >> cash(station="zwei")
    assert (book.current().id, book.current().paid) == (one.id, 0)
    book >> cash()
    book.sign()
    assert {fact.document.station: fact.document.operator for fact in book.facts(f.SaleFinished)[-2:]} == {
        "zwei": "Ben",
        "main": "Anna",
    }
    assert {fact.operator for fact in book.facts(f.LineAdded)[-2:]} == {"Anna", "Ben"}
    assert {w.args["printer"] for w in book.wishes("print")[-2:]} == {"printer", "printer-2"}
    assert [w.args["station"] for w in book.wishes("drawer")] == ["main"]  # the other has no drawer


def test_a_station_keeps_its_own_rev() -> None:
    book = shop()
    book >> add(station="zwei")
    rev = book.state.station("zwei").sale_rev
    book >> add() >> add()
    book >> command("sale.abort", station="zwei", rev=rev)
    book.says("accepted")


@pytest.mark.parametrize("name", ["", "   ", "a" * 51, "a\x1bb"])
def test_an_operator_has_a_printable_name(name: str) -> None:
    book = shop()
    book >> command("operator.login", operator=name)
    book.says("bad_args")


def test_the_drawer_says_when_it_stays_shut() -> None:
    book = shop()
    book >> command("drawer.open", reason="Wechseln") << "drawer.asked +drawer"
    assert book.facts(f.DrawerAsked)[-1].reason == "Wechseln"
    wish = book.wishes("drawer")[-1]
    book >> i.Kicked(wish.id, "failed", "unplugged") << "drawer.done"
    assert book.state.station("main").message.startswith("Die Kassenlade ist nicht aufgegangen.")
    book >> i.Kicked(wish.id, "kicked") << ""
    book >> command("drawer.open", reason="Wechseln") << "drawer.asked +drawer"
    book >> i.Kicked(book.wishes("drawer")[-1].id, "unknown", "unplugged") << "drawer.done"
    assert book.state.station("main").message.startswith(
        "Ob die Kassenlade aufgegangen ist, ist nicht bekannt."
    )


def test_catalog_put_applies_at_once_and_never_steals_a_code() -> None:
    book = shop()
    book >> add() >> command("catalog.put", id="bier", name="Pils", price=210, vat=1, codes=["4006381333931"])
    book.says("ok")
    book >> scan("4006381333931")
    assert book.current().lines[-1].amount == 210
    book >> command("catalog.put", id="wein", name="Wein", price=1, vat=1, codes=["4006381333931"])
    book.says("catalog_invalid")
    change = book.facts(f.ConfigChanged)[-1]
    assert (change.key, change.who, change.how) == ("catalog.article.bier", "anzeige", "catalog.put")
    assert change.old["price"] == 199
    assert change.new["price"] == 210


def test_a_code_may_change_hands_within_a_file() -> None:
    book = shop()
    wine = Article("wein", "Wein", 500, 1, ("20000004",))
    beer = Article("bier", "Pils", 199, 1, ("4006381333931",))
    book >> i.CatalogOffered((wine,)) >> i.CatalogOffered((beer,), ("neu", "gibtsnicht"), "h2")
    assert book.state.catalog.find("20000004") == wine
    assert book.state.catalog.find("4006381333931") == beer
    assert book.state.catalog.find("2000000000015") is None


def test_self_test_is_a_question() -> None:
    book = shop()
    book >> command("tse.self_test") << "?tse.self_test"
    book.says("accepted")
    book >> device("printer", "error") << ""
