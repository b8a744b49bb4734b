"""receipt.reprint of any receipt."""

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, cash, command


def test_a_receipt_of_an_earlier_closing_is_printed_again_as_a_copy() -> None:
    book = Playbook().ready()
    (book >> add("Brot", 350) >> cash()).done()
    original = book.receipt().document
    book >> command("till.close", count={"1": 350})
    book.done() >> command("till.open", counted=350)
    (book.done() >> add("Kaffee", 280) >> cash()).done()
    book >> command("receipt.reprint", receipt="2")
    book << "receipt.copied print.sending +print"
    (copied,) = book.facts(f.ReceiptCopied)
    assert copied.number == "2"
    assert copied.document.copy_at
    assert copied.document.positions == original.positions
    assert copied.document.seal == original.seal
    assert copied.document.issued_at == original.issued_at
    assert book.state.till.totals.counts["copies"] == 1


def test_the_copy_comes_out_where_it_is_asked_for() -> None:
    book = Playbook().ready()
    (book >> add("Brot", 350) >> cash()).done()
    book >> command("receipt.reprint", receipt="2", station="zwei")
    assert book.wishes("print")[-1].args["printer"] == "printer-2"


def test_what_is_no_receipt_is_not_printed() -> None:
    book = Playbook().ready()
    book >> add() >> command("sale.abort")
    (book.done() >> command("receipt.reprint", receipt="2")).says("no_receipt")
    (book >> command("receipt.reprint", receipt="17")).says("no_receipt")
