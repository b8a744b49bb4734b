"""What a business day takes is learned from the days that were; the alarm comes by days and by bytes."""

import pytest

from kassd.core.outlook import (
    ASSUMED,
    KNOWN_DAYS,
    LEAST,
    MIB,
    Level,
    Outlook,
    outlook,
    sentence,
    size,
    with_day,
)


def grown(*days: int) -> list[int]:
    """Bytes taken at the end of each day, when the first began with 1 GiB."""
    used = [1024 * MIB]
    for day in days:
        used.append(used[-1] + day)
    return used


def test_before_three_days_are_known_a_busy_one_is_assumed() -> None:
    for used in ([], grown(), grown(5 * MIB), grown(5 * MIB, 5 * MIB)):
        assert outlook(640 * MIB, used) == Outlook(640 * MIB, ASSUMED)
    assert outlook(640 * MIB, []).days == 20


@pytest.mark.parametrize(
    ("days", "per_day"),
    [
        ((4 * MIB, 4 * MIB, 4 * MIB), 4 * MIB),
        ((3 * MIB, 500 * MIB, 4 * MIB, 5 * MIB, 4 * MIB), 4 * MIB),  # an update
        ((4 * MIB, -900 * MIB, 4 * MIB), 4 * MIB),  # somebody tidied up
        ((1000, 0, 2000), LEAST),
    ],
)
def test_the_median_of_the_days_counts(days: tuple[int, ...], per_day: int) -> None:
    assert outlook(1024 * MIB, grown(*days)).per_day == per_day


def test_only_the_newest_days_count() -> None:
    used = grown(*[2 * MIB] * 100, *[8 * MIB] * KNOWN_DAYS)
    assert outlook(80 * MIB, used) == Outlook(80 * MIB, 8 * MIB)


@pytest.mark.parametrize(
    ("free", "per_day", "level"),
    [
        (300 * MIB, 10 * MIB, "ok"),
        (299 * MIB, 10 * MIB, "warning"),
        (255 * MIB, 1 * MIB, "warning"),
        (256 * MIB, 1 * MIB, "ok"),
        (700 * MIB, 100 * MIB, "warning"),
        (699 * MIB, 100 * MIB, "critical"),
        (63 * MIB, 1 * MIB, "critical"),
        (0, LEAST, "critical"),
    ],
)
def test_two_levels_by_days_and_by_bytes(free: int, per_day: int, level: Level) -> None:
    assert Outlook(free, per_day).level == level


def test_a_day_is_remembered_once_and_old_ones_are_forgotten() -> None:
    days = with_day(with_day((), "2026-11-20", 5), "2026-11-21", 7)
    assert with_day(days, "2026-11-21", 9) == (("2026-11-20", 5), ("2026-11-21", 9))
    for n in range(100):
        days = with_day(days, f"day {n}", n)
    assert [used for _, used in days] == list(range(100 - KNOWN_DAYS - 1, 100))


def test_the_sentence() -> None:
    assert sentence(412 * MIB, 130) == "412 MiB frei, das reicht für etwa 130 Geschäftstage."
    assert sentence(40 * 1024 * MIB, 1) == "40 GiB frei, das reicht für etwa 1 Geschäftstag."
    assert size(3 * MIB) == "3072 KiB"
