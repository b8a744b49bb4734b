"""Deposit out and back."""

from decimal import Decimal

from tests.core.goods.shop import by_vat, lines, put, sell, shop
from tests.core.playbook import cash, command, scan


def test_deposit_is_an_own_line_beside_the_drink() -> None:
    book = shop() >> sell("limo", quantity="3")
    drink, deposit = lines(book)
    assert (drink.amount, drink.text) == (357, "Limo")
    assert (deposit.case, deposit.of, deposit.amount, deposit.vat) == ("Pfand", 1, 75, 1)
    assert not deposit.reducible
    assert book.replies[-1]["result"]["line"] == 1


def test_a_crate_has_two_classes() -> None:
    book = shop() >> sell("kasten", quantity="2")
    _, crate, bottles = lines(book)
    assert (crate.amount, bottles.quantity, bottles.amount, bottles.vat) == (300, 12, 96, 2)


def test_a_void_takes_the_deposit_with_it() -> None:
    book = shop() >> sell("limo") >> command("sale.void_line")
    book << "sale.line_voided sale.line_voided"
    assert book.current().total == 0
    assert not lines(book)
    book >> sell("limo")
    number = book.replies[-1]["result"]["line"]
    (book >> command("sale.void_line", line=number + 1)).says("line_follows")
    (book >> command("sale.void_line", line=number)).says("ok")


def test_a_combo_takes_its_parts_deposit() -> None:
    parts = [{"article": "brot"}, {"article": "limo", "quantity": "2"}, {"article": "bier"}]
    book = put(shop(), id="jause", name="Jause", price=999, vat=2, parts=parts)
    book >> command("article.price", article="jause")
    assert book.replies[-1]["result"]["deposit"] == 75
    book >> command("sale.approve_age", age=16) >> sell("jause", quantity="2")
    combo, deposit = lines(book)
    assert (combo.amount, deposit.quantity, deposit.amount, deposit.of) == (1998, 6, 150, 1)
    book >> command("sale.void_line")
    assert book.current().total == 0
    book >> command("deposit.return", article="jause", quantity="1")
    assert book.current().total == -75
    put(book, id="jause", name="Jause", price=999, vat=2, parts=parts, deposit=[{"article": "pf8"}])
    book >> sell("jause", quantity="1")
    assert lines(book)[-1].amount == 8, "the combo's own says what it is"


def test_t12_packages_come_back_at_their_rates() -> None:
    book = shop() >> command("deposit.return", article="pf25", quantity="3")
    book >> command("deposit.return", article="pf8", quantity="2")
    assert book.current().total == -91
    assert {line.case for line in lines(book)} == {"PfandRueckzahlung"}
    (book >> cash()).says("accepted")
    book.done()
    assert by_vat(book) == {1: -75, 2: -16}
    assert book.state.till.cash == 10_000 - 91
    assert book.receipt().document.seal.process_data == "Beleg^-0.75_-0.16_0.00_0.00_0.00^-0.91:Bar"


def test_within_a_sale_it_reduces_the_amount() -> None:
    book = shop() >> sell("brot") >> command("deposit.return", code="5449000000996", quantity="4")
    assert book.current().total == 290
    assert lines(book)[1].quantity == Decimal(-4)
    book >> command("sale.void_line")
    assert book.current().total == 390


def test_no_pay_out_without_a_count_or_a_package() -> None:
    book = shop()
    (book >> command("deposit.return", article="pf25")).says("bad_args")
    (book >> command("deposit.return", quantity="3")).says("bad_args")
    (book >> command("deposit.return", article="pf25", quantity="0.5")).says("quantity_invalid")
    (book >> command("deposit.return", article="pf25", quantity="-3")).says("quantity_invalid")
    (book >> command("deposit.return", article="brot", quantity="3")).says("no_deposit")
    (book >> command("deposit.return", article="pf25", quantity="3", amount=75)).says("bad_args")


def test_not_more_than_the_drawer_holds() -> None:
    book = shop() >> command("deposit.return", article="kiste", quantity="100")
    (book >> cash()).says("cash_negative")


def test_a_crate_comes_back_whole() -> None:
    book = shop() >> command("deposit.return", article="kasten", quantity="1")
    assert [(line.text, line.amount) for line in lines(book)] == [
        ("Kiste leer zurück", -150),
        ("Mehrwegpfand 0,08 zurück", -48),
    ]


def test_at_a_station_that_nobody_attends_somebody_counts() -> None:
    book = shop(**{"station.main.name": "main", "station.main.attended": False, "client.k.name": "k",
                   "client.k.rights": ["sell"]})  # fmt: skip
    (book >> command("deposit.return", client="k", article="pf25", quantity="3")).says("unauthorized")


def test_a_scanned_bottle_is_sold_with_its_deposit() -> None:
    book = shop() >> scan("5449000000996")
    assert book.current().total == 144


def test_a_small_shop_takes_back_what_it_sells_and_a_machine_nothing() -> None:
    book = shop(**{"deposit.take_back": "sold", "deposit.elsewhere": "Getränkemarkt, Hauptstr. 3"})
    (book >> command("deposit.return", article="pf25", quantity="1")).says("not_taken_back")
    assert "Hauptstr. 3" in book.replies[-1]["message"]
    (book >> command("deposit.return", code="5449000000996", quantity="2")).says("ok")
    assert book.current().total == -50
    book = shop(**{"deposit.take_back": "none"})
    (book >> command("deposit.return", code="5449000000996", quantity="1")).says("not_taken_back")
    assert book.replies[-1]["result"] == {"elsewhere": ""}
