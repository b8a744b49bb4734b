"""FISCAL 4: one counter for life; every Vorgang takes one number; no gap."""

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.playbook import Playbook, add, card, cash, command


def numbers(book: Playbook) -> list[int]:
    return [fact.number for fact in book.facts(f.SaleNumbered)]


def test_numbers_are_given_when_a_vorgang_ends_not_when_it_begins() -> None:
    book = Playbook().ready()  # 1: Anfangsbestand
    book >> add() >> add(station="zwei")
    book.sign() >> cash(station="zwei")  # 2
    book >> command("cash.in", amount=100, kind="transit", reason="Wechselgeld")
    book.sign()  # 3
    book >> command("sale.abort")  # 4
    book.sign().outage() >> add() >> card()  # 5
    book.tse_opens() >> add() >> cash()
    book.sign()  # 6
    assert numbers(book) == [1, 2, 3, 4, 5, 6]
    finished = {fact.number: fact for fact in book.facts(f.SaleFinished)}
    assert [finished[n].bon_type for n in range(1, 7)] == [
        "Beleg", "Beleg", "Beleg", "AVBelegabbruch", "Beleg", "Beleg",
    ]  # fmt: skip
    assert finished[2].document.station == "zwei"
    assert finished[5].outage


def test_the_number_is_in_the_line_of_the_finish_wish() -> None:
    book = Playbook().ready()
    book >> add()
    book.sign() >> cash()
    for line in book.lines:
        finishes = [wish for wish in line["wishes"] if wish["kind"] == "tse.finish"]
        numbered = [fact for fact in line["facts"] if fact["kind"] == "sale.numbered"]
        assert len(finishes) == len(numbered)


def test_numbers_are_never_reset() -> None:
    book = Playbook().ready()
    for expected in (1, 2, 3):
        book >> command("till.close", count={})
        book.done()
        assert book.facts(f.TillClosed)[-1].number == expected
        book.restart().tse_opens() >> command("till.open", counted=0)
        book.done()
    assert numbers(book) == [1, 2, 3, 4]
    assert book.state.closing == 3


def test_receipt_number_is_what_is_printed() -> None:
    book = Playbook().ready()
    book >> add() >> cash()
    book.done()
    assert book.receipt().document.number == "2"
    assert book.receipt().document.id == "R2"


def test_orphans_take_numbers_too() -> None:
    book = Playbook().ready() >> i.TseSurveyed((50, 51))
    book.sign()
    assert numbers(book) == [1, 2, 3]
    assert [fact.bon_type for fact in book.facts(f.SaleFinished)] == [
        "Beleg",
        "AVBelegabbruch",
        "AVBelegabbruch",
    ]
