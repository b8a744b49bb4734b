"""APDUs over a wire: raw over TCP (PA00P016 4), in acknowledged blocks over a serial port (3).

Both ends are alike, so that a simulated terminal uses the same links.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from kassd.devices.terminal.zvt.apdu import Apdu, ApduReader, CodecError
from kassd.devices.terminal.zvt.block import ACK, NAK, Block, BlockReader, Broken, Event, Sign, to_block
from kassd.devices.terminal.zvt.wire import Wire, WireGone
from kassd.errors import DeviceError

log = logging.getLogger(__name__)

T1_S, T2_S, T3_S = 0.2, 5.0, 5.0
REPEATS = 2
POSITIVE, NEGATIVE = bytes((ACK,)), bytes((NAK,))


class LinkSilent(DeviceError):
    """The other side does not acknowledge a block, or does not finish a message that it began."""

    def __init__(self, message: str) -> None:
        super().__init__("timeout", message)


class Link(Protocol):
    """An open way to the other side. Raises :class:`WireGone`, :class:`LinkSilent`, :class:`CodecError`."""

    async def send(self, apdu: Apdu) -> None:
        """Over when the other side has the message, as far as the transport tells."""
        ...

    async def receive(self) -> Apdu:
        """The next message, however long it takes. May be cancelled and called again."""
        ...

    def stale(self) -> list[Apdu]:
        """What has come and nobody waits for."""
        ...

    def watched(self, callback: Callable[[], object]) -> AbstractContextManager[None]:
        """Meanwhile ``callback`` is called when something comes, or the other side hangs up."""
        ...

    def close(self) -> None: ...


class TcpLink:
    """Messages one after another; half a one is waited for no longer than T3."""

    def __init__(self, wire: Wire, t3_s: float = T3_S) -> None:
        self._wire = wire
        self._t3_s = t3_s
        self._reader = ApduReader()
        self._inbox: deque[Apdu] = deque()

    async def send(self, apdu: Apdu) -> None:
        """See :class:`Link`."""
        await self._wire.write(apdu.to_bytes())

    async def receive(self) -> Apdu:
        """See :class:`Link`."""
        while not self._inbox:
            limit = self._t3_s if self._reader.pending else None
            try:
                async with asyncio.timeout(limit) as patience:
                    data = await self._wire.read()
            except TimeoutError:
                if not patience.expired():
                    raise
                raise LinkSilent("Das Kartenterminal bricht mitten in einer Nachricht ab.") from None
            self._inbox += self._reader.feed(data)
        return self._inbox.popleft()

    def stale(self) -> list[Apdu]:
        """See :class:`Link`."""
        self._inbox += self._reader.feed(self._wire.waiting())
        found = list(self._inbox)
        self._inbox.clear()
        return found

    def watched(self, callback: Callable[[], object]) -> AbstractContextManager[None]:
        """See :class:`Link`."""
        return self._wire.watched(callback)

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class SerialLink:
    """Blocks with checksum, each acknowledged; repeated twice at most.

    If an acknowledgement is lost, the message that answers stands for it; a block that comes again because
    ours was lost is acknowledged again and not delivered twice.
    """

    def __init__(self, wire: Wire, t1_s: float = T1_S, t2_s: float = T2_S) -> None:
        self._wire = wire
        self._t1_s, self._t2_s = t1_s, t2_s
        self._reader = BlockReader()
        self._events: deque[Event] = deque()
        self._inbox: deque[Apdu] = deque()
        self._last: bytes | None = None  # the block received last, until something is sent

    async def send(self, apdu: Apdu) -> None:
        """See :class:`Link`."""
        self._last = None
        self._events += self._reader.feed(self._wire.waiting())
        # A late acknowledgement of what was repeated is none of what is sent now.
        self._events = deque(event for event in self._events if not isinstance(event, Sign))
        sent = False
        for attempt in range(1 + REPEATS):
            try:
                await self._wire.write(self.framed(apdu, attempt))
                sent = True
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._t2_s):
                        if await self._acknowledged():
                            return
            except WireGone as error:  # whoever is gone before he has acknowledged may have it all the same
                raise WireGone(str(error), sent=sent or error.sent) from error
            log.warning("block %s not acknowledged", apdu.name)
        raise LinkSilent("Das Kartenterminal bestätigt nichts. Kabel und Baudrate prüfen.")

    def framed(self, apdu: Apdu, attempt: int) -> bytes:
        """The block that is sent, at each ``attempt`` from 0; simulators spoil it here."""
        return to_block(apdu.to_bytes())

    async def _acknowledged(self) -> bool:
        while True:
            event = await self._next()
            if isinstance(event, Sign):
                return event.byte == ACK
            if await self._take(event):
                return True

    async def receive(self) -> Apdu:
        """See :class:`Link`."""
        while not self._inbox:
            await self._take(await self._next())
        return self._inbox.popleft()

    async def _take(self, event: Event) -> bool:
        """Answer a block; True if it is a new message."""
        match event:
            case Sign():
                return False
            case Broken(reason):
                log.warning("block refused: %s", reason)
                await self._wire.write(NEGATIVE)
                return False
            case Block(content):
                await self._wire.write(POSITIVE)
                if content == self._last:
                    return False
                self._last = content
                self._inbox.append(Apdu.from_bytes(content))
                return True

    async def _next(self) -> Event:
        """The next event; a block whose bytes stop for T1 is a broken one."""
        while not self._events:
            inside = self._reader.inside
            try:
                async with asyncio.timeout(self._t1_s if inside else None) as patience:
                    data = await self._wire.read()
            except TimeoutError:
                if not patience.expired():
                    raise
                self._reader.give_up()
                return Broken("framing")
            self._events += self._reader.feed(data)
        return self._events.popleft()

    def stale(self) -> list[Apdu]:
        """See :class:`Link`. What is stale is not acknowledged."""
        self._events += self._reader.feed(self._wire.waiting())
        blocks = [event.content for event in self._events if isinstance(event, Block)]
        self._events.clear()
        found = list(self._inbox)
        self._inbox.clear()
        for content in blocks:
            with contextlib.suppress(CodecError):
                found.append(Apdu.from_bytes(content))
        return found

    def watched(self, callback: Callable[[], object]) -> AbstractContextManager[None]:
        """See :class:`Link`."""
        return self._wire.watched(callback)

    def close(self) -> None:
        """Close the port."""
        self._wire.close()


__all__ = ["Link", "LinkSilent", "SerialLink", "TcpLink", "WireGone"]
