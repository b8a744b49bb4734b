"""The link over a bad wire: each call gets its own answer or an error, and the next one works."""

import threading
import time
from collections.abc import Iterator

import pytest

from kassd.errors import TseBusy, TseError, TseGone, TseSilent
from kassd.sim.tse.cryptovision import CryptovisionSim
from kassd.tse.cryptovision.codec import Code, Config, Mode, Status, command, short
from kassd.tse.cryptovision.exports import export_data
from kassd.tse.cryptovision.link import Link
from kassd.tse.port import ExportFilter
from kassd.tse.soft import Fault
from tests.tse.cryptovision.kit import Play, answered, read, ready, written

LIFE_CYCLE = command(Code.GET_STATUS, short(Status.LIFE_CYCLE))
MAX_CLIENTS = command(Code.GET_CONFIG_DATA, short(Config.MAX_CLIENTS))
FACTORY, CLIENTS = (b"\0\1",), (b"\0\0\0\x64",)


@pytest.fixture
def link(sim: CryptovisionSim) -> Iterator[Link]:
    made = Link(sim.volume.mountpoint, timeout_s=0.3, drain_s=0.5)
    made.open()
    made.suspend(Mode.DISABLE_SUSPEND)
    made.call(command(Code.START))
    yield made
    made.close()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("busy", ms=150, times=1),
        Fault("token_kept", ms=150, times=1),
        Fault("zero_header", ms=150, times=1),
        Fault("short_fragments"),
        Fault("late", ms=150, times=1),
    ],
    ids=lambda fault: fault.kind,
)
def test_survived_without_help(sim: CryptovisionSim, link: Link, fault: Fault) -> None:
    sim.core.faults.set(fault)
    assert link.call(LIFE_CYCLE) == FACTORY
    assert link.call(MAX_CLIENTS) == CLIENTS


@pytest.mark.parametrize(
    "fault",
    [
        Fault("busy", ms=400, times=1),
        Fault("token_kept", ms=400, times=1),
        Fault("zero_header", ms=400, times=1),
        Fault("late", ms=400, times=1),
        Fault("silent", times=1),
        Fault("lost", times=1),
        Fault("foreign_header", times=1),
        Fault("controller_timeout", times=1),
        Fault("controller_error", times=1),
    ],
    ids=lambda fault: fault.kind,
)
def test_the_call_after_a_silent_one_gets_its_own_answer(
    sim: CryptovisionSim, link: Link, fault: Fault
) -> None:
    sim.core.faults.set(fault)
    with pytest.raises(TseSilent):
        link.call(LIFE_CYCLE)
    assert link.call(MAX_CLIENTS) == CLIENTS
    assert link.call(LIFE_CYCLE) == FACTORY


def test_a_device_busy_for_ever_is_silent_at_every_call_and_well_afterwards(
    sim: CryptovisionSim, link: Link
) -> None:
    sim.core.faults.set(Fault("silent"))
    for _ in range(3):
        with pytest.raises(TseSilent):
            link.call(LIFE_CYCLE)
    sim.core.faults.set()
    assert link.call(MAX_CLIENTS) == CLIENTS


def test_hanging_up_and_opening_again(sim: CryptovisionSim, link: Link) -> None:
    sim.core.faults.set(Fault("hang_up", times=1))
    for _ in range(2):
        with pytest.raises(TseGone):
            link.call(LIFE_CYCLE)
    link.open()
    link.suspend(Mode.DISABLE_SUSPEND)
    assert link.call(LIFE_CYCLE) == FACTORY


def test_pulled_while_it_works(sim: CryptovisionSim, link: Link) -> None:
    sim.core.faults.set(Fault("busy", ms=200, times=1))
    puller = threading.Timer(0.05, lambda: sim.core.faults.set(Fault("gone")))
    puller.start()
    with pytest.raises(TseGone, match="steckt"):
        link.call(LIFE_CYCLE)
    puller.join()
    with pytest.raises(TseGone):
        link.open()
    sim.core.faults.set()
    link.open()
    with pytest.raises(TseGone, match="ohne Strom"):
        link.call(LIFE_CYCLE)
    link.call(command(Code.START))
    assert link.call(LIFE_CYCLE) == FACTORY


def test_not_opened(sim: CryptovisionSim) -> None:
    link = Link(sim.volume.mountpoint, 0.3, 0.5)
    with pytest.raises(TseGone, match="nicht geöffnet"):
        link.call(LIFE_CYCLE)
    assert not link.settled


