"""Bytes to and from a terminal: TCP or a serial port, on the event loop."""

import asyncio
import contextlib
import select
from collections.abc import Callable, Iterator
from typing import Any

from kassd.devices.printer.transport import FdTransport, TcpTransport
from kassd.devices.serialport import Port, close_port, open_port
from kassd.errors import DeviceGone

PORT = 20007
CONNECT_S = 5.0
STALE_MAX = 64 * 1024  # whoever never stops sending does not hold us up
HUNG_UP = "Das Kartenterminal hat die Verbindung beendet."
STOP_BITS = 2  # PA00P016 2.1; a terminal that wants one takes two as well


class WireGone(DeviceGone):
    """The connection has ended or never was. ``sent``: bytes of what was being written may have arrived."""

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__("unplugged", message)
        self.sent = sent


class _SerialTransport(FdTransport):
    def __init__(self, port: Port) -> None:
        super().__init__(port.fileno())
        self._port = port

    def close(self) -> None:
        close_port(self._port)


class Wire:
    """An open connection. One reader and one writer at a time; both may be cancelled without losing bytes."""

    def __init__(self, transport: FdTransport) -> None:
        self._transport = transport

    async def read(self) -> bytes:
        """What has come, at least one byte. Raises :class:`WireGone`."""
        loop = asyncio.get_running_loop()
        try:
            data = None
            while data is None:
                # A serial port without data reads like one that has been pulled out: never read before.
                await self._ready(loop.add_reader, loop.remove_reader)
                data = self._transport.read()
        except OSError as error:
            raise WireGone(HUNG_UP) from error
        return data

    def waiting(self) -> bytes:
        """What has come already, maybe nothing, and no more than ``STALE_MAX``. Raises :class:`WireGone`."""
        found = bytearray()
        poll = select.poll()
        poll.register(self._transport.fileno(), select.POLLIN)
        try:
            while len(found) < STALE_MAX and poll.poll(0):
                found += self._transport.read() or b""
        except OSError as error:
            raise WireGone(HUNG_UP) from error
        return bytes(found)

    @contextlib.contextmanager
    def watched(self, callback: Callable[[], object]) -> Iterator[None]:
        """Meanwhile ``callback`` is called when something comes, or the other side hangs up."""
        loop, fd = asyncio.get_running_loop(), self._transport.fileno()
        loop.add_reader(fd, callback)
        try:
            yield
        finally:
            loop.remove_reader(fd)

    async def write(self, data: bytes) -> None:
        """Hand everything to the kernel. Raises :class:`WireGone`."""
        loop = asyncio.get_running_loop()
        view = memoryview(data)
        try:
            while view:
                taken = self._transport.write(view)
                view = view[taken:]
                if not taken:
                    await self._ready(loop.add_writer, loop.remove_writer)
        except OSError as error:
            raise WireGone(HUNG_UP, sent=len(view) < len(data)) from error

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    async def _ready(self, add: Callable[..., Any], remove: Callable[[int], bool]) -> None:
        """Wait until the descriptor is readable or writable."""
        fd = self._transport.fileno()
        ready = asyncio.Event()
        add(fd, ready.set)
        try:
            await ready.wait()
        finally:
            remove(fd)


async def connect_tcp(host: str, port: int = PORT, timeout_s: float = CONNECT_S) -> Wire:
    """Open the connection that carries everything, both ways. Raises :class:`WireGone`."""
    try:
        return Wire(await TcpTransport.connect(host, port, timeout_s))
    except OSError as error:
        told = f"Das Kartenterminal ist nicht erreichbar ({host}:{port}). Kabel, Strom und Netz prüfen."
        raise WireGone(told) from error


def connect_serial(path: str, baud: int = 9600) -> Wire:
    """Open the port, 8N2, without flow control; what came before is dropped. Raises :class:`WireGone`."""
    try:
        return Wire(_SerialTransport(open_port(path, baud, stop_bits=STOP_BITS)))
    except OSError as error:
        told = f"Das Kartenterminal ist nicht erreichbar ({path}). Kabel und Strom prüfen."
        raise WireGone(told) from error
