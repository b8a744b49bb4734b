"""The kernel's power supplies, as files lie on laptops and boxes with a battery HAT."""

from pathlib import Path

import pytest

from devices.support import Recorder, running
from kassd.core.status import DeviceStatus
from kassd.devices.build import build_power
from kassd.devices.config import PowerConfig
from kassd.devices.port import PowerReading
from kassd.devices.power.driver import SourceLost
from kassd.devices.power.levels import Reading
from kassd.devices.power.sysfs import read


def supply(folder: Path, name: str, **values: object) -> Path:
    place = folder / name
    place.mkdir(exist_ok=True)
    for key, value in values.items():
        (place / key).write_text(f"{value}\n")
    return place


def laptop(folder: Path, **battery: object) -> None:
    supply(folder, "AC", type="Mains", online=0)
    values = {"type": "Battery", "status": "Discharging", "capacity": 63, "present": 1} | battery
    supply(folder, "BAT0", **values)


def test_a_laptop(tmp_path: Path) -> None:
    laptop(tmp_path, time_to_empty_now=2400)
    assert read(tmp_path) == Reading(False, 63, 40, "")
    supply(tmp_path, "AC", online=1)
    assert read(tmp_path) == Reading(True, 63)


def test_a_hat_without_a_mains_supply_of_its_own(tmp_path: Path) -> None:
    supply(tmp_path, "bq27441-0", type="Battery", status="Charging", capacity=50)
    assert read(tmp_path).online
    supply(tmp_path, "bq27441-0", status="Discharging", capacity_level="Low")
    assert read(tmp_path) == Reading(False, 50, None, "low")
    supply(tmp_path, "bq27441-0", capacity_level="Critical")
    assert read(tmp_path).alarm == "critical"


def test_the_weakest_battery_counts(tmp_path: Path) -> None:
    laptop(tmp_path)
    supply(tmp_path, "BAT1", type="Battery", status="Unknown", capacity=9)
    assert read(tmp_path).percent == 9
    assert read(tmp_path, "BAT0").percent == 63


def test_a_mouse_is_no_battery_of_the_register(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity=3)
    with pytest.raises(SourceLost, match="kein Akku") as lost:
        read(tmp_path)
    assert lost.value.reason == "no_battery"
    laptop(tmp_path)
    assert read(tmp_path).percent == 63


def test_a_hat_that_tells_only_of_its_mains(tmp_path: Path) -> None:
    supply(tmp_path, "gpio-charger", type="Mains", online=1)
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity=3)
    assert read(tmp_path) == Reading(True, mains_only=True)
    supply(tmp_path, "gpio-charger", online=0)
    assert read(tmp_path) == read(tmp_path, "gpio-charger") == Reading(False, mains_only=True)
    with pytest.raises(SourceLost, match="kein Akku BAT0"):
        read(tmp_path, "BAT0")
    supply(tmp_path, "bq27441-0", type="Battery", status="Discharging", capacity=50, present=0)
    with pytest.raises(SourceLost, match="kein Akku"):
        read(tmp_path)


def test_a_socket_of_usb_is_no_mains_unless_it_is_named(tmp_path: Path) -> None:
    supply(tmp_path, "ucsi-source-psy-1", type="USB", online=0)
    with pytest.raises(SourceLost, match="kein Akku"):
        read(tmp_path)
    assert read(tmp_path, "ucsi-source-psy-1") == Reading(False, mains_only=True)


async def test_mains_alone_are_reported_without_a_charge(tmp_path: Path) -> None:
    supply(tmp_path, "gpio-charger", type="Mains", online=0)
    seen = Recorder()
    config = PowerConfig("sysfs", folder=str(tmp_path), poll_s=0.01, voltage="none")
    (driver,) = build_power(config, seen)
    async with running(driver):
        assert await seen.next(PowerReading) == PowerReading("battery")
        await seen.state("ready")
        supply(tmp_path, "gpio-charger", online=1)
        assert await seen.next(PowerReading, 2) == PowerReading("mains")
        supply(tmp_path, "gpio-charger", online=0)
        assert await seen.next(PowerReading, 3) == PowerReading("battery")


async def test_mains_do_not_stand_in_for_a_battery_that_is_gone(tmp_path: Path) -> None:
    laptop(tmp_path)
    seen = Recorder()
    config = PowerConfig("sysfs", folder=str(tmp_path), poll_s=0.01, voltage="none")
    (driver,) = build_power(config, seen)
    async with running(driver):
        assert await seen.next(PowerReading) == PowerReading("battery", 63)
        await seen.state("ready")
        (tmp_path / "BAT0").rename(tmp_path.with_name(f"{tmp_path.name}-gone"))
        await seen.state("error", "no_battery")
    assert len(seen.of(PowerReading)) == 1


@pytest.mark.parametrize("values", [{"capacity": "viel"}, {"present": 0}])
def test_what_cannot_be_read_is_lost(values: dict[str, object], tmp_path: Path) -> None:
    laptop(tmp_path, **values)
    with pytest.raises(SourceLost):
        read(tmp_path)
    with pytest.raises(SourceLost):
        read(tmp_path / "fehlt")


async def test_the_driver_reports_what_changes(tmp_path: Path) -> None:
    laptop(tmp_path)
    seen = Recorder()
    config = PowerConfig("sysfs", folder=str(tmp_path), poll_s=0.01, voltage="none")
    (driver,) = build_power(config, seen)
    async with running(driver):
        assert await seen.next(PowerReading) == PowerReading("battery", 63)
        await seen.state("ready")
        supply(tmp_path, "BAT0", capacity=29)
        assert await seen.next(PowerReading, 2) == PowerReading("low", 29)
        supply(tmp_path, "BAT0", present=0)
        status = await seen.state("error", "no_battery")
        assert "[power]" in status.message
        supply(tmp_path, "BAT0", present=1, capacity=35)
        assert await seen.next(PowerReading, 3) == PowerReading("low", 35), "what is lost is not mains"
        await seen.state("ready")
        supply(tmp_path, "AC", online=1)
        assert await seen.next(PowerReading, 4) == PowerReading("mains", 35)
    assert {s.name for s in seen.of(DeviceStatus)} == {"power"}
