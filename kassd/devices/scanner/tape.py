"""What a scanner has typed of a code that is not complete yet, in memory that outlives the process.

Theory of operation. The kernel keeps for the next process what has not been read; what has been read when
the process dies in the middle of a code would be missing, and the rest would look like a code of its own. So
the events are read straight into a memory file, which lies beside the device in systemd's store of
descriptors: one system call takes them out of the kernel and puts them there, and no kill can come in
between. At each moment when nothing is under way (:meth:`Tape.rest`) the tape begins anew.

    header | dead: read before start | start: events since the last rest, notes among them | zeros

The header is one word and changes in one store: where the tape starts (upper half), and how many codes of
what stands there were handed over already (lower half). The end is the first record of nothing but zeros.
"""

import mmap
import os
import struct

from kassd.devices.scanner.keys import EVENT

SIZE = 1 << 20
REWIND = 1 << 16  # dead bytes after which the tape is wound back, so that few pages are ever touched
MARK = b"kassdtp1"
DATA = 48  # of the first event
_HEADER = struct.Struct("@Q")  # native: one store, not eight
NOTHING = bytes(EVENT.size)


class Tape:
    """A stretch of shared memory. One thread uses it at a time."""

    def __init__(self, fd: int | None = None) -> None:
        """A new tape, or the one an earlier process left in ``fd``. Raises OSError when that is none."""
        self.fd = os.memfd_create("scanner", os.MFD_CLOEXEC) if fd is None else fd
        if fd is None:
            os.ftruncate(self.fd, SIZE)
        elif os.fstat(fd).st_size != SIZE:
            raise OSError(f"no tape of {SIZE} bytes")
        self._memory = mmap.mmap(self.fd, SIZE)
        if fd is None:
            self._memory[: len(MARK)] = MARK
        elif self._memory[: len(MARK)] != MARK:
            self._memory.close()
            raise OSError("a tape of another kind")
        self._start, self.handed = self._header()
        self._end = self._find_end()
        self._view = memoryview(self._memory)

    def saved(self) -> bytes:
        """The events since the last rest; ``handed`` of the codes in them were handed over."""
        return self._memory[self._start : self._end]

    @property
    def is_full(self) -> bool:
        """Whether a code has been going on for longer than there is room: then it cannot be handed on."""
        return self._end + REWIND > SIZE

    def read(self, fd: int, size: int) -> bytes:
        """At most ``size`` bytes from ``fd``, kept on the tape; nothing at its end. Raises OSError."""
        if self.is_full:
            return os.read(fd, size)
        count = os.readv(fd, [self._view[self._end : self._end + size]])
        self._end += count
        return self._memory[self._end - count : self._end]

    def write(self, record: bytes) -> None:
        """Keep ``record`` behind what was read."""
        if not self.is_full:
            self._memory[self._end : self._end + len(record)] = record
            self._end += len(record)

    def hand_over(self, count: int) -> None:
        """``count`` more codes are about to be handed over: none of them shall come a second time."""
        if count:
            self._set(self._start, self.handed + count)

    def rest(self) -> None:
        """Nothing is under way: the tape begins here."""
        if self._end != self._start or self.handed:
            self._set(self._end, 0)
        if self._end > REWIND:
            self._memory[DATA : self._end] = bytes(self._end - DATA)
            self._set(DATA, 0)
            self._end = DATA

    def close(self) -> None:
        """Let go; whoever else has the file keeps what is in it."""
        self._view.release()
        self._memory.close()
        os.close(self.fd)

    def _set(self, start: int, handed: int) -> None:
        self._start, self.handed = start, handed
        _HEADER.pack_into(self._memory, len(MARK), start << 32 | handed)

    def _header(self) -> tuple[int, int]:
        (word,) = _HEADER.unpack_from(self._memory, len(MARK))
        return max(word >> 32, DATA), word & 0xFFFFFFFF

    def _find_end(self) -> int:
        for at in range(self._start, SIZE - EVENT.size + 1, EVENT.size):
            if self._memory[at : at + EVENT.size] == NOTHING:
                return at
        return SIZE
