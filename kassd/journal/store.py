"""The files of the journal's end, synchronously: write a batch, rotate, and the small chores of idle time.

Only the writer thread calls this. ``write`` is the commit path: one ``pwrite`` on a handle with ``O_DSYNC``
into a block that exists and is zeroed, so it costs one data write and one flush. Everything else (the next
segment, checkpoints, compaction) is cut into steps of a moment each and done while nobody waits.
"""

import errno
import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from kassd.clock import Clock
from kassd.errors import JournalError, JournalLost
from kassd.journal.aside import put_aside_files
from kassd.journal.chain import Pending, padded
from kassd.journal.compact import compact
from kassd.journal.files import FULL, Files, lay_out, write_file
from kassd.journal.lost import lost
from kassd.journal.merkle import root_of
from kassd.journal.mirror import Mirror
from kassd.journal.note import Checkpoint, Signer
from kassd.journal.segments import PIECE, Segment, segment_files, segment_path

log = logging.getLogger(__name__)

CHECKPOINT_LINES = 64
CHECKPOINT_S = 60.0  # so long a line waits for its checkpoint at most
NS = 1_000_000_000
RESERVE = "next.blob"  # room for the blobs of a closing that has begun
Steps = Generator[None, None, None]
Report = Callable[[str, str], None]  # trouble's id, message; an empty message: it is over


def fill_spare(files: Files, directory: Path, capacity: int) -> Steps:
    """Make ``next.seg``: ``capacity`` zero bytes on the medium. Under that name it is always whole."""
    temporary = directory / "next.tmp"
    yield from lay_out(files, temporary, _zeros(capacity))
    yield
    files.rename(temporary, directory / "next.seg")
    files.fsync_dir(directory)


def _zeros(size: int) -> Iterator[bytes]:
    return (bytes(min(PIECE, size - offset)) for offset in range(0, size, PIECE))


def _unheard() -> None:
    """Nobody else keeps checkpoints."""


