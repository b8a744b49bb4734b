"""The simulated terminal on its real wires, and a register that writes down before it answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.link import Link, SerialLink, TcpLink
from kassd.devices.terminal.zvt.messages import (
    EURO,
    Authorisation,
    Registration,
    RepeatReceipt,
    StatusInformation,
)
from kassd.devices.terminal.zvt.session import NotSent, OutcomeUnknown, Refused, Session
from kassd.devices.terminal.zvt.tlv import Tlv
from kassd.devices.terminal.zvt.wire import Wire, WireGone, connect_serial, connect_tcp
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.host import SerialTerminalSim, TcpTerminalSim
from kassd.sim.terminal.terminal import Terminal

PASSWORD = "123456"
BLOCKS = (Tlv(0x26, parts=(Tlv(0x0A, b"\x06\xd3"),)),)
PATIENT_S = 5.0


class SlowWire(Wire):
    """A real wire behind a bad cable: ``bytes`` one at a time, or ``delayed``."""

    quality = "perfect"

    async def write(self, data: bytes) -> None:
        if self.quality == "delayed":
            await asyncio.sleep(0.01)
        step = 1 if self.quality == "bytes" else len(data) or 1
        for at in range(0, len(data), step):
            await super().write(data[at : at + step])
            await asyncio.sleep(0)


@dataclass
class Stage:
    """``connect`` opens a session anew; ``t3_s``: how patient it is."""

    terminal: Terminal
    connect: Callable[[float], Awaitable[Session]]


@contextlib.asynccontextmanager
async def stage(
    kind: str, folder: Path, quality: str = "perfect", t3_s: float = PATIENT_S
) -> AsyncIterator[Stage]:
    """A terminal on ``tcp`` or ``serial``; ``t3_s``: the terminal's patience."""
    terminal = Terminal(Behaviour())
    terminal.payments.no_card_s = terminal.payments.again_s = 0.05
    sim: TcpTerminalSim | SerialTerminalSim
    if kind == "tcp":
        sim = tcp = TcpTerminalSim(terminal, t3_s)
        await tcp.start()
    else:
        sim = serial = SerialTerminalSim(terminal, folder / "terminal", t3_s)
        serial.plug()

    async def connect(patience: float) -> Session:
        async with asyncio.timeout(60):
            while True:
                try:
                    link = await _link(sim, quality, patience)
                    return Session(link, t3_s=patience, t4_s=patience)
                except WireGone:  # the cable is not in again yet
                    await asyncio.sleep(0.005)

    task = asyncio.create_task(sim.serve())
    try:
        yield Stage(terminal, connect)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        sim.stop()


async def _link(sim: TcpTerminalSim | SerialTerminalSim, quality: str, patience: float) -> Link:
    if isinstance(sim, TcpTerminalSim):
        wire = await connect_tcp("127.0.0.1", sim.port)
    else:
        wire = connect_serial(str(sim.path))
    wire.__class__ = SlowWire
    wire.quality = quality  # type: ignore[attr-defined]  # of a SlowWire
    if isinstance(sim, TcpTerminalSim):
        return TcpLink(wire, patience)
    return SerialLink(wire, t1_s=0.1, t2_s=patience)


@dataclass
class Till:
    """What has to be on disk before it is answered."""

    stage: Stage
    journal: list[Apdu] = field(default_factory=list)

    async def hear(self, apdu: Apdu) -> Apdu | None:
        self.journal.append(apdu)
        return None

    async def register(self) -> None:
        """Over a good wire, again where the terminal had no patience with a busy machine."""
        async with asyncio.timeout(60):
            while True:
                session = await self.stage.connect(PATIENT_S)
                try:
                    await session.run(Registration(PASSWORD, 0xBE, EURO, tlv=BLOCKS).to_apdu(), self.hear)
                    break
                except OutcomeUnknown:
                    continue
                finally:
                    session.close()
        self.journal.clear()

    async def pay(self, cents: int, patience: float) -> str:
        """``paid``, ``declined``, ``not done`` or ``unknown``, as far as the conversation tells."""
        session = await self.stage.connect(patience)
        try:
            ended = await session.run(Authorisation(cents, EURO).to_apdu(), self.hear)
        except (NotSent, Refused):
            return "not done"
        except OutcomeUnknown:
            return "unknown"
        finally:
            session.close()
        return "paid" if ended.control == 0x060F else "declined"

    async def ask(self, cents: int, known: str) -> str:
        """Ask for the last payment: is there one after receipt ``known``?

        On a serial line nothing but its own patience ends what a terminal was at: ask until it answers.
        """
        async with asyncio.timeout(60):
            while not await self._asked():
                await asyncio.sleep(0.05)
        found = [StatusInformation.from_apdu(apdu) for apdu in self.journal if apdu.control == 0x040F]
        new = [item for item in found if item.receipt and item.receipt > known and item.amount == cents]
        return "paid" if new else "not done"

    async def _asked(self) -> bool:
        session = await self.stage.connect(PATIENT_S)
        self.journal.clear()
        try:
            await session.run(RepeatReceipt(PASSWORD, 3).to_apdu(), self.hear)
        except OutcomeUnknown:
            return False
        finally:
            session.close()
        return True
