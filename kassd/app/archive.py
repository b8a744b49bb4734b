"""The archivist: after each closing the TSE's new log messages come home, and once a day some are read again.

Works in quiet moments only (nobody is served, the TSE is there) and gives way to every customer. A file is
written aside, synced, checked in a process of its own and only then named; its line follows. What the
journal wishes is done until it has its fact, so a stop anywhere is made good by the next start. A file that
the journal names is never touched again.
"""

import asyncio
import json
import logging
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from pathlib import Path

from kassd import supervise
from kassd.app.archive_check import Checked, Task
from kassd.app.archive_files import keep, make_folder, sync
from kassd.app.read_back import Sample
from kassd.clock import Clock, unix_ns
from kassd.core import inputs
from kassd.core.archiving import archive_wish
from kassd.core.codec import decode, encode
from kassd.core.facts import Wish
from kassd.core.inputs import Input
from kassd.core.state import Archive, State
from kassd.deferred import dataclass
from kassd.errors import DataError, KassdError, TseError
from kassd.tse.parts import part_name
from kassd.tse.port import ExportFilter
from kassd.tse.worker import TseWorker, error_code

log = logging.getLogger(__name__)

NS = 1_000_000_000
QUIET_S = 2.0
RETRY_FIRST_S, RETRY_MAX_S = 60.0, 6 * 3600.0
READ_BACK_EVERY_S = 24 * 3600.0
BUSY_S = 24 * 3600
TRIES = 3  # a file that is damaged so often is what the TSE has: kept with its findings
RESERVE = 64 << 20  # bytes of the disk that belong to the journal
FOLDER, PART = "tse-archive", "export.part"


