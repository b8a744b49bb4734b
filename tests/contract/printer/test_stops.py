"""A printer that stops at any byte of a receipt, and is helped: the customer gets one whole receipt, and a
second paper only as KOPIE, exactly where nobody could know of the first.

A register with the real driver and the real encoder; the printer is the product's own simulator on TCP or on
a device node. ``SOAK=1``: 200 seeds; else every tenth of them.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kassd.app.wiring import device_input
from kassd.core import inputs as i
from kassd.core.decision import Decision
from kassd.core.document import Document
from kassd.core.facts import PrintDone, PrintSending
from kassd.core.printing import SILENT
from kassd.core.state import State
from kassd.devices.config import Confirm, PrinterConfig
from kassd.devices.printer import driver
from kassd.devices.printer.commands import resync
from kassd.devices.printer.driver import PrinterDriver
from kassd.receipt.escpos import Encoder
from kassd.receipt.layout import layout
from kassd.receipt.page import to_text
from kassd.sim.printer import PrinterSim
from tests.app.kit import CONFIG, OPENED, Bench, Hands, process
from tests.devices.support import running

SEEDS = range(200) if os.environ.get("SOAK") == "1" else range(0, 200, 10)
AT_ONCE, WAIT_S = 5, 40
COLUMNS = 42
# The second forgets nothing when it is told to, and knows no GS ( H.
CONFIRM: dict[str, Confirm] = {"TM-T88V": "process_id", "NT-80-V-UL": "status"}
TIMES = {"confirm_timeout_s": 0.4, "stall_timeout_s": 0.1, "connect_timeout_s": 1.0}
STOPS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "paper": ({"paper": "out"}, {"paper": "ok"}),
    "cover": ({"cover": "open"}, {"cover": "closed"}),
    "power off": ({"power": "off"}, {"power": "on"}),
    "power cycle": ({"power": "cycle"}, {}),
    "cable": ({"cable": "out"}, {"cable": "in"}),
    "stuck": ({"stuck": True}, {"power": "cycle", "stuck": False}),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "ANSWER_S", 0.3)
    monkeypatch.setattr(driver, "POLL_S", 0.1)


class PrintingHands(Hands):
    """What has been decided to be printed goes to a real driver; the TSE answers as ever."""

    def __init__(self, directory: Path, printer: PrinterDriver, encoder: Encoder) -> None:
        super().__init__(directory)
        self.printer, self.encoder = printer, encoder
        self.documents: dict[str, tuple[Document, bool]] = {}
        self.ends: dict[str, list[PrintDone]] = {}

    def act(self, decision: Decision, before: State, after: State) -> bool:
        self.acted.append((decision, before, after))
        for wish in decision.wishes:
            if wish.kind.startswith("tse."):
                self.post(self.tse.answer(wish))
        for fact in decision.facts:
            if isinstance(fact, PrintSending):
                job = after.jobs[fact.job]
                self.documents[job.id] = (job.document, job.late)
                self.printer.send(job.id, self.encoder.document(job.document, late=job.late))
            elif isinstance(fact, PrintDone):
                self.ends.setdefault(before.jobs[fact.job].document.id, []).append(fact)
        return True


@dataclass
class Shop:
    """A register with one printer."""

    bench: Bench
    hands: PrintingHands
    sim: PrinterSim

    async def settled(self) -> None:
        """Every slip has its end, and the printer is fine."""

        def done() -> bool:
            state = self.bench.register.state
            return not (state.jobs or state.outbox) and state.devices["printer"].state == "ready"

        await self.bench.until(done, WAIT_S)

    async def sell(self) -> None:
        bread = {"text": "Brot", "price": 350, "vat": 2}
        for name, args in (("sale.add", bread), ("sale.pay", {"type": "cash"})):
            await self.ask(name, **args)

    async def ask(self, name: str, **args: object) -> None:
        """A command, also on a busy machine."""
        said = len(self.bench.replies)
        self.bench.command(name, **args)
        await self.bench.until(lambda: len(self.bench.replies) > said, WAIT_S)
        assert self.bench.replies[-1]["status"] in ("ok", "accepted"), self.bench.replies[-1]

    def papers(self, document: Document, late: bool) -> int:
        """How many papers show the whole slip."""
        text = to_text(layout(document, COLUMNS, late=late), COLUMNS).rstrip().splitlines()
        rows = [row.strip() for row in text if row.strip()]
        count = 0
        for slip in self.sim.slips:
            shown = [row.strip() for row in slip.text if row.strip()]
            count += sum(shown[at : at + len(rows)] == rows for at in range(len(shown)))
        return count


@asynccontextmanager
async def shop(folder: Path, kind: str, encoder: Encoder) -> AsyncIterator[Shop]:
    sim = PrinterSim(folder / "slips", encoder.name, COLUMNS, pictures=False)
    node = folder / "lp0"
    await sim.start(node=node if kind == "usb" else None)
    where = {"path": str(node)} if kind == "usb" else {"host": "127.0.0.1", "port": sim.port}
    config = PrinterConfig("printer", kind, confirm=CONFIRM[encoder.name], **where, **TIMES)  # type: ignore[arg-type]
    hands: list[PrintingHands] = []
    printer = PrinterDriver(config, lambda event: hands[0].post(device_input(event)))
    hands.append(PrintingHands(folder / "journal", printer, encoder))
    try:
        async with process(folder / "journal", hands=hands[0]) as bench:
            bench.register.post(i.Started(CONFIG, "", "kassd 1", "b1"))
            bench.register.post(OPENED)
            bench.register.post(i.TseSurveyed(()))
            async with running(printer):
                found = Shop(bench, hands[0], sim)
                await bench.until(lambda: "printer" in bench.register.state.devices, WAIT_S)
                await found.ask("till.open", counted=0)
                await found.settled()
                yield found
    finally:
        await sim.stop()


async def one(folder: Path, seed: int, encoders: list[Encoder]) -> None:
    draw = random.Random(seed)
    encoder = encoders[draw.random() < 0.3]
    kind, how = draw.choice(("tcp", "usb")), draw.choice(list(STOPS))
    stop, help = STOPS[how]
    merge = seed % 3 == 0  # matters to the second only
    async with shop(folder, kind, encoder) as here:
        sim = here.sim
        sim.control(merge=merge)
        if draw.random() < 0.8:
            before = sim.printer.processed
            await here.sell()
            await here.settled()
            size = sim.printer.processed - before - len(resync(torn=False))
        else:  # stops in the very first one
            size = 6_000
        number = here.bench.register.state.receipt + 1
        sim.control(**stop, after_bytes=draw.randrange(size))
        await here.sell()
        await here.bench.until(lambda: not sim.printer.due or f"R{number}" in here.hands.ends, WAIT_S)
        await asyncio.sleep(draw.choice((0, 0.05, 0.3, 1.0)))
        sim.control(**help)
        await here.settled()
        judge(here, f"seed {seed}: {how}, {kind}, merge {merge}")


def judge(here: Shop, where: str) -> None:
    number = here.bench.register.state.receipt
    slips = [slip for slip in here.hands.documents.values() if slip[0].number == str(number)]
    originals = {late: here.papers(document, late) for document, late in slips if not document.copy_at}
    copies = sum(here.papers(document, late) for document, late in slips if document.copy_at)
    first = here.hands.ends[f"R{number}"][0]
    unknown = first.result == "unknown"
    assert first.reason not in SILENT, where
    assert sum(originals.values()) <= 1, f"{where}: two originals"
    assert copies == (1 if unknown else 0), f"{where}: {copies} copies after {first}"
    assert unknown or sum(originals.values()) == 1, f"{where}: no whole receipt after {first}"


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> list[Encoder]:
    folder = tmp_path_factory.mktemp("escpos")
    found = [Encoder(name, COLUMNS, folder) for name in CONFIRM]
    for encoder in found:
        encoder.load()
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("start", range(0, len(SEEDS), AT_ONCE))
async def test_one_receipt_and_another_as_copy(start: int, tmp_path: Path, encoders: list[Encoder]) -> None:
    async with asyncio.TaskGroup() as together:
        for seed in SEEDS[start : start + AT_ONCE]:
            (tmp_path / str(seed)).mkdir()
            together.create_task(one(tmp_path / str(seed), seed, encoders))


async def test_one_that_merges_its_answers_prints_no_copy(
    tmp_path: Path, encoders: list[Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ANSWER_S", 20.0)  # it answers, however busy the machine is
    for name, seconds in {"confirm_timeout_s": 20.0, "stall_timeout_s": 0.5}.items():
        monkeypatch.setitem(TIMES, name, seconds)
    async with shop(tmp_path, "tcp", encoders[1]) as here:
        here.sim.control(merge=True)
        for _ in range(3):
            await here.sell()
            await here.settled()
            judge(here, "merge")
        assert not [slip for slip, _ in here.hands.documents.values() if slip.copy_at]
