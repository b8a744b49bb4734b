"""sale.hospitality and offer.issue."""

import pytest

from kassd.core import facts as f
from kassd.receipt.layout import plain_text
from tests.core.playbook import Playbook, add, card, cash, command

LINES = ("Bewirtungsbeleg", "Bewirtete Personen", "Anlass der Bewirtung", "Bewirtende Person", "Trinkgeld")
RECIPIENT = "Rechnungsempfänger"


def meal(book: Playbook, price: int = 8000) -> str:
    (book >> add("Menü", price, 1) >> card()).done()
    return plain_text(book.receipt().document, 42)


def test_the_receipt_of_a_business_meal_has_its_lines() -> None:
    book = Playbook().ready()
    (book >> command("sale.hospitality", on=True)).says("no_sale")
    book >> add("Wasser", 300, 1) >> command("sale.hospitality", on=True)
    book << "sale.hospitality_set"
    text = meal(book)
    assert all(part in text for part in LINES)
    assert RECIPIENT not in text, "up to 250 €"
    assert "Leistungsdatum entspricht Belegdatum" in text
    assert not any(part in meal(book) for part in LINES), "the next one is a receipt like every other"
    book >> add() >> command("sale.hospitality", on=True) >> command("sale.hospitality", on=False)
    book.says("ok")
    assert not any(part in meal(book) for part in LINES)


def test_above_250_euro_the_recipient_is_named_too() -> None:
    book = Playbook().ready()
    book >> add("Feier", 25_000, 1) >> command("sale.hospitality", on=True)
    assert RECIPIENT in meal(book, 1)
    book >> add("Feier", 25_000, 1) >> command("sale.hospitality", on=True)
    book >> command("sale.customer", name="Muster GmbH")
    text = meal(book, 1)
    assert RECIPIENT not in text
    assert "Muster GmbH" in text


def test_a_station_can_have_them_always() -> None:
    book = Playbook()
    book.config |= {"receipt.hospitality": True, "station.zwei.name": "zwei"}
    book.config |= {"station.zwei.hospitality": False}
    book.ready()
    assert LINES[0] in meal(book)
    (book >> add("Menü", 8000, 1, station="zwei") >> card(station="zwei")).done()
    assert LINES[0] not in plain_text(book.receipt().document, 42)
    book >> add("Menü", 8000, 1) >> command("sale.hospitality", on=False)
    assert LINES[0] not in meal(book)


def test_an_offer_is_signed_and_counted_and_sells_nothing() -> None:
    book = Playbook().ready()
    stock = book.state.till.cash
    book >> add("Torte", 4500, 1) >> command("offer.issue", name="Frau Muster", valid_until="2026-12-24")
    book.says("accepted").done()
    offer = book.receipt()
    assert (offer.bon_type, offer.document.title) == ("AVSonstige", "Angebot - kein Beleg")
    assert offer.document.seal is not None
    assert offer.document.seal.process_data == "AVSonstige^45.00_0.00_0.00_0.00_0.00^"
    assert book.wishes("print")[-1].args["document"] == offer.document.id
    text = plain_text(offer.document, 42)
    assert "gültig bis 24.12.2026" in text
    assert "Frau Muster" in text
    assert "19,00" not in text, "no tax is shown (§ 14c UStG)"
    totals = book.state.till.totals
    assert (totals.counts["AVSonstige"], totals.sums["AVSonstige"]) == (1, 4500)
    assert not any(key.startswith("Umsatz") for key in totals.cases)
    assert book.state.till.cash == stock


@pytest.mark.parametrize(("until", "code"), [("gestern", "bad_args"), ("2026-11-20", "bad_args")])
def test_what_cannot_be_offered(until: str, code: str) -> None:
    book = Playbook().ready()
    (book >> command("offer.issue")).says("no_sale")
    (book >> add() >> command("offer.issue", valid_until=until)).says(code)
    (book >> cash(given=100) >> command("offer.issue")).says("sale_part_paid")
    book >> cash()
    book.done() >> add() >> command("sale.void_line") >> command("offer.issue")
    book.says("nothing_due")
    book >> command("sale.abort")
    book.done() >> command("mode.training", on=True) >> add()
    (book >> command("offer.issue")).says("training_mode")
    assert not book.facts(f.SaleTyped)