async def test_a_fragment_that_is_lost(sim: CryptovisionSim, link: Link) -> None:
    sim.core.faults.set(
        Fault("short_fragments"), Fault("fragment_lost", calls=("fragment",), skip=3, times=1)
    )
    with pytest.raises(TseSilent, match="Fortsetzung"):
        link.call(command(Code.GET_CERTIFICATES))
    sim.core.faults.set()
    assert link.call(LIFE_CYCLE) == FACTORY


async def test_another_call_ends_a_stream_and_cancels_it(sim: CryptovisionSim, link: Link) -> None:
    link.close()
    async with ready(sim):
        pass
    link.open()
    link.call(command(Code.START))
    sim.core.faults.set(Fault("short_fragments"))
    stream = link.begin_export(export_data(ExportFilter()))
    assert len(link.more(stream, 1000)) == 100
    sim.mailbox.log.clear()
    assert link.call(MAX_CLIENTS) == CLIENTS
    assert sim.mailbox.log == [b"\xc4", MAX_CLIENTS]
    with pytest.raises(TseError, match="unterbrochen"):
        link.more(stream, 1000)
    assert link.call(LIFE_CYCLE) == (b"\0\2",)


def test_the_guard_file_is_made_once_and_read(sim: CryptovisionSim, link: Link) -> None:
    link.guard()
    link.guard()
    guard = sim.volume.mountpoint / "TSE-GUARD.bin"
    assert guard.stat().st_size == 512
    sim.core.faults.set(Fault("gone"))
    with pytest.raises(TseGone):
        link.guard()


def test_polling_waits_no_longer_than_it_must(sim: CryptovisionSim, link: Link) -> None:
    sim.core.faults.set(Fault("busy", ms=100))
    waits = []
    for _ in range(9):
        began = time.monotonic()
        link.call(LIFE_CYCLE)
        waits.append(time.monotonic() - began)
    assert 0.1 <= sorted(waits)[4] < 0.13


def test_what_lies_behind_the_answer_is_not_read(play: Play) -> None:
    """As recorded: the end of the command still stands behind the shorter answer."""
    stale = bytes.fromhex("5c540012000503000200 04") + bytes.fromhex("0200010f") * 100
    answer = bytes.fromhex("0005 020002 0003")
    folder, _ = play(
        [
            ("write", written("5c54001200050300020004")),
            ("read", read(7, answer + stale)),
            ("write", written("5c54001200050300020004")),
            ("read", answered("8009")),
        ]
    )
    link = Link(folder, 1.0, 1.0)
    link.open()
    assert link.call(LIFE_CYCLE) == (b"\0\3",)
    with pytest.raises(TseError, match="nicht eingerichtet"):
        link.call(LIFE_CYCLE)
    link.close()


def test_one_program_at_a_time(sim: CryptovisionSim, link: Link) -> None:
    other = Link(sim.volume.mountpoint, 0.3, 0.5)
    with pytest.raises(TseBusy, match="anderes Programm"):
        other.open()
    assert link.call(LIFE_CYCLE) == FACTORY
    link.close()
    other.open()
    other.close()


@pytest.mark.parametrize("word", ["0000", "8101", "801d"])
def test_a_result_word_instead_of_a_fragment(play: Play, word: str) -> None:
    folder, _ = play(
        [
            ("write", written("5c54001200050300020004")),
            ("read", answered("0100 020100 0001")),
            ("write", written("c5")),
            ("read", answered(word)),
        ]
    )
    link = Link(folder, 1.0, 1.0)
    link.open()
    with pytest.raises(TseError, match={"0000": "Fortsetzung", "8101": "8101", "801d": "ohne Strom"}[word]):
        link.call(LIFE_CYCLE)
    link.close()


@pytest.mark.parametrize("data", ["", "00", "7fff", "9001", "9000 00"])
def test_answers_that_are_none(play: Play, data: str) -> None:
    steps = [("write", written("5c54001200050300020004")), ("read", answered(data))]
    if data == "7fff":
        steps += [("write", written("c5")), ("read", read(0))]
    folder, _ = play(steps)
    link = Link(folder, 1.0, 1.0)
    link.open()
    with pytest.raises(TseError):
        link.call(LIFE_CYCLE)
    link.close()


def test_a_list_cut_off_is_not_filled_up_with_a_result_word(play: Play) -> None:
    folder, _ = play(
        [
            ("write", written("5c54001200050300020002")),
            ("read", answered("0013 050010 00000001 00000002 00000003 0000")),
            ("write", written("c5")),
            ("read", answered("0000")),
        ]
    )
    link = Link(folder, 1.0, 0.2)
    link.open()
    with pytest.raises(TseSilent, match="zu kurz"):
        link.call(command(Code.GET_STATUS, short(Status.OPEN_LIST)))
    link.close()
