"""The one thread that touches the files of an open journal.

It sleeps in ``SimpleQueue.get``, with a time-out only while a line waits for its checkpoint, so an idle
register causes no wake-ups. Lines that came while a batch was being written form the next batch by
themselves. The first error is the last: after a failed write or sync nobody can know what the medium holds,
so nothing is acknowledged any more.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from kassd.deferred import dataclass
from kassd.errors import JournalError, JournalLost
from kassd.journal.chain import Pending
from kassd.journal.store import Store

log = logging.getLogger(__name__)

BATCH_LINES = 64
BATCH_BYTES = 60 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """Something else to be done by this thread, in order; its errors are the caller's own, but for
    :class:`~kassd.errors.JournalLost`."""

    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing comes after it."""


Item = Pending | Job | Stop


class Writer:
    """Runs a :class:`Store` in a thread. The callbacks are called in that thread, in order.

    ``on_durable(batch)``: these lines are on the medium. ``on_end(error)``: the thread has ended, with None
    after a ``Stop``. ``beats`` grows with every batch and every small step.
    """

    def __init__(
        self,
        store: Store,
        on_durable: Callable[[list[Pending]], None],
        on_end: Callable[[JournalError | None], None],
    ) -> None:
        self.store, self.on_durable, self.on_end = store, on_durable, on_end
        self.queue: SimpleQueue[Item] = SimpleQueue()
        self.beats = 0
        self.thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def commit(self, batch: list[Pending]) -> None:
        """Make a batch durable, say so, and begin the next segment if it ended one."""
        self.store.write(batch)
        self.on_durable(batch)
        if batch[-1].seals:
            self.store.rotate()
        self.beats += 1

    def _run(self) -> None:
        failure: JournalError | None = None
        try:
            self._work()
            self.store.close()
        except JournalLost as error:
            failure = error
        except OSError as error:
            failure = self.store.explain(error)
            failure.__cause__ = error
        except Exception as error:  # noqa: BLE001 - a dead writer must be heard, whatever killed it
            failure = JournalError(f"Der Journal-Schreiber ist ausgefallen: {type(error).__name__}: {error}")
            failure.__cause__ = error
        if failure is not None:
            log.critical("journal: %s", failure, exc_info=failure.__cause__)
            self.store.abandon()
        self.on_end(failure)

    def _work(self) -> None:
        held: Item | None = None
        while True:
            item = held or self._next()
            held = None
            if isinstance(item, Stop):
                return
            if isinstance(item, Job):
                item.run()
                self.beats += 1
                continue
            held = self._commit_with_followers(item)

    def _next(self) -> Item:
        """The next item; small chores while there is none."""
        while True:
            with suppress(Empty):
                return self.queue.get_nowait()
            if self.store.chore():
                self.beats += 1
                continue
            with suppress(Empty):  # it is time for a checkpoint
                return self.queue.get(timeout=self.store.patience())

    def _commit_with_followers(self, first: Pending) -> Item | None:
        """Commit ``first`` and what waits behind it; return an item that did not belong to the batch."""
        batch, size = [first], len(first.raw) + 1
        held: Item | None = None
        while not batch[-1].seals and len(batch) < BATCH_LINES:
            try:
                held = self.queue.get_nowait()
            except Empty:
                break
            if not isinstance(held, Pending) or size + len(held.raw) + 1 > BATCH_BYTES:
                break
            batch.append(held)
            size += len(held.raw) + 1
            held = None
        self.commit(batch)
        return held
