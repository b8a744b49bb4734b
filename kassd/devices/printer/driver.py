"""One receipt printer: kicks and jobs in order, back-pressure, and whether a job came out on paper.

Theory of operation. A job ends in exactly one :class:`PrintOutcome`:

    what happened                                                  | outcome
    ---------------------------------------------------------------+-----------------------------
    not connected, or the printer says just now that it is blocked | failed (reason)
    connection lost, no byte of the job was taken                  | failed
    connection lost after the first byte, before the confirmation  | unknown
    all bytes taken, the printer confirmed (a file: fsync)         | confirmed
    all bytes taken, it answers what came later, or confirms else  | unknown (lost)
    all bytes taken, more answers than questions                   | unknown (noise)
    all bytes taken, its answers tell of trouble at the end        | unknown (paper_end, cover_open, …)
    all bytes taken, this printer never confirms                   | unknown (timeout)
    all bytes taken, it has stopped answering                      | unknown (silent)
    all bytes taken by the kernel, not by the printer              | unknown (undelivered)
    all bytes taken, nothing can be confirmed (``confirm = none``, | unknown (unconfirmed)
    or a printer that answers GS r but has never answered DLE EOT) |
    paper out, cover open in the middle of a job                   | none yet: it may still come out

A job that fails is not kept: whoever wished it sends it again when the printer is ready. Kicks overtake
jobs that have not begun, never wait longer than ``KICK_WAIT_S`` (a drawer that opens by surprise is worse
than one that stays shut), go out in real time while the printer is blocked, and are refused when the last
is too near (:mod:`.kicks`).

A connection may have ended within a command: the first bytes after it, and after the start of the process,
are those that end it, and what was printed of the broken slip is marked as void. A printer that answers, but
not to GS ( H, is asked by GS r from then on.

Nothing wakes up while the printer is connected, well and idle: it reports changes itself (ASB). A blocked
or silent printer is asked every ``POLL_S``.
"""

import asyncio
import errno
from collections import deque
from collections.abc import Callable
from typing import Literal

from kassd.clock import Clock
from kassd.core.status import DeviceStatus
from kassd.devices.config import PrinterConfig
from kassd.devices.link import Backoff, Health
from kassd.devices.port import PrintOutcome, Report
from kassd.devices.printer.commands import ASB_ON, QUERIES, lasting, realtime_kick, resync
from kassd.devices.printer.kicks import Kick, Kicks
from kassd.devices.printer.link import Link
from kassd.devices.printer.monitor import SILENT, Monitor
from kassd.devices.printer.transport import connect

ANSWER_S = 1.0  # a printer answers DLE EOT at once or not at all
POLL_S = 5.0
KICK_WAIT_S = 3.0
STABLE_S = 5.0
POLL_DELIVERY_S = 0.2
WHAT = "Der Drucker"

Result = tuple[Literal["confirmed", "failed", "unknown"], str]


