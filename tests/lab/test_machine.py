"""States of machines, as they are kept and woken; no machine is needed for it once there are some."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.lab.guest import Guest
from tests.lab.machine import CLOCK, CLOCK_FIELDS, SHIFT, LabError, clock, waking

NS = 1_000_000_000  # in a second
LONGEST_S = 600  # no state is made of a machine that was on for longer
NEAR_S = 6.0  # the kernel counts from its own start, and something was done before it is asked


def test_a_state_that_wakes_at_another_speed_wakes_at_the_same_time(trading: Path, tmp_path: Path) -> None:
    woken = tmp_path / "woken"
    with woken.open("wb") as file:
        subprocess.run(["sh", "-c", waking(trading, 0)], stdout=file, check=True)
    (at, beside, count), (moved_at, moved, counted) = clock(trading), clock(woken)
    assert (moved_at, counted) == (at, count)
    assert moved + count == beside + (count << SHIFT)
    assert 0 < beside + (count << SHIFT) < LONGEST_S * NS
    before, after = trading.read_bytes(), woken.read_bytes()
    fields = slice(at, at + CLOCK_FIELDS.size)
    assert (before[: fields.start], before[fields.stop :]) == (after[: fields.start], after[fields.stop :])


async def test_its_clock_is_the_guests(timed: Guest, trading: Path) -> None:
    """What is read of a state is what a guest goes by that wakes at another speed."""
    _, beside, count = clock(trading)
    stood = (beside + (count << SHIFT)) / NS
    assert abs(await timed.call(time.monotonic) - stood) < NEAR_S


def test_a_state_without_a_clock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(CLOCK[:-1])
    with pytest.raises(LabError, match="clock"):
        clock(tmp_path / "state")
