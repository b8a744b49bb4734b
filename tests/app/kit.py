"""A register on a real journal, with a soft answer for its devices: what the tests of the daemon share."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kassd.app.boot import restore
from kassd.clock import Clock, boot_id, utc_text
from kassd.core import inputs as i
from kassd.core.corrections.found import Found
from kassd.core.decision import Decision
from kassd.core.facts import PrintSending, Wish
from kassd.core.inputs import CommandReceived, Input
from kassd.core.state import State
from kassd.core.status import DeviceStatus
from kassd.journal import Journal, read_lines
from kassd.journal.files import Files, OsFiles
from kassd.register import Register

ORIGIN = "KASSE-1"
SEGMENT = 1024 * 1024
SERIAL = "ab" * 32
CONFIG: dict[str, Any] = {
    "register.id": ORIGIN,
    "register.mode": "test",
    "business.name": "Backhaus Muster",
    "business.street": "Marktplatz 1",
    "business.postal_code": "01067",
    "business.city": "Dresden",
    "business.tax_number": "203/123/12345",
    "printer.printer.name": "printer",
}
OPENED = i.TseOpened(
    serial_number=SERIAL,
    public_key="cGs=",
    algorithm="ecdsa-plain-SHA384",
    time_format="unixTime",
    certificates=("Y2VydA==",),
    certificate_expiry=4_000_000_000,
    certification_id="BSI-K-TR-0",
    description="soft",
    client_id=ORIGIN,
)


class Signer:
    """Numbers of a TSE that always answers in order."""

    def __init__(self) -> None:
        self.transaction = self.counter = 0
        self.open: set[int] = set()

    def answer(self, wish: Wish) -> i.TseAnswered:
        """The end of a start or finish call."""
        self.counter += 1
        if wish.kind == "tse.start":
            self.transaction += 1
        number = self.transaction if wish.kind == "tse.start" else int(wish.args["transaction"])
        (self.open.add if wish.kind == "tse.start" else self.open.discard)(number)
        at = f"2026-11-21T11:00:{self.counter % 60:02d}.000Z"
        return i.TseAnswered(wish.id, number, self.counter, at, SERIAL, f"c2ln{self.counter:04d}")


class Disk(OsFiles):
    """The real file system, whose writes can be held up, counted, or made to fail."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.names: list[str] = []
        self.error: OSError | None = None
        self._slots = threading.Semaphore(0)
        self._slow = False
        self.blocked = threading.Event()

    def slow(self) -> None:
        """From now on each write waits for :meth:`let`."""
        self._slow = True

    def let(self, count: int = 1) -> None:
        """Let writes through."""
        self.blocked.clear()
        self._slots.release(count)

    def fast(self) -> None:
        self._slow = False
        self._slots.release(1000)

    def pwrite(self, handle: int, data: bytes, offset: int) -> None:
        if self._slow:
            self.blocked.set()
            self._slots.acquire()
        if self.error is not None:
            raise self.error
        super().pwrite(handle, data, offset)
        self.writes.append(data)
        self.names.append("line" if b'"seq":' in data[:20] else "bytes")

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.names.append(target.name)


