"""receipt.reprint of any receipt."""

from kassd.core import facts as f
from kassd.core.corrections.recall import find
from kassd.core.inputs import CommandReceived
from kassd.receipt.layout import plain_text
from tests.core.playbook import Lines, Playbook, add, cash, command


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


def test_an_invoice_supplements_the_receipt_for_one_recipient_only() -> None:
    book = Playbook().ready()
    (book >> add("Feier", 30_000, vat=1) >> cash()).done()
    original = book.receipt().document
    before = find(Lines(book.lines), "2")
    args = {
        "receipt": "2",
        "name": "Muster GmbH",
        "street": "Weg 1",
        "postal_code": "01067",
        "city": "Dresden",
    }
    book >> command("receipt.invoice", **args)
    book << "receipt.invoiced print.sending +print"
    (invoiced,) = book.facts(f.ReceiptInvoiced)
    assert invoiced.document.customer.name == "Muster GmbH"
    assert (invoiced.document.number, invoiced.document.seal) == ("2", original.seal)
    assert invoiced.document.copy_at
    assert "keine zweite Rechnung" in invoiced.document.notes[-1]
    book >> CommandReceived("b", "x", "receipt.invoice", args | {"name": "Andere"}, found=before)
    book.says("busy")
    book.paper() >> command("receipt.invoice", **args)
    book.says("ok")
    book.paper().restart().tse_opens() >> command("receipt.invoice", **(args | {"name": "Andere"}))
    book.says("already_invoiced")
    (book >> command("receipt.invoice", receipt="1", name="x")).says("no_receipt")
    (book >> command("receipt.invoice", receipt="2", name=" ")).says("bad_args")


def test_the_lines_for_a_business_meal_are_on_the_copy() -> None:
    book = Playbook().ready()
    (book >> add("Menü", 30_000, vat=1) >> cash()).done()
    book >> command("receipt.reprint", receipt="2", hospitality=True)
    copy = book.facts(f.ReceiptCopied)[-1].document
    assert copy.form[0].startswith("Rechnungsempfänger")
    text = plain_text(copy, 42)
    for label in ("Trinkgeld", "Bewirtete Personen", "Anlass der Bewirtung", "Ort, Datum, Unterschrift"):
        assert label in text
    assert text.count("_" * 42) == 6
    book.paper() >> command(
        "receipt.invoice", receipt="2", name="Muster GmbH", street="Weg 1", city="Pirna", hospitality=True
    )
    assert not book.facts(f.ReceiptInvoiced)[-1].document.form[0].startswith("Rechnungsempfänger")


def test_above_250_euro_the_address_belongs_to_the_name_and_may_follow_once() -> None:
    """§ 14 Abs. 4 Nr. 1 UStG, § 33 UStDV."""
    address = {"street": "Weg 1", "postal_code": "01067", "city": "Dresden"}
    book = Playbook().ready()
    (book >> add("Feier", 25_000, vat=1) >> cash()).done()
    (book >> command("receipt.invoice", receipt="2", name="Krone")).says("ok").paper()
    (book >> add("Feier", 25_001, vat=1) >> cash()).done()
    (book >> command("receipt.invoice", receipt="3", name="Krone")).says("address_required")
    (book >> command("receipt.invoice", receipt="3", name="Krone", street="Weg 1")).says("address_required")
    (book >> command("receipt.invoice", receipt="3", name="Krone", **address)).says("ok").paper()
    book >> add("Feier", 30_000, vat=1) >> command("sale.customer", name="Krone", id="K1") >> cash()
    book.done()
    (book >> command("receipt.invoice", receipt="4", name="Post", **address)).says("already_invoiced")
    (book >> command("receipt.invoice", receipt="4", name="Krone", **address)).says("already_invoiced")
    whole = {"name": "Krone", "id": "K1", **address}
    (book >> command("receipt.invoice", receipt="4", **whole)).says("ok").paper()
    assert book.facts(f.ReceiptInvoiced)[-1].document.customer.street == "Weg 1"
    (book >> command("receipt.invoice", receipt="4", **whole)).says("ok").paper()
    (book >> command("receipt.invoice", receipt="4", **(whole | {"city": "Pirna"}))).says("already_invoiced")
