"""The archive of the TSE's log (L-043, L-044): asked for by each closing, kept as facts.

The wish stays on the to-do list until a verified file lies in the archive, over restarts, too. It takes
whatever the TSE has signed until then, so one at a time is enough.
"""

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.decision import Draft
from kassd.core.facts import Wish
from kassd.core.fold import on, without_wish
from kassd.core.inputs import Stamp
from kassd.core.state import Archive, State
from kassd.deferred import replace

WISH = "archive"


def archive_wish(state: State) -> Wish | None:
    """The export that is still to be archived."""
    return next((wish for wish in state.outbox.values() if wish.kind == WISH), None)


def ask_archive(d: Draft) -> None:
    """After a closing: what the bound TSE has signed since the last archive."""
    bound = d.state.tse.bound
    if bound is not None and archive_wish(d.state) is None:
        d.wish(WISH, serial_number=bound.serial_number, after=d.state.tse.archive.last)


def on_archived(d: Draft, done: i.TseArchived) -> None:
    """The file lies in the archive, verified and compared."""
    if (wish := d.state.outbox.get(done.wish)) is None or wish.kind != WISH:
        return
    d.fact(
        f.TseArchived(
            done.wish,
            done.serial_number,
            done.first,
            done.last,
            done.messages,
            done.sha256,
            done.size,
            done.file,
            done.seq,
            done.findings,
        )
    )


def on_failed(d: Draft, failed: i.TseArchiveFailed) -> None:
    """Said once for each reason in a row; the wish stays."""
    wanted = failed.wish in d.state.outbox
    if wanted and d.state.tse.archive.failed != failed.message:
        d.fact(f.TseArchiveFailed(failed.wish, failed.reason, failed.message))


def on_read_back(d: Draft, read: i.TseReadBack) -> None:
    """The daily proof that the TSE still gives its data back."""
    bound = d.state.tse.bound
    if bound is not None and bound.serial_number == read.serial_number:
        d.fact(f.TseReadBack(d.at, read.serial_number, read.first, read.last, read.problem))


def _with(state: State, archive: Archive) -> State:
    return replace(state, tse=replace(state.tse, archive=archive))


@on(f.TseArchived)
def _archived(state: State, fact: f.TseArchived, stamp: Stamp) -> State:
    state, old = without_wish(state, fact.wish), state.tse.archive
    archive = replace(old, seq=fact.seq, findings=fact.findings, failed="")
    if fact.messages:
        archive = replace(
            archive,
            last=fact.last,
            first=fact.first,
            file=fact.file,
            size=fact.size,
            sha256=fact.sha256,
        )
    return _with(state, archive)


@on(f.TseArchiveFailed)
def _failed(state: State, fact: f.TseArchiveFailed, stamp: Stamp) -> State:
    return _with(state, replace(state.tse.archive, failed=fact.message))


@on(f.TseReadBack)
def _read_back(state: State, fact: f.TseReadBack, stamp: Stamp) -> State:
    return _with(state, replace(state.tse.archive, read_at=fact.at, unread=fact.problem))
