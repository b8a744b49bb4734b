"""The Raspberry Pi's undervoltage alarm."""

from pathlib import Path

import pytest

from devices.support import Recorder, running
from kassd.devices.build import build_power
from kassd.devices.config import PowerConfig
from kassd.devices.port import PowerReading
from kassd.devices.power import voltage


async def test_it_begins_and_ends(tmp_path: Path) -> None:
    file = tmp_path / "in0_lcrit_alarm"
    file.write_text("0\n")
    seen = Recorder()
    (watch,) = build_power(PowerConfig(voltage=str(file), poll_s=0.01), seen)
    async with running(watch):
        assert await seen.next(PowerReading) == PowerReading(weak=False)
        await seen.state("ready")
        file.write_text("1\n")
        assert await seen.next(PowerReading, 2) == PowerReading(weak=True)
        file.write_text("0\n")
        assert await seen.next(PowerReading, 3) == PowerReading(weak=False)
        file.unlink()
        status = await seen.state("absent", "unplugged")
        assert "Spannungsmesser" in status.message


async def test_the_kernel_wakes_who_waits() -> None:
    """A file of sysfs may be waited for; that nothing comes is all that can be seen without a Pi."""
    file = Path("/sys/kernel/uevent_seqnum")
    with voltage._woken(file) as woken:
        assert not woken.is_set()


def test_the_alarm_is_found_by_its_driver(tmp_path: Path) -> None:
    for number, name in enumerate(("cpu_thermal", "rpi_volt")):
        (tmp_path / f"hwmon{number}").mkdir()
        (tmp_path / f"hwmon{number}" / "name").write_text(f"{name}\n")
    assert voltage.alarm_file(tmp_path) == tmp_path / "hwmon1/in0_lcrit_alarm"
    assert voltage.alarm_file(tmp_path / "hwmon0") is None


def test_where_nothing_is_to_be_watched_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(voltage, "alarm_file", lambda: None)
    assert build_power(PowerConfig(), lambda _: None) == []
    monkeypatch.setattr(voltage, "alarm_file", lambda: tmp_path / "x")
    assert [type(part) for part in build_power(PowerConfig(), lambda _: None)] == [voltage.VoltageWatch]
    assert build_power(PowerConfig(voltage="none"), lambda _: None) == []