class Store:
    """The end of a journal directory, open for writing.

    ``size`` and ``nodes`` are the durable Merkle frontier; ``path`` is the active segment; ``signing`` is
    called whenever it is time for a checkpoint.
    """

    def __init__(
        self,
        files: Files,
        directory: Path,
        signer: Signer,
        *,
        align: int,
        capacity: int,
        compact: bool,
        mirror: Mirror | None,
        report: Report,
    ) -> None:
        self.files, self.directory, self.signer = files, directory, signer
        self.align, self.capacity, self.compact = align, capacity, compact
        self.mirror, self.report = mirror, report
        self.size, self.nodes = 0, tuple[bytes, ...]()
        self.path = directory
        self._handle = -1
        self._offset = 0
        self._noted = 0  # lines the checkpoint file vouches for
        self._note_due = False
        self._since: int | None = None  # mono ns since which a line waits for its checkpoint
        self.signing: Callable[[], None] = _unheard
        self._chore: tuple[str, Steps] | None = None
        self._paused: set[str] = set()  # chores that failed: again when a checkpoint is due
        self._troubled: set[str] = set()
        names = files.list(directory)
        self.spare = "next.seg" in names and files.size(directory / "next.seg") == capacity
        self._reserve = files.size(directory / RESERVE) if RESERVE in names else 0
        self._raw = [s for s in segment_files(files, directory) if not s.packed]
        self._rotten: list[str] = []

    def resume(self, path: Path, offset: int, size: int, nodes: Sequence[bytes], noted: int) -> None:
        """Go on at ``offset`` of an existing, zero-filled segment."""
        self.path, self._offset, self.size, self.nodes = path, offset, size, tuple(nodes)
        self._noted = noted
        if size > noted:
            self._waits(due=True)
        self._handle = self.files.open(path, dsync=True)

    def begin(self, first: int, nodes: Sequence[bytes], noted: int) -> None:
        """Go on with a new segment whose first line will be ``first``."""
        if not self.spare:
            for _ in fill_spare(self.files, self.directory, self.capacity):
                pass
        self.spare = False
        path = segment_path(self.directory, first)
        self.files.rename(self.directory / "next.seg", path)
        self.files.fsync_dir(self.directory)
        self._raw.append(Segment(first, self.directory))
        self.resume(path, 0, first, nodes, noted)

    def write(self, batch: Sequence[Pending]) -> None:
        """Make a batch durable: when this returns it is on the medium. ``OSError`` is final."""
        body = b"\n".join(pending.raw for pending in batch)
        size = padded(len(body) + 1, self.align)
        data = body + b" " * (size - len(body) - 1) + b"\n"
        if self.mirror is not None:
            self.mirror.settle()
        self.files.pwrite(self._handle, data, self._offset)
        if self.mirror is not None:
            self.mirror.put(self.path.name, data, self._offset)
        self.stay()
        self._offset += size
        self.size, self.nodes = batch[-1].line.seq + 1, batch[-1].nodes
        ends = any(pending.closes or pending.seals for pending in batch)
        self._waits(due=ends or self.size - self._noted >= CHECKPOINT_LINES)

    def stay(self) -> None:
        """:class:`~kassd.errors.JournalLost` where a start would not find what is written here."""
        if self._handle >= 0 and not self.files.is_at(self._handle, self.path):
            raise lost(self.files, self._handle, self.path, self.signer)

    def explain(self, error: OSError) -> JournalError:
        """Why it can no longer be written, in German, with the next step."""
        try:
            self.stay()
        except JournalLost as known:
            return known
        except OSError as again:
            log.error("journal: %s: %s", self.path, again)
        step = "Platz schaffen" if error.errno in FULL else "Speicher prüfen"
        return JournalError(
            f"Das Journal kann nicht geschrieben werden ({error.strerror or error}). "
            f"Es wird nicht weiter verkauft. {step}, dann kassd neu starten."
        )

    def _waits(self, due: bool) -> None:
        """A line waits for its checkpoint; ``due``: no longer, and what failed before is tried again."""
        self._since = Clock.mono() if self._since is None else self._since
        if due:
            self._note_due = True
            self._paused.clear()

    def patience(self) -> float | None:
        """Seconds until a line has waited long enough for its checkpoint; None: every line has one."""
        if self._since is None:
            return None
        return max(0.0, CHECKPOINT_S - (Clock.mono() - self._since) / NS)

    def rotate(self) -> None:
        """After a seal: cut the segment to its length, make it read-only, begin the next one."""
        files, sealed = self.files, self.path
        if self._handle < 0:
            self._handle = files.open(sealed, dsync=True)
        files.truncate(self._handle, self._offset)
        files.fsync(self._handle)
        files.close(self._handle)
        self._handle = -1
        files.chmod(sealed, 0o444)
        if self._chore is not None and self._chore[0] == "spare":
            self._drop_chore()
        self.begin(self.size, self.nodes, self._noted)
        if self.mirror is not None:
            self.mirror.seal(sealed.name, files.size(sealed))

    def finish(self, path: Path, offset: int, size: int, nodes: Sequence[bytes], noted: int) -> None:
        """Rotate a segment that was sealed, but not left, before the last end."""
        self.path, self._offset, self.size, self.nodes = path, offset, size, tuple(nodes)
        self._noted = noted
        self.rotate()

    def chore(self) -> bool:
        """Do one small step of what can wait; False when nothing is left. Raises for the disk only
        :class:`~kassd.errors.JournalLost`."""
        if self._chore is None:
            self._chore = self._next_chore()
        if self._chore is None:
            return False
        name, steps = self._chore
        try:
            next(steps)
        except StopIteration:
            self._chore = None
            self._well(name)
        except OSError as error:
            self._chore = None
            self.stay()
            self._paused.add(name)
            log.log(
                logging.DEBUG if name in self._troubled else logging.ERROR, "journal: %s: %s", name, error
            )
            self._troubled.add(name)
            self.report(name, str(error))
        return True

    def _next_chore(self) -> tuple[str, Steps] | None:
        if self.patience() == 0:
            self._since = None  # counted anew: a checkpoint that fails now is tried again in a minute
            self._waits(due=True)
        if self._note_due and "checkpoint" not in self._paused:
            return "checkpoint", self._write_checkpoint()
        if not self.spare and "spare" not in self._paused:
            return "spare", self._fill_spare()
        sealed = [segment for segment in self._raw if segment.path != self.path]
        if self.compact and sealed and "compact" not in self._paused:
            return "compact", self._compact(sealed[0])
        return None

    def _fill_spare(self) -> Steps:
        yield from fill_spare(self.files, self.directory, self.capacity)
        self.spare = True

    @property
    def starved(self) -> bool:
        """Whether the next segment could not be laid out: what is left of this one is all there is."""
        return not self.spare and "spare" in self._troubled

    def make_room(self, size: int) -> None:
        """Lay out what a closing needs: the next segment, and ``size`` bytes for its blobs. ``OSError``: the
        disk does not have them."""
        missing = 0 if self._reserve >= size else size - self._reserve
        if self.files.free(self.directory) < missing + (0 if self.spare else self.capacity):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if not self.spare:
            if self._chore is not None and self._chore[0] == "spare":
                self._drop_chore()
            for _ in self._fill_spare():
                pass
            self._well("spare")
        if missing:
            self._reserve = 0
            for _ in lay_out(self.files, self.directory / RESERVE, _zeros(size)):
                pass
            self._reserve = size

    def give_room(self) -> None:
        """What was laid out for blobs may be used for them now."""
        if self._reserve:
            self.files.unlink(self.directory / RESERVE)
            self._reserve = 0

    def _well(self, name: str) -> None:
        self._paused.discard(name)
        if name in self._troubled:
            self._troubled.discard(name)
            self.report(name, "")

    def _compact(self, segment: Segment) -> Steps:
        outcome = yield from compact(self.files, segment)
        self._raw.remove(segment)
        if outcome == "aside":
            log.error("journal: %s has rotted: put aside, its packed form is whole", segment.path.name)
            self.report("aside", ", ".join(put_aside_files(self.files, self.directory)))
        elif outcome == "rotten":
            self._rotten.append(segment.path.name)
            log.critical("journal: %s has rotted, and there is no packed form of it", segment.path.name)
            self.report("rotten", ", ".join(self._rotten))

    def _write_checkpoint(self) -> Steps:
        self.stay()
        self.signing()
        note = self.signer.sign(self.checkpoint())
        write_file(self.files, self.directory / "checkpoint", note.encode())
        self._noted, self._note_due, self._since = self.size, False, None
        if self.mirror is not None:
            self.mirror.copy("checkpoint")
        yield

    def checkpoint(self) -> Checkpoint:
        """What is durable now, to be signed."""
        return Checkpoint(self.signer.name, self.size, root_of(self.nodes))

    def _drop_chore(self) -> None:
        if self._chore is not None:
            self._chore[1].close()  # a half-done step leaves a temporary file, no more
            self._chore = None

    def close(self) -> None:
        """Write a last checkpoint if lines came since, and let go of the files."""
        self._drop_chore()
        self.stay()
        if self.size > self._noted:
            try:
                for _ in self._write_checkpoint():
                    pass
            except OSError as error:  # every line is durable; the next start writes one
                log.error("journal: checkpoint: %s", error)
        self.abandon()

    def abandon(self) -> None:
        """Let go of the files as they are."""
        if self.mirror is not None:
            self.mirror.close()
        handle, self._handle = self._handle, -1
        if handle >= 0:
            try:
                self.files.close(handle)
            except OSError as error:  # everything acknowledged was synced by its own write
                log.error("journal: close: %s", error)
