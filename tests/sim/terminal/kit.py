"""A register and the simulated terminal at both ends of a connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from kassd.devices.terminal.zvt.apdu import Apdu, refusal
from kassd.devices.terminal.zvt.link import TcpLink
from kassd.devices.terminal.zvt.message import Message
from kassd.devices.terminal.zvt.messages import (
    EURO,
    Authorisation,
    Completion,
    Registration,
    RepeatReceipt,
    Reversal,
    StatusInformation,
)
from kassd.devices.terminal.zvt.receipt import Slip, SlipCollector
from kassd.devices.terminal.zvt.session import Session
from kassd.devices.terminal.zvt.tlv import Tlv
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.host import ENDS
from kassd.sim.terminal.talk import Talk
from kassd.sim.terminal.terminal import Terminal
from tests.devices.terminal.zvt.kit import close_all, pair

PASSWORD = "123456"
BLOCKS = (Tlv(0x26, parts=(Tlv(0x0A, b"\x06\xd3"),)),)


@dataclass
class Register:
    """What a register hears of one command; ``refuses``: control field → reason it answers with."""

    session: Session
    charset: str = "cp437"
    statuses: list[StatusInformation] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    refuses: dict[int, list[Apdu]] = field(default_factory=dict)
    ended: Apdu | None = None

    async def give(self, message: Message) -> str:
        """Give a command; the name of its end, and of 06 1E also the reason."""
        self.statuses, self.names, self.slips = [], [], []
        self._collector = SlipCollector(self.charset)
        self.ended = await self.session.run(message.to_apdu(), self.hear)
        self.slips += self._collector.finish()
        reason = f" {self.ended.data[0]:02X}" if self.ended.control == 0x061E else ""
        return self.ended.name + reason

    async def hear(self, apdu: Apdu) -> Apdu | None:
        self.names.append(apdu.name)
        if apdu.control == 0x040F:
            self.statuses.append(StatusInformation.from_apdu(apdu, self.charset))
        self.slips += self._collector.take(apdu)
        waiting = self.refuses.get(apdu.control)
        return waiting.pop(0) if waiting else None

    @property
    def status(self) -> StatusInformation:
        """The last 04 0F."""
        return self.statuses[-1]

    @property
    def completion(self) -> Completion:
        assert self.ended is not None
        return Completion.from_apdu(self.ended)

    async def register(self, config: int = 0xBE, tlv: tuple[Tlv, ...] | None = BLOCKS) -> str:
        return await self.give(Registration(PASSWORD, config, EURO, tlv=tlv))

    async def pay(self, cents: int = 2040, tlv: tuple[Tlv, ...] | None = None) -> str:
        return await self.give(Authorisation(cents, EURO, tlv=tlv))

    async def reverse(self, receipt: str, cents: int | None = None) -> str:
        return await self.give(Reversal(PASSWORD, receipt, cents))

    async def repeat(self, service: int = 3) -> str:
        return await self.give(RepeatReceipt(PASSWORD, service))


@contextlib.asynccontextmanager
async def counter(
    behaviour: Behaviour | None = None, path: Path | None = None
) -> AsyncIterator[tuple[Register, Terminal]]:
    """Both, connected; the terminal ends with the test."""
    ours, theirs = pair()
    terminal = Terminal(behaviour, path)
    terminal.payments.no_card_s = terminal.payments.again_s = 0.05
    talk = Talk(theirs, terminal.behaviour, serial=False, t3_s=2.0)

    async def serve() -> None:
        with contextlib.suppress(*ENDS):
            await terminal.serve(talk)
        talk.close()

    task = asyncio.create_task(serve())
    try:
        yield Register(Session(TcpLink(ours))), terminal
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        close_all()


__all__ = ["Register", "counter", "refusal"]
