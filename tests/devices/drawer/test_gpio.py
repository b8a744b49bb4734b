"""Pulses on gpiozero's mock pin: their length, the duty limit, and low at every start and end."""

import asyncio
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from devices.support import Recorder, running
from kassd.core.status import DeviceStatus
from kassd.devices.config import DrawerConfig
from kassd.devices.drawer import gpio
from kassd.devices.drawer.gpio import GpioDrawer
from kassd.devices.port import KickOutcome

CONFIG = DrawerConfig("lade", "gpio", pin=17, pulse_ms=50, pin_factory="mock")


def states(drawer: GpioDrawer) -> Any:
    return drawer.pin.device.pin.states  # type: ignore[union-attr]


async def test_pulse() -> None:
    seen = Recorder()
    drawer = GpioDrawer(CONFIG, seen)
    async with running(drawer):
        await seen.state("ready")
        assert seen.states() == [("opening", ""), ("ready", "")]
        assert not drawer.pin.device.value  # type: ignore[union-attr]
        drawer.kick("a")
        assert seen.of(KickOutcome) == [KickOutcome("lade", "a", "kicked")]
        async with asyncio.timeout(20):
            while len(states(drawer)) < 3:
                await asyncio.sleep(0.01)
        assert [state.state for state in states(drawer)] == [False, True, False]
        assert states(drawer)[2].timestamp > 0.045


async def test_loop_that_hangs_does_not_lengthen_the_pulse() -> None:
    seen = Recorder()
    drawer = GpioDrawer(CONFIG, seen)
    async with running(drawer):
        await seen.state("ready")
        drawer.kick("a")
        until = time.monotonic() + 20
        while len(states(drawer)) < 3 and time.monotonic() < until:
            time.sleep(0.01)  # noqa: ASYNC251  # the loop hangs on purpose
        assert [state.state for state in states(drawer)] == [False, True, False]


async def test_duty_limit() -> None:
    seen = Recorder()
    now = [10**9]
    drawer = GpioDrawer(CONFIG, seen, lambda: now[0])
    async with running(drawer):
        await seen.state("ready")
        for at_ms in (0, 10, 249, 250, 499, 500):
            now[0] = 10**9 + at_ms * 1_000_000
            drawer.kick(str(at_ms))
    kicks = {kick.job: (kick.result, kick.reason) for kick in seen.of(KickOutcome)}
    assert [job for job, (result, _) in kicks.items() if result == "kicked"] == ["0", "250", "500"]
    assert kicks["249"] == ("refused", "duty")


async def test_closing_in_mid_pulse_forces_low() -> None:
    seen = Recorder()
    threads = set(threading.enumerate())
    drawer = GpioDrawer(DrawerConfig("lade", "gpio", pin=17, pulse_ms=510, pin_factory="mock"), seen)
    async with running(drawer):
        await seen.state("ready")
        drawer.kick("a")
        pin = drawer.pin.device.pin  # type: ignore[union-attr]
        assert pin.states[-1].state
    assert not pin.states[-1].state
    assert set(threading.enumerate()) <= threads  # those of other tests may have ended meanwhile
    drawer.close()
    drawer.kick("b")
    assert seen.of(KickOutcome)[-1].result == "failed"


