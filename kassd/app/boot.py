"""From the journal's files to the register's state: the last closing's line and what follows it."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import kassd
from kassd import settings as configuration
from kassd.app.finder import FILE
from kassd.clock import DAY_NS, Clock, boot_id, unix_ns, utc_text
from kassd.core.boot import check_identity, config_parts
from kassd.core.carry import fold_line, restored
from kassd.core.facts import TillClosed
from kassd.core.inputs import ConfigOffered, Stamp, Started
from kassd.core.state import State
from kassd.deferred import dataclass
from kassd.errors import JournalLost
from kassd.journal import Journal, Line, Recovery, read_blob, read_lines
from kassd.journal.files import OsFiles
from kassd.journal.index import remembered
from kassd.journal.recover import examine
from kassd.ledger import Ledger
from kassd.settings import Settings

MONTH_NS = 30 * DAY_NS


@dataclass(frozen=True, slots=True)
class Boot:
    """What the journal says. ``newest``: unix ns of its youngest time, the floor of the clock; ``latest``:
    until when the system clock is believed at this start without a witness, 0: nobody knows."""

    state: State
    ledger: Ledger
    newest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An open journal, what it says, and the clock that goes on from it."""

    journal: Journal
    recovery: Recovery
    clock: Clock
    boot: Boot


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, report: Callable[[str, str], None]
) -> AsyncIterator[Opened]:
    """Open the register's journal until the end of ``with``, and read it.

    ``report`` as for :meth:`Journal.open`. Beside another process: :class:`~kassd.errors.JournalLocked`.
    """
    refuse_anew(settings)
    session = boot_id()
    journal, recovery = await Journal.open(
        settings.journal.dir,
        settings.register.id,
        align=settings.journal.align,
        mirror=settings.journal.mirror,
        now=lambda: (utc_text(clock.now()), clock.mono(), session),
        report=report,
        resume=clock.resume,
    )
    try:
        boot = restore(settings.journal.dir, recovery)
        clock.resume(boot.newest, boot.latest)
        yield Opened(journal, recovery, clock, boot)
    finally:
        await journal.close()


def refuse_anew(settings: Settings) -> None:
    """A register that has traded does not begin a second journal because the first is not where it was:
    :class:`~kassd.errors.JournalLost`. The index beside it remembers; a mirror may give it back."""
    directory, mirror = settings.journal.dir, settings.journal.mirror
    index = directory.parent / FILE
    places = [directory] if mirror is None else [directory, mirror]
    if not index.exists() or any(any(place.glob("*.jsonl*")) for place in places):
        return
    known = remembered(index)
    if known is not None and known[0] == settings.register.id:
        raise JournalLost(
            f"Das Journal {directory} fehlt, obwohl diese Kasse schon gebucht hat ({index} kennt {known[1]} "
            "Zeilen daraus). Bitte den Ordner zurücklegen oder den Datenträger einhängen, sonst aus einer "
            f"Sicherung holen (kassd restore). Nur eine Testkasse darf von vorn beginnen: dazu auch {index} "
            "löschen."
        )


def build_hash() -> str:
    """SHA-256 over the program's own files: which program it was (L-014)."""
    digest = hashlib.sha256()
    root = Path(kassd.__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def started(settings: Settings, state: State, build: str) -> tuple[Started | ConfigOffered, ...]:
    """What the process knows at its start, to be decided before anything else; a register that is not the
    journal's is refused here, before anything is started or written. ``build``: :func:`build_hash`."""
    flat = configuration.flatten(settings)
    check_identity(state, flat)
    first, *more = config_parts(state, flat, configuration.fingerprint(flat))
    return Started(first.config, first.config_hash, f"kassd {kassd.__version__}", build), *more


def in_force(settings: Settings) -> State | None:
    """What the journal says now, without a lock and beside a running register; None: nothing yet."""
    return state_of(settings.journal.dir, settings.register.id)


def refuse_other(settings: Settings) -> State | None:
    """What a start does before anything else, without a lock: :class:`~kassd.errors.ConfigError`
    where the journal is another register's, or of the other mode. Returns what :func:`in_force` does."""
    state = in_force(settings)
    if state is not None:
        check_identity(state, configuration.flatten(settings))
    return state


def state_of(directory: Path, origin: str) -> State | None:
    """The same of any journal; ``origin``: the register's id."""
    first = examine(OsFiles(), directory, origin).first_seq if directory.is_dir() else 0
    state = State()
    for line in read_lines(directory, first):
        carry = _carry_of(line)
        state = _fold(state, line) if carry is None else _carried(directory, carry)
    return state if state.config else None


def _carried(directory: Path, carry: Mapping[str, Any]) -> State:
    return restored(_blob(directory, carry["state"]), _blob(directory, carry["catalog"]))


def _fold(state: State, line: Line) -> State:
    stamp = Stamp(line.seq, datetime.fromisoformat(line.at), line.mono)
    return fold_line(state, stamp, list(line.facts), list(line.wishes))


def restore(directory: Path, recovery: Recovery) -> Boot:
    """Fold the lines since the last closing; its carried state comes from its blobs."""
    state, ledger, newest = State(), Ledger(), 0
    for line in recovery.lines:
        carry = _carry_of(line)
        if carry is not None:
            state = _carried(directory, carry)
            ledger = Ledger((key, seq) for key, seq in _blob(directory, carry["replies"]))
        else:
            state = _fold(state, line)
        if line.cmd is not None:
            ledger.journalled(line.cmd["client"], line.cmd["id"], line.seq)
        newest = max(newest, _unix_ns(line.at), _unix_ns((line.tse or {}).get("time")))
    return Boot(state, ledger, newest, _latest(state, newest))


def _latest(state: State, newest: int) -> int:
    """A month after the end of the TSE's certificate, or after the youngest time if that end has passed."""
    expiry = state.tse.bound.certificate_expiry if state.tse.bound is not None else 0
    return max(expiry * 1_000_000_000, newest) + MONTH_NS if expiry else 0


def _carry_of(line: Line) -> dict[str, Any] | None:
    for fact in line.facts:
        if fact["kind"] == TillClosed.kind:
            carry: dict[str, Any] | None = fact["data"].get("carry")
            return carry
    return None


def _blob(directory: Path, ref: dict[str, Any]) -> Any:
    return json.loads(read_blob(directory, ref))


def _unix_ns(text: str | None) -> int:
    return unix_ns(datetime.fromisoformat(text)) if text else 0
