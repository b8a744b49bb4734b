"""The times that docs/devices.md names are those that pass: as the drivers have them, in leaping time."""

import asyncio
import itertools
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices.clockwork import leaping, now
from devices.support import Recorder, running
from kassd.devices.build import build_drawer, build_power
from kassd.devices.config import DrawerConfig, PowerConfig, PrinterConfig, TerminalConfig
from kassd.devices.drawer import gpio
from kassd.devices.port import CardAnswer, KickOutcome, PowerReading
from kassd.devices.power import nut
from kassd.devices.printer import driver as printer_driver
from kassd.devices.printer.driver import PrinterDriver
from kassd.devices.printer.transport import FdTransport
from kassd.devices.scale.dialog06 import Refusal, Token
from kassd.devices.scale.session import NotWeighed, weigh
from kassd.devices.terminal.driver import TerminalDriver
from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.messages import Aborted, Completion, RepeatReceipt, StatusEnquiry
from kassd.devices.terminal.zvt.session import NOT_POSSIBLE

PAGE = Path(__file__).parents[2] / "docs/devices.md"
LONG_S = 1000.0
BACKOFF = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]


def said(text: str) -> None:
    """The page says so."""
    assert text in " ".join(PAGE.read_text(encoding="utf-8").split()), "what does the test say now?"


def pauses(times: list[float]) -> list[float]:
    return [round(after - before, 3) for before, after in itertools.pairwise(times)]


class Upsd(asyncio.StreamReader):
    """``upsd`` in memory; notes when it is asked for the status."""

    def __init__(self) -> None:
        super().__init__()
        self.status = "OL"
        self.asked: list[float] = []

    def write(self, data: bytes) -> None:
        name = data.decode().split()[-1]
        if name == nut.STATUS:
            self.asked.append(now())
        self.feed_data(f'VAR usv {name} "{self.status if name == nut.STATUS else 50}"\n'.encode())

    def close(self) -> None:
        """Nothing is held."""


def test_upsd_is_asked_every_half_minute_and_on_battery_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said("| every 30 s, on battery every 10 s |")

    async def scenario() -> None:
        upsd, seen = Upsd(), Recorder()

        async def connect(*_: object, **__: object) -> tuple[Upsd, Upsd]:
            return upsd, upsd

        monkeypatch.setattr(asyncio, "open_connection", connect)
        (driver,) = build_power(PowerConfig("nut", "usv", voltage="none"), seen)
        async with running(driver):
            await asyncio.sleep(65)
            upsd.status = "OB"
            await asyncio.sleep(60)
        assert upsd.asked == [0, 30, 60, 90, 100, 110, 120]
        assert [one.level for one in seen.of(PowerReading)] == ["mains", "battery"]

    leaping(scenario())


def test_the_kernels_supplies_and_the_undervoltage_are_read_every_half_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("`/sys/class/power_supply` | every 30 s |")
    said("the kernel tells it; read every 30 s |")

    async def at_once(function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)

    async def scenario() -> None:
        battery, alarm = tmp_path / "supply/BAT0", tmp_path / "in0_lcrit_alarm"
        battery.mkdir(parents=True)
        for name, text in {"type": "Battery", "status": "Discharging", "capacity": "80"}.items():
            (battery / name).write_text(text)
        alarm.write_text("0\n")  # a file that notifies nobody
        heard: list[tuple[float, PowerReading]] = []

        def report(event: Any) -> None:
            if isinstance(event, PowerReading):
                heard.append((now(), event))

        config = PowerConfig("sysfs", folder=str(tmp_path / "supply"), voltage=str(alarm))
        supplies, voltage = build_power(config, report)
        async with running(supplies), running(voltage):
            await asyncio.sleep(1)
            (battery / "capacity").write_text("79")
            alarm.write_text("1\n")
            await asyncio.sleep(60)
        assert sorted(heard, key=lambda one: (one[0], one[1].weak is None)) == [
            (0, PowerReading(weak=False)),
            (0, PowerReading("battery", 80)),
            (30, PowerReading(weak=True)),
            (30, PowerReading("battery", 79)),
        ]

    monkeypatch.setattr(asyncio, "to_thread", at_once)
    leaping(scenario())


def test_a_supply_that_cannot_be_read_says_so_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("`unreadable`, `io`), tried again after 0.2 s, later every 30 s.")
    tried: list[float] = []

    async def at_once(function: Callable[..., Any], *args: Any) -> Any:
        tried.append(now())
        return function(*args)

    async def scenario() -> None:
        (tmp_path / "BAT0").mkdir()
        for name, text in {"type": "Battery", "capacity": "viel"}.items():
            (tmp_path / "BAT0" / name).write_text(text)
        seen = Recorder()
        (driver,) = build_power(PowerConfig("sysfs", folder=str(tmp_path), voltage="none"), seen)
        async with running(driver):
            await asyncio.sleep(sum(BACKOFF) + 1)
        assert seen.states() == [("opening", ""), ("error", "unreadable")]
        assert pauses(tried) == BACKOFF

    monkeypatch.setattr(asyncio, "to_thread", at_once)
    leaping(scenario())


