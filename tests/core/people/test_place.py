"""Place and time of use: an append-only chain."""

from kassd.core import facts as f
from tests.core.playbook import Playbook, command


def test_each_place_ends_where_the_next_begins() -> None:
    book = Playbook().ready()
    book >> command("place.set", name="Wochenmarkt", city="Dresden") << "place.changed"
    first = book.state.people.place
    book.wait(3600)
    book >> command("place.set", name="Stadtfest", street="Elbufer", postal_code="01097", city="Dresden")
    second = book.state.people.place
    assert first is not None
    assert second is not None
    assert (first.name, second.name, second.address) == ("Wochenmarkt", "Stadtfest", "Elbufer, 01097 Dresden")
    assert second.since > first.since
    assert [fact.name for fact in book.facts(f.PlaceChanged)] == ["Wochenmarkt", "Stadtfest"]


def test_the_same_place_is_no_new_fact_and_needs_no_closing() -> None:
    book = Playbook().ready()
    book >> command("place.set", name="Markt")
    book >> command("place.set", name="Markt") << ""
    assert book.state.till.open
    (book >> command("place.set", name=" ")).says("bad_args")


def test_it_stands_on_the_report_and_survives_the_closing() -> None:
    book = Playbook().ready()
    book >> command("place.set", name="Wochenmarkt", city="Dresden")
    book >> command("till.close", count={})
    book.sign()
    document = book.facts(f.TillClosed)[-1].document
    section = next(s for s in document.sections if s.title == "Einsatzort")
    assert [row.label for row in section.rows][:2] == ["Wochenmarkt", "Dresden"]
    assert book.restart().state.people.place is not None
