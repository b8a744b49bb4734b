"""What the core costs: each command on a sale of 200 lines, and at the end of a long day.

Nothing but :func:`kassd.core.decide.decide` is timed, which folds its facts as it goes. The states are
values, so each command is decided again and again on the same one; beside each round stands a baseline: what
it costs to write that sale's lines as JSON once, which showing it costs anyway.
"""

import gc
import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from kassd.core.codec import encode
from kassd.core.decide import decide
from kassd.core.decision import Decision
from kassd.core.evolve import evolve
from kassd.core.facts import Wish
from kassd.core.inputs import (
    CommandReceived,
    DeviceChanged,
    Input,
    Kicked,
    Printed,
    Scanned,
    Stamp,
    Started,
    Tick,
    TseAnswered,
    TseOpened,
    TseSurveyed,
)
from kassd.core.state import State
from kassd.core.status import DeviceStatus
from tests.bench.figure import Figure, percentile, spread

LINES = 200
ROUNDS = 41
SHORT_DAY, LONG_DAY = 10, 10_000  # sales
DAY_ROUNDS = 101
ARTICLES = 2000
CLIENTS = 40
AT = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=1)))
SERIAL = "ab" * 32
CONFIG: dict[str, Any] = {
    "register.id": "KASSE-1",
    "register.mode": "test",
    "business.name": "Backhaus Muster",
    "business.street": "Marktplatz 1",
    "business.postal_code": "01067",
    "business.city": "Dresden",
    "business.tax_number": "203/123/12345",
    "printer.printer.name": "printer",
    "drawer.drawer.name": "drawer",
    **{
        f"client.c{n}.{key}": value
        for n in range(CLIENTS)
        for key, value in {"name": f"c{n}", "station": f"s{n % 8}", "rights": ["sell"]}.items()
    },
}
Command = tuple[str, dict[str, Any]]
# Each takes effect on a sale of many lines. What enters or takes back single lines must cost a millisecond at
# most; what by its nature writes many lines (BULK) is shown with how many it wrote.
KINDS: dict[str, Command] = {
    "add open item": ("sale.add", {"text": "Brot", "price": 350, "vat": 2}),
    "add article": ("sale.add", {"article": "A7"}),
    "void line": ("sale.void_line", {"line": 5}),
    "void last": ("sale.void_line", {}),
    "undo": ("sale.undo", {}),
    "return": ("sale.return", {"article": "A7", "reason": "zurück"}),
    "discount of a line": ("sale.discount", {"line": 3, "percent": "5"}),
    "discount of all": ("sale.discount", {"percent": "5"}),
    "surcharge of all": ("sale.surcharge", {"percent": "5", "reason": "Nachtzuschlag"}),
    "subsidy": ("sale.subsidy", {"kind": "echt", "amount": 100, "payer": "Stadt", "reason": "Bon"}),
    "customer": ("sale.customer", {"name": "Krone"}),
    "voucher": ("voucher.sell", {"kind": "multi", "value": 1000}),
    "pay cash": ("sale.pay", {"type": "cash", "given": 10_000_000}),
    "pay a part": ("sale.pay", {"type": "cash", "given": 100}),
    "pay by card": ("sale.pay", {"type": "card"}),
    "abort": ("sale.abort", {}),
}
BULK: dict[str, Command] = {
    "park": ("sale.park", {}),
    "eaten here": ("sale.set_in_house", {"in_house": True}),
}
A_SALE: tuple[Command, ...] = (
    ("sale.add", {"article": "A7"}),
    ("sale.add", {"text": "Brot", "price": 350, "vat": 2}),
    ("sale.void_line", {}),
    ("sale.discount", {"percent": "10"}),
    ("sale.pay", {"type": "cash", "given": 5000}),
)