def test_a_pin_that_cannot_be_had_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said("| a pin that cannot be had | 0.2 s, later every 30 s | tried again |")
    tried: list[float] = []

    def absent(number: int) -> gpio.Pin:
        tried.append(now())
        raise OSError(f"GPIO {number} busy")

    async def scenario() -> None:
        drawer = build_drawer(DrawerConfig("lade", "gpio", pin=17), Recorder(), {})
        async with running(drawer):
            await asyncio.sleep(sum(BACKOFF) + 1)
        assert pauses(tried) == BACKOFF

    monkeypatch.setitem(gpio.FACTORIES, "lgpio", absent)
    leaping(scenario())


def test_a_kick_behind_other_work_waits_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    said("| a kick behind other work of the printer | 3 s | not given any more |")

    async def scenario() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)

        async def connect(_: PrinterConfig) -> FdTransport:
            return Deaf(ours.detach())

        monkeypatch.setattr(printer_driver, "connect", connect)
        seen = Recorder()
        driver = PrinterDriver(PrinterConfig("bon", host="x", confirm="none"), seen, b"\x1bp\x00\x32\xc8")
        async with running(driver):
            await seen.state("ready", timeout=LONG_S)
            driver.send("a", bytes(10_000_000))  # nobody reads it
            await asyncio.sleep(1)
            driver.kick("k")
            assert await seen.next(KickOutcome, 1, LONG_S) == KickOutcome("bon", "k", "failed", "busy")
            assert now() == 4
        theirs.close()

    leaping(scenario())


class Deaf(FdTransport):
    """Takes what fits into the socket and says nothing."""

    answers = False

    def unsent(self) -> int:
        return 0

    async def settle(self) -> bool:
        return False


class SilentScale:
    """Answers nothing, or ``reply`` to everything."""

    def __init__(self, reply: Token | None = None) -> None:
        self.reply = reply
        self.asked: list[float] = []

    async def send(self, data: bytes) -> None:
        self.asked.append(now())

    async def token(self, timeout_s: float) -> Token:
        async with asyncio.timeout(timeout_s):
            while self.reply is None:
                await asyncio.sleep(LONG_S)
        return self.reply

    def flush(self) -> None:
        """Nothing has come."""


def test_a_scale_is_asked_once_more_after_a_second() -> None:
    said("| an answer | 1 | asked once more, then `timeout` |")

    async def scenario() -> None:
        scale = SilentScale()
        with pytest.raises(NotWeighed) as caught:
            await weigh(scale, None, 2490, 0, "Käse")
        assert (scale.asked, now(), caught.value.reason) == ([0, 1], 2, "timeout")

    leaping(scenario())


def test_goods_that_move_are_waited_for() -> None:
    said("| goods that move | 5 |")

    async def scenario() -> None:
        with pytest.raises(NotWeighed) as caught:
            await weigh(SilentScale(Refusal(20)), None, 2490, 0, "Käse")
        assert caught.value.reason == "in_motion"
        assert 5 <= now() < 5.2

    leaping(scenario())


class IdleLine:
    """A line to a terminal that is always there; notes what it is asked when. ``mute``: it does not tell."""

    is_gone = hangs_up = False

    def __init__(self) -> None:
        self.asked: list[tuple[int, float]] = []
        self.mute = False

    async def call(self) -> None:
        """It is there."""

    async def ready(self) -> None:
        """It is there."""

    async def ask(self, request: Apdu, _: object) -> Apdu:
        self.asked.append((request.control, now()))
        if request.control == RepeatReceipt.CONTROL:
            return Aborted(0x9C if self.mute else NOT_POSSIBLE).to_apdu()
        return Completion().to_apdu()

    async def rest(self, wake: asyncio.Event, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """It stays there."""

    def when(self, control: int) -> list[float]:
        return [at for asked, at in self.asked if asked == control]


def terminal(report: Recorder) -> tuple[TerminalDriver, IdleLine]:
    driver, line = TerminalDriver(TerminalConfig("karte", host="x"), report), IdleLine()
    driver._line = line  # type: ignore[assignment]
    return driver, line


def test_an_idle_terminal_is_looked_at_every_half_minute() -> None:
    said("while it is idle it is looked at every 30 s.")

    async def scenario() -> None:
        driver, line = terminal(Recorder())
        async with running(driver):
            await asyncio.sleep(100)
        assert line.when(StatusEnquiry.CONTROL) == [0, 30, 60, 90]

    leaping(scenario())


def test_one_that_does_not_say_is_asked_after_a_second_and_later_every_half_minute() -> None:
    said("it is asked again after 1 s, later every 30 s, without end.")

    async def scenario() -> None:
        seen = Recorder()
        driver, line = terminal(seen)
        async with running(driver):
            await seen.state("ready", timeout=LONG_S)
            line.mute = True
            await asyncio.sleep(10)
            line.asked.clear()
            driver.ask("1.0")
            await asyncio.sleep(200)
            asked = line.when(RepeatReceipt.CONTROL)
            assert pauses(asked) == [1, 2, 4, 8, 16, *[30] * (len(asked) - 6)]
            assert len(asked) > 10
            line.mute = False
            await asyncio.sleep(30)
            assert seen.of(CardAnswer)[-1].found == "none"
            count = len(line.when(RepeatReceipt.CONTROL))
            await asyncio.sleep(100)
            assert len(line.when(RepeatReceipt.CONTROL)) == count, "it has said"

    leaping(scenario())
