"""The other end of the wire for the contract tests: as much printer as the driver talks to.

``Brain`` understands the commands the driver itself sends and takes everything else for the job.
``TcpPeer`` and ``PtyPeer`` put it behind real descriptors, over links of several qualities.
"""

import asyncio
import contextlib
import os
import tty
from abc import ABC, abstractmethod
from pathlib import Path

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
KICK = b"\x1bp\x00\x32\xc8"
REALTIME_KICK = b"\x10\x14\x01\x00\x01"


class Brain:
    """Answers status, counts kicks, prints the rest; ``pause`` holds everything but real-time commands."""

    def __init__(self) -> None:
        self.paper_end = self.cover_open = self.near_end = False
        self.dead = False  # takes bytes, answers nothing
        self.mute = False  # prints, and answers nothing
        self.no_process_id = False
        self.no_paper_status = False
        self.merges = False  # one answer to all of GS r that lie there together
        self.kinds = {1, 2, 3, 4}  # of DLE EOT, that it answers
        self.blind = False  # goes on without paper
        self.asb = False
        self.drawer_high = self.no_asb = False
        self.printed = bytearray()
        self.kicks = 0
        self.realtime_kicks = 0
        self.queries = 0
        self.paper_queries = 0
        self._input = bytearray()

    def offline(self) -> bool:
        return self.paper_end or self.cover_open

    def asb_bytes(self) -> bytes:
        first = 0x10 | (0x08 if self.offline() else 0) | (0x20 if self.cover_open else 0)
        first |= 0x04 if self.drawer_high else 0
        return bytes((first, 0, (0x03 if self.near_end else 0) | (0x0C if self.paper_end else 0), 0))

    def change(self, **what: bool) -> bytes:
        """The printer's condition changes; returns what it says without being asked, and what it had held."""
        for name, value in what.items():
            setattr(self, name, value)
        said = self.asb_bytes() if self.asb else b""
        return b"" if self.mute or self.dead else said + self.feed(b"")

    def feed(self, data: bytes) -> bytes:
        if self.dead:
            return b""
        out = self._realtime(data)
        while self._input and (self.blind or not self.offline()):
            step = self._command()
            if step is None:
                break
            out += step
        return b"" if self.mute else out

    def _realtime(self, data: bytes) -> bytes:
        """Real-time commands are obeyed at once, also while offline. The driver never cuts them."""
        self._input += data
        out = b""
        if (at := self._input.find(CLEAR)) >= 0:
            del self._input[: at + len(CLEAR)]
        for n in range(1, 5):
            while (at := self._input.find(bytes((0x10, 4, n)))) >= 0:
                del self._input[at : at + 3]
                self.queries += 1
                out += bytes((0x12 | self._realtime_bits(n),)) if n in self.kinds else b""
        while (at := self._input.find(REALTIME_KICK)) >= 0:
            del self._input[at : at + 5]
            self.realtime_kicks += 1
        return out

    def _realtime_bits(self, n: int) -> int:
        if n == 1:
            return 0x08 if self.offline() else 0
        if n == 2:
            return (0x04 if self.cover_open else 0) | (0x20 if self.paper_end else 0)
        if n == 4:
            return (0x0C if self.near_end else 0) | (0x60 if self.paper_end else 0)
        return 0

    def _command(self) -> bytes | None:
        buffer = self._input
        if CLEAR.startswith(buffer):
            return None
        if buffer[0] in (0x10, 0x1B, 0x1D) and len(buffer) < 3:
            return None
        if buffer.startswith(b"\x1da"):
            self.asb = buffer[2] != 0 and not self.no_asb
            del buffer[:3]
            return self.asb_bytes() if self.asb else b""
        if buffer.startswith(b"\x1dr\x01"):
            del buffer[:3]
            self.paper_queries += 1
            if self.merges and buffer.startswith(b"\x1dr\x01"):
                return b""
            said = (0x03 if self.near_end else 0) | (0x0C if self.paper_end else 0)
            return b"" if self.no_paper_status else bytes((said,))
        if buffer.startswith(b"\x1d(H"):
            if len(buffer) < 11:
                return None
            number = bytes(buffer[7:11])
            del buffer[:11]
            return b"" if self.no_process_id else b"\x37\x22" + number + b"\x00"
        if buffer.startswith(b"\x1bp"):
            if len(buffer) < 5:
                return None
            del buffer[:5]
            self.kicks += 1
            return b""
        if buffer.startswith(b"\x1b@"):
            self.asb = False
        if buffer.startswith(b"\0"):
            del buffer[:1]
            return b""
        self.printed.append(buffer.pop(0))
        return b""


