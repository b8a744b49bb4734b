"""The terminal's side of a conversation, with the faults that were ordered."""

import asyncio
from collections.abc import Callable
from typing import Literal

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, refusal
from kassd.devices.terminal.zvt.block import to_block
from kassd.devices.terminal.zvt.link import Link, SerialLink, TcpLink
from kassd.devices.terminal.zvt.wire import Wire
from kassd.sim.terminal.behaviour import Behaviour, Fault

ABORT = 0x06B0
NOT_POSSIBLE = 0x83
Moment = Literal["unsent", "sent", "heard"]
Watch = Callable[[Moment, int, int], None]
"""Told of the ``n``-th message of a command (0x0601), as faults count them: just before the terminal sends
it, when it has, when it has heard it and done nothing yet."""


def unwatched(moment: Moment, message: int, command: int) -> None:
    """A :data:`Watch` of nobody."""


class Cut(Exception):
    """The connection ends here, because a fault says so."""


class Silent(Exception):
    """The register did not answer within T3."""


class _SpoiltLink(SerialLink):
    """Sends the block of the next message as ``fault`` wants it; a repetition is what it should be."""

    fault: Fault | None = None

    def begun_anew(self) -> Apdu | None:
        """The command that came where an acknowledgement was due: of a register that has forgotten us."""
        if self._inbox and _is_command(self._inbox[0]):
            return self._inbox.popleft()
        return None

    def framed(self, apdu: Apdu, attempt: int) -> bytes:
        """See :class:`SerialLink`."""
        fault, block = self.fault, super().framed(apdu, attempt)
        if fault is None:
            return block
        if fault.kind == "wrong_length":
            return to_block(_longer(apdu.to_bytes()))
        if attempt:
            return block
        return block[: len(block) // 2] if fault.kind == "half" else block[:-1] + bytes((block[-1] ^ 0xFF,))


def _is_command(apdu: Apdu) -> bool:
    return not (apdu.positive or apdu.negative or apdu.control == ABORT)


def _longer(raw: bytes) -> bytes:
    return raw[:2] + bytes((raw[2] + 1 & 0xFF,)) + raw[3:]


class Talk:
    """Counts the messages of a command, and disturbs the one that a fault names."""

    def __init__(
        self, wire: Wire, behaviour: Behaviour, *, serial: bool, t3_s: float, watch: Watch = unwatched
    ) -> None:
        self._wire = wire
        self._serial = _SpoiltLink(wire, t2_s=t3_s) if serial else None
        self._link: Link = self._serial or TcpLink(wire)
        self._behaviour = behaviour
        self._t3_s = t3_s
        self._watch = watch
        self._command = 0
        self._count = 0
        self._cut_next = False
        self._early: Apdu | None = None
        self.abortable = False
        self.aborted = False

    async def command(self) -> Apdu:
        """The next command of the register; raises what the link raises, and :class:`Cut`."""
        self._command, self._count = 0, 0
        self.abortable = self.aborted = False
        if self._early is not None:
            early, self._early = self._early, None
            self._command, self._count = early.control, 1
            return early
        return await self._hear()

    async def answer(self, apdu: Apdu) -> None:
        """Answer the command, or the wish to abort. Raises :class:`Silent`, see :meth:`tell`."""
        await self._say(apdu)

    async def tell(self, apdu: Apdu) -> Apdu:
        """Send a report and wait for the register's answer.

        Raises :class:`Silent` after T3, or if the register has forgotten us and gives another command.
        """
        await self.pause(self._behaviour.delay_s)
        await self._say(apdu)
        try:
            async with asyncio.timeout(self._t3_s):
                while True:
                    got = await self._hear()
                    if got.positive or got.negative:
                        return got
                    if _is_command(got):
                        self._early = got
                        raise Silent
                    await self._abort()
        except TimeoutError:
            raise Silent from None

    async def pause(self, seconds: float) -> None:
        """Let time pass; the register may ask to abort meanwhile, which ends the pause."""
        try:
            async with asyncio.timeout(seconds):
                while seconds > 0 and not self.aborted:
                    got = await self._hear()
                    if got.control == ABORT:
                        await self._abort()
        except TimeoutError:
            return

    def close(self) -> None:
        """Hang up."""
        self._link.close()

    async def _abort(self) -> None:
        able = self.abortable and self._behaviour.quirks.abort
        self.aborted = self.aborted or able
        await self._say(ACKNOWLEDGED if able else refusal(NOT_POSSIBLE))

    def _due(self) -> Fault | None:
        if self._cut_next:
            raise Cut
        self._count += 1
        return self._behaviour.take(self._count, self._command)

    async def _hear(self) -> Apdu:
        while True:
            if self._cut_next:
                raise Cut
            got = await self._link.receive()
            if self._command == 0:
                self._command = got.control
            fault = self._due()
            self._watch("heard", self._count, self._command)
            if fault is None:
                return got
            if fault.kind == "cut_before":
                raise Cut
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            self._cut_next = fault.kind == "cut_after"
            if fault.kind != "silence":
                return got

    async def _say(self, apdu: Apdu) -> None:
        if self._serial is not None and (early := self._serial.begun_anew()) is not None:
            self._early = early
            raise Silent
        fault = self._due()
        self._watch("unsent", self._count, self._command)
        await self._send(apdu, fault)
        self._watch("sent", self._count, self._command)

    async def _send(self, apdu: Apdu, fault: Fault | None) -> None:
        if fault is None:
            await self._link.send(apdu)
            return
        match fault.kind:
            case "cut_before":
                raise Cut
            case "cut_after":
                self._cut_next = True
                await self._link.send(apdu)
            case "slow":
                await asyncio.sleep(fault.seconds)
                await self._link.send(apdu)
            case "silence":
                pass
            case _:
                await self._spoil(fault, apdu)

    async def _spoil(self, fault: Fault, apdu: Apdu) -> None:
        if self._serial is not None:
            self._serial.fault = fault
            try:
                await self._serial.send(apdu)
            finally:
                self._serial.fault = None
            return
        raw = apdu.to_bytes()
        match fault.kind:
            case "wrong_length":
                raw = _longer(raw)
            case "half":
                raw = raw[: len(raw) // 2]
            case _:
                raw = bytes((raw[0] ^ 0x40,)) + raw[1:]
        await self._wire.write(raw)
