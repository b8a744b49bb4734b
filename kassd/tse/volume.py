"""Files of a TSE's volume, read and written past every cache, in a thread of the device's own.

Both mailbox families want ``O_DIRECT | O_SYNC`` (tests included), so buffers are aligned and sizes are whole
sectors. A call that does not return in time is left running: the next one waits for it.
"""

import asyncio
import errno
import mmap
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from kassd.errors import TseGone, TseSilent
from kassd.tse.wire import tell

T = TypeVar("T")
SECTOR = 512
FLAGS = os.O_RDWR | os.O_DIRECT | os.O_SYNC | os.O_CLOEXEC
GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTCONN, errno.ESTALE, errno.ENOMEDIUM)


class SectorFile:
    """One open file; reads and writes of up to ``capacity`` bytes, whole sectors. Blocking."""

    def __init__(self, path: Path, capacity: int = SECTOR, flags: int = FLAGS) -> None:
        """Raises :class:`TseGone` if it is not there."""
        self.path = path
        self._buffer = mmap.mmap(-1, capacity)  # page-aligned
        self._view = memoryview(self._buffer)
        with _told(path):
            self._fd = os.open(path, flags)

    def read(self, size: int, offset: int = 0) -> bytes:
        """Return exactly ``size`` bytes; raises :class:`TseGone` for fewer."""
        with _told(self.path):
            done = os.preadv(self._fd, [self._view[:size]], offset)
        if done < size:
            raise TseGone(f"{self.path}: {done} statt {size} Byte gelesen.")
        data = self._buffer[:size]
        tell("in", data, f"{self.path.name}@{offset}")
        return data

    def write(self, data: bytes, offset: int = 0) -> None:
        """Write ``data``, filled up with zeros to whole sectors."""
        size = -(-len(data) // SECTOR) * SECTOR
        self._view[: len(data)] = data
        self._view[len(data) : size] = bytes(size - len(data))
        where = f"{self.path.name}@{offset}"
        tell("out", data, where)
        with _told(self.path):
            done = os.pwritev(self._fd, [self._view[:size]], offset)
        tell("sent", data, where)
        if done < size:
            raise TseGone(f"{self.path}: {done} statt {size} Byte geschrieben.")

    def close(self) -> None:
        """Close; never raises."""
        self._view.release()
        try:
            os.close(self._fd)
        except OSError:
            return  # a pulled stick: there is nothing left to close


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """``OSError`` becomes :class:`TseGone` with a sentence for a person."""
    try:
        yield
    except OSError as error:
        what = "ist nicht da" if error.errno in GONE else f"ist nicht benutzbar ({error.strerror})"
        raise TseGone(f"{path} {what}: bitte prüfen, ob die TSE steckt.") from error


class DeviceThread:
    """Runs blocking work strictly one after another."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[], T], timeout_s: float) -> T:
        """Result of ``work``; raises :class:`TseSilent` after ``timeout_s``, and the work goes on."""
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.shield(future)
        except TimeoutError:
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise TseSilent(f"Die TSE hat nach {timeout_s:g} s nicht geantwortet.") from None