class PrinterDriver:
    """Implements the printer port over any transport. ``kick_bytes`` opens the drawer (``ESC p …``)."""

    def __init__(
        self,
        config: PrinterConfig,
        report: Report,
        kick_bytes: bytes = b"",
        mono_ns: Callable[[], int] = Clock.mono,
    ) -> None:
        self.name = config.name
        self._config = config
        self._report = report
        self._health = Health(config.name, report)
        self._confirm = config.confirm
        self._proven = False  # it has confirmed a slip
        self._behind: Literal["", "unknown", "torn"] = "unknown"  # what an earlier connection left
        self._monitor = Monitor(self._confirm)
        self._jobs: deque[tuple[str, bytes]] = deque()
        self._kick_bytes = kick_bytes
        self._kicks = Kicks(report, mono_ns)
        self._wake = asyncio.Event()
        self._job = ""  # being printed
        self._online = False
        self._greeted = False

    def send(self, job: str, data: bytes) -> None:
        """Print ``data`` when it is its turn; its :class:`PrintOutcome` is reported later."""
        if self._online:
            self._jobs.append((job, data))
            self._wake.set()
        else:
            outcome = PrintOutcome(self.name, job, "failed", self._absence())
            asyncio.get_running_loop().call_soon(self._report, outcome)

    def kick(self, job: str, device: str = "", pulse_ms: int = 0) -> None:
        """Open the drawer before anything that has not begun; reported for ``device`` (a drawer's name).
        ``pulse_ms``: how long, 0 as ``kick_bytes`` says."""
        loop = asyncio.get_running_loop()
        command = lasting(self._kick_bytes, pulse_ms) if pulse_ms else self._kick_bytes
        kick = Kick(job, device or self.name, command)
        if not command:
            loop.call_soon(self._kicks.end, kick, "failed", "not_configured")
        elif not self._online:
            loop.call_soon(self._kicks.end, kick, "failed", self._absence())
        else:
            self._kicks.add(kick, KICK_WAIT_S)
            self._wake.set()

    def follow(self, follower: Callable[[DeviceStatus], None]) -> None:
        """Tell ``follower`` this printer's status now and at every change."""
        self._health.follow(follower)

    async def run(self) -> None:
        """Serve the printer for ever: absent, opening, ready, busy, gone, again."""
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        where = self._config.path or f"{self._config.host}:{self._config.port}"
        while True:
            began = loop.time()
            try:
                await self._connection()
            except OSError as error:
                self._health.fault(error, WHAT, where)
            if loop.time() - began > STABLE_S:
                backoff.reset()
            await backoff.pause()

    # -- one connection --------------------------------------------------------------------------------

    async def _connection(self) -> None:
        """Connect and serve until the end. Raises OSError."""
        transport = await connect(self._config)
        self._monitor = Monitor(self._confirm, self._monitor)
        link = Link(transport, self._monitor.heard, self._wake.set)
        try:
            self._online = True
            self._health.opening()
            if self._asks(link):
                await self._hand_over(link, memoryview(ASB_ON))
                await self._ask(link)
            self._greeted = True
            await self._session(link)
        finally:
            self._online = self._greeted = False
            self._fail_waiting()
            link.close()

    async def _session(self, link: Link) -> None:
        while True:
            link.check()
            if self._kicks:
                await self._kick_now(link)
            elif self._jobs:
                await self._print(link, *self._jobs.popleft())
            else:
                self._show()
                if not await self._wait(POLL_S if self._monitor.troubled else None):
                    await self._ask(link)

    async def _wait(self, timeout_s: float | None) -> bool:
        """Wait for anything to happen; False when nothing did."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    async def _hand_over(self, link: Link, data: memoryview) -> None:
        """Give all of ``data`` to the transport; waits as long as a known cause blocks the printer.

        Raises OSError when the connection ends, ETIMEDOUT when nothing moves and nothing says why.
        """
        patience_s = self._config.stall_timeout_s
        still_s = 0.0
        while data:
            if taken := await link.push(data, patience_s):
                data = data[taken:]
                still_s = 0.0
                self._show()
                await asyncio.sleep(0)  # a file takes everything at once; others want to run too
            elif self._monitor.state.blocked:
                self._show()
            else:
                still_s += patience_s
                self._health.set(*SILENT, self._monitor.state.conditions())
                if still_s > patience_s + self._config.confirm_timeout_s:
                    raise OSError(errno.ETIMEDOUT, "printer takes no data")

    def _asks(self, link: Link) -> bool:
        return self._config.confirm != "none" and link.answers

    async def _ask(self, link: Link) -> bool:
        """DLE EOT, never within a job. Returns whether the printer has answered what it knows of it."""
        if not self._asks(link):
            return False
        if await self._answers(link, self._monitor.kinds):
            return True
        alone = QUERIES if self._monitor.partly else ()
        known = [kind for kind in alone if await self._answers(link, (kind,))]
        self._monitor.learnt(known)
        return bool(known)

    async def _answers(self, link: Link, kinds: tuple[int, ...]) -> bool:
        query = memoryview(self._monitor.ask(kinds))
        if taken := await link.push(query, 0):
            await self._hand_over(link, query[taken:])
        loop = asyncio.get_running_loop()
        deadline = loop.time() + ANSWER_S
        while not self._monitor.answered and (left := deadline - loop.time()) > 0:
            link.check()
            await self._wait(left)
        return self._monitor.answered

    def _show(self) -> None:
        if self._greeted:
            self._health.set(*self._monitor.shown(), self._monitor.state.conditions())

    # -- jobs ------------------------------------------------------------------------------------------

    async def _print(self, link: Link, job: str, data: bytes) -> None:
        """One job from its first byte to its outcome. Raises OSError when the connection ends."""
        if self._monitor.troubled:
            await self._ask(link)  # the news may be old
            state, reason, _ = self._monitor.shown()
            if state == "error":
                self._report(PrintOutcome(self.name, job, "failed", reason))
                return
        framed, before = self._monitor.begin(data), self._kicks.under_way
        self._job = job
        begun = -1
        outcome: Result = ("unknown", "interrupted")
        try:
            self._show()
            await self._resync(link)
            begun = link.taken
            await self._hand_over(link, memoryview(framed))
            await self._hand_over(link, memoryview(self._monitor.question()))
            outcome = await self._confirmation(link)
            if outcome[1] == "timeout" and link.unsent():
                outcome = ("unknown", "undelivered")
        finally:
            if outcome[1] == "interrupted" and begun in (-1, link.taken):
                outcome = ("failed", "interrupted")
            elif outcome[1] in ("interrupted", "undelivered"):
                self._behind = "torn"
            self._monitor.finish()
            self._job = ""
            if outcome[0] == "confirmed":
                self._kicks.arrived(before)
            self._report(PrintOutcome(self.name, job, *outcome))
        if outcome[1] == "undelivered":
            raise OSError(errno.ETIMEDOUT, "bytes were never delivered")

    async def _resync(self, link: Link) -> None:
        """End what an earlier connection has left half. Raises OSError when the connection ends."""
        if self._behind and self._config.driver != "file":
            await self._hand_over(link, memoryview(resync(self._behind == "torn")))
        self._behind = ""

    async def _confirmation(self, link: Link) -> Result:
        """Wait for the end of a job whose bytes are all taken."""
        if await link.settle():
            return "confirmed", ""
        if not self._asks(link):
            return "unknown", "unconfirmed"
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._config.confirm_timeout_s
        if self._monitor.mute:  # whether it is printed cannot be known, whether it is delivered can
            while link.unsent() and loop.time() < deadline and self._monitor.mute:
                await self._wait(POLL_DELIVERY_S)
            return "unknown", "timeout" if link.unsent() else "unconfirmed"
        ask_at = min(deadline, loop.time() + self._config.stall_timeout_s)
        probed = False
        while not self._monitor.confirmed:
            link.check()
            self._show()
            now = loop.time()
            if self._kicks:
                await self._kick_now(link)
            elif self._monitor.lost:
                await self._ask(link)  # how it fares now decides when the slip is repeated
                return "unknown", self._monitor.lost
            elif self._monitor.doubtful:
                if not await self._ask(link):
                    return "unknown", self._silence()
                self._monitor.check()
            elif following := self._monitor.following():
                await self._hand_over(link, memoryview(following))
            elif self._monitor.vouched:
                if not await self._ask(link):
                    return "unknown", "silent" if self._monitor.silent else "unconfirmed"
                await self._hand_over(link, memoryview(self._monitor.conclude()))
            elif self._monitor.state.blocked and not self._monitor.silent:
                if not await self._wait(POLL_S):
                    await self._ask(link)
                ask_at = loop.time() + self._config.stall_timeout_s
                deadline = loop.time() + self._config.confirm_timeout_s
            elif now >= deadline and (probed or self._monitor.silent):
                return "unknown", self._silence()
            elif now >= deadline:
                probed = True
                await self._hand_over(link, memoryview(self._monitor.probe()))
                deadline = now + (self._config.confirm_timeout_s if self._proven else ANSWER_S)
            elif now >= ask_at:
                ask_at = deadline
                if await self._ask(link):
                    await self._hand_over(link, memoryview(self._monitor.again()))
            else:
                await self._wait(min(deadline, ask_at) - now)
        self._proven = True
        return "confirmed", ""

    def _silence(self) -> str:
        """Why a confirmation has not come; what a printer does not know it is not asked for again."""
        self._monitor.give_up(self._proven)
        if self._monitor.silent:
            return "silent"
        if self._proven or self._monitor.answering:
            return "lost"
        if self._confirm == "process_id":
            self._confirm = "status"
            self._monitor.ask_by_status()
        return "timeout"

    # -- kicks -----------------------------------------------------------------------------------------

    async def _kick_now(self, link: Link) -> None:
        kick = self._kicks.next()
        if kick is None:
            return
        blocked = self._monitor.state.blocked
        command = realtime_kick(kick.command) if blocked else kick.command
        if not command:
            self._kicks.end(kick, "failed", self._monitor.shown()[1])
            return
        taken, data, job = 0, memoryview(command), "" if blocked else self._job
        try:
            if not blocked:
                await self._resync(link)
            if taken := await link.push(data, KICK_WAIT_S):
                await self._hand_over(link, data[taken:])
        finally:
            if taken:
                self._kicks.given(kick, command, lambda: self._is_behind(link, job))
            else:
                self._kicks.end(kick, "failed", "busy")

    def _is_behind(self, link: Link, job: str) -> bool:
        """Whether the printer may not yet have come to a kick, given during ``job``."""
        try:
            return link.unsent() > 0 or (job != "" and job == self._job)
        except OSError:
            return True  # the connection is about to end, and with it what nobody knows

    # -- the end of a connection -----------------------------------------------------------------------

    def _absence(self) -> str:
        return self._health.status.reason or "absent"

    def _fail_waiting(self) -> None:
        """Nothing that has not begun is kept: it was known not to be printed."""
        self._kicks.fail("unplugged")
        while self._jobs:
            self._report(PrintOutcome(self.name, self._jobs.popleft()[0], "failed", "unplugged"))
