"""UPower's own interface on a real bus, played."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property

from kassd.devices.build import build_power
from kassd.devices.config import PowerConfig
from kassd.devices.port import PowerReading
from kassd.devices.power import upower
from tests.devices.support import Recorder, running

SLOW_S = 60.0


class Root(ServiceInterface):
    """``org.freedesktop.UPower``."""

    def __init__(self) -> None:
        super().__init__(upower.ROOT)
        self.on_battery = False

    @dbus_property(access=PropertyAccess.READ)
    def OnBattery(self) -> "b":  # type: ignore[name-defined]  # noqa: F821, N802 - the signature of D-Bus
        return self.on_battery


class Display(ServiceInterface):
    """``org.freedesktop.UPower.Device`` of all batteries together."""

    def __init__(self) -> None:
        super().__init__(upower.DEVICE)
        self.values: dict[str, Any] = {}

    @dbus_property(access=PropertyAccess.READ)
    def Percentage(self) -> "d":  # type: ignore[name-defined]  # noqa: F821, N802
        return self.values.get("Percentage", 100.0)

    @dbus_property(access=PropertyAccess.READ)
    def IsPresent(self) -> "b":  # type: ignore[name-defined]  # noqa: F821, N802
        return self.values.get("IsPresent", True)

    @dbus_property(access=PropertyAccess.READ)
    def TimeToEmpty(self) -> "x":  # type: ignore[name-defined]  # noqa: F821, N802
        return self.values.get("TimeToEmpty", 0)

    @dbus_property(access=PropertyAccess.READ)
    def WarningLevel(self) -> "u":  # type: ignore[name-defined]  # noqa: F821, N802
        return self.values.get("WarningLevel", 1)


class Played:
    """UPower as others see it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.root, self.display = Root(), Display()
        self._bus: MessageBus | None = None

    async def begin(self) -> None:
        self._bus = await MessageBus(self.address).connect()
        self._bus.export(upower.ROOT_PATH, self.root)
        self._bus.export(f"{upower.ROOT_PATH}/devices/{upower.DISPLAY}", self.display)
        await self._bus.request_name(upower.NAME)

    async def end(self) -> None:
        if self._bus is not None:
            self._bus.disconnect()
            with contextlib.suppress(EOFError, TimeoutError):  # the bus itself may be gone
                async with asyncio.timeout(1):
                    await self._bus.wait_for_disconnect()

    def becomes(self, on_battery: bool, **values: Any) -> None:
        """Change, and say so."""
        self.root.on_battery, self.display.values = on_battery, values
        self.root.emit_properties_changed({"OnBattery": on_battery})
        self.display.emit_properties_changed(dict(values))


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path={}</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A bus of our own."""
    config, place = tmp_path / "bus.conf", tmp_path / "bus"
    config.write_text(BUS.format(place))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip(), daemon
        daemon.kill()


@pytest.fixture
async def played(bus: tuple[str, Any]) -> AsyncIterator[Played]:
    found = Played(bus[0])
    await found.begin()
    yield found
    await found.end()


def config(address: str) -> PowerConfig:
    return PowerConfig("upower", bus=address, voltage="none")


async def test_mains_battery_low_critical_and_back(played: Played) -> None:
    seen = Recorder()
    (driver,) = build_power(config(played.address), seen)
    async with running(driver):
        assert await seen.next(PowerReading, 1, SLOW_S) == PowerReading("mains", 100)
        steps: list[tuple[bool, dict[str, Any], PowerReading]] = [
            (True, {"Percentage": 63.2, "TimeToEmpty": 2400}, PowerReading("battery", 63, 40)),
            (True, {"Percentage": 50.0, "WarningLevel": 3}, PowerReading("low", 50)),
            (True, {"Percentage": 49.0, "WarningLevel": 5}, PowerReading("critical", 49)),
            (False, {"Percentage": 49.0}, PowerReading("mains", 49)),
        ]
        for number, (on_battery, values, reading) in enumerate(steps, 2):
            played.becomes(on_battery, **values)
            await seen.until(lambda reading=reading: seen.of(PowerReading)[-1] == reading, SLOW_S)
            assert len(seen.of(PowerReading)) >= number
        assert seen.states() == [("opening", ""), ("ready", "")]


async def test_a_box_without_a_battery(played: Played) -> None:
    played.display.values = {"IsPresent": False, "Percentage": 0.0}
    seen = Recorder()
    (driver,) = build_power(config(played.address), seen)
    async with running(driver):
        assert await seen.next(PowerReading, 1, SLOW_S) == PowerReading("mains")


async def test_upower_that_ends_and_comes_back(played: Played) -> None:
    seen = Recorder()
    (driver,) = build_power(config(played.address), seen)
    async with running(driver):
        await seen.state("ready", timeout=SLOW_S)
        await played.end()
        status = await seen.state("error", "unreachable", SLOW_S)
        assert "systemctl status upower" in status.message
        again = Played(played.address)
        await again.begin()
        await seen.state("ready", timeout=SLOW_S)
        await again.end()


async def test_a_bus_that_is_not_there_or_ends(
    bus: tuple[str, subprocess.Popen[str]], played: Played, tmp_path: Path
) -> None:
    seen = Recorder()
    (driver,) = build_power(config(f"unix:path={tmp_path / 'fehlt'}"), seen)
    async with running(driver):
        assert "systemctl status dbus" in (await seen.state("error", "bus", SLOW_S)).message
    seen = Recorder()
    source = upower.UpowerSource("", bus[0], look_s=0.05)
    (driver,) = build_power(config(bus[0]), seen)
    driver._source = source  # type: ignore[attr-defined]
    async with running(driver):
        await seen.state("ready", timeout=SLOW_S)
        bus[1].kill()
        await seen.until(lambda: seen.states()[-1][0] == "error", SLOW_S)


async def test_without_its_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dbus_fast.errors", None)
    seen = Recorder()
    (driver,) = build_power(config("unix:path=/x"), seen)
    async with running(driver):
        assert "dbus-fast" in (await seen.state("error", "library", SLOW_S)).message
        await asyncio.sleep(0)


def test_what_is_no_value() -> None:
    reading = upower.reading_of(
        {"OnBattery": True}, {"IsPresent": False, "Percentage": 0.0, "TimeToEmpty": 0}
    )
    assert (reading.online, reading.percent, reading.minutes, reading.alarm) == (False, None, None, "")
    assert upower.reading_of({}, {}).online
    assert Variant("u", 3).value in upower.ALARMS


async def test_a_battery_that_upower_does_not_know(played: Played) -> None:
    seen = Recorder()
    named = PowerConfig("upower", "battery_BAT9", bus=played.address, voltage="none")
    async with running(build_power(named, seen)[0]):
        status = await seen.state("error", "unknown_device", SLOW_S)
    assert "battery_BAT9" in status.message
    assert "upower -e" in status.message


@pytest.mark.parametrize("percentage", [float("nan"), float("inf"), -5.0, 100.5])
def test_a_percentage_that_is_none_is_not_told(percentage: float) -> None:
    reading = upower.reading_of({"OnBattery": True}, {"IsPresent": True, "Percentage": percentage})
    assert (reading.online, reading.percent) == (False, None)
