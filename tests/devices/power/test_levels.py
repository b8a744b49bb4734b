"""Four levels, and that a battery that discharges does not get better."""

import pytest

from kassd.core.power.state import Level
from kassd.devices.power.levels import Alarm, Limits, Reading, level

LIMITS = Limits(30, 10)


@pytest.mark.parametrize(
    ("percent", "alarm", "found"),
    [
        (None, "", "battery"),
        (31, "", "battery"),
        (30, "", "low"),
        (11, "", "low"),
        (10, "", "critical"),
        (80, "low", "low"),
        (80, "critical", "critical"),
        (5, "low", "critical"),
        (None, "critical", "critical"),
    ],
)
def test_on_battery(percent: int | None, alarm: Alarm, found: Level) -> None:
    assert level(Reading(False, percent, 1, alarm), LIMITS) == found


@pytest.mark.parametrize("before", ["", "mains", "battery", "low", "critical"])
def test_on_mains_nothing_else_counts(before: Level) -> None:
    assert level(Reading(True, 3), LIMITS, before) == "mains"


def test_a_charge_that_swings_does_not_open_the_till_again() -> None:
    seen: list[Level] = ["mains"]
    for percent in (31, 30, 31, 50, 10, 12):
        seen.append(level(Reading(False, percent), LIMITS, seen[-1]))
    assert seen[1:] == ["battery", "low", "low", "low", "critical", "critical"]
