"""Playbooks: what happens to the register (``>>``) and what it decides (``<<``).

    till = Playbook().ready()
    till >> add("Brot", 350) << "sale.opened sale.line_added +tse.start"

A decision reads as its journalled facts, then ``+`` before each wish and ``?`` before each question.
The playbook answers for the devices only when it is told to (:meth:`Playbook.sign`, :meth:`Playbook.paper`).
After every input it checks what must always hold (:func:`check`).
"""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from kassd.core import decide as decide_module
from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.carry import durable, fold_line
from kassd.core.cash.accounts import holdings
from kassd.core.codec import decode, encode
from kassd.core.corrections.found import subject_of
from kassd.core.corrections.recall import find
from kassd.core.credit.state import WHOLE
from kassd.core.decide import decide
from kassd.core.decision import Decision, Draft
from kassd.core.document import Document
from kassd.core.entry import Line
from kassd.core.evolve import evolve
from kassd.core.facts import Wish
from kassd.core.inputs import CommandReceived, Input, Room, Stamp
from kassd.core.master import rate_of, vat_keys
from kassd.core.orders.state import ORDERED
from kassd.core.process_data import receipt_process_data
from kassd.core.reductions.settling import settle_reductions
from kassd.core.state import Sale, State
from kassd.core.status import DeviceStatus
from kassd.core.vouchers.ledger import available


class Recorder(Draft):
    """A draft that can be looked at after the decision."""

    __slots__ = ()
    newest: ClassVar[Draft | None] = None

    def __init__(self, state: State, stamp: Stamp, actor: str = "") -> None:
        super().__init__(state, stamp, actor)
        Recorder.newest = self


decide_module.Draft = Recorder  # type: ignore[misc]

MAX_LINE = 63_000  # a journal line has 64 KiB
CET = timezone(timedelta(hours=1))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=CET)
NS = 1_000_000_000
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
    "drawer.drawer.driver": "printer",
    "printer.printer-2.name": "printer-2",
    "printer.printer-2.station": "zwei",
    "client.theke-2.name": "theke-2",
    "client.theke-2.station": "zwei",
    "client.theke-2.rights": ["sell"],
}
OPENED = i.TseOpened(
    SERIAL,
    "cGs=",
    "ecdsa-plain-SHA384",
    "unixTime",
    ("Y2VydA==",),
    2_000_000_000,
    "BSI-K-TR-0",
    "soft",
    "KASSE-1",
)


def command(
    name: str, /, client: str = "anzeige", rev: int | None = None, origin: Any = "local", **args: Any
) -> CommandReceived:
    """A command; :class:`Playbook` gives it a fresh id."""
    return CommandReceived(client, "", name, args, rev, origin)


def add(text: str = "Brot", price: int = 350, vat: int = 2, **args: Any) -> CommandReceived:
    """An open item."""
    return command("sale.add", text=text, price=price, vat=vat, **args)


def cash(**args: Any) -> CommandReceived:
    return command("sale.pay", type="cash", **args)


def card(**args: Any) -> CommandReceived:
    return command("sale.pay", type="card", **args)


def scan(text: str, station: str = "main") -> i.Scanned:
    return i.Scanned("scanner", station, text)


def device(name: str, state: Any) -> i.DeviceChanged:
    return i.DeviceChanged(DeviceStatus(name, state))


def text_of(decision: Decision) -> str:
    """A decision as playbooks write it."""
    words = [fact.kind for fact in decision.facts]
    words += [f"+{wish.kind}" for wish in decision.wishes] + [f"?{ask.kind}" for ask in decision.asks]
    return " ".join(words)