class _Refused(KassdError):
    """The export is not archived. ``reason`` is a short code for the fact."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


@dataclass(slots=True)
class _Retry:
    """When the next try is due (mono ns), and after what pause the one after that."""

    at: int = 0
    pause_s: float = field(default_factory=lambda: RETRY_FIRST_S)

    def later(self, now: int) -> None:
        self.at = now + int(self.pause_s * NS)
        self.pause_s = min(self.pause_s * 2, RETRY_MAX_S)


class Archivist:
    """``place`` is the folder of the archive, with one folder for each TSE; ``journal`` the journal's."""

    def __init__(
        self,
        place: Path,
        journal: Path,
        clock: Clock,
        worker: TseWorker,
        state: Callable[[], State],
        post: Callable[[Input], None],
    ) -> None:
        self.place = place
        self._journal = journal
        self._clock = clock
        self._worker = worker
        self._state = state
        self._post = post
        self._archive, self._read = _Retry(), _Retry()
        self._damaged = 0
        self._busy_since: int | None = None
        self._waits: Callable[[State], bool] | None = None
        self._wake = asyncio.Event()

    def decided(self, state: State) -> None:
        """The register's state has changed."""
        if self._waits is not None and self._waits(state):
            self._wake.set()

    async def run(self) -> None:
        """Serve for ever; sleeps until there is something to do and nobody is served."""
        while True:
            await self._until(self._ready, self._next_due)
            await asyncio.sleep(QUIET_S)
            state = self._state()
            if not self._ready(state):
                continue
            wish = self._due_wish(state)
            if wish is not None:
                await self._take(wish, state)
            else:
                await self._read_back(state.tse.archive)

    async def _until(
        self, condition: Callable[[State], bool], due: Callable[[State], float | None] = lambda _: None
    ) -> None:
        self._waits = condition
        while not condition(self._state()):
            self._wake.clear()
            try:
                async with asyncio.timeout(due(self._state())):
                    await self._wake.wait()
            except TimeoutError:
                continue
        self._waits = None

    # -- what is due --------------------------------------------------------------------------------

    def _ready(self, state: State) -> bool:
        return _is_quiet(state) and (self._due_wish(state) is not None or self._read_due(state) <= 0)

    def _due_wish(self, state: State) -> Wish | None:
        wish = archive_wish(state)
        return wish if wish is not None and self._clock.mono() >= self._archive.at else None

    def _read_due(self, state: State) -> float:
        """Seconds until archived messages are read again."""
        archive = state.tse.archive
        if not archive.file:
            return READ_BACK_EVERY_S
        retry = (self._read.at - self._clock.mono()) / NS
        return max(retry, READ_BACK_EVERY_S - self._age_s(archive.read_at))

    def _age_s(self, at: str) -> float:
        """Seconds since a time of the journal; a clock that was set back makes nothing wait."""
        if not at:
            return READ_BACK_EVERY_S
        age = (self._clock.wall_ns() - unix_ns(datetime.fromisoformat(at))) / NS
        return age if age >= 0 else READ_BACK_EVERY_S

    def _next_due(self, state: State) -> float | None:
        """Seconds after which to look again, None: when the state changes."""
        times = [self._read_due(state)] if state.tse.archive.file else []
        if archive_wish(state) is not None:
            times.append((self._archive.at - self._clock.mono()) / NS)
        return min((time for time in times if time > 0), default=None)

    # -- archiving ----------------------------------------------------------------------------------

    async def _take(self, wish: Wish, state: State) -> None:
        """Export, check, name, tell; the wish stays unless all of it went well."""
        try:
            done = await self._archived(wish, state)
        except (KassdError, OSError) as error:
            self._archive.later(self._clock.mono())
            log.error("TSE archive: %s", error)
            reason = error.reason if isinstance(error, _Refused) else "disk"
            if reason == "disk":  # what was begun must not take the last room
                with suppress(OSError):
                    (self.place / str(wish.args["serial_number"]) / PART).unlink()
            reason = error_code(error) if isinstance(error, TseError) else reason
            text = f"Schreiben ist nicht möglich: {error}" if isinstance(error, OSError) else str(error)
            self._post(inputs.TseArchiveFailed(wish.id, reason, text))
            return
        if done is None:
            self._gave_way(wish)
            return
        self._archive, self._damaged, self._busy_since = _Retry(), 0, None
        self._post(done)
        await self._until(lambda now: wish.id not in now.outbox)

    def _gave_way(self, wish: Wish) -> None:
        """Again in the next quiet moment; that there is none long enough is told after a day."""
        now = self._clock.mono()
        self._busy_since = now if self._busy_since is None else self._busy_since
        if now - self._busy_since >= BUSY_S * NS:
            text = "Die Kasse hatte einen Tag lang keinen ruhigen Moment, der für den Export der TSE reicht."
            self._post(inputs.TseArchiveFailed(wish.id, "busy", text))

    async def _archived(self, wish: Wish, state: State) -> inputs.TseArchived | None:
        """None: a customer came."""
        serial, after = str(wish.args["serial_number"]), int(wish.args["after"])
        folder = self.place / serial
        part = folder / PART
        await asyncio.to_thread(make_folder, folder)
        if not await self._export(_above(after), part):
            return None
        checked = await self._check(self._task(part, after, serial, self._state()))
        self._damaged += bool(checked.damaged)
        if checked.damaged and (self._damaged < TRIES or not checked.messages):
            raise _Refused("damaged", f"Der Export der TSE ist fehlerhaft: {checked.damaged[0]}")
        name = ""
        if checked.messages:
            name = part_name(checked.first, checked.last)
            await asyncio.to_thread(keep, part, folder / name)
        else:
            await asyncio.to_thread(part.unlink)
        log.info("TSE archive %s: %d messages, %d findings", name, checked.messages, len(checked.findings))
        return inputs.TseArchived(
            wish.id,
            serial,
            checked.first,
            checked.last,
            checked.messages,
            checked.sha256 if name else "",
            checked.size if name else 0,
            f"{serial}/{name}" if name else "",
            checked.seq,
            (*checked.damaged, *checked.findings),
        )

    async def _export(self, chosen: ExportFilter, part: Path) -> bool:
        """Write an export to ``part``, synced; False: it had to give way."""
        with part.open("wb") as file:

            def write(piece: bytes) -> bool:
                file.write(piece)
                if shutil.disk_usage(part.parent).free < RESERVE:
                    raise _Refused("disk", "Der Platz reicht nicht für das TSE-Archiv. Bitte Platz schaffen.")
                return True

            async def take(piece: bytes) -> bool:
                return await asyncio.to_thread(write, piece)

            complete = await self._worker.export(chosen, take)
            if complete:
                await asyncio.to_thread(sync, file.fileno(), file.flush)
        return complete

    def _task(self, part: Path, after: int, serial: str, state: State) -> Task:
        bound = state.tse.bound
        assert bound is not None  # it signed what was exported
        pending = {int(w.args["transaction"]) for w in state.outbox.values() if w.kind == "tse.finish"}
        pending |= {sale.transaction.number for sale in state.sales.values() if sale.transaction}
        pending |= {late.number for late in state.tse.late}
        return Task(
            str(part),
            str(self.place / serial),
            str(self._journal),
            serial,
            bound.client_id,
            bound.certificates,
            after,
            state.tse.archive.seq,
            tuple(sorted(pending)),
        )

    async def _check(self, task: Task) -> Checked:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "kassd.app.archive_process", str(supervise.NICE)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            out, _ = await process.communicate(json.dumps(encode(task)).encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise _Refused("check", "Der Export der TSE konnte nicht geprüft werden (siehe Protokoll).")
        checked: Checked = decode(Checked, json.loads(out))
        return checked

    # -- reading back -------------------------------------------------------------------------------

    async def _read_back(self, archive: Archive) -> None:
        """The newest archived messages once more from the TSE, compared with the file."""
        bound = self._state().tse.bound
        assert bound is not None  # its archive is what is compared
        self._read.later(self._clock.mono())  # whatever comes of it, not again at once
        try:
            sample = await asyncio.to_thread(Sample.of, self.place, archive)
            complete = await self._worker.export(_above(sample.first - 1), sample.take)
        except DataError as error:  # the file, or what the TSE gives back
            self._tell(bound.serial_number, archive.first, archive.last, str(error))
            return
        except (TseError, OSError) as error:
            log.error("reading back: %s", error)
            self._tell(bound.serial_number, archive.first, archive.last, f"Nicht lesbar: {error}")
            return
        if complete:
            self._read = _Retry()
            self._tell(bound.serial_number, sample.first, archive.last, sample.problem())

    def _tell(self, serial: str, first: int, last: int, problem: str) -> None:
        self._read.at = max(self._read.at, self._clock.mono() + int(RETRY_FIRST_S * NS))
        if problem:
            log.critical("TSE archive: %s", problem)
        self._post(inputs.TseReadBack(serial, first, last, problem))


def _is_quiet(state: State) -> bool:
    """Nobody is served, and the TSE is there and known to be ours."""
    tse = state.tse
    served = bool(state.sales) or state.till.procedure is not None
    return tse.bound is not None and tse.ready and tse.surveyed and tse.outage is None and not served


def _above(counter: int) -> ExportFilter:
    """What is newer than a counter; -1: everything, which devices have a command of its own for."""
    return ExportFilter(after_counter=counter) if counter >= 0 else ExportFilter()
