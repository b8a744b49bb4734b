"""Moments at which lgpio's thread looks, found from when it was seen to have worked."""

import pytest

from kassd.devices.drawer.beat import PERIOD_NS, Beat

MS = 1_000_000
AT = 7 * MS  # it looks at 7, 27, 47 ms …


def test_it_is_found_by_those_that_agree() -> None:
    """Whoever looks is late by a little, or by much where it was kept from looking."""
    beat = Beat()
    assert not beat.found([AT + MS // 2])
    assert not beat.found([AT + MS // 2, AT + 9 * MS, AT + PERIOD_NS + 4 * MS])
    assert beat.wait(0) is None
    late = [900_000, 9 * MS, 200_000, 18 * MS, 600_000]
    assert beat.found([AT + n * PERIOD_NS + one for n, one in enumerate(late)])
    assert beat.wait(0) == AT + 200_000
    assert beat.wait(AT + 200_001) == PERIOD_NS - 1


@pytest.mark.parametrize("first", [0, 200_000, 19_900_000])
def test_it_is_found_wherever_the_first_one_was(first: int) -> None:
    beat = Beat()
    assert beat.found([first, first + 5 * PERIOD_NS + 300_000, first + 3 * PERIOD_NS - 100_000])
    assert beat.wait(first) == PERIOD_NS - 100_000


def test_it_counts_from_the_pulse_that_it_ends() -> None:
    beat = Beat()
    beat.found([AT, AT, AT])
    beat.ends(133 * MS)
    assert beat.wait(132 * MS) is None
    assert beat.wait(134 * MS) == 19 * MS
    beat.lose()
    assert beat.wait(134 * MS) is None
