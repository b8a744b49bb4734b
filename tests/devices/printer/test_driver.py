"""What the contract suite cannot show on every transport: files, stalls, kicks that come too late, errors."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from devices.printer.peer import KICK, Brain, TcpPeer
from devices.support import Recorder, running
from kassd.devices.config import PrinterConfig
from kassd.devices.port import KickOutcome, PrintOutcome
from kassd.devices.printer import driver as module
from kassd.devices.printer import kicks
from kassd.devices.printer.driver import PrinterDriver

BIG = b"\x1b@" + b"a line of a very long receipt\n" * 300_000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printers here answer faster than real ones, or never."""
    monkeypatch.setattr(module, "ANSWER_S", 0.3)


async def test_file_confirms(tmp_path: Path) -> None:
    seen = Recorder()
    path = tmp_path / "bons"
    printer = PrinterDriver(PrinterConfig("bon", "file", path=str(path)), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", b"first\n" * 2000)
        printer.kick("k")
        assert await seen.next(PrintOutcome) == PrintOutcome("bon", "a", "confirmed")
        data = path.read_bytes()
    assert data.startswith(KICK + b"first\n")
    assert seen.of(KickOutcome) == [KickOutcome("bon", "k", "kicked")]


async def test_file_in_a_missing_folder(tmp_path: Path) -> None:
    seen = Recorder()
    config = PrinterConfig("bon", "file", path=str(tmp_path / "later" / "bons"))
    async with running(PrinterDriver(config, seen)):
        await seen.state("absent")
        (tmp_path / "later").mkdir()
        await seen.state("ready")


async def test_job_larger_than_every_buffer_on_paper_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printer stops reading; the job waits for the known cause, then goes on and is confirmed."""
    monkeypatch.setattr(module, "KICK_WAIT_S", 0.2)
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    config = PrinterConfig(
        "bon", host="127.0.0.1", port=peer.port, stall_timeout_s=0.1, confirm_timeout_s=0.3
    )
    printer = PrinterDriver(config, seen, KICK)
    async with running(printer):
        await seen.state("ready")
        peer.reading.clear()
        printer.send("a", BIG)
        await asyncio.sleep(0.05)
        await peer.change(paper_end=True)
        await seen.state("error", "paper_end")
        printer.kick("k")
        assert await seen.next(KickOutcome) == KickOutcome("bon", "k", "failed", "busy")
        await asyncio.sleep(0.6)  # longer than every time-out
        assert seen.of(PrintOutcome) == []
        peer.brain = _Swallow()
        await peer.change(paper_end=False)
        peer.reading.set()
        assert await seen.next(PrintOutcome, timeout=20) == PrintOutcome("bon", "a", "confirmed")
    await peer.stop()


class _Swallow(Brain):
    """Reads megabytes without looking at each byte, and confirms what asks for it at their end."""

    def __init__(self) -> None:
        super().__init__()
        self.asb = True
        self.tail = b""

    def feed(self, data: bytes) -> bytes:
        self.tail = (self.tail + data)[-11:]
        if self.tail.startswith(b"\x1d(H\x06\x00\x30\x30"):
            return b"\x37\x22" + self.tail[-4:] + b"\x00"
        return b""


async def test_stuck_without_a_reason_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes some bytes and then none, says nothing: shown, given up as unknown, connected anew."""
    monkeypatch.setattr(module, "KICK_WAIT_S", 0.2)
    seen = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as server:
        config = PrinterConfig(
            "bon", host="127.0.0.1", port=server.getsockname()[1], stall_timeout_s=0.2, confirm_timeout_s=0.4
        )
        printer = PrinterDriver(config, seen, KICK)
        async with running(printer):
            await seen.state("ready")
            printer.send("a", BIG)
            await asyncio.sleep(0.1)
            printer.kick("k")
            assert await seen.next(KickOutcome) == KickOutcome("bon", "k", "failed", "busy")
            await seen.state("error", "timeout")
            assert await seen.next(PrintOutcome) == PrintOutcome("bon", "a", "unknown", "interrupted")
            await seen.state("absent")
            await seen.state("ready")  # the backlog takes the next connection


async def test_bytes_never_delivered_end_the_connection() -> None:
    seen = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        config = PrinterConfig(
            "bon", host="127.0.0.1", port=server.getsockname()[1], stall_timeout_s=0.2, confirm_timeout_s=0.4
        )
        printer = PrinterDriver(config, seen)
        async with running(printer):
            await seen.state("ready")
            printer.send("a", bytes(200_000))
            assert await seen.next(PrintOutcome) == PrintOutcome("bon", "a", "unknown", "undelivered")
            await seen.state("absent")


async def test_blocked_printer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer without automatic status: only asking shows that it was refilled."""
    monkeypatch.setattr(module, "POLL_S", 0.1)
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    peer.brain.paper_end = True
    async with running(PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen)):
        await seen.state("error", "paper_end")
        peer.brain.paper_end = False
        await seen.state("ready")
        asked = peer.brain.queries
        await asyncio.sleep(0.3)
        assert peer.brain.queries == asked, "a well printer is left in peace"
    await peer.stop()


async def test_kick_of_another_kind_fails_while_blocked() -> None:
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, b"\x07")
    async with running(printer):
        await seen.state("ready")
        await peer.change(cover_open=True)
        await seen.state("error", "cover_open")
        printer.kick("k")
        assert await seen.next(KickOutcome) == KickOutcome("bon", "k", "failed", "cover_open")
    await peer.stop()


@pytest.mark.parametrize("blocked", [False, True])
async def test_all_drawers_of_a_printer_share_its_duty(blocked: bool) -> None:
    now = [10**9]
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    config = PrinterConfig("bon", host="127.0.0.1", port=peer.port)
    printer = PrinterDriver(config, seen, KICK, lambda: now[0])
    async with running(printer):
        await seen.state("ready")
        if blocked:
            await peer.change(paper_end=True)
            await seen.state("error", "paper_end")
        for job, drawer in ("a", "lade"), ("b", "andere"), ("c", "lade"):
            printer.kick(job, drawer)
        await seen.next(KickOutcome, 3)
        now[0] += 500_000_000
        printer.kick("d", "andere")
        await seen.next(KickOutcome, 4)
        async with asyncio.timeout(60):
            while peer.brain.kicks + peer.brain.realtime_kicks < 2:
                await asyncio.sleep(0.005)
    assert sorted(seen.of(KickOutcome), key=lambda outcome: outcome.job) == [
        KickOutcome("lade", "a", "kicked"),
        KickOutcome("andere", "b", "refused", "duty"),
        KickOutcome("lade", "c", "refused", "duty"),
        KickOutcome("andere", "d", "kicked"),
    ]
    assert (peer.brain.kicks, peer.brain.realtime_kicks) == ((0, 2) if blocked else (2, 0))
    await peer.stop()


async def test_a_kick_that_may_have_been_lost_with_the_printer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed over, and the printer is gone before it can have come to it, or before anybody could tell."""
    monkeypatch.setattr(kicks, "ARRIVAL_S", 60.0)
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        printer.kick("a", "lade")
        await asyncio.wait_for(peer.kicked.wait(), 10)
        assert seen.of(KickOutcome) == []
        await peer.stop()
        assert await seen.next(KickOutcome) == KickOutcome("lade", "a", "unknown", "unplugged")


async def test_a_confirmed_slip_proves_the_kick_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kicks, "ARRIVAL_S", 60.0)
    peer, seen = TcpPeer(), Recorder()
    await peer.start()
    printer = PrinterDriver(PrinterConfig("bon", host="127.0.0.1", port=peer.port), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        printer.kick("a")
        await asyncio.wait_for(peer.kicked.wait(), 10)
        printer.send("b", b"Bon\n")
        assert (await seen.next(PrintOutcome)).result == "confirmed"
        assert seen.of(KickOutcome) == [KickOutcome("bon", "a", "kicked")]
    await peer.stop()


async def test_unknown_host() -> None:
    seen = Recorder()
    async with running(PrinterDriver(PrinterConfig("bon", host="no-such-printer.invalid"), seen)):
        assert (await seen.state("absent", timeout=20)).message


async def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # the tests run as root, for whom every file opens
    seen = Recorder()
    async with running(PrinterDriver(PrinterConfig("bon", "usb", path=str(tmp_path / "lp0")), seen)):
        assert "udev" in (await seen.state("error", "permission")).message
        monkeypatch.undo()
