"""What the reader of a line says of pulses whose length is known here: no machine is needed for it."""

import pytest

from tests.lab.inside.pulses import NS_PER_MS, Pulse, Pulses

READ_NS = 40_000  # from one reading to the next
ROSE_MS, LATER_MS = 20.0, 300.0


def seen(length_ms: float, gaps: list[tuple[float, float]]) -> Pulse | None:
    """One pulse as a reader sees it who does not get to read in these gaps (milliseconds, from and to)."""
    fell_ms = ROSE_MS + length_ms
    pulses, found, before = Pulses(), None, 0
    while before < LATER_MS * NS_PER_MS:
        after = before + READ_NS
        # Kept from it between the reading and the moment after it.
        after = max([after, *(round(end * NS_PER_MS) for at, end in gaps if at <= after / NS_PER_MS < end)])
        high = ROSE_MS <= before / NS_PER_MS < fell_ms
        found = pulses.read(before, high, after) or found
        before = after
    return found


@pytest.mark.parametrize("length_ms", [80.0, 94.0, 100.0, 106.0, 130.0])
def test_a_busy_reader_knows_the_length(length_ms: float) -> None:
    pulse = seen(length_ms, [])
    assert pulse is not None
    assert pulse.is_known(0.2)
    assert pulse.shortest_ms <= length_ms <= pulse.longest_ms


@pytest.mark.parametrize("length_ms", [80.0, 100.0, 130.0])
@pytest.mark.parametrize("at_ms", [ROSE_MS - 2, ROSE_MS - 0.02, 60.0])
@pytest.mark.parametrize("ends", [False, True])
def test_one_who_is_kept_from_reading_knows_it_less_well(length_ms: float, at_ms: float, ends: bool) -> None:
    """Also where a gap touches both ends the length is between the two."""
    gaps = [(at_ms, at_ms + 4)]
    if ends:
        gaps.append((ROSE_MS + length_ms - 1, ROSE_MS + length_ms + 3))
    pulse = seen(length_ms, gaps)
    assert pulse is not None
    assert pulse.shortest_ms <= length_ms <= pulse.longest_ms
    touched = ends or at_ms < ROSE_MS
    assert pulse.is_known(3.0) != touched


@pytest.mark.parametrize(
    ("length_ms", "fits"), [(80.0, False), (89.0, False), (100.0, True), (111.0, False), (130.0, False)]
)
def test_a_pulse_of_another_length_is_told_from_one_of_100_ms(length_ms: float, fits: bool) -> None:
    """By a busy reader; one of 80 or 130 ms also by one who knows it within three milliseconds, or nine."""
    pulse = seen(length_ms, [])
    assert pulse is not None
    assert pulse.may_be(90, 110) == fits
    hardly = seen(length_ms, [(ROSE_MS - 1, ROSE_MS + 1.8)])
    assert hardly is not None
    assert hardly.is_known(3.0)
    assert hardly.may_be(90, 110) == fits or abs(length_ms - 100) < 20
    fell_ms = ROSE_MS + length_ms
    in_turns = seen(length_ms, [(ROSE_MS - 2, ROSE_MS + 2), (fell_ms - 2, fell_ms + 2)])
    assert in_turns is not None
    assert in_turns.is_known(9.0)
    assert in_turns.may_be(90, 110) == fits or abs(length_ms - 100) < 20


def test_a_pulse_that_nobody_saw_begin_or_end_is_none() -> None:
    pulses = Pulses()
    assert pulses.read(1, True, 2) is None
    assert pulses.read(2, False, 3) is None
    assert pulses.read(3, True, 4) is None
    ended = pulses.read(4, False, 5)
    assert ended == Pulse((2, 4), (3, 5))
    assert (ended.shortest_ms, ended.longest_ms) == (0, 3 / NS_PER_MS)
