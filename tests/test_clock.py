"""kassd.clock: time that never goes below what has been recorded."""

import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.clock import Clock, boot_id, unix_ns, utc_text

SECOND = 1_000_000_000


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The system clock, in unix ns, to be set by the test."""
    now = [1_790_000_000 * SECOND + 123_456_789]
    monkeypatch.setattr(time, "time_ns", lambda: now[0])
    return now


def test_now_is_aware_local_time_with_microseconds(system: list[int]) -> None:
    now = Clock(ZoneInfo("Europe/Berlin")).now()
    assert now.utcoffset() == timedelta(hours=2)
    assert now.microsecond == 123456
    assert now.timestamp() == pytest.approx(1_790_000_000.123456, abs=1e-6)
    assert utc_text(now) == "2026-09-21T14:13:20.123456Z"


def test_a_pi_in_1970_uses_the_floor_and_says_so(system: list[int]) -> None:
    clock = Clock(floor=system[0])
    assert not clock.uncertain
    newest, system[0] = system[0], 5 * SECOND
    assert clock.uncertain
    first = clock.wall_ns()
    assert newest <= first < newest + SECOND
    assert clock.now().year == 2026
    assert clock.wall_ns() > first, "time goes on"
    system[0] = newest + 10 * SECOND
    assert not clock.uncertain
    assert clock.wall_ns() == newest + 10 * SECOND


def test_a_small_correction_backwards_is_waited_for(system: list[int]) -> None:
    clock = Clock(floor=system[0])
    newest, system[0] = system[0], system[0] - SECOND
    assert not clock.uncertain
    assert clock.wall_ns() == newest


def test_the_floor_only_rises(system: list[int]) -> None:
    clock = Clock()
    clock.raise_floor(system[0] + 10)
    clock.raise_floor(7)
    assert clock.floor == system[0] + 10
    assert clock.wall_ns() == clock.floor


def test_monotonic_time_is_the_kernels() -> None:
    before = time.monotonic_ns()
    assert before <= Clock.mono() <= time.monotonic_ns()


def test_the_boot_id_is_the_kernels_and_stays() -> None:
    assert boot_id() == boot_id()
    assert len(boot_id()) == 16
    assert int(boot_id(), 16) >= 0


def test_both_hours_of_the_autumn_change_are_told_apart(system: list[int]) -> None:
    clock = Clock(ZoneInfo("Europe/Berlin"))
    texts = []
    for hour in (0, 1):
        system[0] = int(datetime(2026, 10, 25, hour, 30, tzinfo=UTC).timestamp()) * SECOND
        texts.append(clock.now().isoformat(timespec="seconds"))
    assert texts == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]


@given(st.integers(0, 4_000_000_000 * SECOND), st.integers(-720, 720))
def test_text_and_ns_agree_to_the_microsecond(ns: int, minutes: int) -> None:
    floor = 4_000_000_000 * SECOND + ns
    moment = Clock(timezone(timedelta(minutes=minutes)), floor).now()
    assert floor // 1000 <= unix_ns(moment) // 1000 <= floor // 1000 + 60_000_000
    assert len(utc_text(moment)) == 27
    back = datetime.fromisoformat(utc_text(moment)) - datetime(1970, 1, 1, tzinfo=UTC)
    assert back // timedelta(microseconds=1) == unix_ns(moment) // 1000
