"""Whatever a register sends, the simulated terminal answers something and goes on."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, refusal
from kassd.devices.terminal.zvt.commands import COMMANDS
from kassd.sim.terminal.behaviour import CARDS, Behaviour
from kassd.sim.terminal.talk import Cut, Talk
from kassd.sim.terminal.terminal import ANSWERS, Terminal
from tests.devices.terminal.zvt.samples import FUZZ

replies = st.sampled_from([ACKNOWLEDGED, refusal(0), refusal(0x9C), refusal(0x66)]) | st.builds(
    lambda data: refusal(0x9D, data), st.binary(max_size=8)
)
requests = st.builds(Apdu, st.sampled_from([*ANSWERS, *COMMANDS, 0x1234]), st.binary(max_size=40))
amounts = st.integers(0, 10**12 - 1).map(
    lambda cents: Apdu(0x0601, b"\x04" + bytes.fromhex(f"{cents:012d}") + b"\x06\x00")
)


class Script(Talk):
    """A talk without a wire: requests and answers are given, what is said is kept."""

    def __init__(self, asked: list[Apdu], answered: list[Apdu]) -> None:
        self.asked, self.answered = asked, answered
        self.said: list[Apdu] = []
        self.abortable = self.aborted = False

    async def command(self) -> Apdu:
        if not self.asked:
            raise Cut
        return self.asked.pop(0)

    async def answer(self, apdu: Apdu) -> None:
        self.said.append(apdu)

    async def tell(self, apdu: Apdu) -> Apdu:
        self.said.append(apdu)
        return self.answered.pop(0) if self.answered else ACKNOWLEDGED

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)


@FUZZ
@given(
    st.lists(requests | amounts, min_size=1, max_size=5),
    st.lists(replies, max_size=6),
    st.sampled_from(list(CARDS)),
    st.integers(0, 10**12 - 1),
)
def test_nothing_ends_it(asked: list[Apdu], answered: list[Apdu], card: str, tip: int) -> None:
    terminal = Terminal(Behaviour(card=card, tip=tip))
    talk = Script(list(asked), answered)

    async def serve() -> None:
        try:
            await terminal.serve(talk)
        except Cut:
            return

    asyncio.run(serve())
    answers = [apdu for apdu in talk.said if apdu.positive or apdu.negative]
    assert len(answers) == len(asked)
    assert all(len(apdu.to_bytes()) for apdu in talk.said)
