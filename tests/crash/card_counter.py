"""A register with a card terminal at the counter, in one process: both can be taken apart at any moment.

The real register, journal, driver and hands; the simulated terminal on its TCP port. ``Counter.cents`` is
what cards were charged according to the terminal, ``Counter.booked`` what the register has of it in its
books.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kassd.app.dispatch import Dispatcher
from kassd.app.troubles import Troubles
from kassd.app.wiring import device_input
from kassd.clock import Clock
from kassd.core import inputs as i
from kassd.core.decision import Decision
from kassd.core.state import State
from kassd.devices.config import TerminalConfig
from kassd.devices.terminal.driver import TerminalDriver
from kassd.journal import Entry, read_lines
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.host import SerialTerminalSim, TcpTerminalSim
from kassd.sim.terminal.terminal import Terminal
from tests.app.kit import CONFIG, OPENED, Bench, Hands, process

CENTS = 2040
QUICK_S = 0.2  # how long each side waits for the other
LONG_S = 60.0  # on any machine
SHOP: dict[str, Any] = {
    **{key: value for key, value in CONFIG.items() if not key.startswith("printer.")},
    "terminal.karte.name": "karte",
    "terminal.karte.station": "main",
    "terminal.karte.end_of_day": True,
}


class CardHands(Hands):
    """The register's own hands, as far as they reach for the terminal; the TSE answers as ever."""

    def __init__(self, directory: Path, config: TerminalConfig) -> None:
        super().__init__(directory)
        self.driver = TerminalDriver(config, lambda event: self.post(device_input(event)))
        self.dispatcher = Dispatcher(Clock(), "", Troubles(Clock()))
        self.dispatcher.terminals = {config.name: self.driver}

    def act(self, decision: Decision, before: State, after: State) -> bool:
        self.dispatcher.act(decision, before, after)
        return super().act(decision, before, after)

    def show(self, decision: Decision, before: State, after: State) -> None:
        self.dispatcher.show(decision, before, after)
        super().show(decision, before, after)


@dataclass
class Counter:
    """``bench``: the process that runs just now. ``dead``: the moment that was ordered has come."""

    folder: Path
    terminal: Terminal
    config: TerminalConfig
    bench: Bench | None = None
    hands: CardHands | None = None
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    tse: Any = None
    _running: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    # -- life ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin a process; it has found its terminal."""
        self.hands = CardHands(self.folder / "journal", self.config)
        self.tse = self.hands.tse = self.tse or self.hands.tse
        self._running = contextlib.AsyncExitStack()
        self.bench = await self._running.enter_async_context(
            process(self.folder / "journal", hands=self.hands)
        )
        self.bench.register.post(i.Started(SHOP, "", "kassd 1", "b1"))
        self.bench.register.post(OPENED)
        self.bench.register.post(i.TseSurveyed(tuple(sorted(self.tse.open))))
        for wish in self.state.outbox.values():
            if wish.kind.startswith("tse."):
                self.bench.register.post(self.tse.answer(wish))
        task = asyncio.create_task(self.hands.driver.run())
        self._running.push_async_callback(self._end, task)
        await self.until(lambda: self.device == "ready")

    async def _end(self, task: "asyncio.Task[None]") -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def stop(self) -> None:
        """Power away: nothing that was not on the disk has happened."""
        if self.hands is not None:
            self.hands.post = lambda _: None
        await self._running.aclose()
        self.bench = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def die(self, moment: str) -> None:
        """Order: ``before card.approved`` or ``after card.ended``: its line is not, or just, on the disk."""
        when, kind = moment.split()
        assert self.bench is not None
        journal, append = self.bench.journal, self.bench.journal.append
        self.dead.clear()

        def dying(entry: Entry) -> "asyncio.Future[Any]":
            if self.dead.is_set():
                return asyncio.Future()
            if kind not in [fact["kind"] for fact in entry.facts]:
                return append(entry)
            if when == "before":
                self.dead.set()
            else:
                append(entry).add_done_callback(lambda _: self.dead.set())
            return asyncio.Future()

        journal.append = dying  # type: ignore[method-assign,assignment]  # of this journal alone

    # -- looking ---------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        assert self.bench is not None
        return self.bench.register.state

    @property
    def device(self) -> str:
        status = self.state.devices.get("karte")
        return status.state if status is not None else ""

    @property
    def cents(self) -> int:
        """What cards were charged, as the terminal has it."""
        return self.terminal.memory.charged

    def facts(self, *kinds: str) -> list[dict[str, Any]]:
        """The data of the facts of these kinds, as they stand on the disk."""
        lines = list(read_lines(self.folder / "journal"))
        return [fact["data"] for line in lines for fact in line.facts if fact["kind"] in kinds]

    def kinds(self) -> list[str]:
        """Kinds of all facts about cards, in order."""
        lines = list(read_lines(self.folder / "journal"))
        return [f["kind"] for line in lines for f in line.facts if f["kind"].startswith("card.")]

    @property
    def booked(self) -> int:
        """Cents that the register has booked as charged to cards."""
        return sum(fact["amount"] for fact in self.facts("sale.payment_added") if fact.get("card"))

    async def until(self, condition: Any) -> None:
        assert self.bench is not None
        await self.bench.until(condition, LONG_S)

    # -- acting ----------------------------------------------------------------------------------------

    async def ask(self, name: str, **args: Any) -> dict[str, Any]:
        """A command, also on a busy machine."""
        assert self.bench is not None
        said = len(self.bench.replies)
        self.bench.command(name, **args)
        await self.until(lambda: self.bench is not None and len(self.bench.replies) > said)
        return self.bench.replies[-1]

    async def sale(self) -> None:
        """Goods for :data:`CENTS`."""
        reply = await self.ask("sale.add", text="Brot", price=CENTS, vat=2)
        assert reply["status"] == "ok", reply

    async def settled(self) -> None:
        """The terminal has nothing to do, and nothing is open with it."""
        await self.until(
            lambda: (
                self.device == "ready"
                and all(one.status == "unknown" for one in self.state.cards.charges.values())
            )
        )

    async def ended(self) -> None:
        """Whatever the card came to, the sale ends: what is due is paid in cash."""
        if self.state.current("main") is not None:
            reply = await self.ask("sale.pay", type="cash")
            assert reply["status"] == "accepted", reply
        await self.until(lambda: not self.state.sales)


@contextlib.asynccontextmanager
async def counter(
    folder: Path, patience_s: float = QUICK_S, *, serial: bool = False, **behaviour: Any
) -> AsyncIterator[Counter]:
    """An open till with a ready terminal, over TCP or a serial line."""
    terminal = Terminal(Behaviour(**behaviour))
    terminal.payments.no_card_s = terminal.payments.again_s = 0.05
    where: dict[str, Any]
    sim: TcpTerminalSim | SerialTerminalSim
    if serial:
        sim = SerialTerminalSim(terminal, folder / "terminal", patience_s)
        await sim.start()
        where = {"driver": "serial", "path": str(sim.path)}
    else:
        sim = tcp = TcpTerminalSim(terminal, patience_s)
        await tcp.start()
        where = {"host": "127.0.0.1", "port": tcp.port}
    config = TerminalConfig(
        name="karte",
        **where,
        answer_timeout_s=patience_s,
        silence_timeout_s=2 * patience_s,
    )
    serving = asyncio.create_task(sim.serve())
    found = Counter(folder, terminal, config)
    try:
        await found.start()
        assert (await found.ask("till.open", counted=0))["status"] == "ok"
        await found.until(lambda: not found.state.sales)
        yield found
    finally:
        await found.stop()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        sim.stop()