class Peer(ABC):
    """Carries bytes between the brain and the descriptor, well or badly.

    ``quality``: perfect, bytes (one at a time, both ways), delayed (20 ms each way).
    """

    def __init__(self, quality: str = "perfect") -> None:
        self.brain = Brain()
        self.quality = quality
        self.cut_after: int | None = None  # bytes received until the cable is cut
        self.received = 0
        self.kicked = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()
        self._speaking = asyncio.Lock()

    async def change(self, **what: bool) -> None:
        await self._answer(self.brain.change(**what))

    async def noise(self, data: bytes) -> None:
        """The line itself says something."""
        await self._answer(data)

    async def _carry(self, data: bytes) -> None:
        for piece in (data[i : i + 1] for i in range(len(data))) if self.quality == "bytes" else (data,):
            if self.quality == "delayed":
                await asyncio.sleep(0.02)
            if self.cut_after is not None and self.received + len(piece) >= self.cut_after:
                self.brain.feed(piece[: self.cut_after - self.received])
                self.cut_after = None
                await self.cut()
                return
            self.received += len(piece)
            await self._answer(self.brain.feed(piece))
            if self.brain.kicks:
                self.kicked.set()

    async def _answer(self, data: bytes) -> None:
        if self.quality == "delayed":
            await asyncio.sleep(0.02)
        step = 1 if self.quality == "bytes" else len(data) or 1
        async with self._speaking:  # a printer never puts one message into another
            for at in range(0, len(data), step):
                await self._write(data[at : at + step])
                await asyncio.sleep(0)

    @abstractmethod
    async def _write(self, data: bytes) -> None: ...

    @abstractmethod
    async def cut(self) -> None:
        """Break the link."""


class TcpPeer(Peer):
    """Listens like a network printer."""

    def __init__(self, quality: str = "perfect", small_buffer: bool = False) -> None:
        super().__init__(quality)
        self.small_buffer = small_buffer
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        limit = 1024 if self.small_buffer else 65536
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=limit)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writer = writer
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while True:
                await self.reading.wait()
                data = await reader.read(4096)
                if not data:
                    break
                await self._carry(data)
        writer.close()

    async def _write(self, data: bytes) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)
            with contextlib.suppress(ConnectionError):
                await self._writer.drain()

    async def cut(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()

    async def stop(self) -> None:
        await self.cut()
        if self._server is not None:
            self._server.close()
            self._server = None
        await asyncio.sleep(0.02)


class PtyPeer(Peer):
    """A device node: usblp and serial printers look the same from here."""

    def __init__(self, path: Path, quality: str = "perfect") -> None:
        super().__init__(quality)
        self.path = path
        self._master = self._slave = -1

    async def start(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path.symlink_to(os.ttyname(self._slave))
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue()
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self._task = asyncio.create_task(self._serve())

    def _readable(self) -> None:
        self._inbox.put_nowait(os.read(self._master, 4096))

    async def _serve(self) -> None:
        while True:
            data = await self._inbox.get()
            await self.reading.wait()
            await self._carry(data)

    async def _write(self, data: bytes) -> None:
        if self._master >= 0:
            os.write(self._master, data)

    async def cut(self) -> None:
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1
            self.path.unlink(missing_ok=True)

    async def stop(self) -> None:
        await self.cut()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
