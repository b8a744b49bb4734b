"""Which kicks a printer is given, and which are refused: over any run of wishes a fifth of the time."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.peer import KICK, REALTIME_KICK
from devices.support import Recorder
from kassd.devices.port import KickOutcome
from kassd.devices.printer import kicks as module
from kassd.devices.printer.commands import lasting, pulse_ms, realtime_kick
from kassd.devices.printer.kicks import Kick, Kicks

MS = 1_000_000


class Table:
    """Kicks with a clock of their own."""

    def __init__(self) -> None:
        self.now = 10**9
        self.seen = Recorder()
        self.kicks = Kicks(self.seen, lambda: self.now)

    def kick(self, job: str, command: bytes = KICK) -> None:
        self.kicks.add(Kick(job, "lade", command), 60)
        kick = self.kicks.next()
        if kick is not None:
            self.kicks.given(kick, kick.command, lambda: False)
            self.kicks.arrived((kick,))


def test_the_times_of_a_command() -> None:
    assert pulse_ms(b"\x1bp\x00\x32\x32") == (100, 100)
    assert pulse_ms(KICK) == (100, 400)
    assert pulse_ms(b"\x10\x14\x01\x01\x05") == (500, 500)
    assert pulse_ms(b"\x07") == (510, 510)


@pytest.mark.parametrize(
    ("asked", "on", "off", "without_paper"),
    [
        (50, 50, 200, 100),
        (101, 100, 400, 100),
        (160, 160, 510, 100),
        (298, 298, 510, 200),
        (510, 510, 510, 500),
    ],
)
def test_a_pulse_lasts_as_long_as_its_drawer_wants(asked: int, on: int, off: int, without_paper: int) -> None:
    """In what the commands can say: 2 ms, and 100 ms in real time, rounded down but for the shortest; then
    the rest that is due."""
    for connector in (0, 1):
        command = lasting(bytes((0x1B, 0x70, connector, 0x32, 0x32)), asked)
        assert command[:3] == bytes((0x1B, 0x70, connector))
        assert pulse_ms(command) == (on, off)
        assert pulse_ms(realtime_kick(command))[0] == without_paper
    assert lasting(b"\x07", asked) == b"\x07"


async def test_the_second_within_the_pause_is_refused_and_not_kept() -> None:
    table = Table()
    for at_ms in (0, 10, 499, 500, 999, 1000):
        table.now = 10**9 + at_ms * MS
        table.kick(str(at_ms))
    assert not table.kicks
    assert [(k.job, k.result, k.reason) for k in table.seen.of(KickOutcome)] == [
        ("0", "kicked", ""),
        ("10", "refused", "duty"),
        ("499", "refused", "duty"),
        ("500", "kicked", ""),
        ("999", "refused", "duty"),
        ("1000", "kicked", ""),
    ]


@given(st.lists(st.tuples(st.integers(0, 700), st.booleans()), max_size=40))
def test_under_power_for_a_fifth_of_the_time_at_most(wishes: list[tuple[int, bool]]) -> None:
    async def run() -> None:
        table = Table()
        pulses: list[tuple[int, int]] = []
        for number, (pause_ms, blocked) in enumerate(wishes):
            table.now += pause_ms * MS
            command = REALTIME_KICK if blocked else KICK
            table.kick(str(number), command)
            if table.seen.of(KickOutcome)[-1].result == "kicked":
                pulses.append((table.now, pulse_ms(command)[0] * MS))
        for (begun, on), (following, _) in itertools.pairwise(pulses):
            assert on / (following - begun) <= 0.2

    asyncio.run(run())


async def test_it_counts_when_nothing_is_before_it_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ARRIVAL_S", 0.01)
    seen, asked, slow = Recorder(), [], [True]
    kicks, kick = Kicks(seen), Kick("a", "lade", KICK)

    def behind() -> bool:
        asked.append(slow[0])
        return slow[0]

    kicks.given(kick, KICK, behind)
    async with asyncio.timeout(10):
        while len(asked) < 3:
            await asyncio.sleep(0.005)
    assert seen.of(KickOutcome) == []
    assert kicks.under_way == (kick,)
    slow[0] = False
    assert await seen.next(KickOutcome) == KickOutcome("lade", "a", "kicked")
    assert kicks.under_way == ()
    kicks.fail("unplugged")
    kicks.arrived((kick,))
    assert len(seen.of(KickOutcome)) == 1


async def test_what_ends_with_the_connection() -> None:
    """One that waits was not given; of one that was given nobody knows."""
    seen = Recorder()
    kicks = Kicks(seen)
    kicks.given(Kick("a", "lade", KICK), KICK, lambda: False)
    kicks.add(Kick("b", "lade", KICK), 60)
    kicks.fail("unplugged")
    assert seen.of(KickOutcome) == [
        KickOutcome("lade", "b", "failed", "unplugged"),
        KickOutcome("lade", "a", "unknown", "unplugged"),
    ]
