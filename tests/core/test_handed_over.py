"""accounting.record: which closings went to bookkeeping, and the hash of what went."""

import pytest

from kassd.core import facts as f
from tests.core.playbook import Playbook, command

HASH = "ab" * 32


def closed() -> Playbook:
    book = Playbook().ready()
    book >> command("till.close", count={})
    return book.done()


def record(book: Playbook, closings: dict[str, str], target: str = "datev") -> Playbook:
    return book >> command("accounting.record", target=target, closings=closings)


def test_closings_are_noted_with_their_hashes_and_counted() -> None:
    book = closed()
    record(book, {"1": HASH}).says("ok")
    (fact,) = book.facts(f.AccountsHandedOver)
    assert (fact.target, fact.closings, fact.operator) == ("datev", {"1": HASH}, "anzeige")
    assert fact.client == "anzeige"
    assert book.state.till.totals.counts["exports"] == 1
    record(book, {"1": "cd" * 32}).says("ok")
    assert len(book.facts(f.AccountsHandedOver)) == 2, "sent again is sent again"


@pytest.mark.parametrize(
    "closings",
    [
        {},
        {"2": HASH},
        {"0": HASH},
        {"1": "AB" * 32},
        {"1": ""},
        {"x": HASH},
        {str(n): HASH for n in range(401)},
    ],
)
def test_what_cannot_have_been_handed_over_is_refused(closings: dict[str, str]) -> None:
    record(closed(), closings).says("bad_args")


def test_an_unknown_target_is_refused() -> None:
    record(closed(), {"1": HASH}, "lexware").says("bad_args")
