"""How bytes reach a printer: TCP, usblp, a serial port, a file. None of them ever blocks.

A transport is a file descriptor with a few words about it; waiting for it is the link's work.
"""

import array
import asyncio
import errno
import fcntl
import os
import select
import socket
import stat
import termios
from typing import Protocol

from kassd.devices.config import PrinterConfig
from kassd.devices.serialport import Port, close_port, open_port

READ_SIZE = 4096
# A peer that has vanished is noticed after about 25 s; the kernel does this without waking us.
EMPTY_PACKETS_MAX = 16
KEEPALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))


class Transport(Protocol):
    """An open way to a printer."""

    answers: bool  # whether a reply can come back at all

    def fileno(self) -> int: ...

    def write(self, data: memoryview) -> int:
        """Number of bytes taken, 0 if none fit now. Raises OSError when the printer is gone."""
        ...

    def read(self) -> bytes | None:
        """What has come, ``None`` if nothing has. Raises OSError when the printer is gone."""
        ...

    def unsent(self) -> int:
        """Bytes the kernel has taken and not delivered, as far as it tells."""
        ...

    async def settle(self) -> bool:
        """After a job: make it durable. True if that proves the job done."""
        ...

    def close(self) -> None: ...


class FdTransport:
    """The common part: writing to and reading from a non-blocking descriptor."""

    answers = True

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        return self._fd

    def write(self, data: memoryview) -> int:
        """See :class:`Transport`."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def read(self) -> bytes | None:
        """See :class:`Transport`. End of file means that the printer is gone."""
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return None
        if not data:
            raise OSError(errno.ENODEV, "hung up")
        return data

    def unsent(self) -> int:
        """See :class:`Transport`: TIOCOUTQ, for terminals and sockets alike."""
        count = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.TIOCOUTQ, count)
        return count[0]

    async def settle(self) -> bool:
        """See :class:`Transport`: the printer itself must confirm."""
        return False

    def close(self) -> None:
        """Close the descriptor; bytes not delivered are given up."""
        os.close(self._fd)


class TcpTransport(FdTransport):
    """Port 9100."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock.fileno())
        self._sock = sock

    @classmethod
    async def connect(cls, host: str, port: int, timeout_s: float) -> "TcpTransport":
        """Raises OSError; ETIMEDOUT after ``timeout_s``."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                family, kind, proto, _, address = (
                    await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                )[0]
                sock = socket.socket(family, kind, proto)
                try:
                    sock.setblocking(False)
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                    for option, value in KEEPALIVE:
                        sock.setsockopt(socket.IPPROTO_TCP, option, value)
                    await loop.sock_connect(sock, address)
                except BaseException:
                    sock.close()
                    raise
        except TimeoutError as error:
            raise OSError(errno.ETIMEDOUT, "no answer", f"{host}:{port}") from error
        return cls(sock)

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()


class UsbTransport(FdTransport):
    """``/dev/usb/lp*`` (usblp).

    A printer without a back channel refuses reading with EINVAL, some send empty packets without end:
    neither is listened to any longer.
    """

    def __init__(self, path: str) -> None:
        super().__init__(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        self._empty = 0

    def read(self) -> bytes | None:
        """See :class:`Transport`. An empty packet is nothing, and no hang-up."""
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self.answers = False
            return None
        if data:
            self._empty = 0
            return data
        if self._hung_up():
            raise OSError(errno.ENODEV, "hung up")
        self._empty += 1
        self.answers = self._empty < EMPTY_PACKETS_MAX
        return None

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._fd, 0)
        return bool(poll.poll(0))

    def unsent(self) -> int:
        """usblp does not tell."""
        return 0


class SerialTransport(FdTransport):
    """RS-232 or CDC-ACM."""

    def __init__(self, path: str, baud: int, flow: str) -> None:
        self._port: Port = open_port(path, baud, flow)
        super().__init__(self._port.fileno())

    def close(self) -> None:
        """Close the port without waiting for a stuck printer."""
        close_port(self._port)


class FileTransport(FdTransport):
    """Appends to a file, or writes to a fifo that somebody reads. What is on the disk is confirmed."""

    answers = False

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
        super().__init__(os.open(path, flags, 0o640))
        self._regular = stat.S_ISREG(os.fstat(self._fd).st_mode)

    def unsent(self) -> int:
        """Nothing waits."""
        return 0

    async def settle(self) -> bool:
        """fsync, beside the event loop."""
        if self._regular:
            await asyncio.to_thread(os.fsync, self._fd)
        return True


async def connect(config: PrinterConfig) -> Transport:
    """Open the configured transport. Raises OSError."""
    if config.driver == "tcp":
        return await TcpTransport.connect(config.host, config.port, config.connect_timeout_s)
    if config.driver == "usb":
        return UsbTransport(config.path)
    if config.driver == "serial":
        return SerialTransport(config.path, config.baud, config.flow)
    return FileTransport(config.path)