class Core:
    """A register without a world: the devices answer at once, each decision is timed."""

    def __init__(self) -> None:
        self.state, self.seq, self.mono, self.counter, self.transaction = State(), 0, 0, 0, 0

    def let(self, input: Input) -> Decision:
        """Let ``input`` happen."""
        self.mono += 1_000_000
        decision = decide(self.state, input, self.stamp)
        self.state = decision.after if decision.after is not None else evolve(self.state, decision)
        self.seq += bool(decision.facts or decision.wishes)
        return decision

    @property
    def stamp(self) -> Stamp:
        """Now."""
        return Stamp(self.seq, AT + timedelta(microseconds=self.mono // 1000), self.mono)

    def command(self, name: str, args: dict[str, Any]) -> None:
        """A command that must succeed."""
        reply = self.let(command(name, args, self.seq)).reply
        if reply is None or reply.code:
            raise RuntimeError(f"{name}: {reply}")

    def begin(self, config: dict[str, Any] = CONFIG) -> None:
        """Commission and open it, with a catalogue."""
        opened = TseOpened(
            SERIAL,
            "cGs=",
            "ecdsa-plain-SHA384",
            "unixTime",
            ("Y2VydA==",),
            2_000_000_000,
            "B",
            "s",
            "KASSE-1",
        )
        for input in (Started(config, "1", "1.0", "b1"), opened, TseSurveyed(())):
            self.let(input)
        for name in ("printer", "drawer"):
            self.let(DeviceChanged(DeviceStatus(name, "ready")))
        for n in range(ARTICLES):
            article = {"id": f"A{n}", "name": f"Ware {n}", "price": 100 + n, "vat": 1 + n % 2}
            changes = {"vat_in_house": 1} if n % 2 else {}
            self.command("catalog.put", {**article, **changes, "codes": [f"W{n}"]})
        self.command("till.open", {"counted": 5000, "source": "transit"})
        self.answer()

    def answer(self) -> None:
        """TSE, printer and drawer do everything."""
        while waiting := [wish for wish in self.state.outbox.values() if wish.kind.startswith("tse.")]:
            self.let(self._signed(waiting[0]))
        while sending := [job.id for job in self.state.jobs.values() if job.status == "sending"]:
            self.let(Printed(sending[0], "confirmed"))
        for wish in tuple(self.state.outbox.values()):
            self.let(Kicked(wish.id, "kicked"))

    def _signed(self, wish: Wish) -> TseAnswered:
        self.counter += 1
        self.transaction += wish.kind == "tse.start"
        number = self.transaction if wish.kind == "tse.start" else int(wish.args["transaction"])
        return TseAnswered(wish.id, number, self.counter, "2026-11-21T11:00:00.000Z", SERIAL, "c2ln")

    def sell(self) -> None:
        """One sale, to the slip."""
        for name, args in A_SALE:
            self.command(name, args)
        self.answer()


def command(name: str, args: dict[str, Any], number: int = 0) -> CommandReceived:
    """A command of a display."""
    return CommandReceived("anzeige", f"c{number}", name, args, None, "local")


def timed(core: Core, input: Input) -> tuple[float, Decision]:
    """Seconds that deciding ``input`` takes now; nothing changes."""
    began = time.perf_counter()
    decision = decide(core.state, input, core.stamp)
    return time.perf_counter() - began, decision


def _took(core: Core, name: str, args: dict[str, Any]) -> tuple[float, int]:
    """Seconds of a command and how many facts it decided; it must not be refused."""
    seconds, decision = timed(core, command(name, args))
    if decision.reply is None or decision.reply.code:
        raise RuntimeError(f"{name}: {decision.reply}")
    return seconds, len(decision.facts)


def _long_sale(core: Core, lines: int) -> None:
    for n in range(lines):
        core.command("sale.add", {"article": f"A{n}"})
    core.answer()


async def decide_sale() -> list[Figure]:
    """Each command on a sale of :data:`LINES` lines; where one adds lines, there is just room for them."""
    core, small = Core(), Core()
    for each, lines in ((core, LINES - 3), (small, 1)):
        each.begin()
        _long_sale(each, lines)
    half = Core()
    half.begin()
    _long_sale(half, LINES // 3)
    return [*_entries(core, small), *_bulk(half)]


def _entries(core: Core, small: Core) -> list[Figure]:
    sale = core.state.current("main")
    assert sale is not None
    took: dict[str, list[float]] = {name: [] for name in [*KINDS, "scan"]}
    baselines = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        json.dumps([encode(line) for line in sale.lines])
        baselines.append(time.perf_counter() - began)
        for kind, (name, args) in KINDS.items():
            took[kind].append(_took(core, name, args)[0])
        took["scan"].append(timed(core, Scanned("scanner", "main", "W7"))[0])
    short = [_took(small, *KINDS["add article"])[0] for _ in range(ROUNDS)]
    medians = {kind: round(percentile(values, 50) * 1000, 3) for kind, values in took.items()}
    every = [value for values in took.values() for value in values]
    slowest = max(medians, key=lambda kind: medians[kind])
    detail = {
        "decide_ms": spread(every, digits=3),
        "kinds_median_ms": medians,
        "baseline_json_of_its_lines_ms": spread(baselines, digits=3),
        "baseline_add_article_to_one_line_ms": spread(short, digits=3),
    }
    return [
        Figure(
            f"decide on a sale of {LINES} lines, median",
            detail["decide_ms"]["median"],
            "ms",
            1.0,
            detail=detail,
        ),
        Figure(f"its slowest kind, median ({slowest})", medians[slowest], "ms", 1.0),
    ]


def _bulk(core: Core) -> list[Figure]:
    """Commands that write many lines at once, per fact that they decide."""
    figures = []
    for kind, (name, args) in BULK.items():
        rounds = [_took(core, name, args) for _ in range(ROUNDS)]
        median = percentile([seconds for seconds, _ in rounds], 50) * 1000
        facts = rounds[0][1]
        detail = {"facts": facts, "ms": round(median, 3)}
        figures.append(
            Figure(
                f"{kind}: per line of {LINES // 3}", round(median * 3 / LINES, 3), "ms", 1.0, detail=detail
            )
        )
    return figures


async def decide_day() -> list[Figure]:
    """The same sale after few and after many sales of one period, decided in turns."""
    core = Core()
    core.begin()
    early = None
    for number in range(LONG_DAY):
        if number == SHORT_DAY:
            early = replaced(core)
        core.sell()
    assert early is not None
    gc.collect()
    first, last = [], []
    for number in range(DAY_ROUNDS):
        pair = (early, core) if number % 2 else (core, early)
        for one in pair:
            (first if one is early else last).append(list(_steps(replaced(one))))
    steps = zip(zip(*first, strict=True), zip(*last, strict=True), strict=True)
    medians = [(percentile(a, 50), percentile(b, 50)) for a, b in steps]
    ratios = [round(b / a, 3) for a, b in medians]
    before, after = (sum(each) for each in zip(*medians, strict=True))
    sizes = {
        f"after_{n:,}": len(json.dumps(encode(one.state)))
        for n, one in ((SHORT_DAY, early), (LONG_DAY, core))
    }
    detail = {
        f"sale_after_{SHORT_DAY:,}_ms": round(before * 1000, 3),
        f"sale_after_{LONG_DAY:,}_ms": round(after * 1000, 3),
        "ratio_of_each_step": ratios,
        "state_bytes": sizes,
    }
    name = f"decide after {LONG_DAY:,} sales / after {SHORT_DAY:,}"
    growth = sizes[f"after_{LONG_DAY:,}"] - sizes[f"after_{SHORT_DAY:,}"]
    return [
        Figure(name, round(after / before, 3), "x", 1.2, detail=detail),
        Figure("growth of the state with these sales", growth / 1024, "KiB", 8.0),
    ]


def replaced(core: Core) -> Core:
    """Another register in the same state."""
    other = Core()
    for name, value in vars(core).items():
        setattr(other, name, value)
    return other


def _steps(core: Core) -> Iterator[float]:
    """Seconds of each input of one sale."""
    for name, args in A_SALE:
        yield _took(core, name, args)[0]
        core.command(name, args)
    for wish in _calls(core):
        answer = core._signed(wish)
        yield timed(core, answer)[0]
        core.let(answer)
    yield timed(core, Tick())[0]


def _calls(core: Core) -> Iterable[Wish]:
    while calls := [wish for wish in core.state.outbox.values() if wish.kind.startswith("tse.")]:
        yield calls[0]


async def decide_cost() -> list[Figure]:
    """Both."""
    return [*await decide_sale(), *await decide_day()]


__all__ = ["decide_cost"]
