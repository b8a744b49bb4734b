"""kassd.clock: time that never goes below what has been recorded."""

import ctypes
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.clock import Clock, Reading, boot_id, synchronised, unix_ns, utc_text

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


def test_a_pi_that_starts_in_1970_has_a_time_that_goes_on(
    system: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is read before the journal has told its newest time, and after."""
    mono = [50 * SECOND]
    monkeypatch.setattr(time, "monotonic_ns", lambda: mono[0])
    newest, system[0] = system[0], 5 * SECOND
    clock = Clock(floor=newest - 40 * 86_400 * SECOND)
    clock.wall_ns()
    mono[0] += 3 * SECOND
    clock.resume(newest)
    for _ in range(5):
        mono[0] += 600 * SECOND
        clock.raise_floor(clock.wall_ns())
        assert clock.wall_ns() == newest + mono[0] - 53 * SECOND
        assert clock.look().doubt == "behind"
    system[0] = clock.wall_ns() + 7200 * SECOND
    assert clock.wall_ns() == system[0]
    assert not clock.uncertain


YEAR = 365 * 86_400 * SECOND


class Kernel:
    """The other two clocks: how long the machine runs, and whether somebody vouches for the wall clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mono = 0
        self.right = False
        self.asked = 0
        monkeypatch.setattr(time, "monotonic_ns", lambda: self.mono)
        monkeypatch.setattr("kassd.clock.synchronised", self.synchronised)

    def synchronised(self) -> bool:
        self.asked += 1
        return self.right


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return Kernel(monkeypatch)


def test_a_leap_of_a_running_clock_is_not_believed(system: list[int], kernel: Kernel) -> None:
    clock = Clock(floor=system[0])
    clock.wall_ns()
    before = system[0]
    kernel.mono += 60 * SECOND
    system[0] += 30 * YEAR
    assert clock.wall_ns() == before + 60 * SECOND
    assert clock.look().doubt == "ahead"
    assert clock.look().refused == 30 * YEAR - 60 * SECOND
    kernel.mono += 3600 * SECOND
    clock.raise_floor(clock.wall_ns())
    system[0] = before + 3660 * SECOND  # somebody has set it right
    assert clock.look() == Reading(system[0])
    assert clock.floor < before + YEAR, "the glitch left no floor behind"


def test_a_leap_is_believed_when_the_kernel_vouches_for_it(system: list[int], kernel: Kernel) -> None:
    clock = Clock(floor=system[0])
    clock.wall_ns()
    system[0] += 3 * 86_400 * SECOND
    assert clock.uncertain
    kernel.right = True
    assert clock.look() == Reading(system[0])
    kernel.right = False
    assert not clock.uncertain, "from here it went on by itself"


def test_steps_below_a_day_are_believed_and_the_kernel_is_not_asked(
    system: list[int], kernel: Kernel
) -> None:
    clock = Clock(floor=system[0])
    for _ in range(9):
        system[0] += 86_399 * SECOND
        assert clock.look() == Reading(system[0])
    kernel.mono += YEAR  # nobody looked for a year
    system[0] += YEAR
    assert not clock.uncertain
    assert kernel.asked == 0


def test_a_start_believes_what_a_register_may_have_slept_through(system: list[int], kernel: Kernel) -> None:
    newest = system[0]
    for away, latest, believed in (
        (4 * YEAR, 0, True),
        (6 * YEAR, 0, False),
        (2 * YEAR, newest + 3 * YEAR, True),
        (4 * YEAR, newest + 3 * YEAR, False),
    ):
        system[0] = newest + away
        clock = Clock()
        assert not clock.uncertain, "nothing is known yet"
        clock.resume(newest, latest)
        assert clock.uncertain != believed
        assert clock.wall_ns() == (system[0] if believed else newest)
        kernel.right = True
        assert clock.wall_ns() == system[0]
        kernel.right = False


def test_the_kernel_is_asked_by_adjtimex(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a C library that says what the test wants, and with the real one."""
    answer = [0, 0]

    def adjtimex(timex: ctypes.Array[ctypes.c_char]) -> int:
        assert not any(timex.raw), "a question sets nothing"
        at = 5 * ctypes.sizeof(ctypes.c_long)
        timex[at : at + 4] = answer[1].to_bytes(4, sys.byteorder)
        return answer[0]

    assert synchronised() in (True, False)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(adjtimex=adjtimex))
    for answer[:], expected in (([0, 0x2001], True), ([5, 0x2041], False), ([-1, 0], False)):
        assert synchronised() is expected