class Lines:
    """The playbook's journal as the place where facts are found (``Records``)."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.facts = [
            (line["stamp"].seq, f.from_json(json.loads(json.dumps(fact))))
            for line in lines
            for fact in line["facts"]
        ]
        self.lines = lines

    def newest(self) -> int:
        return len(self.lines) - 1

    def finished(self, number: int) -> str:
        ends = [x for _, x in self.facts if isinstance(x, f.SaleFinished) and x.number == number]
        return ends[0].sale if ends else ""

    def of_sale(self, sale: str) -> list[tuple[int, f.Fact]]:
        return [(seq, fact) for seq, fact in self.facts if getattr(fact, "sale", None) == sale]

    def about(self, receipt: str) -> list[tuple[int, f.Fact]]:
        return [(seq, fact) for seq, fact in self.facts if getattr(fact, "receipt", None) == receipt]

    def of_slip(self, slip: str) -> list[tuple[int, f.Fact]]:
        return [(seq, fact) for seq, fact in self.facts if getattr(fact, "slip", None) == slip]

    def closing_of(self, sale: str) -> tuple[int, str]:
        over = False
        for _, fact in self.facts:
            over |= isinstance(fact, f.SaleFinished) and fact.sale == sale
            if over and isinstance(fact, f.TillClosed):
                return fact.number, fact.at
        return 0, ""


@dataclass(slots=True)
class Tse:
    """Numbers of a TSE that always answers in order."""

    transaction: int = 0
    counter: int = 0
    open: set[int] = field(default_factory=set)

    def answer(self, wish: Wish) -> i.TseAnswered:
        """A signature for a start or finish wish."""
        self.counter += 1
        if wish.kind == "tse.start":
            self.transaction += 1
            number = self.transaction
            self.open.add(number)
        else:
            number = int(wish.args["transaction"])
            self.open.discard(number)
        at = f"2026-11-21T11:00:{self.counter % 60:02d}.000Z"
        return i.TseAnswered(wish.id, number, self.counter, at, SERIAL, f"c2ln{self.counter}")


class Playbook:
    """A register with a clock, a journal and patience."""

    def __init__(self, state: State | None = None, at: datetime = NOON) -> None:
        self.state = state or State()
        self.at, self.mono, self.commands = at, 0, 0
        self.lines: list[dict[str, Any]] = []
        self.tse = Tse()
        self.last = Decision(Stamp(0, at, 0))
        self.replies: list[dict[str, Any]] = []
        self.config, self.software, self.build = dict(CONFIG), "1.0", "b1"
        self.room: Room = "ample"
        self.owed: Counter[str] = Counter()  # of each group: what was ordered and not billed

    # -- driving ------------------------------------------------------------------------------------

    def __rshift__(self, input: Input) -> "Playbook":
        """Let ``input`` happen a millisecond later."""
        if isinstance(input, CommandReceived) and not input.id:
            self.commands += 1
            input = replace(input, id=f"c{self.commands}")
        if isinstance(input, CommandReceived) and input.found is None and (s := subject_of(input.args)):
            input = replace(input, found=find(Lines(self.lines), s))
        self.at += timedelta(milliseconds=1)
        self.mono += NS // 1000
        stamp = Stamp(len(self.lines), self.at, self.mono, self.room)
        before = self.state
        self.last = decide(before, input, stamp)
        for fault in self.last.faults:
            raise fault
        self.state = evolve(before, self.last)
        if self.last.facts or self.last.wishes:
            self.lines.append(
                {
                    "stamp": stamp,
                    "facts": [f.to_json(fact) for fact in self.last.facts],
                    "wishes": [wish.to_json() for wish in self.last.wishes],
                }
            )
            written = [self.lines[-1]["facts"], self.lines[-1]["wishes"]]
            size = len(json.dumps(written, ensure_ascii=False, allow_nan=False).encode())
            assert size < MAX_LINE, f"a line of {size} bytes"
        if self.last.reply is not None:
            self.replies.append(self.last.reply.to_json())
        check(before, input, self.last, self.state)
        self._check_orders(before)
        return self

    def _check_orders(self, before: State) -> None:
        """Sum of a group's orders = sum of its bills + what is open in it (L-035)."""
        after = self.state.orders
        entered: Counter[str] = Counter()
        for fact in self.last.facts:
            if isinstance(fact, f.LineAdded):
                entered[fact.sale] += fact.amount
            elif isinstance(fact, f.LineVoided):
                voided = self.state.sales.get(fact.sale) or before.sales[fact.sale]
                entered[fact.sale] -= voided.lines[fact.voids - 1].amount
            elif isinstance(fact, f.OrderPlaced):
                parked = before.sales.get(fact.sale)
                self.owed[fact.group] += entered[fact.sale] + (parked.total if parked else 0)
            elif isinstance(fact, f.SaleFinished) and fact.bon_type == "Beleg" and fact.document.group:
                sale = before.sales.get(fact.sale)
                lines = [
                    (line.case, line.amount)
                    for line in (*(sale.lines if sale else ()), *self.last.facts)
                    if isinstance(line, Line) and getattr(line, "sale", fact.sale) == fact.sale
                ]
                self.owed[fact.document.group] -= sum(amount for case, amount in lines if case in ORDERED)
        for name in {*self.owed, *after.groups}:
            group = after.groups.get(name)
            taken = [bill for bill in after.bills.values() if bill.group == name]
            open_ = (group.total if group else 0) + sum(line.amount for b in taken for line in b.lines)
            assert self.owed[name] == open_, f"{name}: ordered and not billed {self.owed[name]}, open {open_}"
            assert group is None or group.lines or taken, f"{name} is closed and still there"

    def __lshift__(self, expected: str) -> "Playbook":
        """The decision must read like this; ``…`` at the end: begin like this."""
        got = text_of(self.last)
        fine = got.startswith(expected[:-1].strip()) if expected.endswith("…") else got == expected
        assert fine, f"\n  got      {got}\n  expected {expected}\n  reply    {self.last.reply}"
        return self

    def says(self, code: str) -> "Playbook":
        """The last command was answered with this code (or ``ok``/``accepted``) and changed nothing else."""
        reply = self.last.reply
        assert reply is not None
        assert (reply.code or reply.status) == code, reply
        if reply.code:
            assert {fact.kind for fact in self.last.facts} <= {"operator.refused"}
            assert not self.last.wishes
        return self

    def wait(self, seconds: float) -> "Playbook":
        """Let time pass without a tick."""
        self.at += timedelta(seconds=seconds)
        self.mono += int(seconds * NS)
        return self

    def tick(self) -> "Playbook":
        return self >> i.Tick()

    # -- the world ----------------------------------------------------------------------------------

    def start(self) -> "Playbook":
        """A process begins."""
        return self >> i.Started(self.config, str(hash(str(self.config))), self.software, self.build)

    def restart(self) -> "Playbook":
        """Power away and back: the state is what the journal says, the monotonic clock begins again."""
        self.state = durable(replayed(self.lines))
        self.mono = 0
        return self.start()

    def tse_opens(self) -> "Playbook":
        """The TSE opens, resolves what is outstanding, and is surveyed."""
        self >> OPENED
        return self.resume()

    def resume(self) -> "Playbook":
        self.sign()
        return self >> i.TseSurveyed(tuple(sorted(self.tse.open)))

    def outage(self, error: str = "gone") -> "Playbook":
        return self >> i.TseUnavailable(error, "Die TSE ist weg.")

    def ready(self, float_: int = 0) -> "Playbook":
        """A commissioned, open till with paper."""
        self.commissioned()
        if float_:
            self >> command("till.open", counted=float_, source="transit")
        else:
            self >> command("till.open", counted=0)
        return self.sign().paper()

    def commissioned(self) -> "Playbook":
        self.start() >> OPENED >> i.TseSurveyed(()) >> device("printer", "ready") >> device("drawer", "ready")
        return self >> device("printer-2", "ready")

    def calls(self) -> list[Wish]:
        """Outstanding calls of the TSE."""
        return [wish for wish in self.state.outbox.values() if wish.kind.startswith("tse.")]

    def sign_one(self) -> "Playbook":
        """The TSE answers its oldest call."""
        return self >> self.tse.answer(self.calls()[0])

    def sign(self) -> "Playbook":
        """The TSE answers everything."""
        while self.calls():
            self.sign_one()
        return self

    def paper(self) -> "Playbook":
        """Printers and drawers do everything."""
        while sending := [job for job in self.state.jobs.values() if job.status == "sending"]:
            self >> i.Printed(sending[0].id, "confirmed")
        for wish in tuple(self.state.outbox.values()):
            if wish.kind == "drawer":
                self >> i.Kicked(wish.id, "kicked")
        return self

    def done(self) -> "Playbook":
        return self.sign().paper()

    # -- looking ------------------------------------------------------------------------------------

    def facts(self, cls: type[f.Fact]) -> list[Any]:
        """Every journalled fact of a kind, read back from the lines."""
        found = (f.from_json(fact) for line in self.lines for fact in line["facts"])
        return [fact for fact in found if isinstance(fact, cls)]

    def wishes(self, kind: str) -> list[Wish]:
        found = (Wish.from_json(wish) for line in self.lines for wish in line["wishes"])
        return [wish for wish in found if wish.kind == kind]

    def current(self, station: str = "main") -> Sale:
        sale = self.state.current(station)
        assert sale is not None
        return sale

    def receipt_id(self) -> str:
        """Id of the sale that left the current slot of ``main`` last."""
        last = self.state.station("main").last
        assert last is not None
        return last.id

    def receipt(self) -> f.SaleFinished:
        """The newest finished Vorgang."""
        return self.facts(f.SaleFinished)[-1]  # type: ignore[no-any-return]


