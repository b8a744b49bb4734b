"""The one worker of a TSE: strictly one call at a time, each answer checked before it is used.

The register hands in calls (``submit``) and questions (``probe``, ``resume``, ``self_test``); what the TSE
says comes back through ``report``. The worker never gives up a running call: the sale path's deadline is
the register's, and an answer is reported whenever it comes.

After the device was away (``down``) nothing is executed until the register has resumed: then each
outstanding call is first looked up in the TSE's own log, so that nothing is signed twice.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable

from kassd.clock import Clock
from kassd.deferred import dataclass
from kassd.errors import KassdError, TseError, TseGone, TseRefused, TseSilent, TseWrong
from kassd.tse.codes import PIN_BLOCKED, SELF_TEST_DUE, SENTENCES, TIME_NOT_SET, UNUSABLE, WRONG_PIN
from kassd.tse.exporting import Export, Take
from kassd.tse.log.messages import Operation
from kassd.tse.port import ExportFilter, Secrets, Signed, Tse, TseInfo
from kassd.tse.resolve import find_signed, resolve_finish, resolve_start
from kassd.tse.signatures import verify_answer

log = logging.getLogger(__name__)

SELF_TEST_EVERY_S = 24 * 3600  # the devices want it every 25 hours
QUIET_S = 4 * 3600  # so long before a moment is awaited in which nobody sells
LOOK_S = 300.0
NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """A start (``transaction`` 0) or finish the register wishes. ``late``: look into the log first."""

    wish: str
    kind: str
    transaction: int = 0
    process_type: str = ""
    process_data: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The TSE is there, has the time, is tested; ``info`` as it stands now."""

    info: TseInfo


@dataclass(frozen=True, slots=True)
class Measured:
    """What the TSE says of itself after its daily self test."""

    info: TseInfo


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Every outstanding call has been resolved; these transactions of ours are open."""

    open_transactions: tuple[int, ...]
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """End of a call. ``error``: '' or a short code; ``begun`` False: the TSE was never asked."""

    wish: str
    signed: Signed | None = None
    error: str = ""
    message: str = ""
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Opening, probing or testing failed."""

    error: str
    message: str


Event = Opened | Measured | Surveyed | Answered | Unavailable


def error_code(error: TseError) -> str:
    """Short code of an error for facts and displays."""
    match error:
        case TseRefused():
            return f"refused:{error.code}"
        case TseWrong():
            return "wrong_tse"
        case TseGone():
            return "gone"
        case TseSilent():
            return "silent"
        case _:
            return "failed"


