"""kassd.app.wiring: settings become parts, and what the parts report becomes inputs."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kassd import settings as configuration
from kassd.app.seams import Seams
from kassd.app.tse_family import build_tse, sets_itself_up
from kassd.app.wiring import (
    build_devices,
    build_window,
    build_worker,
    device_input,
    hardware,
    tse_input,
)
from kassd.clock import Clock
from kassd.core import inputs
from kassd.core.facts import Wish
from kassd.core.inputs import Input, TseUnavailable
from kassd.core.state import State, TseState
from kassd.core.status import DeviceStatus
from kassd.devices.port import KickOutcome, PrintOutcome, Scan, ScanLost
from kassd.mqtt.broker import Account
from kassd.settings import Settings
from kassd.tse.port import Signed
from kassd.tse.soft import SoftTse
from kassd.tse.worker import Answered, Opened, Surveyed, Unavailable
from tests.broker.mosquitto import Mosquitto

SIGNED = Signed(7, 19, "2026-11-21T11:00:00.000Z", "ab" * 32, "c2ln")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The example, in a folder of our own, its TSE quick."""
    text = configuration.EXAMPLE.replace("/var/lib/kassd", str(tmp_path)).replace("/etc/kassd", str(tmp_path))
    file = tmp_path / "kassd.toml"
    file.write_text(text.replace('driver = "soft"', 'driver = "soft"\nlatency_ms = 0\ncurve = "secp256r1"'))
    return configuration.load(file, {})


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (DeviceStatus("printer", "ready"), inputs.DeviceChanged(DeviceStatus("printer", "ready"))),
        (Scan("s", "main", "400", "]E0"), inputs.Scanned("s", "main", "400", "]E0")),
        (ScanLost("s", "main", "gap"), inputs.ScanFailed("s", "main", "gap")),
        (PrintOutcome("p", "9.0", "unknown", "cut"), inputs.Printed("9.0", "unknown", "cut")),
        (KickOutcome("d", "9.1", "refused", "duty"), inputs.Kicked("9.1", "refused", "duty")),
    ],
)
def test_what_devices_report(event: object, expected: Input) -> None:
    assert device_input(event) == expected


def test_what_no_device_reports_is_an_error() -> None:
    with pytest.raises(TypeError, match="no driver reports str"):
        device_input("scan")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Unavailable("gone", "Weg."), inputs.TseUnavailable("gone", "Weg.")),
        (Surveyed((1, 2)), inputs.TseSurveyed((1, 2))),
        (Surveyed((1, 2), 5), inputs.TseSurveyed((1, 2), 5)),
        (
            Answered("3.0", SIGNED),
            inputs.TseAnswered("3.0", 7, 19, "2026-11-21T11:00:00.000Z", "ab" * 32, "c2ln"),
        ),
        (
            Answered("3.0", error="silent", message="?"),
            inputs.TseAnswered("3.0", error="silent", message="?"),
        ),
        (
            Answered("3.0", error="withdrawn", begun=False),
            inputs.TseAnswered("3.0", error="withdrawn", begun=False),
        ),
    ],
)
def test_what_the_tse_says(event: Any, expected: Input) -> None:
    assert tse_input(event, "KASSE-1") == expected


async def test_the_worker_reports_to_the_register_and_asks_its_state(settings: Settings) -> None:
    heard: list[Input] = []
    state = State(
        outbox={w: Wish(w, "tse.start", {}) for w in ("1.0", "2.0")}, tse=TseState(withdrawn=("2.0",))
    )
    worker = build_worker(settings, Clock(), Seams(), heard.append, lambda: state)
    assert worker is not None
    assert [worker._wanted(wish) for wish in ("1.0", "2.0", "3.0")] == [True, False, False]
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(20):
        while not heard:
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (opened,) = heard
    assert isinstance(opened, inputs.TseOpened)
    info = worker.info
    assert info is not None
    assert opened == tse_input(Opened(info), "KASSE-0007")
    assert (opened.client_id, opened.serial_number) == ("KASSE-0007", info.serial_number)


