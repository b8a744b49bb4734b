"""Who outside the disk remembers more than the journal, and who acts at a station."""

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.playbook import Playbook, add, cash, command, scan


def seen(book: Playbook) -> list[str]:
    return list(book.state.rollbacks)


def test_a_tse_that_knows_more_is_a_rollback() -> None:
    book = Playbook().ready(10_000)
    book >> i.TseSurveyed((), newest=book.state.tse.newest + 3)
    assert len(seen(book)) == 1
    assert [fact.source for fact in book.facts(f.RollbackSeen)] == ["tse"]


def test_a_tse_that_knows_as_much_is_none() -> None:
    book = Playbook().ready(10_000)
    book >> i.TseSurveyed((), newest=book.state.tse.newest)
    assert not seen(book)


def test_an_open_transaction_of_an_unread_start_is_none() -> None:
    book = Playbook().ready(10_000)
    number = book.state.tse.newest + 1
    book >> i.TseSurveyed((number,), newest=number)
    assert not seen(book)


def test_a_tse_that_others_use_too_tells_nothing() -> None:
    book = Playbook().ready(10_000)
    book >> i.TseSurveyed((), newest=None)
    assert not seen(book)


def test_what_the_broker_remembers_is_shown_once() -> None:
    book = Playbook().ready(10_000)
    for _ in range(2):
        book >> i.RollbackFound("broker", "broker: kennt 90 Journalzeilen, hier sind es 40.")
    assert len(seen(book)) == 1


def test_without_a_login_the_client_is_the_operator() -> None:
    book = Playbook().ready(10_000)
    book >> add() >> cash()
    assert {fact.operator for fact in book.facts(f.SaleOpened)[-1:]} == {"anzeige"}


def test_without_a_login_the_scanner_is_the_operator() -> None:
    book = Playbook().ready(10_000)
    book >> command("catalog.put", id="1", name="Brot", price=350, vat=2, codes=["4006381333931"])
    book >> scan("4006381333931")
    assert book.facts(f.SaleOpened)[-1].operator == "scanner"


def test_who_is_logged_in_is_the_operator() -> None:
    book = Playbook().ready(10_000)
    book >> command("operator.login", operator="Anna") >> add()
    assert book.facts(f.SaleOpened)[-1].operator == "Anna"


def test_many_orphans_end_in_several_lines() -> None:
    book = Playbook().ready()
    numbers = tuple(range(500, 570))
    book >> i.TseSurveyed(numbers, newest=569)
    assert "tse.resume" in [ask.kind for ask in book.last.asks]
    while len([fact for fact in book.facts(f.SaleOpened) if fact.kind_of == "orphan"]) < len(numbers):
        book.sign() >> i.TseSurveyed(tuple(n for n in numbers if n > book.state.tse.newest), newest=569)
    assert not seen(book)