class TseWorker:
    """Owns one driver. ``wanted(wish)`` tells whether a queued call may still begin; ``known()`` gives the
    transaction numbers the journal knows; ``bound()`` serial number and key of the only TSE that is used,
    None before one is; ``quiet()`` whether nobody is served; ``pin_refused(serial)`` is told when the device
    does not take a PIN. ``provision`` secrets: set up a factory-new TSE
    by itself (mode test only)."""

    def __init__(
        self,
        tse: Tse,
        client_id: str,
        clock: Clock,
        report: Callable[[Event], None],
        wanted: Callable[[str], bool],
        known: Callable[[], set[int]],
        provision: Secrets | None = None,
        bound: Callable[[], tuple[str, str] | None] = lambda: None,
        quiet: Callable[[], bool] = lambda: True,
        pin_refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.tse = tse
        self.client_id = client_id
        self.info: TseInfo | None = None
        self.busy = False
        self.calls = 0
        self._clock = clock
        self._report = report
        self._wanted = wanted
        self._known = known
        self._provision = provision
        self._bound = bound
        self._quiet = quiet
        self._pin_refused = pin_refused
        self._given: dict[int, str] = {}  # open transactions whose start this process reported → its wish
        self._queue: list[Call] = []
        self._resume: list[Call] | None = None
        self._export: Export | None = None
        self._probe = True
        self._self_test = False
        self._down = True
        self._waits = True  # opened, but the register has not said yet whether this is its TSE
        self._tested_at = 0
        self._set_at = 0
        self._used_at = 0
        self._time_due = self._time_jumped = self._idle_due = False
        self._wake = asyncio.Event()

    # -- what the register asks; all return at once --------------------------------------------------

    def submit(self, call: Call) -> None:
        """Queue a call."""
        self._queue.append(call)
        self._wake.set()

    def probe(self) -> None:
        """Try to open the TSE, as soon as no call is running."""
        self._probe = True
        self._wake.set()

    def resume(self, calls: Iterable[Call]) -> None:
        """Work again: ``calls`` are all outstanding ones, oldest first; the queue is replaced by them."""
        self._resume, self._queue = list(calls), []
        self._waits = self._down
        self._wake.set()

    def set_time(self) -> None:
        """Set the device's clock before the next call: ours has jumped."""
        self._time_jumped = True
        self._wake.set()

    def self_test(self) -> None:
        """Run the device's self test now."""
        self._self_test = True
        self._wake.set()

    def export(self, chosen: ExportFilter, take: Take) -> "asyncio.Future[bool]":
        """Export when there is nothing else to do; see :class:`~kassd.tse.exporting.Export`. False at once
        while the device is away. One at a time: a newer one takes the place of one not begun."""
        if self._export is not None:
            self._export.end(False)
        self._export = Export(chosen, take)
        self._wake.set()
        return self._export.ended

    @property
    def idle(self) -> bool:
        """Whether nothing is running or waiting."""
        return not (self.busy or self._queue or self._resume)

    # -- the task -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve for ever; with nothing to do it sleeps until the daily self test."""
        self._probe = self._down = self._waits = True  # also when it is started again after a failure
        try:
            while True:
                await self._pause()
                self.busy = True
                try:
                    await self._step()
                finally:
                    self.busy = False
        finally:
            await self.tse.close()

    async def _pause(self) -> None:
        if self._probe or self._self_test or self._resume is not None or self._export is not None:
            return
        if (self._time_jumped and not self._down) or (self._queue and not (self._down or self._waits)):
            return
        self._wake.clear()
        try:
            async with asyncio.timeout(None if self._down else self._until_due()):
                await self._wake.wait()
        except TimeoutError:
            age = self._age_s(self._tested_at)
            quiet = age >= SELF_TEST_EVERY_S - QUIET_S and self._quiet()
            self._self_test = quiet or age >= SELF_TEST_EVERY_S
            self._time_due = self._age_s(self._set_at) >= self._sync_s()
            self._idle_due = self._age_s(self._used_at) >= (self.tse.keep_alive_s or math.inf)

    def _sync_s(self) -> float:
        """Seconds between two settings of the clock, as the device wants it; none: never."""
        return (self.info.time_sync_interval if self.info is not None else 0) or math.inf

    def _until_due(self) -> float:
        """Seconds to the next self test, clock setting or sign of life."""
        test = SELF_TEST_EVERY_S - QUIET_S - self._age_s(self._tested_at)
        if test <= 0:  # from now on a quiet moment will do, and at the end any
            test = min(LOOK_S, test + QUIET_S)
        alive = (self.tse.keep_alive_s or math.inf) - self._age_s(self._used_at)
        return max(1.0, min(test, self._sync_s() - self._age_s(self._set_at), alive))

    def _age_s(self, since: int) -> float:
        return (self._clock.mono() - since) / NS

    async def _step(self) -> None:
        used, self._used_at = self._used_at, self._clock.mono()
        if self._probe:
            self._probe = False
            await self._open()
        elif self._resume is not None and not self._down:
            calls, self._resume = self._resume, None
            await self._resolve(calls)
        elif self._time_jumped and not self._down:
            self._time_jumped = False
            await self._guarded(self._set_time())
        elif self._queue and not (self._down or self._waits):
            await self._execute(self._next(), look_first=False)
        elif self._self_test:
            self._self_test = False
            if await self._guarded(self._prepare(force=True)) and self.info is not None:
                self._report(Measured(self.info))
        elif self._time_due and not self._down:
            self._time_due = False
            await self._guarded(self._set_time())
        elif self._idle_due and not self._down:
            self._idle_due = False
            await self._guarded(self.tse.keep_alive())
        elif self._export is not None:
            export, self._export = self._export, None
            await self._read_log(export)
        else:
            self._resume = None  # asked while the device is away: the next opening asks again
            self._used_at = used  # it has heard nothing

    def _next(self) -> Call:
        """The oldest call of a customer who waits, else the oldest."""
        first = next((n for n, call in enumerate(self._queue) if not call.late), 0)
        return self._queue.pop(first)

    async def _guarded(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except TseError as error:
            self._down = True
            self._mark(error)
            self._report(Unavailable(error_code(error), str(error)))
            return False
        return True

    def _mark(self, error: TseError) -> None:
        """A PIN that was refused must not be tried by a later process either."""
        if isinstance(error, TseRefused) and error.code in (WRONG_PIN, PIN_BLOCKED) and self.info is not None:
            self._pin_refused(self.info.serial_number)

    async def _read_log(self, export: Export) -> None:
        """A device that fails is away for everybody; what is wrong with the taker is the taker's."""
        try:
            ready = not (self._down or self._waits)
            export.end(ready and await export.read(self.tse, self._disturbed))
        except (KassdError, OSError) as error:
            if isinstance(error, TseError) and not isinstance(error, TseRefused):
                self._down = True
                self._report(Unavailable(error_code(error), str(error)))
            export.fail(error)
        finally:
            export.end(False)  # the worker itself is being stopped

    def _disturbed(self) -> bool:
        """Whether something is asked that does not wait for an export's end."""
        return bool(self._queue or self._probe or self._self_test or self._time_jumped) or (
            self._resume is not None
        )

    async def _open(self) -> None:
        async def work() -> None:
            self.info = await self.tse.open()
            self._check_identity(self.info)
            if self.info.life_cycle == "factory" and self._provision is not None:
                self.info = await self.tse.provision(self._provision, self.client_id, _told)
            if self.info.life_cycle in UNUSABLE:
                raise TseRefused(self.info.life_cycle, SENTENCES[UNUSABLE[self.info.life_cycle]])
            await self._prepare(force=False)

        if await self._guarded(work()) and self.info is not None:
            self._down, self._waits, self._resume = False, True, None
            self._report(Opened(self.info))

    def _check_identity(self, info: TseInfo) -> None:
        """Another register's TSE is left alone: nothing is signed, set or unlocked with our PINs on it."""
        bound = self._bound()
        if bound is not None and bound != (info.serial_number, info.public_key):
            raise TseWrong(
                f"Falsche TSE {info.serial_number[:16]}…: bitte die zur Kasse gehörende TSE einsetzen."
            )

    async def _prepare(self, force: bool) -> None:
        """Self test where due, time, client: what TR-03153 wants before the first transaction."""
        info = await self.tse.info()
        self._check_identity(info)  # also when it is told to test itself while another one is plugged in
        if info.self_test_due or (force and not self.tse.tests_itself):
            await self.tse.self_test(self.client_id)
        if force or not info.time_valid:
            await self._set_time()
        if self.client_id not in info.clients:
            await self.tse.register(self.client_id)
        self._tested_at = self._clock.mono()
        self.info = await self.tse.info()

    async def _set_time(self) -> None:
        await self.tse.set_time(self._clock.wall_ns() // NS)
        self._set_at = self._clock.mono()

    async def _resolve(self, calls: list[Call]) -> None:
        starts = sum(call.kind == "tse.start" for call in calls)
        for call in sorted(calls, key=lambda call: call.late):  # customers before old business
            await self._execute(call, look_first=True, waiting=starts)
            starts -= call.kind == "tse.start"
            if self._down:
                return

        async def survey() -> None:
            numbers = await self.tse.open_transactions(self.client_id)
            info = self.info = await self.tse.info()
            alone = info.clients == (self.client_id,)
            self._report(Surveyed(tuple(numbers), info.transaction_counter if alone else None))

        await self._guarded(survey())

    async def _execute(self, call: Call, *, look_first: bool, waiting: int = 1) -> None:
        wanted = self._wanted(call.wish)
        if not wanted and not look_first:
            self._report(Answered(call.wish, error="withdrawn", begun=False))
            return
        try:
            signed = await self._look(call, waiting) if look_first or call.late else None
            if signed is None and not (wanted or call.kind == "tse.finish"):
                self._report(Answered(call.wish, error="withdrawn", begun=False))
                return
            if signed is None:
                signed = await self._prepared_call(call, waiting)
        except TseError as error:
            code = error_code(error)
            self._down = self._down or not isinstance(error, TseRefused)
            self._mark(error)
            log.error("TSE %s: %s", call.kind, error)
            self._report(Answered(call.wish, error=code, message=str(error)))
            return
        self.calls += 1
        self._given.pop(call.transaction, None)
        if call.kind == "tse.start":
            self._given[signed.transaction_number] = call.wish
        self._report(Answered(call.wish, signed))

    async def _prepared_call(self, call: Call, waiting: int) -> Signed:
        """Make the call; a TSE that first wants the time or a self test gets it, once, and one that was
        pulled out and put in again while nothing was asked of it is opened."""
        try:
            return await self._call(call)
        except TseGone as error:
            return await self._call_again(call, waiting, error)
        except TseRefused as error:
            if error.code not in (TIME_NOT_SET, SELF_TEST_DUE):
                raise
            log.warning("TSE %s refused: %s; preparing it again", call.kind, error.code)
            await self._prepare(force=False)
            return await self._call(call)

    async def _call_again(self, call: Call, waiting: int, error: TseGone) -> Signed:
        """Open the device anew and make the call, unless it had been carried out. Raises ``error`` for a call
        that nobody waits for any more, and what opening raises where the device is away."""
        log.warning("TSE %s: %s; opening it anew", call.kind, error)
        self.info = await self.tse.open()
        await self._prepare(force=False)
        found = await self._look(call, waiting)
        if found is not None:
            return found
        if call.kind == "tse.start" and not self._wanted(call.wish):
            raise error
        return await self._call(call)

    async def _look(self, call: Call, waiting: int = 1) -> Signed | None:
        """What the TSE did with a call; what cannot be verified is read from its stored log, which can."""
        if call.kind == "tse.start":
            found = await resolve_start(self.tse, self.client_id, self._taken(call), waiting)
        else:
            found = await resolve_finish(self.tse, self.client_id, call.transaction)
        if found is None or await self._is_genuine(call, found):
            return found
        number = found.transaction_number
        logged = await find_signed(self.tse, self.client_id, number, _operation(call))
        if logged is None:
            raise TseError(f"Die Antwort der TSE zu Transaktion {number} ist nicht nachprüfbar.")
        return logged

    def _taken(self, call: Call) -> set[int]:
        """Transactions that are another call's: what was reported a moment ago may not be journalled yet."""
        return self._known() | {number for number, wish in self._given.items() if wish != call.wish}

    async def _is_genuine(self, call: Call, signed: Signed) -> bool:
        """Whether this is the bound TSE's answer to this very call, and not an older one's."""
        number = signed.transaction_number
        if call.kind == "tse.start":
            if number in self._taken(call):
                return False
            check = ("", b"")
        else:
            if number != call.transaction:
                return False
            check = (call.process_type, call.process_data.encode())
        assert self.info is not None  # nothing is called before the TSE was opened
        return await asyncio.to_thread(
            verify_answer, self.info, self.client_id, _operation(call), *check, signed
        )

    async def _call(self, call: Call) -> Signed:
        """Make the call and check its answer; what cannot be verified is looked up in the TSE instead."""
        if call.kind == "tse.start":
            signed = await self.tse.start(self.client_id)
        else:
            data = call.process_data.encode()
            signed = await self.tse.finish(call.transaction, self.client_id, call.process_type, data)
        if await self._is_genuine(call, signed):
            return signed
        log.error("TSE %s: the answer's signature does not verify; reading the log", call.kind)
        found = await self._look(call)
        if found is None:
            raise TseRefused("bad_signature", "Die Signatur der TSE ist ungültig.")
        return found


async def _told(step: str) -> None:
    """A development TSE sets itself up; its secrets lie beside it and cannot be lost."""
    log.info("setting up the TSE: %s", step)


def _operation(call: Call) -> Operation:
    return "start" if call.kind == "tse.start" else "finish"
