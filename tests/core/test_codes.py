"""Every code that the core can raise is raised here; what is left belongs to the MQTT room."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import kassd.core
from kassd.core.codes import CODES
from kassd.core.credit.ledger import MAX_ITEMS
from kassd.core.inputs import CatalogOffered, PowerRead, RollbackFound
from kassd.core.vouchers.ledger import MAX_VOUCHERS
from tests.core.cards.scenes import CARD_SCENES
from tests.core.orders.scenes import ORDER_SCENES
from tests.core.people.scenes import PEOPLE_SCENES
from tests.core.playbook import CET, Playbook, add, card, cash, command, device
from tests.core.reductions.scenes import REDUCTION_SCENES
from tests.core.scale.scenes import SCALE_SCENES
from tests.core.transfers.scenes import TRANSFER_SCENES

CORE = Path(kassd.core.__file__).parent

# Raised by the reader of commands, by rooms of later functions, or by the process itself: no decision about a
# command says them.
NOT_RAISED_HERE = {
    *("scale_differs", "weighed_in_vain"),  # shown at the station: nobody waits for a reply
    "bad_json", "too_large", "no_expiry", "retained", "expired", "sale_signing", "journal_failed",
    "internal_error", "too_much_at_once", "reply_too_long",
    "unknown_sale", "tse_unavailable",
    "attended_only",  # said at the station: nobody can send a command that scans
}  # fmt: skip


def unknown_command(book: Playbook) -> None:
    book >> command("sale.teleport")


def bad_args(book: Playbook) -> None:
    book >> command("sale.add", prize=3)


def payment_type_unknown(book: Playbook) -> None:
    book >> add() >> command("sale.pay", type="bitcoin")


def currency_unknown(book: Playbook) -> None:
    book >> add() >> cash(currency="USD", given=100)


def identify_required(book: Playbook) -> None:
    book >> add(price=1_000_000) >> cash()


def cash_limit(book: Playbook) -> None:
    Playbook.__init__(book, at=datetime(2027, 8, 1, tzinfo=CET))
    book.ready() >> add(price=1_000_001) >> cash()


def sold(book: Playbook, value: int = 1000, **args: Any) -> None:
    """A multi-purpose voucher with the number V1 is sold."""
    book >> command("voucher.sell", kind="multi", value=value, code="V1", **args) >> cash()
    book.done()


def settled_first(book: Playbook) -> None:
    sold(book)
    book >> add(price=500) >> add(price=600) >> command("sale.pay", type="voucher", code="V1")
    book >> command("sale.void_line", line=1)


def voucher_unknown(book: Playbook) -> None:
    book >> command("voucher.balance", code="V1")


def voucher_exists(book: Playbook) -> None:
    sold(book)
    book >> command("voucher.sell", kind="multi", value=1, code="V1")


def voucher_unpaid(book: Playbook) -> None:
    book >> command("voucher.sell", kind="multi", value=1, code="V1") >> add(station="zwei")
    book >> command("sale.pay", type="voucher", code="V1", station="zwei")


def voucher_used(book: Playbook) -> None:
    sold(book, 350)
    book >> add() >> command("sale.pay", type="voucher", code="V1")
    book.done() >> add() >> command("sale.pay", type="voucher", code="V1")


def voucher_expired(book: Playbook) -> None:
    sold(book, expiry="2026-11-21")
    book.wait(86_400) >> add() >> command("sale.pay", type="voucher", code="V1")


def voucher_too_low(book: Playbook) -> None:
    sold(book, 100)
    book >> add() >> command("sale.pay", type="voucher", code="V1", amount=101)


def voucher_not_for_these(book: Playbook) -> None:
    sold(book)
    book >> command("voucher.sell", kind="multi", value=1)
    book >> command("sale.pay", type="voucher", code="V1")


def voucher_not_refundable(book: Playbook) -> None:
    sold(book)
    book >> command("voucher.refund", code="V1", reason="Umzug")


def vouchers_full(book: Playbook) -> None:
    sold(book)
    known = book.state.vouchers["V1"]
    book.state = replace(book.state, vouchers={str(n): known for n in range(MAX_VOUCHERS)})
    book >> command("voucher.sell", kind="multi", value=1)


def sale_open(book: Playbook) -> None:
    sold(book)
    book >> add() >> add() >> command("sale.pay", type="voucher", code="V1", amount=1)
    book >> command("voucher.withdraw", code="V1", reason="verloren")


def downpayment(book: Playbook, vat: int = 2) -> None:
    """The down payment A1-7 is taken."""
    book >> command("downpayment.take", customer="Wald", what="Torte", amount=100, vat=vat) >> cash()
    book.done()
    assert len(book.state.credit.items) == 1


def number(book: Playbook) -> str:
    return next(iter(book.state.credit.items))


def item_unknown(book: Playbook) -> None:
    book >> command("account.settle", number="F9")


def item_settled(book: Playbook) -> None:
    downpayment(book)
    book >> add() >> command("downpayment.release", number=number(book)) >> cash()
    book.done() >> add() >> command("downpayment.release", number=number(book))


def item_not_for_these(book: Playbook) -> None:
    downpayment(book, 1)
    book >> add(vat=2) >> command("downpayment.release", number=number(book))


def items_full(book: Playbook) -> None:
    downpayment(book)
    known = book.state.credit.items[number(book)]
    items = {str(n): known for n in range(MAX_ITEMS)}
    book.state = replace(book.state, credit=replace(book.state.credit, items=items))
    book >> command("downpayment.take", customer="Wald", what="Torte", amount=100, vat=2)


def rate_changed(book: Playbook) -> None:
    downpayment(book)
    book.state = replace(book.state, config={**book.state.config, "business.small_business": True})
    book >> add() >> command("downpayment.release", number=number(book))


def already_printed(book: Playbook) -> None:
    (book >> add() >> cash()).done() >> command("receipt.print")


def print_waiting(book: Playbook) -> None:
    (book >> device("printer", "error") >> add() >> cash()).sign() >> command("receipt.print")


def receipt_link_absent(book: Playbook) -> None:
    book >> add() >> command("sale.hand_over", by="link")


def receipt_link_off(book: Playbook) -> None:
    book.config["receipt_link.url"] = "http://kasse.local"
    (book.restart().tse_opens() >> add() >> cash()).done() >> command("receipt.offer")


def already_offered(book: Playbook) -> None:
    (book >> add() >> command("sale.hand_over", by="qr") >> cash()).sign() >> command(
        "receipt.offer", by="qr"
    )


def not_on_delivery(book: Playbook) -> None:
    book >> command("voucher.sell", kind="multi", value=1) >> command("delivery.issue", customer="Krone")


def agency_unknown(book: Playbook) -> None:
    book >> command("agency.sell", agency="lotto", text="Los", price=1)


def slip_unknown(book: Playbook) -> None:
    book >> command("empties.redeem", code="4006381333931")


def slip_taken(book: Playbook) -> None:
    book.config |= {"empties.pattern": "981NNNNPPPPPC"}
    book.start() >> add() >> command("empties.redeem", code="9810001001255")
    book >> command("empties.redeem", code="9810001001255")


def unknown_station(book: Playbook) -> None:
    book >> add(station="Mond")


def stale_rev(book: Playbook) -> None:
    book >> add() >> command("sale.abort", rev=0)


def unauthorized(book: Playbook) -> None:
    book >> command("till.close", client="theke-2")


def not_allowed_here(book: Playbook) -> None:
    book >> command("cash.in", origin="uplink", amount=1, kind="transit", reason="x")


def tse_not_commissioned(book: Playbook) -> None:
    Playbook.__init__(book)
    book.start() >> command("till.open", counted=0)


def till_closed(book: Playbook) -> None:
    book >> command("till.close", count={"100": 10})
    book.done() >> add()


def till_open(book: Playbook) -> None:
    book >> command("till.open", counted=0)


def till_closing(book: Playbook) -> None:
    book >> command("till.close", count={"100": 10}, skim=100) >> add()


def disk_full(book: Playbook) -> None:
    book.room = "lines"
    book >> command("till.close", count={"100": 10})


def battery_low(book: Playbook) -> None:
    book >> PowerRead("low", 20) >> add()


def float_differs(book: Playbook) -> None:
    book >> command("till.close", count={"100": 10})
    book.done() >> command("till.open", counted=999)


def cash_negative(book: Playbook) -> None:
    book >> command("cash.out", amount=1001, kind="private", reason="x")


def rollback_undecided(book: Playbook) -> None:
    book >> RollbackFound("broker", "Der Broker kennt 90 Zeilen.", 1, 17, 3) >> add()


def counters_unknown(book: Playbook) -> None:
    book >> RollbackFound("checkpoint", "…") >> command("counters.resume", reason="alte Karte")


def no_rollback(book: Playbook) -> None:
    book >> command("counters.resume", reason="aus Versehen")


def unknown_drawer(book: Playbook) -> None:
    book >> command("cash.in", amount=1, kind="transit", reason="x", drawer="nirgends")


def person_required(book: Playbook) -> None:
    book >> command("cash.out", amount=1, kind="wages", reason="Aushilfe", person=" ")


def count_required(book: Playbook) -> None:
    book >> command("till.close")


def reason_required(book: Playbook) -> None:
    book >> command("till.close", count={"100": 9})


def unknown_article(book: Playbook) -> None:
    book >> command("sale.add", code="4006381333931")


def bad_check_digit(book: Playbook) -> None:
    book >> command("sale.add", code="4006381333930")


def price_required(book: Playbook) -> None:
    book >> command("sale.add", text="Brot", vat=2)


def unknown_vat(book: Playbook) -> None:
    book >> add(vat=9)


def quantity_invalid(book: Playbook) -> None:
    book >> add(quantity="0.0001")


def no_sale(book: Playbook) -> None:
    book >> cash()


def sale_part_paid(book: Playbook) -> None:
    book >> add() >> cash(amount=100) >> command("till.close", count={"100": 11})


def busy(book: Playbook) -> None:
    (book >> command("till.close", count={"100": 10})).sign()
    book >> command("till.open", counted=1100, source="transit")
    book >> command("till.close", count={"100": 11})


def sale_too_long(book: Playbook) -> None:
    for _ in range(201):
        book >> add(price=1)


def line_not_found(book: Playbook) -> None:
    book >> add() >> command("sale.void_line", line=2)


def already_voided(book: Playbook) -> None:
    book >> add() >> command("sale.void_line", line=1) >> command("sale.void_line", line=1)


def nothing_due(book: Playbook) -> None:
    book >> add() >> command("sale.void_line") >> cash()


def amount_too_high(book: Playbook) -> None:
    book >> add() >> card(amount=351)


def amount_invalid(book: Playbook) -> None:
    book >> add(price=-1)


def given_too_low(book: Playbook) -> None:
    book >> add() >> cash(amount=300, given=299)


def no_receipt(book: Playbook) -> None:
    Playbook.__init__(book)
    book.commissioned() >> command("receipt.reprint")


def _sold(book: Playbook) -> Playbook:
    (book >> add(quantity="3") >> card()).done()
    return book


def already_cancelled(book: Playbook) -> None:
    for _ in range(2):
        _sold(book) >> command("receipt.cancel", receipt="3", reason="x", card_reversed=True)


def not_cancellable(book: Playbook) -> None:
    book >> command("receipt.cancel", receipt="1", reason="x")


def card_not_reversed(book: Playbook) -> None:
    _sold(book) >> command("receipt.cancel", receipt="3", reason="x")


def slip_captured(book: Playbook) -> None:
    for _ in range(2):
        book >> command("paper.void", slip="17", reason="verschrieben")


def already_invoiced(book: Playbook) -> None:
    _sold(book)
    for name in ("Muster GmbH", "Andere GmbH"):
        book >> command("receipt.invoice", receipt="3", name=name)


def payment_same(book: Playbook) -> None:
    _sold(book) >> command("receipt.correct_payment", receipt="3", type="card")


def return_too_much(book: Playbook) -> None:
    _sold(book) >> command("receipt.return", receipt="3", lines={"1": "4"}, reason="x")


def takes_back(book: Playbook) -> None:
    _sold(book) >> command("receipt.return", receipt="3", lines={"1": "1"}, reason="x")
    book >> command("sale.park", table="5")


def paid_otherwise(book: Playbook) -> None:
    (book >> command("downpayment.take", customer="Kim", what="Torte", amount=100, vat=2) >> card()).done()
    (number,) = book.state.credit.items
    (book >> add() >> command("downpayment.release", number=number) >> card()).done()
    receipt = str(book.receipt().number)
    for _ in range(2):
        (book >> command("till.close", count={"100": 10})).done()
        (book.wait(100 * 86_400) >> command("till.open", counted=1000)).done()
    book >> command("receipt.return", receipt=receipt, lines={"1": "1"}, reason="x")


def already_returned(book: Playbook) -> None:
    _sold(book) >> command("receipt.return", receipt="3", lines={"1": "1"}, reason="x")
    book >> command("receipt.cancel", receipt="3", reason="x", card_reversed=True)


def printer_unknown(book: Playbook) -> None:
    book >> command("print.skip", printer="drucker-9")


def printer_away(book: Playbook) -> None:
    book >> device("printer", "error") >> command("printer.test", printer="printer")


def printer_absent(book: Playbook) -> None:
    book.config = {key: value for key, value in book.config.items() if not key.startswith("printer.")}
    book.start() >> add() >> cash()
    book.sign() >> command("receipt.reprint")


def drawer_absent(book: Playbook) -> None:
    book >> command("drawer.open", station="zwei", reason="Wechseln")


def catalog_invalid(book: Playbook) -> None:
    book.config["register.control_prefix"] = "LADEN"
    book.start()
    for wrong in ({"price": -1}, {"codes": ["4006381333930"]}, {"codes": ["LADEN7"]}):
        book >> command("catalog.put", **{"id": "1", "name": "Brot", "price": 1, "vat": 2, **wrong})
        book.says("catalog_invalid")
    book >> command("catalog.put", id="1", name="Brot", price=1, vat=2, codes=["KASSDBAR"])
    book.says("ok")
    book >> command("catalog.put", id="1", name="Brot", price=1, vat=2, codes=[""])


def goods(book: Playbook, **article: object) -> Playbook:
    whole = {"id": "x", "name": "X", "price": 100, "vat": 1, "codes": ["4006381333931"], **article}
    book >> command("catalog.put", **whole)
    return book.says("ok")


def article_incomplete(book: Playbook) -> None:
    goods(book, id="pfand", kind="deposit", codes=[])
    goods(book, deposit=[{"article": "pfand"}])
    book >> CatalogOffered((), ("pfand",), "h")  # whoever reads a file checks it whole
    book >> command("sale.add", article="x")


def weight_required(book: Playbook) -> None:
    goods(book, weighed=True) >> command("sale.add", article="x")


def bad_code(book: Playbook) -> None:
    goods(book) >> command("sale.add", code="(01)04006381333930")


def best_before(book: Playbook) -> None:
    book.config["register.expired"] = "refuse"
    goods(book.start()) >> command("sale.add", code="(01)04006381333931(15)200101")


def whole_pieces_only(book: Playbook) -> None:
    goods(book) >> command("sale.add", article="x", quantity="0.5")


def weight_on_pieces(book: Playbook) -> None:
    goods(book) >> command("sale.add", code="(01)04006381333931(3103)000500")


def voucher_single_rate(book: Playbook) -> None:
    goods(book, vat_in_house=1, vat_take_away=2) >> command("voucher.sell", kind="single", article="x")


def voucher_agency(book: Playbook) -> None:
    goods(book, agency=1) >> command("voucher.sell", kind="single", article="x")


def address_required(book: Playbook) -> None:
    book >> add(price=25_001) >> cash()
    number = str(book.done().receipt().number)
    book >> command("receipt.invoice", receipt=number, name="Muster GmbH")


def price_fixed(book: Playbook) -> None:
    goods(book, reducible=False) >> command("sale.add", article="x", price=99)


def quantity_limit(book: Playbook) -> None:
    goods(book, max_per_sale="1") >> command("sale.add", article="x", quantity="2")


def age_check_required(book: Playbook) -> None:
    goods(book, age=16) >> command("sale.add", article="x") >> cash()


def age_unattended(book: Playbook) -> None:
    book.config |= {"station.main.name": "main", "station.main.attended": False}
    goods(book.start(), age=16) >> command("sale.add", article="x")


def nothing_to_approve(book: Playbook) -> None:
    book >> add() >> command("sale.approve_age")


def line_follows(book: Playbook) -> None:
    goods(book, bundles=[{"quantity": "2", "price": 150}]) >> command("sale.add", article="x", quantity="2")
    book >> command("sale.void_line", line=2)


def no_deposit(book: Playbook) -> None:
    goods(book) >> command("deposit.return", article="x", quantity="1")


def not_taken_back(book: Playbook) -> None:
    book.state = replace(book.state, config={**book.state.config, "deposit.take_back": "none"})
    goods(book) >> command("deposit.return", article="x", quantity="1")


def sheet_differs(book: Playbook) -> None:
    book >> command("notification.record", sheet="00000000", day="2026-11-20")


def billed_whole(book: Playbook) -> None:
    book >> add() >> add() >> command("delivery.issue", customer="Krone")
    number = book.replies[-1]["result"]["number"]
    book.done() >> command("delivery.bill", number=number) >> command("sale.void_line")


def invoice_only(book: Playbook) -> None:
    book >> add() >> command("invoice.issue", customer="Krone")
    number = book.replies[-1]["result"]["number"]
    book.done() >> command("invoice.pay", number=number) >> add()


def billed_as_supplied(book: Playbook) -> None:
    book >> add() >> command("delivery.issue", customer="Krone")
    number = book.replies[-1]["result"]["number"]
    book.done() >> command("delivery.bill", number=number) >> command("sale.set_in_house", in_house=True)


def account_only_whole(book: Playbook) -> None:
    book.config["business.claims_vat"] = "payment"
    book.start() >> command("till.close", count={"1000": 1})
    book.done() >> command("till.open", counted=1000)
    book.done() >> add() >> command("sale.pay", type="account", customer="Krone", amount=100)


def export_running(book: Playbook) -> None:
    book >> command("export.audit") >> command("export.audit")


SCENES: tuple[Callable[[Playbook], None], ...] = (
    unknown_command, bad_args, unknown_station, stale_rev, unauthorized, not_allowed_here,
    tse_not_commissioned, till_closed, till_open, till_closing, disk_full, battery_low, float_differs,
    rollback_undecided, counters_unknown, no_rollback, unknown_drawer, person_required,
    cash_negative, count_required, reason_required,
    unknown_article, bad_check_digit, price_required, unknown_vat, quantity_invalid, no_sale, sale_part_paid,
    busy, sale_too_long, line_not_found, already_voided, nothing_due, amount_too_high, amount_invalid,
    article_incomplete, weight_required, bad_code, best_before, price_fixed, quantity_limit,
    age_check_required, age_unattended, nothing_to_approve, line_follows, no_deposit, not_taken_back,
    payment_type_unknown, currency_unknown, identify_required, cash_limit,
    item_unknown, item_settled, item_not_for_these, items_full, rate_changed, not_on_delivery,
    already_printed, print_waiting, receipt_link_absent, receipt_link_off, already_offered,
    agency_unknown, slip_unknown, slip_taken, account_only_whole, billed_whole,
    billed_as_supplied, invoice_only,
    settled_first, voucher_unknown, voucher_exists, voucher_unpaid, voucher_used, voucher_expired,
    voucher_too_low, voucher_not_for_these, voucher_not_refundable, vouchers_full, sale_open,
    already_cancelled, slip_captured, not_cancellable, card_not_reversed, payment_same, return_too_much,
    address_required, voucher_single_rate, voucher_agency, whole_pieces_only, weight_on_pieces,
    already_returned, already_invoiced, takes_back, paid_otherwise,
    given_too_low, no_receipt, printer_unknown, printer_away, printer_absent, drawer_absent, catalog_invalid,
    sheet_differs, export_running,
    *ORDER_SCENES, *REDUCTION_SCENES, *PEOPLE_SCENES, *CARD_SCENES, *SCALE_SCENES,
    *TRANSFER_SCENES,
)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
def test_code(scene: Callable[[Playbook], None]) -> None:
    book = Playbook().ready(1000)
    scene(book)
    book.says(scene.__name__)
    reply = book.replies[-1]
    code = CODES[scene.__name__]
    assert reply["status"] == code.status
    assert reply["message"].startswith(code.message)
    assert reply["next"] == code.next


def test_the_scenes_are_all_codes_of_the_core() -> None:
    source = "".join(path.read_text() for path in CORE.rglob("*.py"))
    raised = set(re.findall(r'Rejected\(\s*"(\w+)"', source)) | {"till_closing"}
    raised |= {
        code for pair in re.findall(r'Rejected\("\w+" if [\w.]+ else "(\w+)"', source) for code in (pair,)
    }
    assert {scene.__name__ for scene in SCENES} == raised - NOT_RAISED_HERE
    assert set(CODES) == raised | NOT_RAISED_HERE


@pytest.mark.parametrize(
    "args", [{"station": []}, {"station": 7}, {"code": "\ud800"}, {"quantity": "1e9999999"}]
)
def test_garbage_gets_a_reply(args: dict[str, object]) -> None:
    book = Playbook().ready()
    book >> command("sale.add", **args)
    assert book.replies[-1]["code"] in ("bad_args", "quantity_invalid")


BAD_ARGS: tuple[tuple[str, dict[str, object], str], ...] = (
    ("sale.add", {"prize": 3}, "prize: unknown key"),
    ("sale.add", {"code": "4006381333931", "article": "bier"}, "code, article and text"),
    ("sale.add", {"code": "4006381333931", "vat": 1}, "vat:"),
    ("sale.add", {"code": ""}, "not empty"),
    ("sale.add", {}, "code, article and text"),
    ("sale.add", {"text": " ", "price": 1, "vat": 1}, "text: must not be empty"),
    ("sale.add", {"text": "x" * 256, "price": 1, "vat": 1}, "text: expected one line of at most 255"),
    ("sale.add", {"text": "a\x07b", "price": 1, "vat": 1}, "text: expected one line"),
    ("sale.pay", {"type": "card", "given": 500}, "given:"),
    ("till.close", {"count": {"3": 1}}, "count.3:"),
    ("till.close", {"count": {"100": -1}}, "count.100:"),
    ("till.close", {"count": {"100": 100_001}}, "count.100:"),
    ("till.close", {"count": {"hundred": 1}}, "count:"),
    ("operator.login", {"operator": " "}, "operator: must not be empty"),
    ("operator.login", {"operator": "x" * 51}, "operator: expected one line of at most 50"),
    ("cash.in", {"amount": 1, "kind": "transit", "reason": "x" * 256}, "reason: expected one line"),
)


@pytest.mark.parametrize(("name", "args", "words"), BAD_ARGS)
def test_bad_args_say_to_developers_what_is_wrong(name: str, args: dict[str, object], words: str) -> None:
    book = Playbook().ready(1000)
    book >> add() >> command(name, **args)
    book.says("bad_args")
    detail = book.replies[-1]["result"]["detail"]
    assert words in detail
    assert detail.isascii(), "English"


def test_bad_args_are_made_in_one_place_that_wants_a_detail() -> None:
    sources = {path.name: path.read_text().count('Rejected("bad_args"') for path in CORE.rglob("*.py")}
    assert {name: count for name, count in sources.items() if count} == {"decision.py": 1}


def test_in_production_a_client_that_is_not_listed_may_nothing() -> None:
    book = Playbook()
    book.config["register.mode"] = "production"
    book.commissioned()
    book >> command("till.open", counted=0)
    book.says("unauthorized")
    book >> add(client="theke-2")
    book.says("till_closed")
    book >> command("till.open", client="theke-2", counted=0)
    book.says("unauthorized")


def test_a_listed_client_acts_for_its_station_with_its_rights_in_mode_test_too() -> None:
    book = Playbook().ready()
    book >> command("sale.add", client="theke-2", text="Brot", price=1, vat=2)
    assert book.current("zwei").total == 1
    book >> command("sale.void_line", client="theke-2")
    book.says("unauthorized")
    book >> command("sale.add", client="theke-2", text="Brot", price=2, vat=2, station="main")
    assert book.current("main").total == 2


def test_a_stale_rev_names_the_rev_of_the_document() -> None:
    book = Playbook(at=datetime(2026, 11, 21, 8, 0, tzinfo=CET)).ready()
    book >> add()
    rev = book.replies[-1]["rev"]
    assert rev == book.state.station("main").sale_rev == book.state.seq
    book >> command("operator.login", operator="Anna")
    book >> command("sale.void_line", rev=rev)
    book.says("ok")
    book >> command("sale.abort", rev=rev)
    book.says("stale_rev")
    assert book.replies[-1]["result"] == {"rev": book.state.station("main").sale_rev}
    assert book.replies[-1]["status"] == "conflict"
