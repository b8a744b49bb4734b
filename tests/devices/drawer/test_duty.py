"""A pulse and its pause: at most a fifth of the time under power."""

import pytest

from kassd.devices.drawer.duty import Duty

MS = 1_000_000


@pytest.mark.parametrize(
    ("on", "off", "rest"), [(100, 0, 500), (100, 400, 500), (100, 510, 610), (50, 0, 250)]
)
def test_the_next_pulse_comes_after_the_pause(on: int, off: int, rest: int) -> None:
    now = [10**9]
    duty = Duty(lambda: now[0])
    assert not duty.resting
    duty.pulse(on, off)
    now[0] += rest * MS - 1
    assert duty.resting
    now[0] += 1
    assert not duty.resting
