"""kassd.app.watch: the watchdog is fed only while something gets on."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kassd.app.watch import Watch
from kassd.core.inputs import Tick
from kassd.journal import Journal
from kassd.supervise import Supervisor
from tests.app.kit import Bench, Disk, process


class Guarded:
    def __init__(self, bench: Bench, disk: Disk) -> None:
        self.bench, self.disk = bench, disk
        self.supervisor = Supervisor()
        self.watch = Watch(bench.register, bench.journal, self.supervisor)


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        yield Guarded(bench, disk)


async def test_idle_is_not_stuck(guarded: Guarded) -> None:
    assert [guarded.watch.stuck() for _ in range(3)] == ["", "", ""]


async def test_a_disk_that_hangs_is_noticed_at_the_second_look(guarded: Guarded) -> None:
    guarded.disk.slow()
    guarded.bench.command("till.open", counted=0)
    await guarded.bench.until(guarded.disk.blocked.is_set)
    assert guarded.watch.stuck() == "", "a write may take its time"
    assert guarded.watch.stuck() == "the journal does not get on"
    guarded.disk.fast()
    await guarded.bench.until(lambda: guarded.bench.replies)
    await guarded.bench.quiet()
    assert guarded.watch.stuck() == ""


async def test_a_register_that_hangs_is_noticed(guarded: Guarded) -> None:
    task = guarded.bench.task
    assert task is not None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    guarded.bench.register.post(Tick())
    assert guarded.watch.stuck() == ""
    assert guarded.watch.stuck() == "the register's loop does not get on"


async def test_a_dead_essential_task_is_noticed_a_dead_printer_is_not(guarded: Guarded) -> None:
    async def fail() -> None:
        raise OSError

    async def end() -> None:
        return

    await guarded.supervisor.start("register", fail, essential=True)
    await guarded.supervisor.start("printer.bar", end)
    assert guarded.watch.stuck() == "register is dead"


async def test_a_dead_writer_is_noticed_at_once(guarded: Guarded) -> None:
    guarded.disk.error = OSError(5, "Input/output error")
    guarded.bench.command("till.open", counted=0)
    assert guarded.bench.task is not None
    await asyncio.wait((guarded.bench.task,), timeout=20)
    guarded.bench.journal._writer.thread.join(60)
    assert guarded.watch.stuck() == "the journal's thread is dead"


async def test_without_a_watchdog_there_is_nothing_to_do(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    await asyncio.wait_for(guarded.watch.run(), 20)


async def test_systemd_is_fed_until_something_is_stuck(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "notify"
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        server.setblocking(False)
        run = asyncio.create_task(guarded.watch.run())
        loop = asyncio.get_running_loop()
        for _ in range(2):
            assert await asyncio.wait_for(loop.sock_recv(server, 100), 60) == b"WATCHDOG=1"
        guarded.disk.slow()
        guarded.bench.command("till.open", counted=0)
        with caplog.at_level(logging.CRITICAL):
            await guarded.bench.until(lambda: "watchdog not fed: the journal does not get on" in caplog.text)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    assert isinstance(guarded.bench.journal, Journal)
