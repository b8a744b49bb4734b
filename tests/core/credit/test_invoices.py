"""invoice.issue, and how its turnover is recorded exactly once."""

from typing import Any

from kassd.core import facts as f
from kassd.receipt.layout import plain_text
from tests.core.goods.shop import shop
from tests.core.playbook import Playbook, add, cash, command, scan

ADDRESS = {"street": "Weg 1", "postal_code": "01067", "city": "Dresden"}


def issue(**args: Any) -> Any:
    return command("invoice.issue", **({"customer": "Hotel Post", **ADDRESS} | args))


def issued(book: Playbook, price: int = 4500) -> str:
    (book >> add("Torte", price, 1) >> issue()).says("accepted")
    number = book.replies[-1]["result"]["number"]
    book.done()
    return str(number)


def turnover(book: Playbook) -> dict[str, int]:
    cases = book.state.till.totals.cases
    return {key: sums[0] for key, sums in cases.items() if key.startswith("Umsatz")}


def test_an_invoice_is_signed_printed_counted_and_no_turnover() -> None:
    book = Playbook().ready()
    number = issued(book)
    done = book.receipt()
    assert (done.bon_type, done.document.title) == ("AVRechnung", "Rechnung – noch nicht bezahlt")
    assert done.document.seal is not None
    assert done.document.seal.process_data == "AVRechnung^45.00_0.00_0.00_0.00_0.00^"
    assert book.wishes("print")[-1].args["document"] == done.document.id
    text = plain_text(done.document, 42)
    for part in ("Hotel Post", "Weg 1", "01067 Dresden", number, "Noch zu zahlen", "7,18"):
        assert part in text, part
    assert turnover(book) == {}
    totals = book.state.till.totals
    assert (totals.counts["AVRechnung"], totals.sums["AVRechnung"]) == (1, 4500)
    (book >> command("invoice.list")).says("ok")
    assert book.replies[-1]["result"]["total"] == 4500
    (book >> command("till.report")).done()
    assert "Rechnungen vor der Zahlung" in plain_text(book.facts(f.ReportMade)[-1].document, 42)


def test_paid_later_its_turnover_is_recorded_once() -> None:
    book = Playbook().ready()
    number = issued(book)
    (book >> command("till.close", count={"1": 0})).done()
    (book >> command("till.open", counted=0)).done().restart().tse_opens()
    (book >> command("invoice.pay", number=number, amount=100)).says("amount_invalid")
    (book >> command("invoice.pay", number=number)).says("ok")
    (book >> command("invoice.close", number=number, reason="doch nicht")).says("sale_open")
    (book >> cash()).done()
    receipt = book.receipt()
    assert (receipt.bon_type, receipt.document.total) == ("Beleg", 4500)
    assert [(r.number, r.closing) for r in receipt.document.references] == [("2", 1)]
    assert "keine zweite Rechnung" in receipt.document.notes[0]
    assert turnover(book) == {"Umsatz|1": 4500}
    (book >> command("invoice.pay", number=number)).says("item_settled")
    (book >> command("invoice.close", number=number, reason="x")).says("item_settled")
    book >> command("receipt.cancel", receipt=str(receipt.number), reason="falsch")
    book.says("accepted").done()
    assert turnover(book) == {"Umsatz|1": 0}
    (book >> command("invoice.pay", number=number)).says("ok")


def test_paid_elsewhere_it_leaves_without_money() -> None:
    book = Playbook().ready()
    number = issued(book)
    (book >> command("invoice.close", number=number, reason="")).says("reason_required")
    (book >> command("invoice.close", number=number, reason="überwiesen")).says("ok")
    assert turnover(book) == {}
    assert book.state.till.totals.sums["invoices_closed"] == 4500
    (book >> command("invoice.list")).says("ok")
    assert book.replies[-1]["result"]["count"] == 0
    (book >> command("invoice.pay", number=number)).says("item_settled")


def test_whom_it_is_for_must_be_said() -> None:
    book = Playbook().ready()
    (book >> command("invoice.issue", customer="x")).says("no_sale")
    (book >> add("Kaffee", 300, 1) >> command("invoice.issue")).says("bad_args")
    book >> add("Feier", 30_000, 1)
    (book >> command("invoice.issue", customer="Hotel Post")).says("address_required")
    book >> command("sale.customer", name="Hotel Post", **ADDRESS)
    (book >> command("invoice.issue")).says("accepted")
    assert book.done().receipt().document.customer.city == "Dresden"
    (book >> add() >> cash(given=100) >> issue()).says("sale_part_paid")
    (book >> command("invoice.pay", number="fremd")).says("bad_args")
    book >> cash()
    book.done() >> command("mode.training", on=True) >> add()
    (book >> issue()).says("training_mode")