@pytest.mark.parametrize("factory", ["native", "pigpio", "", "LGPIO"])
async def test_other_factories_are_no_fallback(factory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    seen = Recorder()
    drawer = GpioDrawer(DrawerConfig("lade", "gpio", pin=17, pin_factory=factory), seen)
    async with running(drawer):
        status = await seen.state("error", "pin_factory")
        assert "pin_factory" in status.message
        drawer.kick("a")
    assert seen.of(KickOutcome) == [KickOutcome("lade", "a", "failed", "pin_factory")]


async def test_unavailable_factory_is_an_error_and_no_other_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setitem(sys.modules, "lgpio", None)
    seen = Recorder()
    drawer = GpioDrawer(DrawerConfig("lade", "gpio", pin=17), seen)
    async with running(drawer):
        status = await seen.state("error", "gpio")
        assert "GPIO 17" in status.message
        assert drawer.pin is None
        drawer.kick("a")
    assert seen.of(KickOutcome) == [KickOutcome("lade", "a", "failed", "gpio")]


@pytest.mark.parametrize(
    ("chip", "words"), [("gpiochip0", "gehört kassd zur Gruppe gpio?"), ("null", 'driver = "printer"')]
)
async def test_what_is_missing_is_named(
    chip: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / chip).touch()
    monkeypatch.setattr(gpio, "DEV", tmp_path)
    monkeypatch.setitem(sys.modules, "lgpio", None)
    seen = Recorder()
    async with running(GpioDrawer(DrawerConfig("lade", "gpio", pin=17), seen)):
        assert words in (await seen.state("error", "gpio")).message


async def test_pin_that_is_no_pin() -> None:
    seen = Recorder()
    async with running(GpioDrawer(DrawerConfig("lade", "gpio", pin=99, pin_factory="mock"), seen)):
        await seen.state("error", "gpio")


class Lgpio:
    """The library as far as it is called; it needs a chip itself."""

    TX_WAVE = "wave"

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.busy = [1, 1, 0]
        self.pulse = lambda *of: of

    def tx_wave(self, handle: int, line: int, pulses: list[tuple[int, int, int]]) -> None:
        self.calls.append((line, pulses))

    def tx_busy(self, handle: int, line: int, kind: str) -> int:
        assert (handle, kind) == (3, "wave")
        self.calls.append("busy")
        return self.busy.pop(0)


def pin_of(lib: Lgpio, line: int = 17) -> gpio.LgpioPin:
    told = {what: (lambda what=what: lib.calls.append(what)) for what in ("on", "off", "close")}
    pin = object.__new__(gpio.LgpioPin)
    pin._lgpio, pin._line, pin._timer = lib, line, None
    pin.factory = SimpleNamespace(_handle=3, close=lambda: lib.calls.append("factory closed"))
    pin.device = SimpleNamespace(**told)
    return pin


@pytest.fixture(autouse=True)
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpio.LgpioPin, "_watched_until", 0.0)


def test_the_line_rises_at_once_and_its_end_is_under_way_before() -> None:
    lib = Lgpio()
    pin = pin_of(lib)
    pin.pulse(20)
    ends_low_and_never_high = [(0, 0, 25_000), (0, 1, 0)]
    assert lib.calls == [(17, ends_low_and_never_high), "on"]
    pin.close()
    assert lib.calls[2:] == ["off", "busy", "busy", "busy", "off", "close", "factory closed"]


def test_a_line_that_no_thread_will_lower_does_not_stay_high(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Timer) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Timer, "start", refused)
    lib = Lgpio()
    with pytest.raises(RuntimeError, match="new thread"):
        pin_of(lib).pulse(20)
    assert lib.calls[-2:] == ["on", "off"]


