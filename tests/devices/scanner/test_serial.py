"""The serial driver against the scanner simulator on a pseudo terminal."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.support import Recorder, running
from kassd.devices.config import ScannerConfig
from kassd.devices.port import Scan, ScanLost
from kassd.devices.scanner.serial import SerialScanner
from kassd.devices.serialport import close_port, open_port
from kassd.sim.scanner import ScannerSim

EAN = "4006381333931"


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[ScannerSim]:
    with ScannerSim(tmp_path / "scanner") as sim:
        yield sim


def config(sim: ScannerSim, **more: object) -> ScannerConfig:
    return ScannerConfig(name="scan", port=str(sim.path), **more)  # type: ignore[arg-type]


async def test_scan(sim: ScannerSim) -> None:
    seen = Recorder()
    async with running(SerialScanner(config(sim, station="bar"), seen)):
        await seen.state("ready")
        sim.scan("]E0" + EAN)
        assert await seen.next(Scan) == Scan("scan", "bar", EAN, "]E0")
        assert seen.states() == [("opening", ""), ("ready", "")]


@pytest.mark.parametrize("suffix", ["\r", "\n", "\r\n"])
async def test_suffixes(tmp_path: Path, suffix: str) -> None:
    seen = Recorder()
    with ScannerSim(tmp_path / "scanner", suffix) as sim:
        async with running(SerialScanner(config(sim), seen)):
            await seen.state("ready")
            sim.scan("111")
            sim.scan("222")
            await seen.next(Scan, 2)
    assert [scan.text for scan in seen.of(Scan)] == ["111", "222"]


async def test_byte_by_byte(sim: ScannerSim) -> None:
    seen = Recorder()
    async with running(SerialScanner(config(sim), seen)):
        await seen.state("ready")
        await asyncio.to_thread(sim.trickle, EAN, 0.002)
        assert (await seen.next(Scan)).text == EAN
    assert len(seen.of(Scan)) == 1


async def test_scanner_without_suffix(tmp_path: Path) -> None:
    seen = Recorder()
    with ScannerSim(tmp_path / "scanner", suffix="") as sim:
        async with running(SerialScanner(config(sim), seen)):
            await seen.state("ready")
            sim.scan(EAN)
            assert (await seen.next(Scan)).text == EAN


async def test_half_code_of_a_scanner_with_suffix_is_lost(sim: ScannerSim) -> None:
    seen = Recorder()
    async with running(SerialScanner(config(sim), seen)):
        await seen.state("ready")
        sim.scan(EAN)
        await seen.next(Scan)
        sim.half(EAN)
        assert (await seen.next(ScanLost)).reason == "timeout"
        sim.send(b"333931\r")  # the late rest
        sim.scan("777")
        assert (await seen.next(Scan, 2)).text == "777"


async def test_absent_at_start(tmp_path: Path) -> None:
    seen = Recorder()
    path = tmp_path / "scanner"
    async with running(SerialScanner(ScannerConfig(name="scan", port=str(path)), seen)):
        status = await seen.state("absent")
        assert status.reason == "absent"
        assert status.message
        assert status.since.endswith("Z")
        with ScannerSim(path) as sim:
            await seen.state("ready")
            sim.scan(EAN)
            assert (await seen.next(Scan)).text == EAN


async def test_unplugged_in_mid_scan_and_replugged(sim: ScannerSim) -> None:
    seen = Recorder()
    async with running(SerialScanner(config(sim, end="suffix", gap_ms=2000), seen)):
        await seen.state("ready")
        sim.half(EAN)
        await asyncio.sleep(0.05)
        sim.unplug()
        await seen.state("absent", "unplugged")
        assert seen.of(ScanLost) == [ScanLost("scan", "main", "unplugged")]
        sim.plug()
        await seen.state("ready")
        sim.scan(EAN)
        assert (await seen.next(Scan)).text == EAN
    assert seen.states() == [
        ("opening", ""),
        ("ready", ""),
        ("absent", "unplugged"),
        ("opening", ""),
        ("ready", ""),
    ]


@pytest.mark.parametrize("end", ["auto", "gap", "suffix"])
async def test_a_loop_that_is_late_is_no_pause_of_the_scanner(sim: ScannerSim, end: str) -> None:
    """All bytes waited in the kernel meanwhile: the code is whole."""
    seen = Recorder()
    async with running(SerialScanner(config(sim, end=end), seen)):
        await seen.state("ready")
        typing = asyncio.create_task(asyncio.to_thread(sim.trickle, EAN, 0.004))
        await asyncio.sleep(0.02)
        time.sleep(0.1)  # noqa: ASYNC251  # three times the pause that ends a code
        await typing
        assert (await seen.next(Scan)).text == EAN
    assert not seen.of(ScanLost)


async def test_opened_in_the_middle_of_a_scan(sim: ScannerSim) -> None:
    """As after a restart of the register: the tail of a code is none, whatever its length."""
    seen = Recorder()
    async with running(SerialScanner(config(sim, end="suffix", gap_ms=2000), seen)):
        await seen.state("opening")
        sim.scan(EAN[7:])
        assert await seen.next(ScanLost) == ScanLost("scan", "main", "opened")
        await seen.state("ready")
        sim.scan(EAN)
        assert (await seen.next(Scan)).text == EAN
    assert len(seen.of(Scan)) == 1


async def test_hang_up_is_no_busy_loop(sim: ScannerSim) -> None:
    seen = Recorder()
    async with running(SerialScanner(config(sim), seen)):
        await seen.state("ready")
        sim.unplug()
        await seen.state("absent")
        before = time.process_time()
        await asyncio.sleep(0.5)
        assert time.process_time() - before < 0.25


async def test_flood(sim: ScannerSim) -> None:
    seen = Recorder()
    codes = [f"{n:013d}" for n in range(500)]
    async with running(SerialScanner(config(sim), seen)):
        await seen.state("ready")
        await asyncio.to_thread(lambda: [sim.scan(code) for code in codes])
        await seen.next(Scan, len(codes))
    assert [scan.text for scan in seen.of(Scan)] == codes


async def test_port_of_somebody_else(sim: ScannerSim) -> None:
    seen = Recorder()
    other = open_port(str(sim.path), 9600)
    try:
        async with running(SerialScanner(config(sim), seen)):
            assert (await seen.state("error", "claimed")).message
            close_port(other)
            await seen.state("ready")
    finally:
        close_port(other)


@pytest.mark.parametrize(
    ("beep", "error", "heard"), [("bel", True, b"\x07"), ("bel", False, b""), ("none", True, b"")]
)
async def test_beep(sim: ScannerSim, beep: str, error: bool, heard: bytes) -> None:
    seen = Recorder()
    scanner = SerialScanner(config(sim, beep=beep), seen)
    await scanner.beep(error)  # nothing is open: nothing happens
    async with running(scanner):
        await seen.state("ready")
        await scanner.beep(error)
        await asyncio.sleep(0.05)
        assert sim.heard() == heard


async def test_stopping_closes_the_port(sim: ScannerSim) -> None:
    fds = len(os.listdir("/proc/self/fd"))
    seen = Recorder()
    async with running(SerialScanner(config(sim), seen)):
        await seen.state("ready")
    assert len(os.listdir("/proc/self/fd")) <= fds
