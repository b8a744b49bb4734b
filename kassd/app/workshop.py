"""The register without devices and displays: for commands that change the journal while the daemon stands."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from kassd import settings as configuration
from kassd.app.boot import build_hash, opened, started
from kassd.app.dispatch import Dispatcher
from kassd.app.seams import Seams
from kassd.app.troubles import Troubles
from kassd.app.wiring import build_worker, hardware
from kassd.clock import RELEASED, Clock, boot_id
from kassd.core.decision import Decision
from kassd.core.fact import Fact
from kassd.core.inputs import Input
from kassd.core.state import State
from kassd.errors import KassdError
from kassd.register import Register
from kassd.settings import Settings
from kassd.supervise import Supervisor

LOOK_S = 1.0


class Workshop:
    """Made by :func:`workshop`. ``state`` is what is on disk."""

    def __init__(self, settings: Settings, clock: Clock, register: Register, hands: "_Hands") -> None:
        self.settings = settings
        self.clock = clock
        self.register = register
        self._hands = hands
        self._tasks = Supervisor()
        self._tasks.start("register", register.run, essential=True)

    @property
    def state(self) -> State:
        """The register's state."""
        return self.register.state

    async def decide(self, input: Input, fact: type[Fact]) -> None:
        """Post ``input``; returns when a fact of this kind that follows from it is durable."""
        count = self._hands.seen[fact] + 1
        self.register.post(input)
        await self._until(lambda: self._hands.seen[fact] >= count)

    async def until(self, holds: Callable[[State], object], timeout_s: float, what: str) -> None:
        """Wait until the state is so; raises ``KassdError`` naming ``what`` otherwise."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._until(lambda: holds(self.state))
        except TimeoutError:
            raise KassdError(f"{what} (nach {timeout_s:g} s)") from None

    @asynccontextmanager
    async def signing(self) -> AsyncIterator[None]:
        """Within, the TSE is asked for what the register wishes of it, as the daemon would."""
        worker = build_worker(
            self.settings,
            self.clock,
            Seams(),
            self.register.post,
            lambda: self.state,
        )
        self._hands.dispatcher.worker = worker
        if worker is None:
            raise KassdError("In der Konfiguration fehlt [tse].")
        self._tasks.start("tse", worker.run)
        try:
            yield
        finally:
            self._hands.dispatcher.worker = None
            await self._tasks.stop("tse")

    async def close(self) -> None:
        """End the register's loop."""
        await self._tasks.stop()

    async def _until(self, holds: Callable[[], object]) -> None:
        failed = self._tasks.failed
        while not holds():
            if failed is not None and failed.done():
                raise failed.result()  # the journal's error
            self._hands.acted.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._hands.acted.wait()


class _Hands:
    """Does what is decided, and tells that it was."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.seen: Counter[type[Fact]] = Counter()
        self.acted = asyncio.Event()

    def prepare(self, decision: Decision, after: State) -> None:
        """See :class:`kassd.register.Hands`."""
        self.dispatcher.prepare(decision, after)

    def act(self, decision: Decision, before: State, after: State) -> bool:
        """See :class:`kassd.register.Hands`."""
        for fault in decision.faults:  # whoever waits for what was asked is told at once
            raise fault
        return self.dispatcher.act(decision, before, after)

    def show(self, decision: Decision, before: State, after: State) -> None:
        """See :class:`kassd.register.Hands`."""
        self.dispatcher.show(decision, before, after)
        self.seen.update(type(fact) for fact in decision.facts)
        self.acted.set()

    def foresee(self, decision: Decision, now: State) -> None:
        """See :class:`kassd.register.Hands`. Nobody waits here."""


@asynccontextmanager
async def workshop(settings: Settings) -> AsyncIterator[Workshop]:
    """Open the journal as the daemon does; beside a running one: :class:`~kassd.errors.JournalLocked`."""
    clock = Clock(configuration.zone(settings), RELEASED)
    troubles = Troubles(clock)
    async with opened(settings, clock, troubles.journal) as found:
        hands = _Hands(Dispatcher(clock, hardware(), troubles))
        register = Register(found.journal, clock, boot_id(), found.boot.state, found.boot.ledger, hands)
        hands.dispatcher.post = register.post
        first = started(settings, register.state, await asyncio.to_thread(build_hash))
        shop = Workshop(settings, clock, register, hands)
        try:
            for begin in first:
                register.post(begin)
            yield shop
        finally:
            await shop.close()
