"""A recorded TSE on its real wire: plays what ``kassd tse record`` has written.

What is sent must be what was sent then, and is answered with what came then; whatever differs ends the wire
and is told by :meth:`Replay.finish`. Numbers that a driver draws at random (request ids of Diebold Nixdorf's)
are masked for the comparison and put into the answers. Secrets were replaced by as many ``x``.
"""

import contextlib
import errno
import json
import os
import pty
import re
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kassd.errors import DataError
from kassd.sim.tse.volume import Volume

Row = dict[str, Any]
SECTOR = 512
CHUNK = 65_536
FRAMES = re.compile(rb"\x02[^\x03]*\x03\n?")  # of the web service
RANDOM = re.compile(
    rb"(?<=\x1b\x99)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    rb'|(?<="PingPong":)[0-9]+|(?<="PingPong": )[0-9]+'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What went over the wire; ``file`` and ``offset`` on a volume."""

    sent: bool
    data: bytes
    file: str = ""
    offset: int = 0

    @classmethod
    def of(cls, row: Row) -> "Frame":
        """Read a row of the file."""
        file, _, offset = row.get("where", "").partition("@")
        data = bytes.fromhex(row["hex"])
        return cls(row["way"] == "out", data.ljust(row.get("size", 0), b"\0"), file, int(offset or 0))


@dataclass(frozen=True, slots=True)
class Transcript:
    """``head`` as written; ``calls``: names and results of the calls, in order; ``frames``: the wire."""

    head: Row
    calls: tuple[Row, ...]
    frames: tuple[Frame, ...]

    @classmethod
    def load(cls, path: Path) -> "Transcript":
        """Raises :class:`DataError` if it is no transcript of a known format."""
        try:
            head, *rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            if head["format"] != 1 or head["wire"] not in WIRES:
                raise ValueError(f"format {head['format']}, wire {head['wire']}")
            frames = tuple(Frame.of(row) for row in rows if "way" in row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{path} ist keine Aufzeichnung von kassd tse record: {error}") from error
        return cls(head, tuple(row for row in rows if "way" not in row), frames)


@dataclass
class Replay:
    """A wire that plays. ``settings``: the rows of ``[tse]`` by which a register finds it."""

    frames: tuple[Frame, ...]
    settings: dict[str, str | int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    at: int = 0  # what is expected next
    unread: list[Frame] = field(default_factory=list)  # what is to be read of a volume before that

    def finish(self) -> None:
        """Raises :class:`DataError` for the first thing that was not as recorded, or is left over."""
        left = len(self.frames) - self.at + len(self.unread)
        if left:
            self.differs(f"{left} of {len(self.frames)} frames were not asked for")
        if self.problems:
            raise DataError(f"Nicht wie aufgezeichnet: {self.problems[0]}")

    def differs(self, what: str) -> None:
        """Take down what is not as recorded."""
        self.problems.append(f"frame {self.at}: {what}")

    def expected(self) -> Frame:
        """What is to be sent next; empty: nothing more."""
        return self.frames[self.at] if self.at < len(self.frames) else Frame(True, b"")


class Differs(Exception):
    """The driver does something else than when it was recorded: the wire ends here."""


class Talk:
    """A wire of messages: each is answered by what came before the next one."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._buffer = b""
        self._drawn: dict[bytes, bytes] = {}  # random number then → now

    def unasked(self) -> bytes:
        """What comes next without being asked."""
        replay, said = self._replay, b""
        while not replay.expected().sent:
            said += replay.expected().data
            replay.at += 1
        return RANDOM.sub(lambda found: self._drawn.get(found[0], found[0]), said)

    def answer(self, message: bytes) -> bytes:
        """What came after this message. Raises :class:`Differs`."""
        expected = self._replay.expected().data
        if not expected or RANDOM.sub(b"", message) != RANDOM.sub(b"", expected):
            self._replay.differs(f"{message[:300]!r} was sent instead of {expected[:300]!r}")
            raise Differs
        self._drawn.update(zip(RANDOM.findall(expected), RANDOM.findall(message), strict=True))
        self._replay.at += 1
        return self.unasked()

    def hear(self, data: bytes) -> bytes:
        """The same for a wire of bytes, whose random numbers are all of one length."""
        self._buffer, said = self._buffer + data, b""
        while self._buffer and len(self._buffer) >= (size := len(self._replay.expected().data)):
            message = self._buffer[: size or None]
            self._buffer = self._buffer[len(message) :]
            said += self.answer(message)
        return said


@contextmanager
def _serial(replay: Replay, head: Row, folder: Path) -> Iterator[None]:
    talk, port = Talk(replay), folder / "port"
    master, slave = pty.openpty()
    tty.setraw(slave)  # also keeps the pty alive while nobody has it open
    port.symlink_to(os.ttyname(slave))

    def serve() -> None:
        with contextlib.suppress(OSError, Differs), open(master, "r+b", buffering=0) as wire:
            while data := wire.read(CHUNK):
                said = talk.hear(data)
                while said:
                    said = said[wire.write(said) :]

    replay.settings["port"] = str(port)
    thread = _begun(serve)
    try:
        yield
    finally:
        os.close(slave)  # the last one: the reader's end
        thread.join(5)
        port.unlink()


@contextmanager
def _tcp(replay: Replay, head: Row, folder: Path) -> Iterator[None]:
    listener = socket.create_server(("127.0.0.1", 0))
    opened = [listener]

    def serve() -> None:
        talk = Talk(replay)
        with contextlib.suppress(OSError, Differs), listener.accept()[0] as peer:
            opened.append(peer)
            peer.sendall(talk.unasked())
            while data := peer.recv(CHUNK):
                peer.sendall(talk.hear(data))
        listener.close()

    replay.settings |= {"host": "127.0.0.1", "tcp_port": listener.getsockname()[1]}
    thread = _begun(serve)
    try:
        yield
    finally:
        for each in opened:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@contextmanager
def _websocket(replay: Replay, head: Row, folder: Path) -> Iterator[None]:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import ServerConnection, serve

    def converse(connection: ServerConnection) -> None:
        talk = Talk(replay)
        with contextlib.suppress(ConnectionClosed, Differs):
            for message in connection:
                asked = message.encode() if isinstance(message, str) else message
                for text in FRAMES.findall(talk.answer(asked)):
                    connection.send(text.decode())

    with serve(converse, "127.0.0.1", 0) as server:
        replay.settings["service"] = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        thread = _begun(server.serve_forever)
        try:
            yield
        finally:
            server.shutdown()
            thread.join(5)


def _begun(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="replay", daemon=True)
    thread.start()
    return thread


class Pages:
    """The files of a volume: reads give what was read before the next thing was written, in that order; a
    device that is polled looks the same until then."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._known: list[Frame] = []
        self._lock = threading.Lock()
        self._go_on()

    def _go_on(self) -> None:
        replay = self._replay
        while not replay.expected().sent:
            replay.unread.append(replay.expected())
            replay.at += 1

    def read(self, file: str, size: int, offset: int) -> bytes:
        """The bytes; a large read may come in several pieces."""
        with self._lock:
            for frame in (*self._replay.unread, *reversed(self._known)):
                begin, end = offset - frame.offset, offset + size - frame.offset
                if frame.file != file or begin < 0 or end > len(frame.data):
                    continue
                if end == len(frame.data) and frame in self._replay.unread:
                    self._replay.unread.remove(frame)
                    self._known.append(frame)
                return frame.data[begin:end]
            self._replay.differs(f"{size} bytes were read at {file}@{offset}")
            raise OSError(errno.EIO, "not in the transcript")

    def write(self, file: str, data: bytes, offset: int) -> int:
        """Whole sectors."""
        with self._lock:
            expected = self._replay.expected()
            padded = expected.data + bytes(-len(expected.data) % SECTOR)
            if self._replay.unread or (expected.file, expected.offset, padded) != (file, offset, data):
                shown = data.rstrip(b"\0")[:200].hex()
                self._replay.differs(f"{shown} was written to {file}@{offset}, as it was not then")
                raise OSError(errno.EIO, "not in the transcript")
            self._replay.at += 1
            self._go_on()
            return len(data)


@dataclass(frozen=True, slots=True)
class Page:
    """One file of them; a :class:`~kassd.sim.tse.volume.DeviceFile`."""

    pages: Pages
    name: str
    length: int

    def size(self) -> int:
        """As it was then."""
        return self.length

    def read(self, size: int, offset: int) -> bytes:
        """See :meth:`Pages.read`; nothing behind the end."""
        size = min(size, self.length - offset)
        return self.pages.read(self.name, size, offset) if size > 0 else b""

    def write(self, data: bytes, offset: int) -> int:
        """See :meth:`Pages.write`."""
        return self.pages.write(self.name, data, offset)


@contextmanager
def _volume(replay: Replay, head: Row, folder: Path) -> Iterator[None]:
    pages = Pages(replay)
    files = {name: Page(pages, name, size) for name, size in head["files"].items()}
    volume = Volume(folder / "volume", lambda: files, lambda: True)
    replay.settings["path"] = str(volume.mountpoint)
    volume.mount()
    try:
        yield
    finally:
        volume.unmount()


WIRES: dict[str, Callable[[Replay, Row, Path], AbstractContextManager[None]]] = {
    "serial": _serial,
    "tcp": _tcp,
    "websocket": _websocket,
    "volume": _volume,
}


@contextmanager
def replay(transcript: Transcript, folder: Path) -> Iterator[Replay]:
    """Play it until the end of ``with``; ``folder`` for a port or a mounted volume."""
    head = transcript.head
    played = Replay(transcript.frames, {"driver": head["driver"]})
    if "device_id" in head:
        played.settings["device_id"] = head["device_id"]
    with WIRES[head["wire"]](played, head, folder):
        yield played
