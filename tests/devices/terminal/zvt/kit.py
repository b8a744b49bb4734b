"""Wires for tests: two ends of one connection, good or bad; a link that plays a transcript."""

import asyncio
import random
import socket
from collections.abc import Sequence

from kassd.devices.printer.transport import TcpTransport
from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.wire import Wire

QUALITIES = ("perfect", "bytes", "delayed")
_open: list[Wire] = []


class BadWire(Wire):
    """Carries what is written ``bytes`` one at a time, ``delayed``, or ``lossy``: some bytes never arrive."""

    def __init__(self, sock: socket.socket, quality: str = "perfect", seed: int = 1) -> None:
        sock.setblocking(False)
        super().__init__(TcpTransport(sock))
        self.quality = quality
        self._random = random.Random(seed)
        self.written = bytearray()

    async def write(self, data: bytes) -> None:
        self.written += data
        if self.quality == "delayed":
            await asyncio.sleep(0.01)
        elif self.quality == "lossy":
            data = bytes(byte for byte in data if self._random.random() > 0.02)
        step = 1 if self.quality == "bytes" else len(data) or 1
        for at in range(0, len(data), step):
            await super().write(data[at : at + step])
            await asyncio.sleep(0)


def pair(quality: str = "perfect", seed: int = 1) -> tuple[BadWire, BadWire]:
    """Both ends of a connection."""
    one, other = socket.socketpair()
    ends = BadWire(one, quality, seed), BadWire(other, quality, seed + 1)
    _open.extend(ends)
    return ends


def close_all() -> None:
    """Close what :func:`pair` has opened."""
    while _open:
        _open.pop().close()


class Transcript:
    """A link that must be sent exactly the ``>`` messages and gives the ``<`` ones, in their order.

    ``!`` instead of a message: nothing comes, for ever. An exception: it is raised there.
    """

    def __init__(self, *steps: tuple[str, str | Exception]) -> None:
        self._steps = list(steps)
        self.old: list[Apdu] = []
        self.closed = False

    async def send(self, apdu: Apdu) -> None:
        way, expected = self._steps.pop(0)
        if isinstance(expected, Exception):
            raise expected
        assert (way, expected) == (">", apdu.to_bytes().hex(" ").upper())

    async def receive(self) -> Apdu:
        if self._steps[0][0] == "!":
            await asyncio.get_running_loop().create_future()
        way, given = self._steps.pop(0)
        if isinstance(given, Exception):
            raise given
        assert way == "<", f"{given} was expected to be sent"
        return Apdu.from_bytes(bytes.fromhex(given))

    def stale(self) -> list[Apdu]:
        return self.old

    def close(self) -> None:
        self.closed = True

    def left(self) -> Sequence[tuple[str, str | Exception]]:
        """What was neither sent nor read."""
        return [step for step in self._steps if step[0] != "!"]