def replayed(lines: list[dict[str, Any]]) -> State:
    """The state folded from lines that have been bytes."""
    state = State()
    for line in lines:
        facts, wishes = json.loads(json.dumps([line["facts"], line["wishes"]]))
        state = fold_line(state, line["stamp"], facts, wishes)
    return state


def reborn(state: State) -> State:
    """The state through its JSON form."""
    result: State = decode(State, json.loads(json.dumps(encode(state))))
    return result


def check(before: State, input: Input, decision: Decision, after: State) -> None:
    """What holds after every decision."""
    assert after.till.cash >= 0
    assert after.till.carried >= 0
    assert all(held.amount >= 0 and held.value >= 0 for held in after.cash.held.values())
    euro = sum(held.amount for key, held in after.cash.held.items() if key.endswith("|EUR"))
    if not after.till.open:
        assert euro == after.till.carried, "a closed till holds what the closing left"
    elif after.till.procedure is None or after.till.procedure.kind == "close":
        assert euro == after.till.cash, "expected cash is what was moved"
    else:
        assert sum(h.amount for _, cur, h in holdings(after) if cur == "EUR") == after.till.expected_cash
    numbers = [fact.number for fact in decision.facts if isinstance(fact, f.SaleNumbered)]
    skips = [fact.last_receipt for fact in decision.facts if isinstance(fact, f.CountersSkipped)]
    last = max([before.receipt, *skips])
    assert numbers == list(range(last + 1, last + 1 + len(numbers)))
    assert after.receipt == last + len(numbers)
    for fact in decision.facts:
        if isinstance(fact, f.LineAdded):
            assert sum(share.amount for share in fact.by_vat()) == fact.amount
            assert fact.of < fact.n
            _check_rates(fact, before, after)
        if isinstance(fact, f.SaleFinished):
            _check_finished(fact, after)
        if isinstance(fact, f.TillClosed):
            _check_behind(decision.facts[decision.facts.index(fact) + 1 :])
    for sale in after.sales.values():
        if sale.reductions and sale.status in ("open", "paying"):
            trial = Draft(after, decision.stamp)
            settle_reductions(trial, sale)
            assert not trial.facts, "a reduction of the whole sale is not what it must be"
    assert decision.wake is None or isinstance(decision.wake, int)
    folded = durable(evolve(before, replace(decision, volatile=())))
    assert folded == durable(after), "volatile facts changed what a power cut may not forget"
    assert decision.after is None or decision.after == after, (
        "deciding led to another state than evolve makes"
    )
    draft = Recorder.newest
    if (
        draft is not None
        and tuple(draft.facts) == decision.facts
        and tuple(draft.volatile) == decision.volatile
    ):
        assert without_rev(draft.state) == without_rev(after), "the draft saw another state than evolve makes"
    assert all(0 <= available(after, voucher) <= voucher.value for voucher in after.vouchers.values())
    parts = [item for item in after.credit.items.values() if item.kind not in WHOLE]
    assert all(share.amount >= 0 for item in parts for share in item.left)
    assert len(after.outbox) < 500
    assert all(count <= 1 for count in Counter(_originals(after)).values())


