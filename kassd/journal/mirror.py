"""A second copy of the journal in another directory (a USB stick, another partition).

The mirror follows the disk by one step: a batch is copied after it was acknowledged and before the next one
is written, so that what the next write may damage exists twice. It has a thread of its own, because a dying
stick may hold a call for half a minute: the till waits ``PATIENCE_S`` for it, then says so and sells on.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.journal.files import Files, write_file
from kassd.journal.line import genesis, split_line
from kassd.journal.segments import (
    Segment,
    SegmentError,
    last_line,
    line_at,
    list_segments,
    load,
    scan,
    seal_of,
    strip_nul,
)

PATIENCE_S = 0.5
RETRY_JOBS = 64  # after an error the whole directory is compared again when so many jobs were skipped


class MirrorError(DataError):
    """The mirror holds something that must not be overwritten."""


class Mirror:
    """Copies of the segments, blobs and the checkpoint of ``source`` in ``target``."""

    def __init__(
        self,
        files: Files,
        source: Path,
        target: Path,
        report: Callable[[str, str], None],
        *,
        threaded: bool = True,
    ) -> None:
        self.files, self.source, self.target, self.report = files, source, target, report
        self._handle, self._open_name = -1, ""
        self._skipped = 0
        self._healthy = False
        self._idle = threading.Event()
        self._idle.set()
        self._late = False
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._run, name="journal-mirror", daemon=True)
            self._thread.start()
        self._do(self._synchronise)

    def settle(self) -> None:
        """Wait until everything handed over is on the mirror, at most ``PATIENCE_S``."""
        if self._thread is None or self._late or self._idle.wait(PATIENCE_S):
            self._late = self._late and not self._idle.is_set()
            return
        self._late = True
        self.report("mirror", "Der Journal-Spiegel antwortet nicht.")

    def put(self, name: str, data: bytes, offset: int) -> None:
        """Copy a batch that has just been written to the segment ``name``."""
        self._do(lambda: self._write(name, data, offset))

    def seal(self, name: str, size: int) -> None:
        """The segment ``name`` ends at ``size``."""
        self._do(lambda: self._seal(name, size))

    def copy(self, name: str) -> None:
        """Copy a whole small file (checkpoint, ``blob/…``)."""
        self._do(lambda: self._copy(name))

    def close(self) -> None:
        """Finish what was handed over (within ``PATIENCE_S``) and let go."""
        self.settle()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(PATIENCE_S)
        else:
            self._release()

    def _do(self, job: Callable[[], None]) -> None:
        if self._thread is None:
            self._guarded(job)
            return
        self._idle.clear()
        self._queue.put(job)

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            self._guarded(job)
            if self._queue.empty():
                self._idle.set()
        self._release()

    def _guarded(self, job: Callable[[], None]) -> None:
        """Errors are reported and never reach the till; after one, everything is compared again later."""
        try:
            if not self._healthy:
                self._skipped += 1
                if job != self._synchronise and self._skipped < RETRY_JOBS:
                    return
                self._skipped = 0
                self._synchronise()
                self._healthy = True
                self.report("mirror", "")
                return
            job()
        except (OSError, DataError) as error:
            self._healthy = False
            self._release()
            self.report("mirror", f"Der Journal-Spiegel {self.target} wird nicht geschrieben: {error}")

    def _release(self) -> None:
        handle, self._handle, self._open_name = self._handle, -1, ""
        if handle >= 0:
            try:
                self.files.close(handle)
            except OSError as error:
                self.report("mirror", str(error))

    def _write(self, name: str, data: bytes, offset: int) -> None:
        if self._open_name != name:
            self._release()
            fresh = name not in self.files.list(self.target)
            self._handle = self.files.open(self.target / name, create=fresh, dsync=True)
            self._open_name = name
            if fresh:
                self.files.fsync_dir(self.target)
        self.files.pwrite(self._handle, data, offset)

    def _seal(self, name: str, size: int) -> None:
        self._release()
        if name in self.files.list(self.target):
            handle = self.files.open(self.target / name)
            try:
                self.files.truncate(handle, size)
                self.files.fsync(handle)
            finally:
                self.files.close(handle)

    def _copy(self, name: str) -> None:
        folder = (self.target / name).parent
        if folder != self.target and folder.name not in self.files.list(self.target):
            self.files.mkdir(folder)
            self.files.fsync_dir(self.target)
        write_file(self.files, self.target / name, self.files.read(self.source / name))

    def _synchronise(self) -> None:
        """Bring the mirror to the state of the source; refuses to overwrite what the source does not have."""
        for last in (False, False, True):
            try:
                return self._compare()
            except FileNotFoundError:  # a segment was compacted between our look at folder and file
                if last:
                    raise

    def _compare(self) -> None:
        files = self.files
        self._release()
        files.mkdir(self.target)
        theirs = {s.first: s for s in list_segments(files, self.target)}
        ours = list_segments(files, self.source)
        self._refuse_foreign(ours, theirs)
        for segment in ours:
            data = files.read(segment.path)
            data = data if segment.packed else strip_nul(data)
            old = theirs.get(segment.first)
            if old is not None and old.packed == segment.packed and files.size(old.path) == len(data):
                continue
            if old is not None and not _prolongs(load(files, segment), load(files, old)):
                raise MirrorError(f"{old.path.name} hat anderen Inhalt als das Journal")
            write_file(files, self.target / segment.path.name, data)
            if old is not None and old.packed != segment.packed:
                files.unlink(old.path)
                files.fsync_dir(self.target)
        present = files.list(self.target / "blob")
        for name in files.list(self.source / "blob"):
            if name not in present and not name.endswith(".tmp"):
                self._copy(f"blob/{name}")
        if "checkpoint" in files.list(self.source):
            self._copy("checkpoint")

    def _refuse_foreign(self, ours: list[Segment], theirs: dict[int, Segment]) -> None:
        if not ours or not theirs:
            return
        if max(theirs) > ours[-1].first:
            raise MirrorError("der Spiegel hat mehr Zeilen als das Journal")
        first = theirs.get(0)
        if first is not None and line_at(load(self.files, first), 0) != line_at(load(self.files, ours[0]), 0):
            raise MirrorError("der Spiegel gehört zu einem anderen Journal")


def _prolongs(ours: bytes, theirs: bytes) -> bool:
    """Whether ``ours`` has every whole line of ``theirs`` at the same place."""
    theirs = strip_nul(theirs)
    whole = [row.rstrip(b" ") for row in theirs[: theirs.rfind(b"\n") + 1].split(b"\n")[:-1]]
    mine = [row.rstrip(b" ") for row in ours.split(b"\n")[: len(whole)]]
    return mine == whole


@dataclass(frozen=True, slots=True)
class Supply:
    """A segment of the mirror and how many bytes of it hold the chain."""

    segment: Segment
    end: int
    sealed: bool

    def content(self, files: Files, capacity: int) -> bytes:
        """The good lines; followed by NUL up to ``capacity`` unless the segment is sealed."""
        good = load(files, self.segment)[: self.end]
        return good if self.sealed else good.ljust(capacity, b"\0")


def supply(files: Files, directory: Path, mirror: Path, origin: str, first: int) -> tuple[int, list[Supply]]:
    """What the mirror can give for the segments from line ``first`` on, and the seq after its last line.

    Only lines that continue the chain of the segment before ``first`` count. Reads only.
    """
    h = _hash_before(files, directory, origin, first)
    seq, taken = first, list[Supply]()
    for segment in list_segments(files, mirror):
        if h is None or segment.first != seq:
            continue
        try:
            data = load(files, segment)
        except SegmentError:
            break
        walked = scan(data, seq, h)
        if not walked.count:
            break
        seq, h = walked.seq, walked.h
        taken.append(Supply(segment, walked.end, seal_of(line_at(data, walked.last)) is not None))
        if not taken[-1].sealed:
            break
    return seq, taken


def _hash_before(files: Files, directory: Path, origin: str, first: int) -> bytes | None:
    if first == 0:
        return genesis(origin)
    before = [s for s in list_segments(files, directory) if s.first < first]
    try:
        return split_line(last_line(load(files, before[-1])))[1]
    except (IndexError, DataError):
        return None