def test_the_tse_is_set_up_by_itself_in_test_mode_only(settings: Settings, tmp_path: Path) -> None:
    tse = build_tse(settings, Clock())
    assert isinstance(tse, SoftTse)
    assert tse.path == tmp_path / "tse"
    assert tse.latency_s == 0
    assert sets_itself_up(settings) is not None
    without = settings.model_copy(update={"tse": None})
    assert build_tse(without, Clock()) is None
    assert sets_itself_up(without) is None
    assert build_worker(without, Clock(), Seams(), lambda _: None, State) is None


@pytest.mark.parametrize("damage", ["secrets", "file"])
async def test_a_damaged_soft_tse_is_an_outage_and_the_register_starts(
    settings: Settings, tmp_path: Path, damage: str
) -> None:
    assert settings.tse is not None
    folder = settings.tse.path
    assert folder is not None
    if damage == "file":
        folder.write_text("in the way")
    else:
        folder.mkdir()
        (folder / "secrets.json").write_text("garbage")
        (folder / "tse.log").write_text("garbage\n")
    reported: list[Input] = []
    worker = build_worker(settings, Clock(), Seams(), reported.append, State)
    assert worker is not None
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        while not any(isinstance(event, TseUnavailable) for event in reported):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_devices_by_name_and_the_seams_around_them(settings: Settings, tmp_path: Path) -> None:
    wrapped: list[str] = []

    def watch(part: Any) -> Any:
        wrapped.append(part.name)
        return part

    scanners, printers, drawers, encoders = build_devices(
        settings, Seams(printer=watch, drawer=watch), lambda _: None
    )
    assert (list(scanners), list(printers), list(drawers)) == (["scanner"], ["printer"], ["drawer"])
    assert sorted(wrapped) == ["drawer", "printer"]
    assert (encoders["printer"].name, encoders["printer"].columns) == ("TM-T88V", 42)
    bare = settings.model_copy(update={"scanner": (), "printer": (), "drawer": ()})
    assert build_devices(bare, Seams(), lambda _: None) == ({}, {}, {}, {})


async def test_the_window_of_the_configuration(settings: Settings) -> None:
    def build(chosen: Settings) -> Any:
        return build_window(chosen, Seams(), "boot", lambda _: None, lambda _: None, lambda _: None, print)

    window = build(settings)
    assert (window.config.node, window.config.port, window.config.username) == ("demo.kasse-0007", 1883, "")
    assert window.config.password == ""
    without = settings.mqtt.model_copy(update={"local": None})
    assert build(settings.model_copy(update={"mqtt": without})) is None


async def test_a_password_that_is_put_right_needs_no_restart(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Mosquitto(tmp_path, (Account("kassd", "richtig", "kassd"),))
    broker.start()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert settings.mqtt.local is not None
    local = settings.mqtt.local.model_copy(update={"username": "kassd", "port": broker.port})
    guarded = settings.model_copy(update={"mqtt": settings.mqtt.model_copy(update={"local": local})})
    password = tmp_path / "mqtt-local"
    password.write_text("falsch\n")
    troubles: list[str] = []
    window = build_window(
        *(guarded, Seams(), "boot", print, lambda it: troubles.append(it.kind), print, troubles.remove)
    )
    assert window is not None
    task = asyncio.create_task(window.run())

    async def until(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.005)

    try:
        await until(lambda: troubles == ["mqtt-refused"])
        password.unlink()
        losses = window.counters.losses
        await until(lambda: window.counters.losses > losses + 1)  # none is no end either
        troubles[:] = ["mqtt-refused"]
        password.write_text("richtig\n")
        await until(lambda: window.connected)
        assert troubles == [], "and the alert is over"
    finally:
        await window.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        broker.kill()


def test_the_hardware_has_a_name() -> None:
    assert hardware().strip()
    assert "\0" not in hardware()
