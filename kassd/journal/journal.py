"""The journal as the register sees it: append, wait, go on.

All methods belong to the event loop's thread. Lines are numbered and chained there, in the order of the
calls; the writer thread makes them durable.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kassd.errors import JournalError
from kassd.journal.blobs import missing_bytes, write_blobs
from kassd.journal.chain import Now, Pending
from kassd.journal.files import FULL, Files, OsFiles
from kassd.journal.line import Entry, Line
from kassd.journal.merkle import root_of
from kassd.journal.note import Checkpoint
from kassd.journal.segments import SEGMENT_SIZE, read_lines
from kassd.journal.start import Options, Recovery, Started, start, system_now
from kassd.journal.store import Report
from kassd.journal.writer import Job, Stop, Writer

log = logging.getLogger(__name__)

QUEUE_LINES = 256
ENDING_PART = 4  # of a segment: 1 MiB, some 250 lines for what has been begun

T = TypeVar("T")


class JournalBusy(JournalError):
    """More lines wait for the disk than any register produces. The entry was not taken."""

    advice = "retry"


class JournalFull(JournalError):
    """The disk has no room for more than lines. Nothing was stored, and the journal goes on."""

    advice = "operator"


class Progress(NamedTuple):
    """For the watchdog: with ``waiting`` > 0, ``beats`` must grow; ``alive`` must be True."""

    beats: int
    waiting: int
    alive: bool


class Journal:
    """An open journal. Made by :meth:`open`, ended by :meth:`close`.

    ``next_seq`` is the seq the next :meth:`append` will get. ``failed`` resolves with the error when the
    journal can no longer be written; every waiter has then failed with it. ``signing`` is called, in the
    loop's thread, whenever a checkpoint is written to the disk: then others may remember one as well.
    """

    def __init__(self, directory: Path, files: Files, options: Options, started: Started) -> None:
        self.directory, self._files, self._options = directory, files, options
        self._chain, self._store, self._lock = started.chain, started.store, started.lock
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[Pending, asyncio.Future[Line]]] = deque()
        self._error: JournalError | None = None
        self._closing = False
        self._ended = asyncio.Event()
        self._durable = (started.store.size, started.store.nodes)
        self._jobs: set[asyncio.Future[Any]] = set()
        self.failed: asyncio.Future[JournalError] = self._loop.create_future()
        self.signing: Callable[[], None] = _unheard
        started.store.signing = lambda: self._post(self._signing)
        self._writer = Writer(
            started.store,
            lambda batch: self._post(self._settled, len(batch)),
            lambda error: self._post(self._end, error),
        )
        self._writer.start()

    @classmethod
    async def open(
        cls,
        directory: Path,
        origin: str,
        *,
        align: int = 4096,
        files: Files | None = None,
        mirror: Path | None = None,
        compact: bool = True,
        now: Now = system_now,
        epoch: int = 1,
        report: Report | None = None,
        resume: Callable[[int], None] | None = None,
        segment_size: int = SEGMENT_SIZE,
    ) -> "tuple[Journal, Recovery]":
        """Open or create the journal of the register ``origin`` in ``directory``.

        ``report(id, message)`` is called in the loop's thread when ``spare``, ``checkpoint``, ``compact`` or
        ``mirror`` is in trouble; an empty message says that it is over. For ``rotten`` (a sealed segment of
        which no form is whole) and ``aside`` (files in torn/) the message names the files.
        ``resume(newest)`` is called, in another thread, with the time of the newest line (unix ns) before
        ``now`` is asked for the next one. Raises ``JournalLocked`` (exit code 75), ``JournalDamaged``,
        ``ConfigError`` (another register's journal), ``JournalError``.
        """
        loop = asyncio.get_running_loop()
        files = files or OsFiles()

        def heard(name: str, message: str) -> None:
            if report is not None:
                _call(loop, report, name, message)

        options = Options(align, segment_size, mirror, compact, epoch, now, heard)
        if resume is not None:
            options = replace(options, resume=resume)
        started = await asyncio.to_thread(start, directory, origin, options, files)
        return cls(directory, files, options, started), started.recovery

    @property
    def next_seq(self) -> int:
        """The seq of the next line; a seal that became necessary is already counted."""
        return self._chain.seq

    def append(self, entry: Entry) -> "asyncio.Future[Line]":
        """Chain ``entry`` now; the future resolves, in order, when the line is durable.

        Raises ``LineError`` (no journal line), :class:`JournalBusy` (queue full) and ``JournalError`` (failed
        or closed): then nothing was taken. Cancelling the future does not un-write the line.
        """
        self._refuse_if_over()
        if len(self._waiting) >= QUEUE_LINES:
            raise JournalBusy("Das Journal kommt nicht nach. Bitte kurz warten.")
        rows = self._chain.extend(entry, self._options.now, self._options.capacity)
        futures = [self._loop.create_future() for _ in rows]
        for pending, future in zip(rows, futures, strict=True):
            self._waiting.append((pending, future))
            self._writer.queue.put(pending)
        return futures[0]

    async def put_blobs(self, *blobs: bytes) -> list[dict[str, Any]]:
        """Store ``blobs``; the returned ``{"blob": sha256, "size": n}`` are durable and may be named in one
        line, and there is room for the segment after it. Raises :class:`JournalFull`: then none is stored."""

        def store() -> list[dict[str, Any]]:
            self._store.make_room(missing_bytes(self._files, self.directory, blobs))
            self._store.give_room()
            refs = write_blobs(self._files, self.directory, blobs)
            if self._store.mirror is not None:
                for ref in refs:
                    self._store.mirror.copy(f"blob/{ref['blob']}")
            return refs

        return await self._work(store)

    async def reserve(self, *blobs: bytes, more: int = 0) -> None:
        """Lay out room for blobs like ``blobs`` and ``more`` bytes, and for the segment after them. Raises
        :class:`JournalFull`: then nothing has changed."""

        def lay_out() -> None:
            self._store.make_room(missing_bytes(self._files, self.directory, blobs) + more)

        await self._work(lay_out)

    @property
    def spare(self) -> bool:
        """Whether the next segment is laid out."""
        return self._store.spare

    @property
    def starved(self) -> bool:
        """Whether the next segment could not be laid out."""
        return self._store.starved

    @property
    def ending(self) -> bool:
        """Whether no segment follows the active one, and that comes to its end: what is left of it belongs to
        what has been begun."""
        left = self._chain.capacity - self._chain.used
        return self.starved and left < self._store.capacity // ENDING_PART

    async def _work(self, work: Callable[[], T]) -> T:
        """Do it in the writer's thread, in order."""
        self._refuse_if_over()
        result: asyncio.Future[T] = self._loop.create_future()
        self._jobs.add(result)
        result.add_done_callback(self._jobs.discard)

        def job() -> None:
            try:
                done = work()
            except OSError as error:
                self._store.stay()
                kind = JournalFull if error.errno in FULL else JournalError
                self._post(_reject, result, kind(f"Das Journal kann nicht gespeichert werden: {error}"))
            else:
                self._post(_resolve, result, done)

        self._writer.queue.put(Job(job))
        return await result

    def read_line(self, seq: int) -> Line:
        """The durable line ``seq``; reads one segment. Raises ``JournalError`` if there is none."""
        for line in read_lines(self.directory, seq, seq, self._files):
            return line
        raise JournalError(f"Zeile {seq} steht nicht im Journal.")

    def checkpoint(self) -> str:
        """A signed note over all durable lines, for the broker and for witnesses."""
        signer, (size, nodes) = self._store.signer, self._durable
        return signer.sign(Checkpoint(signer.name, size, root_of(nodes)))

    def progress(self) -> Progress:
        """See :class:`Progress`."""
        return Progress(self._writer.beats, len(self._waiting), self._writer.thread.is_alive())

    async def close(self) -> None:
        """Write what waits and a checkpoint, then give the directory back. May be called again."""
        if not self._closing:
            self._closing = True
            self._writer.queue.put(Stop())
        await self._ended.wait()
        self._writer.thread.join()
        if self._lock >= 0:
            self._files.close(self._lock)
            self._lock = -1

    def _refuse_if_over(self) -> None:
        if self._error is not None:
            raise self._error
        if self._closing:
            raise JournalError("Das Journal ist geschlossen.")

    def _settled(self, count: int) -> None:
        """The oldest ``count`` waiting lines are durable."""
        for _ in range(count):
            pending, future = self._waiting.popleft()
            self._durable = (pending.line.seq + 1, pending.nodes)
            _resolve(future, pending.line)

    def _end(self, error: JournalError | None) -> None:
        """The writer has ended; with an error, nothing that still waits will ever be acknowledged."""
        self._error = error
        if error is not None:
            for waiting in [future for _, future in self._waiting] + list(self._jobs):
                _reject(waiting, error)
            _resolve(self.failed, error)
        self._waiting.clear()
        self._ended.set()

    def _signing(self) -> None:
        self.signing()

    def _post(self, call: Callable[..., None], *args: Any) -> None:
        _call(self._loop, call, *args)


def _call(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: Any) -> None:
    """Call in the loop's thread; when the loop is gone nobody waits any more."""
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        log.warning("journal: the event loop ended before the journal was closed")


def _unheard() -> None:
    """Nobody else keeps checkpoints."""


def _resolve(future: "asyncio.Future[Any]", value: Any) -> None:
    if not future.done():
        future.set_result(value)


def _reject(future: "asyncio.Future[Any]", error: JournalError) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # an entry nobody waits for is no unheard error: ``failed`` tells
