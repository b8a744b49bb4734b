"""What has been decided is done and shown here: wishes to the devices, documents to the displays."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import field, replace

from kassd.app.finder import Finder
from kassd.app.power_off import POWER_OFF
from kassd.app.story import told
from kassd.app.troubles import Troubles
from kassd.clock import Clock, utc_text
from kassd.core.abandoned import abandoned, working_stations
from kassd.core.cards.inputs import CardReceiptFound
from kassd.core.corrections.found import Found
from kassd.core.decision import Decision
from kassd.core.facts import (
    CardApproved,
    CardSlipKept,
    ClockStepped,
    MessageShown,
    PowerChanged,
    PowerEnding,
    PrintSending,
    Wish,
)
from kassd.core.inputs import Input, Printed, ReceiptRecalled
from kassd.core.people.turnover import warning as turnover_warning
from kassd.core.printing import is_usable, printer_of
from kassd.core.slips import sale_document
from kassd.core.state import PrintJob, State
from kassd.core.status import DeviceStatus
from kassd.deferred import dataclass
from kassd.devices.port import ChargeRequest, Drawer, Printer, Scale, Terminal
from kassd.mqtt import Topics, Window, project
from kassd.mqtt.alerts import alerts
from kassd.mqtt.documents import CheckpointDocument, SaleDocument
from kassd.mqtt.orders import OrdersView
from kassd.mqtt.publisher import Publisher
from kassd.receipt.escpos import Encoder
from kassd.tse.worker import Call, TseWorker

RECALL_AGAIN_S = 10
DEFECT = (
    "In der Kasse ist ein Programmfehler aufgetreten; sie läuft weiter, aber etwas konnte sie nicht tun: "
    "bitte den Betreuer rufen (was es war, steht im Protokoll: journalctl -u kassd)."
)
START, FINISH = "tse.start", "tse.finish"

log = logging.getLogger(__name__)


def tse_call(wish: Wish) -> Call:
    """The worker's call of a start or finish wish."""
    a = wish.args
    return Call(
        wish=wish.id,
        kind=wish.kind,
        transaction=int(a.get("transaction", 0)),
        process_type=str(a.get("process_type", "")),
        process_data=str(a.get("process_data", "")),
        late=bool(a.get("late", False)),
    )


def _urgent(state: State) -> tuple[object, ...]:
    """What else alerts tell, cheap to compare."""
    till = state.till
    seen: tuple[object, ...] = (till.day_over, till.reminded, till.contradictions)
    seen = (*seen, state.rollbacks, state.remembered, state.cash.alarms, state.drawers)
    return (*seen, *abandoned(state), *_cards(state))


def _cards(state: State) -> tuple[object, ...]:
    """What alerts tell of card payments, without what a terminal shows just now."""
    doubts = tuple((one.id, one.status, one.last) for one in state.cards.charges.values() if one.in_doubt)
    return (doubts, state.cards.reversed, state.cards.differing, state.cards.strays)


