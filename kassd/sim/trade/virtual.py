"""A register with a virtual clock: the core, a real journal, a TSE, a printer and a drawer in one thread.

What the daemon does with its loop, its threads and its devices happens here by a list of what is due, in
the order of time. The journal is written by :mod:`kassd.journal` itself, only without waiting for the disk.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from kassd.clock import utc_text
from kassd.core.boot import catalog_offers
from kassd.core.cards.inputs import CardReceiptFound
from kassd.core.carry import carried_state, fold_line, restored
from kassd.core.catalog import Article, parse_catalog
from kassd.core.codec import encode
from kassd.core.corrections.found import Found, subject_of
from kassd.core.corrections.recall import find
from kassd.core.decide import decide
from kassd.core.decision import Decision, Reply
from kassd.core.evolve import evolve
from kassd.core.facts import PrintSending, TillClosed, Wish, to_json
from kassd.core.inputs import (
    CommandReceived,
    DeviceChanged,
    Input,
    Kicked,
    Printed,
    ReceiptRecalled,
    RollbackFound,
    Scanned,
    Stamp,
    Started,
    Tick,
    TseAnswered,
    TseSwapAsked,
    TseSwapped,
    TseUnavailable,
)
from kassd.core.master import items, sales_keys
from kassd.core.state import State
from kassd.core.status import DeviceStatus
from kassd.core.tse_life import swap_refusal
from kassd.errors import KassdError
from kassd.journal import Entry, Index, compare, read_blob
from kassd.journal.blobs import write_blob
from kassd.journal.note import Signer, safe_origin
from kassd.journal.start import Options, start
from kassd.mqtt.orders import orders_document
from kassd.mqtt.project import sale_document, till_document
from kassd.sim.trade.acts import (
    Act,
    Answer,
    Articles,
    Card,
    Command,
    Flow,
    Look,
    Paper,
    PowerCut,
    Scan,
    Terminal,
    Tse,
    Wait,
)
from kassd.sim.trade.files import QuickFiles
from kassd.sim.trade.terminal import Later, VirtualTerminal
from kassd.sim.trade.tse import VirtualTse

NS = 1_000_000_000
LATENCY_NS, PRINT_NS, LATE_NS = NS // 4, NS, 12 * NS
ACT_NS = NS // 1000
SEGMENT = 256 * 1024
NUMBERS = ("epoch", "receipt", "closing")  # that a checkpoint tells
Watcher = Callable[[State, Decision, State], None]


class TradeError(KassdError):
    """A person in the generated trade was refused what they should get."""

    exit_code = 70


@dataclass(frozen=True, slots=True)
class Setup:
    """What a register is made of. ``config``: the file, flattened; ``seed`` tells registers apart."""

    folder: Path
    config: Mapping[str, Any]
    config_hash: str
    articles: Mapping[str, Article]
    catalog_hash: str
    seed: bytes
    begin: datetime


class VirtualRegister:
    """Plays flows. ``watch`` sees every decision with the states before and after it."""

    def __init__(self, setup: Setup, watch: Watcher) -> None:
        self.setup, self.watch = setup, watch
        self.register = str(setup.config["register.id"])
        self.zone = ZoneInfo(str(setup.config.get("business.timezone", "Europe/Berlin")))
        self.state, self.decisions = State(), 0
        self.commands = Counter[str]()  # that were not refused
        self._files, self._journal = QuickFiles(), setup.folder / "journal"
        self._ns, self._born = int(setup.begin.timestamp()) * NS, 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order, self._commands, self._boots = count(), 0, 0
        self._wake: int | None = None
        self._fault, self._down, self._withheld = "", False, False
        self._busy = 0
        self._scratch = TemporaryDirectory(prefix="kassd-trade-")
        self._image = Path(self._scratch.name) / "image"
        self._index: Index | None = None
        self._journal.mkdir(parents=True)
        key = Signer(safe_origin(self.register), hashlib.sha256(setup.seed + b"journal").digest())
        (self._journal / "key").write_text(key.dump(), encoding="utf-8")
        (self._journal / "key").chmod(0o600)
        self.archives: list[Path] = []
        self.tse = self._new_tse()
        self.terminals = {
            name: VirtualTerminal(name, lambda: self.now) for name in items(setup.config, "terminal")
        }
        self._boot()

    # -- time -----------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """Local time."""
        whole, rest = divmod(self._ns, NS)
        return datetime.fromtimestamp(whole, self.zone).replace(microsecond=rest // 1000)

    @property
    def mono(self) -> int:
        """Nanoseconds since the power came."""
        return self._ns - self._born

    def until(self, moment: datetime) -> None:
        """Let time pass, with everything that is due until then."""
        self._pass(int(moment.timestamp()) * NS)

    def _pass(self, target: int) -> None:
        while True:
            wake = target + 1 if self._wake is None else max(self._ns, self._wake + self._born)
            device = self._due[0][0] if self._due else target + 1
            if min(wake, device) > target:
                break
            self._ns = max(self._ns, min(wake, device))
            if device <= wake:
                heappop(self._due)[2]()
            else:
                self._wake = None
                self.post(Tick())
        self._ns = max(self._ns, target)

    def _later(self, delay: int, call: Callable[[], None]) -> None:
        heappush(self._due, (self._ns + delay, next(self._order), call))

    # -- people ---------------------------------------------------------------------------------------

    def play(self, flow: Flow) -> None:
        """Do everything of a flow."""
        try:
            act = next(flow)
            while True:
                act = flow.send(self.act(act))
        except StopIteration:
            pass

    def act(self, act: Act) -> Answer:
        """Do one act; its answer."""
        match act:
            case Command():
                return self._command(act)
            case Scan():
                self.post(Scanned("scanner", act.station, act.code))
            case Look():
                return self._look(act)
            case Wait():
                self._pass(self._ns + int(act.seconds * NS))
            case Tse():
                self._meddle(act.what)
            case Paper():
                self._printer("error" if act.out else "ready", "paper_out" if act.out else "")
            case PowerCut():
                self._cut(act.seconds)
            case Card(put_back=False):
                shutil.copytree(self._journal, self._image)
            case Card():
                self._put_back()
            case Terminal():
                for terminal in self.terminals.values():
                    if act.fate == "undone":
                        terminal.undo()
                    else:
                        terminal.fate = act.fate
            case Articles():
                self._office(act.text)
        return {}

    def _command(self, act: Command) -> Answer:
        self._commands += 1
        args = {**act.args, "station": act.station}
        found = self._find(subject) if (subject := subject_of(args)) else None
        name = f"{self._commands:026d}"
        reply = self.post(CommandReceived("kasse", name, act.name, args, found=found, proven=act.pin_of))
        if reply is None or (reply.code or "") != act.code:
            told = "keine Antwort" if reply is None else f"{reply.code} {reply.message} {reply.result}"
            raise TradeError(f"{self.now}: {act.name} {json.dumps(args)}: {told}")
        self.commands[act.name] += not act.code
        body: Answer = reply.to_json()
        return body

    def _look(self, act: Look) -> Answer:
        match act.document:
            case "sale":
                document: Any = sale_document(self.state, act.station)
            case "till":
                document = till_document(self.state, act.station)
            case "orders":
                document = orders_document(self.state)
        shown: Answer = encode(document)
        return shown

    # -- decisions ------------------------------------------------------------------------------------

    def post(self, input: Input) -> Reply | None:
        """Decide an input, write its line, have its wishes done."""
        self._ns += ACT_NS
        stamp = Stamp(self._chain.seq, self.now, self.mono)
        before = self.state
        decision = decide(before, input, stamp)
        closing = next((fact for fact in decision.facts if isinstance(fact, TillClosed)), None)
        if closing is not None:
            decision = self._with_carry(decision, closing)
        after = evolve(before, decision) if closing or decision.after is None else decision.after
        self.decisions += 1
        if decision.facts or decision.wishes:
            self._write(input, decision, closing is not None)
        self.state, self._wake = after, decision.wake
        self.watch(before, decision, after)
        for wish in decision.wishes:
            self._do(wish)
        for fact in decision.facts:
            if isinstance(fact, PrintSending):
                self._later(PRINT_NS, _posting(self, Printed(fact.job, "confirmed")))
        for ask in decision.asks:
            self._asked(ask)
        return decision.reply

    def _with_carry(self, decision: Decision, closing: TillClosed) -> Decision:
        values = {**carried_state(evolve(self.state, decision)), "replies": []}
        carry = {
            name: write_blob(self._files, self._journal, _canonical(value)) for name, value in values.items()
        }
        facts = tuple(replace(closing, carry=carry) if f is closing else f for f in decision.facts)
        return replace(decision, facts=facts)

    def _write(self, input: Input, decision: Decision, closes: bool) -> None:
        cmd = None
        if isinstance(input, CommandReceived) and decision.reply is not None:
            cmd = {"client": input.client, "id": input.id, "reply": decision.reply.to_json()}
        entry = Entry(
            at=utc_text(decision.stamp.at),
            mono=decision.stamp.mono,
            boot=self._boot_id,
            facts=[to_json(fact) for fact in decision.facts],
            wishes=[wish.to_json() for wish in decision.wishes],
            cmd=cmd,
            tse=dict(decision.tse) if decision.tse is not None else None,
            closes=closes,
        )
        batch = self._chain.extend(entry, self._reading, SEGMENT)
        self._store.write(batch)
        if batch[-1].seals:
            self._store.rotate()

    def _reading(self) -> tuple[str, int, str]:
        return utc_text(self.now), self.mono, self._boot_id

    def _find(self, subject: str) -> Found:
        if self._index is None:
            self._index = Index(Path(self._scratch.name) / "index.sqlite")
        self._index.refresh(self._journal)
        return find(self._index, subject)

    # -- power ----------------------------------------------------------------------------------------

    def _boot(self) -> None:
        """A process begins: read the journal, say what is there."""
        self._boots += 1
        self._born = self._ns - 10 * NS
        self._boot_id = hashlib.sha256(self.setup.seed + b"boot%d" % self._boots).hexdigest()[:16]
        options = Options(align=0, capacity=SEGMENT, compact=False, now=self._reading)
        opened = start(self._journal, self.register, options, self._files)
        self._chain, self._store, self._lock = opened.chain, opened.store, opened.lock
        self.state = State()
        for line in opened.recovery.lines:
            carry = next((f["data"]["carry"] for f in line.facts if f["kind"] == TillClosed.kind), None)
            if carry is not None:
                state, catalog = (read_blob(self._journal, carry[name]) for name in ("state", "catalog"))
                self.state = restored(json.loads(state), json.loads(catalog))
            else:
                stamp = Stamp(line.seq, datetime.fromisoformat(line.at), line.mono)
                self.state = fold_line(self.state, stamp, list(line.facts), list(line.wishes))
        s, self._found = self.setup, self._anchor()
        self.post(Started(s.config, s.config_hash, "kassd", "trade"))
        for offer in catalog_offers(self.state, s.articles, s.catalog_hash):
            self.post(offer)
        for name in ("printer", "drawer"):
            self.post(DeviceChanged(DeviceStatus(name, "ready")))
        for terminal in self.terminals.values():
            self.post(DeviceChanged(DeviceStatus(terminal.name, "ready")))
            self.post(terminal.told())
        self._open_tse()

    def _cut(self, seconds: float) -> None:
        self._due.clear()
        self._wake = None
        self.close(index=False)
        self._ns += int(seconds * NS)
        self.tse.power_up()
        self._boot()

    def _put_back(self) -> None:
        """An old copy of the card: what the broker has heard since is told at the next start."""
        heard = self._anchor()
        self._due.clear()
        self._wake = None
        self.close(index=False)
        if self._index is not None:
            self._index.close()
        self._index = None
        (Path(self._scratch.name) / "index.sqlite").unlink(missing_ok=True)
        shutil.rmtree(self._journal)
        shutil.move(self._image, self._journal)
        self._ns += 300 * NS
        self.tse.power_up()
        self._boot()
        told = {key: int(heard[key]) for key in NUMBERS}
        for finding in compare(self._found, heard, "broker"):
            self.post(RollbackFound(finding.where, finding.message, **told))

    def _anchor(self) -> dict[str, Any]:
        """What a checkpoint says of the journal as it is now."""
        s = self.state
        return {"size": self._chain.seq, "epoch": s.epoch, "receipt": s.receipt, "closing": s.closing}

    def _office(self, text: str) -> None:
        (self.setup.folder / "catalog.json").write_text(text, encoding="utf-8")
        articles = parse_catalog(text, keys=sales_keys(self.setup.config))
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.setup = replace(self.setup, articles=articles, catalog_hash=digest)

    def _read_catalog(self, who: str, how: str) -> None:
        s = self.setup
        for offer in catalog_offers(self.state, s.articles, s.catalog_hash, who=who, how=how):
            self.post(offer)

    def close(self, *, index: bool = True) -> None:
        """Let go of the files; with ``index`` for good."""
        self._store.close()
        self._files.close(self._lock)
        if index:
            self.tse.close()
            if self._index is not None:
                self._index.close()
            self._scratch.cleanup()

    # -- devices --------------------------------------------------------------------------------------

    def _new_tse(self) -> VirtualTse:
        count = len(self.archives) + 1
        self.archives.append(self.setup.folder / (f"tse-{count}.tar" if count > 1 else "tse.tar"))
        seed = hashlib.sha256(self.setup.seed + (b"tse%d" % count if count > 1 else b"tse")).digest()
        return VirtualTse(self.archives[-1], seed, self.register, lambda: self._ns, lambda: self._ns)

    def swap_tse(self, reason: str) -> bool:
        """Replace the TSE as ``kassd tse swap`` does; False where it has to wait, e.g. for a closing."""
        if self._fault or self._down or swap_refusal(self.state):
            return False
        messages = self.tse.retire()
        archive = self.archives[-1]
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        self.post(TseSwapAsked("Inhaber", reason, archive.name, digest, messages))
        self.tse = self._new_tse()
        self.post(TseSwapped(self.tse.opened()))
        return True

    def _printer(self, state: Any, reason: str) -> None:
        self.post(DeviceChanged(DeviceStatus("printer", state, reason)))

    def _do(self, wish: Wish) -> None:
        if wish.kind == "drawer":
            self._later(PRINT_NS, _posting(self, Kicked(wish.id, "kicked")))
        elif wish.kind == "card":
            self._report(self.terminals[str(wish.args["terminal"])].perform(wish))
        elif wish.kind.startswith("tse."):
            self._busy = max(self._busy, self._ns) + LATENCY_NS
            self._later(self._busy - self._ns, lambda: self._call(wish))

    def _report(self, reports: Later) -> None:
        for delay, report in reports:
            self._later(delay, _posting(self, report))

    def _call(self, wish: Wish) -> None:
        """The TSE's turn: as :class:`kassd.tse.worker.TseWorker` would report it."""
        if self._down or wish.id not in self.state.outbox:
            return
        if wish.id in self.state.tse.withdrawn:
            self.post(TseAnswered(wish.id, error="withdrawn", begun=False))
        elif self._fault == "gone":
            self._down = True
            self.post(TseAnswered(wish.id, error="gone", message="Die TSE ist nicht da."))
        elif self._fault and wish.kind == "tse.finish":
            answered, silent = self.tse.call(wish), self._fault == "silent"
            self._fault, self._down = "gone" if silent else "", silent
            lost = TseAnswered(wish.id, error="silent", message="Die TSE antwortet nicht.")
            self._later(LATE_NS, _posting(self, lost if silent else answered))
        else:
            self.post(self.tse.call(wish))

    def _asked(self, ask: Wish) -> None:
        if ask.kind == "receipt.recall":
            found = self._find(str(ask.args["receipt"]))
            assert found.receipt is not None, "a receipt that was decided about is found"
            self._later(NS, _posting(self, ReceiptRecalled(str(ask.args["sale"]), found.receipt)))
        elif ask.kind in ("card.ask", "card.abort"):
            terminal = self.terminals[str(ask.args["terminal"])]
            answer = terminal.asked if ask.kind == "card.ask" else terminal.abort
            self._report(answer(str(ask.args["charge"])))
        elif ask.kind == "card.recall":
            receipt = str(ask.args["receipt"])
            self._later(NS, _posting(self, CardReceiptFound(receipt, self._find(receipt))))
        elif ask.kind == "catalog.read":
            self._later(NS, lambda: self._read_catalog(str(ask.args["who"]), str(ask.args["how"])))
        elif ask.kind == "tse.probe":
            self._later(LATENCY_NS, self._open_tse)
        elif ask.kind == "tse.self_test":
            self._later(LATENCY_NS, self._test_tse)
        elif ask.kind == "tse.resume":
            self._later(LATENCY_NS, self._resume)

    def _open_tse(self) -> None:
        if self._fault == "gone":
            self._down = True
            self.post(TseUnavailable("gone", "Die TSE ist nicht da."))
        else:
            self._down = False
            self.post(self.tse.opened())

    def _test_tse(self) -> None:
        if self._fault == "gone":
            self._open_tse()
        else:
            self.tse.prepare()

    def _resume(self) -> None:
        """Look up what became of each outstanding call, and what is open."""
        calls = [w for w in self.state.outbox.values() if w.kind in ("tse.start", "tse.finish")]
        for wish in sorted(calls, key=lambda w: bool(w.args.get("late"))):
            if self._down:
                return
            if wish.id not in self.state.outbox:
                continue
            known = {s.transaction.number for s in self.state.sales.values() if s.transaction}
            known |= {late.number for late in self.state.tse.late}
            self.post(self.tse.resolve(wish, known, wish.id not in self.state.tse.withdrawn))
        self.post(self.tse.surveyed())

    def _meddle(self, what: str) -> None:
        self._fault = "" if what == "back" else what
        if what == "back":
            self.tse.power_up()


def _posting(register: VirtualRegister, input: Input) -> Callable[[], None]:
    return lambda: (register.post(input), None)[1]


def _canonical(value: Any) -> bytes:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":")).encode()
