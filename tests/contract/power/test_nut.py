"""Network UPS Tools: the driver at the simulated ``upsd``, and the answers by themselves."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from kassd.devices.build import build_power
from kassd.devices.config import PowerConfig
from kassd.devices.port import PowerReading
from kassd.devices.power import nut
from kassd.devices.power.driver import SourceLost
from kassd.devices.power.levels import Reading
from kassd.sim.ups import UpsSim
from tests.devices.support import Recorder, running

SLOW_S = 60.0


@pytest.fixture
async def ups() -> AsyncIterator[UpsSim]:
    sim = UpsSim()
    await sim.start()
    yield sim
    await sim.stop()


def config(ups: UpsSim, device: str = "usv") -> PowerConfig:
    return PowerConfig("nut", device, port=ups.port, poll_s=0.02, voltage="none")


async def test_mains_battery_low_critical_and_back(ups: UpsSim) -> None:
    seen = Recorder()
    (driver,) = build_power(config(ups), seen)
    async with running(driver):
        assert await seen.next(PowerReading, 1, SLOW_S) == PowerReading("mains", 100)
        ups.control(status="OB DISCHRG", charge=63, runtime=2400)
        assert await seen.next(PowerReading, 2, SLOW_S) == PowerReading("battery", 63, 40)
        ups.control(charge=30)
        assert await seen.next(PowerReading, 3, SLOW_S) == PowerReading("low", 30, 40)
        ups.control(status="OB LB")
        assert await seen.next(PowerReading, 4, SLOW_S) == PowerReading("critical", 30, 40)
        ups.control(status="OL CHRG")
        assert await seen.next(PowerReading, 5, SLOW_S) == PowerReading("mains", 30)
    assert seen.states() == [("opening", ""), ("ready", "")]


async def test_a_ups_that_tells_only_its_status(ups: UpsSim) -> None:
    ups.control(charge=None, runtime=None, status="OB")
    seen = Recorder()
    (driver,) = build_power(config(ups), seen)
    async with running(driver):
        assert await seen.next(PowerReading, 1, SLOW_S) == PowerReading("battery")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("DATA-STALE", "stale"),
        ("DRIVER-NOT-CONNECTED", "no_driver"),
        ("ACCESS-DENIED", "permission"),
        ("INVALID-ARGUMENT", "refused"),
    ],
)
async def test_what_upsd_refuses_is_told_with_the_next_step(ups: UpsSim, fault: str, reason: str) -> None:
    ups.control(fault=fault)
    seen = Recorder()
    (driver,) = build_power(config(ups), seen)
    async with running(driver):
        status = await seen.state("error", reason, SLOW_S)
        assert status.message.startswith("USV usv: ")
        ups.control(fault="")
        await seen.state("ready", timeout=SLOW_S)


async def test_another_name(ups: UpsSim) -> None:
    seen = Recorder()
    (driver,) = build_power(config(ups, "keller"), seen)
    async with running(driver):
        assert "upsc -l" in (await seen.state("error", "unknown_ups", SLOW_S)).message


async def test_a_connection_that_ends_leaves_the_level(ups: UpsSim) -> None:
    ups.control(status="OB", charge=20)
    seen = Recorder()
    (driver,) = build_power(config(ups), seen)
    async with running(driver):
        await seen.state("ready", timeout=SLOW_S)
        ups.control(cut=True)
        await seen.state("error", "io", SLOW_S)
        await seen.state("ready", timeout=SLOW_S)
        assert [reading.level for reading in seen.of(PowerReading)] == ["low"]
        await ups.stop()
        await seen.state("error", "unreachable", SLOW_S)
        assert [reading.level for reading in seen.of(PowerReading)] == ["low"]


async def test_another_service_is_told_and_asked_again() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"x" * (4 * nut.LINE_MAX))
        await reader.read()  # until the driver has hung up
        writer.close()

    other = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    seen = Recorder()
    (driver,) = build_power(PowerConfig("nut", "usv", port=port, poll_s=0.02, voltage="none"), seen)
    async with running(driver):
        status = await seen.state("error", "unreachable", SLOW_S)
        assert "host und port in [power] prüfen" in status.message
        other.close()
        ups = UpsSim()
        await ups.start(port=port)
        await seen.state("ready", timeout=SLOW_S)
        await ups.stop()


async def test_what_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nut, "ANSWER_S", 0.05)
    seen = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (driver,) = build_power(PowerConfig("nut", "usv", port=port, voltage="none"), seen)
        async with running(driver):
            await seen.state("error", "io", SLOW_S)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('VAR usv ups.status "OL"', "OL"),
        ('VAR usv ups.status ""', ""),
        ('VAR usv ups.status "a \\"b\\" \\\\"', 'a "b" \\'),
        ("ERR VAR-NOT-SUPPORTED", None),
    ],
)
def test_answers(line: str, value: str | None) -> None:
    assert nut.answer(line + "\n", "usv", "ups.status") == value


@pytest.mark.parametrize(
    "line",
    ["", "VAR", 'VAR usv battery.charge "1"', 'VAR andere ups.status "OL"', "VAR usv ups.status OL", '"'],
)
def test_what_is_no_answer(line: str) -> None:
    with pytest.raises(ValueError, match="unverständlich"):
        nut.answer(line, "usv", "ups.status")


def test_an_error_without_a_code() -> None:
    with pytest.raises(SourceLost) as lost:
        nut.answer("ERR", "usv", "ups.status")
    assert lost.value.reason == "refused"


@pytest.mark.parametrize(
    ("status", "reading"),
    [
        ("OL", Reading(True)),
        ("OL LB", Reading(True)),
        ("OL BYPASS RB", Reading(True)),
        ("OB", Reading(False)),
        ("OB LB", Reading(False, alarm="critical")),
        ("OL FSD", Reading(False, alarm="critical")),
    ],
)
def test_status_words(status: str, reading: Reading) -> None:
    assert nut.reading_of({nut.STATUS: status}) == reading
    assert nut.reading_of({nut.STATUS: status, nut.CHARGE: "nan", nut.RUNTIME: "x"}) == reading


@pytest.mark.parametrize("status", ["WAIT", "", "OFF", "ALARM LB"])
async def test_a_status_that_tells_of_no_power_is_not_the_mains(ups: UpsSim, status: str) -> None:
    """upsd says WAIT whenever it has connected to its driver."""
    seen = Recorder()
    (driver,) = build_power(config(ups), seen)
    async with running(driver):
        await seen.next(PowerReading, 1, SLOW_S)
        ups.control(status="OB DISCHRG", charge=25, runtime=600)
        assert await seen.next(PowerReading, 2, SLOW_S) == PowerReading("low", 25, 10)
        ups.control(status=status)
        await seen.state("error", "no_status")
        ups.control(status="OL CHRG", charge=26)
        assert await seen.next(PowerReading, 3, SLOW_S) == PowerReading("mains", 26)
