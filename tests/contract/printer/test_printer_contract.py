"""One suite for every way to a printer that answers: TCP, usblp, serial (both as pty); links good and bad."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kassd.devices.config import PrinterConfig
from kassd.devices.port import KickOutcome, PrintOutcome
from kassd.devices.printer import driver as module
from kassd.devices.printer.commands import ASB_ON, PAPER_STATUS, TORN, resync
from kassd.devices.printer.driver import PrinterDriver
from tests.devices.printer.peer import KICK, PtyPeer, TcpPeer
from tests.devices.support import Recorder, running

JOB = b"\x1b@Backhaus Muster\n" * 40
PATIENT = {"confirm_timeout_s": 8.0, "stall_timeout_s": 4.0, "connect_timeout_s": 8.0}
IMPATIENT = {"confirm_timeout_s": 0.5, "stall_timeout_s": 0.25, "connect_timeout_s": 8.0}
TIMES = dict(PATIENT)  # a test that is `impatient` has the others
AnyPeer = TcpPeer | PtyPeer


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine may be busy: a simulated printer that answers is waited for."""
    monkeypatch.setattr(module, "ANSWER_S", 5.0)


@pytest.fixture
def impatient(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a printer that does not answer, on purpose."""
    monkeypatch.setattr(module, "ANSWER_S", 0.3)
    for name, seconds in IMPATIENT.items():
        monkeypatch.setitem(TIMES, name, seconds)


def make_peer(kind: str, quality: str, folder: Path) -> AnyPeer:
    return TcpPeer(quality) if kind == "tcp" else PtyPeer(folder / "printer", quality)


def config(peer: AnyPeer, kind: str, confirm: str = "process_id") -> PrinterConfig:
    where = (
        {"host": "127.0.0.1", "port": peer.port} if isinstance(peer, TcpPeer) else {"path": str(peer.path)}
    )
    return PrinterConfig("bon", kind, confirm=confirm, **where, **TIMES)  # type: ignore[arg-type]


@pytest.fixture(params=["tcp", "usb", "serial"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["perfect", "bytes", "delayed"])
def quality(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def bad(kind: str, quality: str, tmp_path: Path) -> AsyncIterator[AnyPeer]:
    """A peer over each quality of link."""
    peer = make_peer(kind, quality, tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def peer(kind: str, tmp_path: Path) -> AsyncIterator[AnyPeer]:
    """A peer over a perfect link."""
    peer = make_peer(kind, "perfect", tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


def results(seen: Recorder) -> list[tuple[str, str, str]]:
    return [(o.job, o.result, o.reason) for o in seen.of(PrintOutcome)]


@pytest.mark.parametrize("confirm", ["process_id", "status"])
async def test_jobs_are_confirmed_in_order(bad: AnyPeer, kind: str, confirm: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(bad, kind, confirm), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        printer.send("b", b"second")
        await seen.next(PrintOutcome, 2)
        await seen.state("ready")
    assert results(seen) == [("a", "confirmed", ""), ("b", "confirmed", "")]
    assert bytes(bad.brain.printed) == JOB + b"second"
    assert ("busy", "") in seen.states()
    assert bad.brain.asb, "ESC @ in the job must not end the automatic status"


async def test_cut_in_mid_job_is_unknown_and_what_waits_fails(bad: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(bad, kind), seen)
    async with running(printer):
        await seen.state("ready")
        bad.cut_after = bad.received + len(resync(torn=False)) + 100
        printer.send("a", JOB)
        printer.send("b", JOB)
        await seen.next(PrintOutcome, 2)
        await seen.state("absent")
    assert results(seen) == [("a", "unknown", "interrupted"), ("b", "failed", "unplugged")]


async def test_cut_between_jobs_then_back(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        await peer.stop()
        await seen.state("absent", "unplugged")
        printer.send("a", JOB)
        assert (await seen.next(PrintOutcome)).result == "failed"
        await peer.start()
        await seen.state("ready")
        printer.send("a", JOB)
        assert (await seen.next(PrintOutcome, 2)).result == "confirmed"


async def test_absent_at_start(kind: str, tmp_path: Path) -> None:
    peer = make_peer(kind, "perfect", tmp_path)
    await peer.start()  # reserves the port number
    await peer.stop()
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen, KICK)
    async with running(printer):
        status = await seen.state("absent", "absent")
        assert "Kabel und Strom prüfen" in status.message
        printer.send("a", JOB)
        printer.kick("k")
        assert await seen.next(PrintOutcome) == PrintOutcome("bon", "a", "failed", "absent")
        assert await seen.next(KickOutcome) == KickOutcome("bon", "k", "failed", "absent")
        await peer.start()
        await seen.state("ready")
        assert seen.states() == [("absent", "absent"), ("opening", ""), ("ready", "")]
    await peer.stop()


async def test_paper_out_in_mid_job_and_refilled(bad: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(bad, kind), seen)
    async with running(printer):
        await seen.state("ready")
        bad.brain.paper_end = True  # happens with the first bytes; said by itself a moment later
        printer.send("a", JOB)
        await bad.change(paper_end=True)
        status = await seen.state("error", "paper_end")
        assert "Rolle" in status.message
        await asyncio.sleep(0.9)  # longer than every time-out
        assert results(seen) == []
        await bad.change(paper_end=False)
        assert (await seen.next(PrintOutcome)).result == "confirmed"
        await seen.state("ready")
    assert bytes(bad.brain.printed) == JOB


@pytest.mark.parametrize(
    ("cause", "state"),
    [("paper_end", "error"), ("cover_open", "error"), ("near_end", "degraded")],
)
async def test_conditions_are_shown_and_gone(peer: AnyPeer, kind: str, cause: str, state: str) -> None:
    seen = Recorder()
    async with running(PrinterDriver(config(peer, kind), seen)):
        await seen.state("ready")
        await peer.change(**{cause: True})
        assert (await seen.state(state, cause)).message
        await peer.change(**{cause: False})
        await seen.state("ready")


async def test_condition_at_start(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    peer.brain.cover_open = True
    async with running(PrinterDriver(config(peer, kind), seen)):
        await seen.state("error", "cover_open")
    assert ("ready", "") not in seen.states()


async def test_job_before_a_known_trouble_is_not_begun(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        await peer.change(paper_end=True)
        await seen.state("error", "paper_end")
        printer.send("a", JOB)
        await seen.next(PrintOutcome)
        assert results(seen) == [("a", "failed", "paper_end")]
        await peer.change(paper_end=False)
        await seen.state("ready")
        printer.send("a", JOB)
        await seen.next(PrintOutcome, 2)
    assert results(seen)[1] == ("a", "confirmed", "")
    assert bytes(peer.brain.printed) == JOB


async def test_old_news_do_not_hold_a_job_back(peer: AnyPeer, kind: str) -> None:
    """The printer was refilled while its automatic status was off (switched off and on)."""
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        await peer.change(paper_end=True)
        await seen.state("error", "paper_end")
        peer.brain.asb = False
        await peer.change(paper_end=False)
        printer.send("a", JOB)
        assert (await seen.next(PrintOutcome)).result == "confirmed"


@pytest.mark.usefixtures("impatient")
async def test_printer_that_never_answers_prints(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    peer.brain.mute = True
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        printer.send("b", b"second")
        await seen.next(PrintOutcome, 2)
        await seen.state("ready")
        assert results(seen) == [("a", "unknown", "unconfirmed"), ("b", "unknown", "unconfirmed")]
        async with asyncio.timeout(20):
            while bytes(peer.brain.printed) != JOB + b"second":
                await asyncio.sleep(0.01)


async def test_printer_that_cannot_be_asked_is_not_asked(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind, "none"), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        await seen.next(PrintOutcome)
        await asyncio.sleep(0.05)
    assert results(seen) == [("a", "unknown", "unconfirmed")]
    assert bytes(peer.brain.printed) == JOB
    assert peer.received == len(resync(torn=False)) + len(JOB)


@pytest.mark.usefixtures("impatient")
async def test_printer_that_falls_silent_in_mid_job(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        peer.brain.dead = True
        printer.send("a", JOB)
        await seen.state("error", "timeout")
        await seen.next(PrintOutcome)
        printer.send("b", JOB)  # known not to answer: not begun
        await seen.next(PrintOutcome, 2)
        assert results(seen) == [("a", "unknown", "silent"), ("b", "failed", "timeout")]
        peer.brain.dead = False
        printer.send("c", b"third")  # asked again, it answers
        assert (await seen.next(PrintOutcome, 3)).result == "confirmed"


@pytest.mark.usefixtures("impatient")
async def test_late_answer_of_an_old_job_confirms_no_new_one(peer: AnyPeer, kind: str) -> None:
    for confirm in ("process_id", "status"):
        seen = Recorder()
        printer = PrinterDriver(config(peer, kind, confirm), seen)
        async with running(printer):
            await seen.state("ready")
            peer.brain.no_process_id = True
            hold = peer.brain._command
            peer.brain._command = lambda: None  # type: ignore[method-assign]  # a very slow mechanism
            printer.send("a", b"first")
            await seen.next(PrintOutcome)
            printer.send("b", b"second")
            while b"second" not in peer.brain._input:
                await asyncio.sleep(0.005)
            peer.brain._command = hold  # type: ignore[method-assign]
            peer.brain.no_process_id = False
            await peer.change()
            await seen.next(PrintOutcome, 2)
        assert results(seen) == [("a", "unknown", "timeout"), ("b", "confirmed", "")], confirm


async def test_kick_overtakes_waiting_jobs(bad: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(bad, kind), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        for name in "ab":
            printer.send(name, JOB)
        printer.kick("k")
        await seen.next(PrintOutcome, 2)
    kinds = [type(e).__name__ for e in seen.events if isinstance(e, PrintOutcome | KickOutcome)]
    assert kinds == ["KickOutcome", "PrintOutcome", "PrintOutcome"]
    assert seen.of(KickOutcome) == [KickOutcome("bon", "k", "kicked")]
    assert bad.brain.kicks == 1


async def test_kick_while_a_job_waits_for_paper_is_given_in_real_time(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        peer.brain.paper_end = True
        printer.send("a", JOB)
        await peer.change()
        await seen.state("error", "paper_end")
        printer.kick("k", "schublade")
        assert await seen.next(KickOutcome) == KickOutcome("schublade", "k", "kicked")
        await asyncio.sleep(0.05)
        assert (peer.brain.kicks, peer.brain.realtime_kicks) == (0, 1)


async def test_kick_without_bytes(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        printer.kick("k")
        assert await seen.next(KickOutcome) == KickOutcome("bon", "k", "failed", "not_configured")


async def test_stopping_reports_what_was_under_way_and_closes(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    fds = len(os.listdir("/proc/self/fd"))
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        peer.brain.dead = True
        printer.send("a", JOB)
        printer.send("b", JOB)
        await asyncio.sleep(0.1)
    assert results(seen) == [("a", "unknown", "interrupted"), ("b", "failed", "unplugged")]
    await asyncio.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) <= fds


@pytest.mark.usefixtures("impatient")
async def test_a_printer_that_knows_no_process_id_is_asked_for_its_paper(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    peer.brain.no_process_id = True
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        await seen.next(PrintOutcome)
        printer.send("b", b"second")
        await seen.next(PrintOutcome, 2)
    assert results(seen) == [("a", "unknown", "timeout"), ("b", "confirmed", "")]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("confirm", ["process_id", "status"])
async def test_a_job_that_the_printer_has_forgotten_is_lost(
    peer: AnyPeer, kind: str, confirm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was off and on between the last byte and the paper, and the line has not noticed."""
    monkeypatch.setattr(module, "ANSWER_S", 5.0)  # it answers what it is asked by DLE EOT
    seen = Recorder()
    end = {"process_id": b"\x1d(H\x06\x00\x30\x30", "status": b"\x1dr\x01\x1dr\x01"}[confirm]
    printer = PrinterDriver(config(peer, kind, confirm), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("proof", b"first")
        await seen.next(PrintOutcome)
        hold = peer.brain._command
        peer.brain._command = lambda: None  # type: ignore[method-assign]
        printer.send("a", JOB)
        await seen.state("busy")
        while end not in peer.brain._input:
            await asyncio.sleep(0.01)
        peer.brain._input.clear()
        peer.brain._command = hold  # type: ignore[method-assign]
        await seen.next(PrintOutcome, 2)
        printer.send("b", b"second")
        await seen.next(PrintOutcome, 3)
    assert results(seen) == [("proof", "confirmed", ""), ("a", "unknown", "lost"), ("b", "confirmed", "")]


async def test_what_broke_off_is_ended_and_marked_before_anything_else(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen, KICK)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", b"first")
        await seen.next(PrintOutcome)
        peer.cut_after = peer.received + 100
        printer.send("b", JOB)
        await seen.next(PrintOutcome, 2)
        printed = bytes(peer.brain.printed)
        assert printed.count(b"Abgebrochen") == 0
        await peer.stop()
        await peer.start()
        await seen.state("ready")
        printer.send("b", JOB)
        await seen.next(PrintOutcome, 3)
        printer.send("c", b"third")
        await seen.next(PrintOutcome, 4)
    assert results(seen)[1:] == [
        ("b", "unknown", "interrupted"),
        ("b", "confirmed", ""),
        ("c", "confirmed", ""),
    ]
    assert bytes(peer.brain.printed)[len(printed) :] == (
        b"\x1b@" + TORN.replace(b"\0", b"") + JOB + b"third"  # this peer drops every NUL
    )


@pytest.mark.usefixtures("impatient")
async def test_a_printer_that_has_answered_is_not_taken_for_a_mute_one(peer: AnyPeer, kind: str) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        await peer.stop()
        await seen.state("absent", "unplugged")
        peer.brain.dead = True  # stuck: takes the connection and every byte
        await peer.start()
        status = await seen.state("error", "timeout")
        assert "antwortet nicht" in status.message
        printer.send("a", JOB)
        assert (await seen.next(PrintOutcome)).result == "failed"


async def proven(seen: Recorder, printer: PrinterDriver) -> None:
    """It has confirmed a slip."""
    await seen.state("ready")
    printer.send("proof", b"proof")
    assert (await seen.next(PrintOutcome)).result == "confirmed"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("noise", "why"),
    [(b"\x00", "lost"), (b"\x00\x00", "lost"), (b"\x00\x00\x00", "noise"), (b"\x7f", "lost")],
)
async def test_noise_confirms_nothing(peer: AnyPeer, kind: str, noise: bytes, why: str) -> None:
    """The printer is there and answers what is asked in real time, but not what comes after the slip."""
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    async with running(printer):
        await proven(seen, printer)
        peer.brain.no_paper_status = True
        printer.send("a", JOB)
        async with asyncio.timeout(20):
            while peer.brain.paper_queries < 5:
                await asyncio.sleep(0.005)
        await peer.noise(noise)
        await seen.next(PrintOutcome, 2)
        peer.brain.no_paper_status = False
        printer.send("b", b"third")
        await seen.next(PrintOutcome, 3)
    assert results(seen)[1:] == [("a", "unknown", why), ("b", "confirmed", "")]


async def test_one_that_merges_two_answers_confirms_every_slip(
    peer: AnyPeer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is asked for once more; from the second on one question follows the other's answer."""
    monkeypatch.setitem(TIMES, "stall_timeout_s", 0.5)  # then it has answered what it answers
    seen = Recorder()
    peer.brain.merges = True
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    asked = []
    async with running(printer):
        await seen.state("ready")
        for number, job in enumerate("abc", 1):
            printer.send(job, JOB)
            await seen.next(PrintOutcome, number, 90)
            asked.append(peer.brain.paper_queries)
    assert results(seen) == [(job, "confirmed", "") for job in "abc"]
    assert asked == [4, 7, 10]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("nuls", [1, 2, 5])
async def test_the_falling_line_of_a_printer_that_is_switched_off_confirms_nothing(
    peer: AnyPeer, kind: str, nuls: int
) -> None:
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    async with running(printer):
        await proven(seen, printer)
        peer.brain.dead = True
        before = peer.received
        printer.send("a", JOB)
        async with asyncio.timeout(20):
            while peer.received < before + len(JOB + ASB_ON * 2 + PAPER_STATUS * 2):
                await asyncio.sleep(0.005)
        await peer.noise(bytes(nuls))
        assert (await seen.next(PrintOutcome, 2)).result == "unknown"
        assert (await seen.state("error", "timeout")).message
        assert JOB not in bytes(peer.brain.printed)


@pytest.mark.parametrize("known", [False, True], ids=["first slip", "it merges"])
@pytest.mark.parametrize("kind", ["serial"], indirect=True)
async def test_one_byte_of_a_line_that_falls_confirms_nothing_when_the_printer_is_on_again(
    peer: AnyPeer, kind: str, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has forgotten the slip, answers everything else, and the line stayed open. What is sent to it while
    it is off waits for it, as with flow control."""
    monkeypatch.setattr(module, "ANSWER_S", 0.5)
    monkeypatch.setitem(TIMES, "stall_timeout_s", 1.0)
    seen = Recorder()
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    peer.brain.merges = known
    async with running(printer):
        if known:
            await proven(seen, printer)
        await seen.state("ready")
        peer.brain.dead = True
        before, slips = peer.received, len(results(seen))
        printer.send("a", JOB)
        asked = PAPER_STATUS if known else resync(torn=False) + PAPER_STATUS * 2
        async with asyncio.timeout(20):
            while peer.received < before + len(JOB + ASB_ON * 2 + asked):
                await asyncio.sleep(0.005)
        peer.reading.clear()
        await peer.noise(b"\x00")
        await asyncio.sleep(0.8)  # as fast as nobody switches off and on
        peer.brain.dead = False
        peer.reading.set()
        assert (await seen.next(PrintOutcome, slips + 1)).result == "unknown"
        assert JOB not in bytes(peer.brain.printed)
        printer.send("b", b"KOPIE")
        assert (await seen.next(PrintOutcome, slips + 2, 60)).result == "confirmed"


async def test_a_printer_that_goes_on_without_paper_confirms_nothing(
    peer: AnyPeer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.1)
    seen = Recorder()
    peer.brain.blind = peer.brain.no_asb = True
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    async with running(printer):
        await proven(seen, printer)
        peer.brain.paper_end = True
        printer.send("a", JOB)
        await seen.next(PrintOutcome, 2)
        await seen.state("error", "paper_end")
        peer.brain.paper_end = False
        await seen.state("ready")
        printer.send("a", JOB)
        await seen.next(PrintOutcome, 3)
    assert results(seen)[1:] == [("a", "unknown", "paper_end"), ("a", "confirmed", "")]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("confirm", ["process_id", "status"])
async def test_a_printer_that_knows_a_part_of_the_status_prints(
    bad: AnyPeer, kind: str, confirm: str
) -> None:
    seen = Recorder()
    bad.brain.kinds, bad.brain.no_asb = {1, 4}, True
    bad.brain.near_end = True
    printer = PrinterDriver(config(bad, kind, confirm), seen)
    async with running(printer):
        status = await seen.state("degraded", "near_end", timeout=20)
        told = {name: known for name, known in status.conditions.items() if known != "unknown"}
        assert told == {"offline": "no", "near_end": "yes", "paper_end": "no"}
        printer.send("a", JOB)
        assert (await seen.next(PrintOutcome, timeout=20)).result == "confirmed"
        bad.brain.dead = True  # what it knew it does not answer any more: this one is silent
        printer.send("b", JOB)
        await seen.next(PrintOutcome, 2, timeout=20)
        await seen.state("error", "timeout")
    assert results(seen) == [("a", "confirmed", ""), ("b", "unknown", "silent")]


@pytest.mark.usefixtures("impatient")
async def test_a_printer_that_knows_nothing_of_the_status_prints(peer: AnyPeer, kind: str) -> None:
    """It tells changes by itself and confirms slips: it is not dead for not answering DLE EOT."""
    seen = Recorder()
    peer.brain.kinds = set()
    printer = PrinterDriver(config(peer, kind), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        assert (await seen.next(PrintOutcome)).result == "confirmed"
        await peer.change(cover_open=True)
        await seen.state("error", "cover_open")
        await peer.change(cover_open=False)
        await seen.state("ready")
    assert ("error", "timeout") not in seen.states()


@pytest.mark.usefixtures("impatient")
async def test_without_realtime_status_two_bytes_are_no_confirmation(peer: AnyPeer, kind: str) -> None:
    """It answers GS r only: its slips end like those of a printer that answers nothing."""
    seen = Recorder()
    peer.brain.kinds = set()
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        await seen.next(PrintOutcome)
        await seen.state("ready")
    assert results(seen) == [("a", "unknown", "unconfirmed")]


@pytest.mark.usefixtures("impatient")
async def test_half_an_answer_to_the_first_slip_is_none(peer: AnyPeer, kind: str) -> None:
    """Nobody knows yet whether this printer confirms: what has answered once knows the question."""
    seen = Recorder()
    peer.brain.no_paper_status = True
    printer = PrinterDriver(config(peer, kind, "status"), seen)
    async with running(printer):
        await seen.state("ready")
        printer.send("a", JOB)
        async with asyncio.timeout(20):
            while peer.brain.paper_queries < 2:
                await asyncio.sleep(0.005)
        await peer.noise(b"\x00")
        await seen.next(PrintOutcome)
    assert results(seen) == [("a", "unknown", "lost")]