def _check_behind(facts: tuple[f.Fact, ...]) -> None:
    """Behind a closing nothing is sold before the till opens again; new tax rates open it in the same line
    (FISCAL 5)."""
    kinds = [type(fact) for fact in facts]
    till_opened = kinds.index(f.TillOpened) if f.TillOpened in kinds else len(kinds)
    for kind in (f.SaleOpened, f.LineAdded, f.SaleFinished):
        assert kind not in kinds[:till_opened], f"{kind.kind} behind a closing"


def _check_rates(line: f.LineAdded, before: State, after: State) -> None:
    """Within a period each key means one rate (Anlage 2)."""
    for share in line.by_vat():
        known = {rate_of(state.config, state.rates, share.vat) for state in (before, after) if state.config}
        assert share.rate in known, f"{line.text!r}: {share.rate} % under key {share.vat}"


def _originals(state: State) -> list[str]:
    return [job.document.id for job in state.jobs.values()]


def without_rev(state: State) -> State:
    """The state without line numbers."""
    stations = {n: replace(s, sale_rev=0, till_rev=0) for n, s in state.stations.items()}
    return replace(state, seq=0, stations=stations)


def _check_codes(document: Document) -> None:
    """Lines and sums agree for each tax letter."""
    lines, sums = Counter[str](), {v.code: v.gross for v in document.vat}
    for position in document.positions:
        amounts = position.shares or (position.amount,)
        assert sum(amounts) == position.amount
        lines.update(dict(zip(position.code, amounts, strict=True)))
        assert position.rates or not sums or set(position.code) <= set(sums)
    assert {code: gross for code, gross in lines.items() if gross or code in sums} == sums


def _check_finished(fact: f.SaleFinished, after: State) -> None:
    document = fact.document
    assert document.number == str(fact.number)
    assert document.issued_at
    assert document.issuer.name
    assert document.register
    assert document.outage == bool(fact.outage) == (document.seal is None)
    assert sum(p.amount for p in document.positions) == document.total
    _check_codes(document)
    assert sum(v.gross for v in document.vat) == document.total
    assert all(v.net + v.tax == v.gross for v in document.vat)
    if fact.bon_type == "Beleg":
        assert sum(p.amount for p in document.payments) == document.total
        rows = [(row.vat, row.gross) for row in document.vat]
        payments = [
            (p.type, p.amount if p.currency == "EUR" else p.foreign, p.currency) for p in document.payments
        ]
        data = receipt_process_data("Beleg", rows, payments, vat_keys(after.config))
        assert document.seal is None or document.seal.process_data == data, "FISCAL 14"