def test_lgpio_is_given_one_thing_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With two records its thread passes over one, and may stand still for ever."""
    now = [100.0]
    monkeypatch.setattr(gpio, "time", SimpleNamespace(monotonic=lambda: now[0]))
    lib = Lgpio()
    for line, at in ((17, 100.0), (27, 100.05), (27, 100.149), (22, 100.151)):
        now[0] = at
        pin = pin_of(lib, line)
        pin.pulse(100)
        assert pin._timer is not None
        pin._timer.cancel()
    waves = [call[0] for call in lib.calls if isinstance(call, tuple)]
    assert waves == [17, 22]
    assert lib.calls.count("on") == 4


async def test_pulse_that_fails_is_an_error() -> None:
    seen = Recorder()
    now = [10**9]
    drawer = GpioDrawer(CONFIG, seen, lambda: now[0])
    async with running(drawer):
        await seen.state("ready")
        good, drawer.pin = drawer.pin, None
        bad = gpio.MockPin(18)
        bad.device.close()  # somebody else took the pin away
        drawer.pin = bad
        drawer.kick("a")
        assert seen.of(KickOutcome) == [KickOutcome("lade", "a", "failed", "gpio")]
        await seen.state("error", "gpio")
        drawer.pin = good
        now[0] += 10**9
        drawer.kick("b")
        await seen.state("ready")


# -- the contact ------------------------------------------------------------------------------------

CONTACT = DrawerConfig("lade", "gpio", pin=17, pulse_ms=50, pin_factory="mock", sensor=True, sensor_pin=27)


def opens(seen: Recorder) -> list[str]:
    """What the contact has told, as long as it was there."""
    return [s.conditions["open"] for s in seen.of(DeviceStatus) if s.conditions]


def contact(drawer: GpioDrawer) -> Any:
    assert drawer.contact is not None
    return drawer.contact.device.pin


@pytest.mark.parametrize(("level", "first", "then"), [("high", "yes", "no"), ("low", "no", "yes")])
async def test_the_contact_tells_whether_it_is_open(level: Any, first: str, then: str) -> None:
    seen = Recorder()
    drawer = GpioDrawer(replace(CONTACT, open_level=level), seen)
    async with running(drawer):
        await seen.state("ready")
        assert opens(seen) == [first], "the pull-up holds it high"
        contact(drawer).drive_low()
        await seen.until(lambda: opens(seen) == [first, then])
        drawer.kick("a")
        assert opens(seen) == [first, then], "a kick is no opening"
        contact(drawer).drive_high()
        await seen.until(lambda: opens(seen) == [first, then, first])
        assert seen.states() == [("opening", ""), *[("ready", "")] * 3]


async def test_a_burst_of_edges_is_told_as_what_it_comes_to() -> None:
    seen = Recorder()
    drawer = GpioDrawer(CONTACT, seen)
    async with running(drawer):
        await seen.state("ready")
        for _ in range(5):
            contact(drawer).drive_low()
            contact(drawer).drive_high()
        contact(drawer).drive_low()
        await seen.until(lambda: opens(seen) == ["yes", "no"])


async def test_edges_come_from_another_thread() -> None:
    seen = Recorder()
    drawer = GpioDrawer(CONTACT, seen)
    async with running(drawer):
        await seen.state("ready")
        await asyncio.to_thread(contact(drawer).drive_low)
        await seen.until(lambda: opens(seen) == ["yes", "no"])


async def test_the_contact_is_debounced_by_the_kernel() -> None:
    """gpiozero's mock pin keeps what it is told; the debouncing itself is the laboratory's."""
    seen = Recorder()
    drawer = GpioDrawer(replace(CONTACT, bounce_ms=35), seen)
    async with running(drawer):
        await seen.state("ready")
        assert contact(drawer).bounce == 0.035
        assert contact(drawer).pull == "up"


async def test_a_contact_that_cannot_be_had_leaves_no_pin_held(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Closes(gpio.MockPin):
        def close(self) -> None:
            super().close()
            closed.append("pin")

    monkeypatch.setitem(gpio.FACTORIES, "mock", Closes)
    seen = Recorder()
    drawer = GpioDrawer(replace(CONTACT, sensor_pin=99), seen)
    async with running(drawer):
        await seen.state("error", "gpio")
        assert drawer.pin is None
        assert closed == ["pin"]


async def test_the_end_gives_the_contact_back() -> None:
    seen = Recorder()
    drawer = GpioDrawer(CONTACT, seen)
    async with running(drawer):
        await seen.state("ready")
        device = contact(drawer)
    assert drawer.contact is None
    device.drive_low()
    await asyncio.sleep(0)
    assert opens(seen) == ["yes"]