def test_a_bill_of_orders_is_no_invoice() -> None:
    book = Playbook().ready()
    beer = {"text": "Bier", "price": 400, "vat": 1, "quantity": "1"}
    book >> command("order.send", table="5", lines=[beer])
    (book.done() >> command("order.bill", table="5") >> issue()).says("not_on_delivery")


def test_goods_that_came_back_are_no_part_of_an_invoice_nor_of_an_order() -> None:
    book = Playbook().ready(5000)
    book >> add("Torte", 4500, 1) >> command("sale.return", text="Brot", price=350, vat=2, reason="x")
    (book >> issue()).says("not_on_delivery")
    (book >> command("sale.park")).says("takes_back")
    (book >> command("sale.benefit", owner="Chefin")).says("takes_back")
    (book >> command("sale.void_line") >> issue()).says("accepted")


def test_deposit_that_came_back_lowers_what_is_open() -> None:
    book = Playbook().ready(5000)
    book >> command("catalog.put", id="pf", name="Pfand", price=25, vat=1, kind="deposit", codes=[])
    book >> command("deposit.return", article="pf", quantity="4")
    (book >> issue()).says("amount_invalid")
    book >> add("Brot", 4500, 2)
    (book >> issue()).says("accepted")
    book.done() >> command("invoice.list")
    assert [row["left"] for row in book.replies[-1]["result"]["items"]] == [4400]
    number = book.replies[-1]["result"]["items"][0]["number"]
    (book >> command("invoice.pay", number=number) >> cash()).done()
    assert book.receipt().document.total == 4400


OTHER = {"name": "Anna Other", "street": "Weg 2", "postal_code": "01067", "city": "Dresden"}


def test_an_invoice_is_paid_as_it_is_written() -> None:
    book = shop()
    number = issued(book, 30_000)
    (book >> add("Sekt", 500, 1) >> cash()).done()
    other = str(book.receipt().number)
    (book >> command("invoice.pay", number=number)).says("ok")
    for more in (
        add("Brot", 390),
        command("sale.add", article="limo"),
        command("deposit.return", article="pf25", quantity="1"),
        command("sale.surcharge", percent="10", reason="Nacht"),
        command("sale.tip", amount=100, to="owner"),
        command("voucher.sell", kind="multi", value=1000),
        command("downpayment.take", customer="W", what="Torte", amount=100, vat=1),
        command("receipt.return", receipt=other, lines={"1": "1"}, reason="x"),
        command("sale.customer", **OTHER),
        command("sale.customer", name="Hotel Post", **ADDRESS),
    ):
        (book >> more).says("invoice_only")
    (book >> command("sale.benefit", owner="Anna", reason="x")).says("not_a_benefit")
    assert book.current().total == 30_000
    assert scan_told(book, "4006381333931") == "invoice_only"
    (book >> command("sale.discount", percent="2", reason="Skonto")).says("ok")
    (book >> command("sale.tip", amount=100, to="staff")).says("ok")
    (book >> cash()).says("accepted").done()
    receipt = book.receipt()
    assert (receipt.document.total, receipt.document.customer) == (29_500, None)
    book >> command("receipt.invoice", receipt=str(receipt.number), **OTHER)
    book.says("already_invoiced")


def scan_told(book: Playbook, code: str) -> str:
    """Why a scanned code was not carried out."""
    book >> scan(code)
    (told,) = book.last.volatile
    assert isinstance(told, f.MessageShown)
    return told.code


def test_a_bill_of_delivered_goods_may_have_more_and_a_recipient() -> None:
    book = Playbook().ready()
    (book >> add("Torte", 4500, 1) >> command("delivery.issue", customer="Hotel Post")).done()
    (book >> command("delivery.bill", number=book.replies[-1]["result"]["number"])).says("ok")
    (book >> add("Brot", 390)).says("ok")
    (book >> command("sale.customer", name="Hotel Post")).says("ok")
    (book >> cash()).done()
    assert book.receipt().document.total == 4890
