"""A station without printer and without ``[receipt_link]``: everybody notices that no receipt comes."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.receipts.handover import DEVICE
from kassd.mqtt.project import sale_document
from tests.core.playbook import Playbook, add, cash, command, device
from tests.core.receipts.test_handover import LINK, made


def bare(**config: str) -> Playbook:
    """``main`` has no printer, ``zwei`` has one."""
    book = Playbook()
    book.config = {k: v for k, v in book.config.items() if not k.startswith("printer.printer.")} | config
    return book.ready()


def sold(book: Playbook) -> Playbook:
    return (book >> add() >> cash()).sign()


def test_it_is_said_before_and_after_the_sale_in_state_reply_and_journal() -> None:
    book = bare()
    assert sale_document(book.state, "main").unprintable
    assert not sale_document(book.state, "zwei").unprintable
    book >> add() >> cash()
    assert book.replies[-1]["result"]["unprintable"] is True
    book.sign() << "tse.finished sale.finished receipt.unprinted"
    shown = sale_document(book.state, "main")
    assert (shown.status, shown.unprintable, shown.withheld) == ("done", True, True)
    assert "Beleg Nr. 2" in shown.message
    assert "QR-Code" in shown.message
    (fact,) = book.facts(f.ReceiptUnprinted)
    assert (fact.receipt, fact.station, fact.document) == ("2", "main", "R2")
    assert sale_document(book.restart().state, "main").unprintable, "a display switched on later sees it, too"


def test_a_part_payment_and_a_station_with_paper_say_nothing_of_it() -> None:
    book = bare() >> add() >> cash(given=100)
    assert "unprintable" not in book.replies[-1]["result"]
    book = Playbook().ready() >> add() >> cash()
    assert "unprintable" not in book.replies[-1]["result"]
    assert not sale_document(book.sign().state, "main").unprintable


def test_the_original_is_printed_at_another_station_once() -> None:
    book = sold(bare())
    (book >> command("receipt.print")).says("printer_absent")
    book >> command("receipt.print", receipt="2", station="zwei")
    book << "receipt.handed_out print.sending +print"
    assert book.wishes("print")[0].args == {"printer": "printer-2", "document": "R2", "late": True}
    assert not sale_document(book.paper().state, "main").unprintable
    (book >> command("receipt.print", receipt="2", station="zwei")).says("already_printed")
    book >> command("receipt.reprint", receipt="2", station="zwei") << "receipt.copied print.sending +print"


def test_an_older_one_is_found_in_the_journal() -> None:
    book = sold(sold(bare())).restart().tse_opens() >> device("printer-2", "ready")
    book >> command("receipt.print", receipt="2", station="zwei")
    book << "receipt.handed_out print.sending +print"
    assert book.state.station("main").withheld == "3"


def test_the_customer_takes_it_as_a_code() -> None:
    book = sold(bare()) >> command("receipt.offer", by="qr")
    book << "receipt.handed_out receipt.offer_asked +offer"
    assert book.facts(f.OfferAsked)[0].document == "R2", "the original, no copy"
    assert not sale_document(book.state, "main").unprintable


def test_a_customer_who_has_chosen_the_code_gets_it() -> None:
    book = bare() >> add() >> command("sale.hand_over", by="qr")
    assert not sale_document(book.state, "main").unprintable
    book >> cash()
    assert "unprintable" not in book.replies[-1]["result"]
    book.sign() << "tse.finished sale.finished receipt.offer_asked +offer"
    book >> i.ReceiptOfferFailed("R2", "too_large")
    book << "receipt.offer_ended receipt.unprinted"
    assert sale_document(book.state, "main").unprintable
    book >> command("receipt.print", receipt="2", station="zwei") << "receipt.handed_out print.sending +print"


@pytest.mark.parametrize("server", ["ready", "error"])
def test_with_a_link_it_is_missed_only_while_the_page_is_off(server: str) -> None:
    book = bare(**LINK) >> device(DEVICE, server)
    assert not sale_document(book.state, "main").unprintable
    sold(book)
    if server == "ready":
        book << "tse.finished sale.finished receipt.offer_asked +offer"
        made(book)
    else:
        book << "tse.finished sale.finished receipt.unprinted"
    assert sale_document(book.state, "main").unprintable is (server == "error")


def test_what_is_no_receipt_is_not_missed() -> None:
    book = bare()
    (
        book >> command("cash.in", amount=500, kind="private", reason="x")
    ).sign() << "tse.finished sale.finished"
    book >> command("mode.training", on=True)
    sold(book) << "tse.finished sale.finished"
    assert not book.facts(f.ReceiptUnprinted)