@dataclass(slots=True)
class Dispatcher:
    """Implements :class:`kassd.register.Hands`. Every call returns at once.

    ``encoders`` are loaded in the background (python-escpos is heavy); until then no printer is shown to
    the register as ready, so that no slip is begun that cannot be sent at once. ``anchor_due``: the journal
    signs a checkpoint; the broker gets one with the next decision.
    """

    clock: Clock
    hardware: str
    troubles: Troubles
    worker: TseWorker | None = None
    printers: dict[str, Printer] = field(default_factory=dict)
    encoders: dict[str, Encoder] = field(default_factory=dict)
    drawers: dict[str, Drawer] = field(default_factory=dict)
    terminals: dict[str, Terminal] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    window: Window | None = None
    publisher: Publisher | None = None
    post: Callable[[Input], None] = lambda _: None
    complain: Callable[[str], None] = lambda _: None
    checkpoint: Callable[[State], CheckpointDocument] | None = None
    archive: Callable[[State], None] = lambda _: None
    hand_over: Callable[[State], None] = lambda _: None
    draw_codes: Callable[[State], None] = lambda _: None
    read_catalog: Callable[[str, str], None] = lambda _who, _how: None
    export_audit: Callable[[Mapping[str, str]], None] = lambda _: None
    closed: Callable[[str], None] = lambda _day: None
    end: Callable[[], None] = lambda: None
    finder: Finder | None = None
    anchor_due: bool = False
    _anchored: tuple[int, int] = (-1, -1)
    _introduced: bool = False
    _slips: dict[str, bytes | None] = field(default_factory=dict)
    _drawn: dict[str, tuple[State, SaleDocument]] = field(default_factory=dict)
    _orders: OrdersView = field(default_factory=OrdersView)
    _stations: dict[str, None] = field(default_factory=dict)
    _alerts: set[str] = field(default_factory=set)
    _tse_status: DeviceStatus = field(default_factory=lambda: DeviceStatus("tse", "absent"))

    def prepare(self, decision: Decision, after: State) -> None:
        """Encode the slips that begin, else draw what the stations show next; nothing of it is sent yet."""
        for fact in decision.facts:
            if isinstance(fact, PrintSending) and fact.job in after.jobs:
                self._slips[fact.job] = self._encoded(after.jobs[fact.job])
        if self._slips or any(wish.kind != START for wish in decision.wishes):
            return  # first of all that goes out: nothing may keep it waiting
        if self.publisher is None or self.window is None or not after.config:
            return
        ts = utc_text(self.clock.now())
        for name in self._stations:
            if after.station(name).sale_rev == after.seq:  # others are drawn when it is their turn
                self._drawn[name] = after, project.sale_document(after, name)
                self.publisher.draw(self.window.topics.sale(name), self._drawn[name][1], after.seq, ts)

    def foresee(self, decision: Decision, now: State) -> None:
        """Lay out the slips that the TSE has been asked for, without what it will say: what is made of
        their lines is kept (:func:`kassd.core.newest.newest`), and there when it answers."""
        at = decision.stamp.at.isoformat(timespec="seconds")
        for wish in decision.wishes:
            sale = now.sales.get(str(wish.args["sale"])) if wish.kind == FINISH else None
            if sale is None or sale.status != "signing":  # printed long ago, or given to nobody
                continue
            printer = printer_of(now, sale.station)
            try:
                slip = sale_document(now, sale, at, None)
                if is_usable(now, printer):
                    self.encoders[printer].document(slip)
            except Exception:  # the sale goes on; what is wrong with its slip is told when it is issued
                log.exception("the slip of sale %s cannot be laid out ahead", sale.id)

    # -- doing ----------------------------------------------------------------------------------------

    def act(self, decision: Decision, before: State, after: State) -> bool:
        """Do what somebody waits for: the drawer, the signature, the slip."""
        waited = False
        for fact in decision.facts:
            told(fact)
            if isinstance(fact, ClockStepped):
                self.troubles.clock_stepped(fact)
            elif isinstance(fact, PowerEnding):
                self.end()
            elif isinstance(fact, PowerChanged) and fact.level == "mains":
                self.troubles.clear(POWER_OFF)
        for wish in decision.wishes:
            if wish.kind != START:
                waited = True
                self._do(wish, after)
        for fact in decision.facts:
            if isinstance(fact, (CardApproved, CardSlipKept)):
                waited = True
                self._go_on(fact.charge, before)
            elif isinstance(fact, PrintSending):
                waited = True
                self._print(after.jobs[fact.job] if fact.job in after.jobs else before.jobs[fact.job])
        return waited

    def show(self, decision: Decision, before: State, after: State) -> None:
        """Show what one decision says, and do what nobody waits for."""
        for ask in decision.asks:
            self._ask(ask, after)
        for shown in decision.volatile:
            if isinstance(shown, MessageShown) and shown.code:
                self.complain(shown.station)
        if decision.faults:
            self.troubles.set("defect", "critical", DEFECT, f"defect: {decision.faults[0]!r}"[:200])
        self.publish(decision, before, after)
        for wish in decision.wishes:  # nobody waits for a start: the first line is shown before
            if wish.kind == START:
                self._do(wish, after)
        self.show_checkpoint(after)
        self.archive(after)
        if after.offers is not before.offers:
            self.hand_over(after)
        if after.sales is not before.sales:
            self.draw_codes(after)
        if after.closing != before.closing:
            self.closed(before.till.business_day)
            if self.finder is not None:
                self.finder.refresh()

    def _do(self, wish: Wish, state: State) -> None:
        if wish.kind in (START, FINISH):
            if self.worker is not None:
                self.worker.submit(tse_call(wish))
        elif wish.kind == "drawer":
            self.drawers[str(wish.args["drawer"])].kick(wish.id)
        elif wish.kind == "card":
            self._charge(wish, state)

    def _charge(self, wish: Wish, state: State) -> None:
        charge = state.cards.charges.get(wish.id)
        if charge is None:  # ended in the same line
            return
        number = charge.original.receipt if charge.original is not None else ""
        known = (charge.known, charge.sure)
        request = ChargeRequest(charge.id, charge.operation, charge.amount, number, *known)
        self.terminals[charge.terminal].charge(request)

    def _go_on(self, charge: str, state: State) -> None:
        """The terminal may hear that its answer is durable."""
        found = state.cards.charges.get(charge)
        if found is not None and found.terminal in self.terminals:
            self.terminals[found.terminal].go_on(charge)

    def _ask_terminal(self, ask: Wish) -> None:
        if ask.kind == "card.recall":
            self._recall_reversed(str(ask.args["receipt"]))
            return
        terminal = self.terminals.get(str(ask.args["terminal"]))
        if terminal is None:  # no longer configured: a person settles it
            return
        (terminal.abort if ask.kind == "card.abort" else terminal.ask)(str(ask.args["charge"]))

    def _recall_reversed(self, receipt: str) -> None:
        def answered(found: Found | None) -> None:
            if found is not None and found.receipt is not None:
                self.post(CardReceiptFound(receipt, found))
            else:
                asyncio.get_running_loop().call_later(RECALL_AGAIN_S, self._recall_reversed, receipt)

        if self.finder is not None:
            self.finder.find(receipt, answered)

    def _ask(self, ask: Wish, state: State) -> None:
        if ask.kind.startswith("card."):
            self._ask_terminal(ask)
        elif ask.kind == "receipt.recall":
            self._recall(str(ask.args["sale"]), str(ask.args["receipt"]))
        elif ask.kind == "scale.weigh":
            self.scales[str(ask.args["scale"])].weigh(ask.args["order"])
        elif ask.kind == "catalog.read":
            self.read_catalog(str(ask.args["who"]), str(ask.args["how"]))
        elif ask.kind == "export.audit":
            self.export_audit({key: str(value) for key, value in ask.args.items()})
        elif self.worker is None:
            return
        elif ask.kind == "tse.probe":
            self.worker.probe()
        elif ask.kind == "tse.self_test":
            self.worker.self_test()
        elif ask.kind == "tse.set_time":
            self.worker.set_time()
        else:
            calls = [tse_call(w) for w in state.outbox.values() if w.kind in (START, FINISH)]
            self.worker.resume(calls)

    def _recall(self, sale: str, receipt: str) -> None:
        def answered(found: Found | None) -> None:
            if found is not None and found.receipt is not None:
                self.post(ReceiptRecalled(sale, found.receipt))
            else:
                asyncio.get_running_loop().call_later(RECALL_AGAIN_S, self._recall, sale, receipt)

        if self.finder is not None:
            self.finder.find(receipt, answered)

    def _print(self, job: PrintJob) -> None:
        data = self._slips.pop(job.id) if job.id in self._slips else self._encoded(job)
        if data is None:
            self.post(Printed(job.id, "unknown", "unconfirmed"))
        else:
            self.printers[job.printer].send(job.id, data)

    def _encoded(self, job: PrintJob) -> bytes | None:
        try:
            return self.encoders[job.printer].document(job.document, late=job.late)
        except (ValueError, KeyError) as error:
            log.error("slip %s cannot be encoded: %s", job.document.id, error)
            return None

    # -- showing --------------------------------------------------------------------------------------

    def publish(self, decision: Decision | None, before: State | None, after: State) -> None:
        """Publish every document that has changed, and the events of a decision."""
        if self.publisher is None or self.window is None or not after.config:
            return
        publisher, topics, known = self.publisher, self.window.topics, before
        ts, seq = utc_text(self.clock.now()), max(after.seq, 0)
        self._stations.update(dict.fromkeys(working_stations(after)))
        for name in self._stations:  # one that is given up shows its last sale until the process ends
            station = after.station(name)
            sale_rev, till_rev = max(station.sale_rev, 0), max(station.till_rev, 0)
            publisher.publish(topics.sale(name), self._sale_document(after, name), sale_rev, ts)
            publisher.publish(topics.customer(name), project.customer_view(after, name), sale_rev, ts)
            publisher.publish(topics.till(name), project.till_document(after, name), till_rev, ts)
        if not self._introduced:  # whatever an earlier process showed, this one has shown nothing yet
            self._introduced, before = True, None
        moved = before is None or before.tse is not after.tse or before.devices is not after.devices
        moved = moved or before is None or before.power is not after.power
        if before is not None and before.people is not after.people:
            moved = moved or before.people.place is not after.people.place
            moved = moved or turnover_warning(before) != turnover_warning(after)
        moved = moved or before is None or _urgent(before) != _urgent(after)
        if moved or before is None or before.jobs is not after.jobs or before.pending is not after.pending:
            self._show_devices(publisher, topics, after, ts, seq)
            self._show_alerts(publisher, topics, after, ts, seq)
        if before is None or before.orders is not after.orders:
            publisher.publish(topics.orders, self._orders.document(after), seq, ts)
        if before is None or before.tse.bound is not after.tse.bound or before.config is not after.config:
            publisher.publish(topics.info, project.info_document(after, self.hardware), seq, ts)
        if decision is not None and known is not None:
            for kind, event in project.events(decision, known, after):
                publisher.event(topics.event(kind), event, seq, ts)

    def _sale_document(self, state: State, station: str) -> SaleDocument:
        of, document = self._drawn.pop(station, (None, None))
        return document if of is state and document is not None else project.sale_document(state, station)

    def show_checkpoint(self, state: State, *, now: bool = False) -> None:
        """Give the broker something to remember: when the journal does, after a closing, and at the end."""
        if self.publisher is None or self.window is None or self.checkpoint is None:
            return
        seq, closing = self._anchored
        due, self.anchor_due = self.anchor_due, False
        if now or state.closing != closing or (due and state.seq > seq):
            self._anchored = state.seq, state.closing
            ts, topic = utc_text(self.clock.now()), self.window.topics.checkpoint
            self.publisher.publish(topic, self.checkpoint(state), max(state.seq, 0), ts)

    def _show_devices(self, publisher: Publisher, topics: Topics, state: State, ts: str, seq: int) -> None:
        tse = project.tse_status(state, "", self.worker is not None)
        if (tse.state, tse.reason) != (self._tse_status.state, self._tse_status.reason):
            self._tse_status = replace(tse, since=tse.since or ts)
        place = project.place_status(state)
        told = (*state.devices.values(), self._tse_status, *self.troubles.devices())
        for device in (*told, *([place] if place else [])):
            document = project.device_document(device)
            if device.name == "journal" and (disk := self.troubles.outlook) is not None:
                document = replace(document, free=disk.free, days=disk.days)
            if device.name == "power":
                document = project.power_document(state) or document
            publisher.publish(topics.device(device.name), document, seq, ts)

    def _show_alerts(self, publisher: Publisher, topics: Topics, state: State, ts: str, seq: int) -> None:
        current = {**dict(alerts(state)), **self.troubles.alerts}
        for name, alert in current.items():
            publisher.publish(topics.alert(name), alert, seq, ts)
        for name in self._alerts - set(current):
            publisher.clear(topics.alert(name))
        self._alerts = set(current)
