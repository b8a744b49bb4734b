"""kassd.ledger: replies are found again, and cost little."""

import random

from kassd.ledger import KEEP, KEEP_VOLATILE, Ledger


def test_a_journalled_reply_is_found_by_client_and_id() -> None:
    ledger = Ledger()
    ledger.journalled("a", "1", 7)
    ledger.journalled("b", "1", 9)
    assert ledger.lines("a", "1") == (7,)
    assert ledger.lines("b", "1") == (9,)
    assert ledger.lines("a", "2") == ()


def test_many_in_any_order() -> None:
    ledger, order = Ledger(), list(range(5000))
    random.Random(1).shuffle(order)
    for n in order:
        ledger.journalled("c", str(n), n)
    assert all(ledger.lines("c", str(n)) == (n,) for n in range(5000))


def test_a_closing_carries_the_newest() -> None:
    ledger = Ledger()
    for n in range(KEEP + 10):
        ledger.journalled("c", str(n), n)
    again = Ledger(ledger.carry())
    ledger.trim()
    for kept in (again, ledger):
        assert len(kept) == KEEP
        assert kept.lines("c", "9") == ()
        assert kept.lines("c", str(KEEP + 9)) == (KEEP + 9,)


def test_volatile_replies_are_bounded() -> None:
    ledger = Ledger()
    for n in range(KEEP_VOLATILE + 1):
        ledger.answered("c", str(n), {"n": n})
    assert ledger.volatile("c", "0") is None
    assert ledger.volatile("c", str(KEEP_VOLATILE)) == {"n": KEEP_VOLATILE}


def test_a_reply_costs_sixteen_bytes() -> None:
    ledger = Ledger()
    for n in range(1000):
        ledger.journalled("c", str(n), n)
    assert ledger._keys.itemsize + ledger._seqs.itemsize == 16