class Hands:
    """Answers like devices that always work; remembers what it was told, in order."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.acted: list[tuple[Decision, State, State]] = []
        self.post: Callable[[Input], None] = lambda _: None
        self.tse = Signer()
        self.signs = True
        self.shown = 0
        self.foreseen: list[tuple[Decision, State]] = []

    def prepare(self, decision: Decision, after: State) -> None:
        self.prepared = after

    def foresee(self, decision: Decision, now: State) -> None:
        self.foreseen.append((decision, now))

    def act(self, decision: Decision, before: State, after: State) -> bool:
        if decision.facts or decision.wishes:
            line = next(read_lines(self.directory, decision.stamp.seq, decision.stamp.seq), None)
            assert line is not None, f"line {decision.stamp.seq} is acted on and not on disk"
            assert [fact["kind"] for fact in line.facts] == [fact.kind for fact in decision.facts]
        self.acted.append((decision, before, after))
        for wish in decision.wishes:
            if wish.kind.startswith("tse.") and self.signs:
                self.post(self.tse.answer(wish))
            elif wish.kind == "drawer":
                self.post(i.Kicked(wish.id, "kicked"))
            elif wish.kind == "archive":
                self.post(i.TseArchived(wish.id, SERIAL, 0, 0, 0, "", 0, "", decision.stamp.seq))
        for fact in decision.facts:
            if isinstance(fact, PrintSending):
                self.post(i.Printed(fact.job, "confirmed"))
        return True

    def show(self, decision: Decision, before: State, after: State) -> None:
        """Nobody looks."""
        self.shown += 1

    @property
    def seqs(self) -> list[int]:
        """Lines acted on."""
        return [d.stamp.seq for d, _, _ in self.acted if d.facts or d.wishes]


class Bench:
    """One process of a register. ``replies`` in the order they were given."""

    def __init__(self, folder: Path, journal: Journal, register: Register, hands: Hands) -> None:
        self.folder, self.journal, self.register, self.hands = folder, journal, register, hands
        self._shown: int = getattr(hands, "shown", 0)  # the real hands do not count
        self.replies: list[dict[str, Any]] = []
        self.task: asyncio.Task[None] | None = None
        self._sent = 0

    def run(self) -> None:
        self.task = asyncio.create_task(self.register.run())

    def command(
        self, name: str, /, id: str = "", client: str = "anzeige", found: Found | None = None, **args: Any
    ) -> str:
        """Post a command; its reply is appended to :attr:`replies`."""
        self._sent += 1
        id = id or f"{name}-{self._sent}-{self.journal.next_seq}"
        command = CommandReceived(client, id, name, args, found=found)
        self.register.post(command, lambda r: self.replies.append(dict(r)))
        return id

    async def ask(self, name: str, /, **args: Any) -> dict[str, Any]:
        count = len(self.replies)
        self.command(name, **args)
        await self.until(lambda: len(self.replies) > count)
        return self.replies[-1]

    async def ok(self, name: str, /, **args: Any) -> dict[str, Any]:
        reply = await self.ask(name, **args)
        assert reply["status"] in ("ok", "accepted"), reply
        await self.quiet()
        return reply

    async def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                if self.task is not None and self.task.done():
                    self.task.result()
                await asyncio.sleep(0.001)

    async def quiet(self) -> None:
        """Nothing waits, and nothing is being signed or printed."""
        await self.until(
            lambda: (
                not (self.register.waiting or self.register.state.outbox)
                and self.hands.shown - self._shown == self.register.decisions
                and self.hands.seqs[-1:] == [self.journal.next_seq - 1]
            )
        )

    async def commissioned(self, config: dict[str, Any] = CONFIG) -> None:
        """Configuration, TSE and printer are there."""
        self.register.post(i.Started(config, str(hash(str(config))), "kassd 1", "b1"))
        self.register.post(OPENED)
        self.register.post(i.TseSurveyed(tuple(sorted(self.hands.tse.open))))
        self.register.post(i.DeviceChanged(DeviceStatus("printer", "ready")))
        await self.quiet()

    async def open_till(self) -> None:
        await self.ok("till.open", counted=10_000, source="transit")

    async def sell(self, price: int = 350) -> None:
        await self.ok("sale.add", text="Brot", price=price, vat=2)
        await self.ok("sale.pay", type="cash")

    async def close_till(self) -> None:
        await self.ok("till.close", count={"1": self.register.state.till.cash})
        assert not self.register.state.till.open


@asynccontextmanager
async def process(
    folder: Path, files: Files | None = None, hands: Hands | None = None, clock: Clock | None = None
) -> AsyncIterator[Bench]:
    """A register from boot to stop; what is on disk then is what the next one finds."""
    clock = clock or Clock()
    journal, recovery = await Journal.open(
        folder,
        ORIGIN,
        files=files,
        compact=False,
        segment_size=SEGMENT,
        now=lambda: (utc_text(clock.now()), clock.mono(), boot_id()),
        resume=clock.resume,
    )
    restored = restore(folder, recovery)
    clock.resume(restored.newest, restored.latest)
    hands = hands or Hands(folder)
    register = Register(journal, clock, boot_id(), restored.state, restored.ledger, hands)
    hands.post = register.post
    bench = Bench(folder, journal, register, hands)
    bench.run()
    try:
        yield bench
    finally:
        if isinstance(files, Disk):
            files.fast()
        assert bench.task is not None
        bench.task.cancel()
        await asyncio.gather(bench.task, return_exceptions=True)
        await journal.close()
