"""No refused secret is sent again, wherever and however often a set-up is killed."""

import contextlib
from itertools import count

import pytest

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.trials import Trials

OWN, FACTORY = "ours", "factory"


class Killed(BaseException):
    pass


class Device:
    """One PUK with three tries. Each command and each note is a moment at which the process may be killed:
    before it counts and after it."""

    def __init__(self, puk: str, kills: list[int]) -> None:
        self.puk, self.left = puk, 3
        self.wrong: list[str] = []
        self.journal: set[str] = set()
        self._kills = kills
        self._moments = 0

    def _moment(self) -> None:
        self._moments += 1
        if self._kills and self._moments == self._kills[0]:
            del self._kills[0]
            self._moments = 0
            raise Killed

    async def note(self, step: str) -> None:
        if not step.endswith("_refused"):  # the one window, between an answer and its note
            self._moment()
        self.journal.add(step)
        self._moment()

    async def change(self, old: str) -> str:
        self._moment()
        if not self.left:
            return codes.PUK_BLOCKED
        if self.puk != old:
            self.left -= 1
            self.wrong.append(old)
            return codes.WRONG_PIN
        self.puk, self.left = OWN, 3
        self._moment()
        return ""

    async def set_up(self) -> None:
        trials = Trials(self.note, frozenset(self.journal))

        async def factory() -> str:
            await trials.announce("puk")
            return await self.change(FACTORY)

        async def own() -> str:
            return await self.change(OWN)

        await trials.ours("puk", own, factory)
        self._moment()


@pytest.mark.parametrize("puk", [FACTORY, OWN, "somebody's"])
async def test_killed_three_times_anywhere(puk: str) -> None:
    runs = 0
    for first in range(1, 9):
        for second in range(1, 9):
            for third in range(1, 9):
                device = Device(puk, [first, second, third])
                await _until_it_ends(device, puk)
                runs += 1
    assert runs == 512


async def _until_it_ends(device: Device, puk: str) -> None:
    for _ in range(8):
        with contextlib.suppress(Killed, TseRefused) if puk == "somebody's" else contextlib.suppress(Killed):
            await device.set_up()
    assert device.left
    assert sorted(device.wrong) == sorted(set(device.wrong)), (device.wrong, device.journal)
    assert device.puk == ("somebody's" if puk == "somebody's" else OWN)


async def test_an_answer_that_tells_nothing_leaves_it_to_the_factorys() -> None:
    sent: list[str] = []

    async def unsure() -> None:
        sent.append(OWN)

    async def wrong() -> str:
        sent.append(FACTORY)
        return codes.WRONG_PIN

    noted: list[str] = []

    async def note(step: str) -> None:
        noted.append(step)

    assert await Trials(note, frozenset({"change_puk"})).ours("puk", unsure, wrong)
    assert (sent, noted) == ([OWN, FACTORY], ["puk_factory_refused"])
    assert await Trials(note, frozenset({"change_puk", *noted})).ours("puk", unsure, wrong)
    assert sent == [OWN, FACTORY, OWN]


async def test_a_blocked_one_stops_at_once_and_is_no_verdict() -> None:
    tries = count()

    async def blocked() -> str:
        next(tries)
        return codes.PUK_BLOCKED

    async def note(step: str) -> None:
        raise AssertionError(step)

    with pytest.raises(TseRefused, match="PUK der TSE ist gesperrt"):
        await Trials(note, frozenset()).ours("puk", blocked, blocked)
    assert next(tries) == 1


async def test_what_was_refused_once_is_not_done_again() -> None:
    noted: set[str] = set()
    sent = 0

    async def note(step: str) -> None:
        noted.add(step)

    async def log_in() -> None:
        nonlocal sent
        sent += 1
        raise refused(codes.WRONG_PIN)

    for _ in range(3):
        with pytest.raises(TseRefused) as caught:
            await Trials(note, frozenset(noted)).once("pin", log_in)
        assert caught.value.code == codes.WRONG_PIN
    assert (sent, noted) == (1, {"pin_refused"})
