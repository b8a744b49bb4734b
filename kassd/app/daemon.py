"""``kassd run``: start, serve, stop."""

import asyncio
import logging
import signal
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import kassd
from kassd import settings as configuration
from kassd.app import memory
from kassd.app.anchors import Anchors
from kassd.app.archive import FOLDER, Archivist
from kassd.app.article_file import ArticleFile
from kassd.app.audit_export import AuditExport
from kassd.app.boot import build_hash, opened, started
from kassd.app.desk import Desk
from kassd.app.dispatch import Dispatcher
from kassd.app.fdstore import FdStore
from kassd.app.finder import FILE, Finder
from kassd.app.handover import Handover
from kassd.app.notify import notify
from kassd.app.pins import Pins
from kassd.app.power_off import PowerOff
from kassd.app.seams import Seams
from kassd.app.space import Space
from kassd.app.transfer_codes import TransferCodes
from kassd.app.troubles import Troubles
from kassd.app.watch import Watch
from kassd.app.wiring import (
    build_devices,
    build_scales,
    build_supply,
    build_terminals,
    build_window,
    build_worker,
    device_input,
    hardware,
)
from kassd.clock import RELEASED, Clock, boot_id, utc_text
from kassd.core.barcodes.table import identifiers
from kassd.core.codes import CODES
from kassd.core.inputs import Input, ReceiptFetched, Tick, TseUnavailable
from kassd.core.printing import USABLE
from kassd.core.signing import ENDING, NOT_CONFIGURED
from kassd.core.state import State
from kassd.core.status import DeviceStatus
from kassd.devices.hotplug import Plugs
from kassd.devices.port import DeviceEvent, Scanner
from kassd.errors import ConfigError, JournalError, JournalLost, KassdError
from kassd.journal import Journal
from kassd.mqtt import Received, Window
from kassd.mqtt.link import load_adapter
from kassd.mqtt.publisher import Publisher
from kassd.register import Register
from kassd.settings import Settings
from kassd.supervise import Supervisor
from kassd.tse.worker import TseWorker

log = logging.getLogger(__name__)

Part = Callable[[], Awaitable[None]]
"""What runs under the supervisor."""

STOP_WAIT_S = 5.0
DISPLAYS_FIRST_S = 0.3
ENCODERS_AFTER_S = 0.1


async def run(settings: Settings, seams: Seams = Seams()) -> int:
    """Be the register until SIGTERM, SIGINT or a fatal error; returns the exit code."""
    memory.lean_heap()
    memory.small_pages()
    store = FdStore()
    # Two things that nobody waits for yet, done while the journal comes from the disk.
    prepare = asyncio.get_running_loop().run_in_executor
    build = prepare(None, build_hash)
    if settings.mqtt.local is not None:
        prepare(None, load_adapter)
    clock = Clock(configuration.zone(settings), RELEASED)
    troubles = Troubles(clock)
    async with opened(settings, clock, troubles.journal) as found:
        daemon = Daemon(settings, seams, clock, seams.journal(found.journal), troubles, store)
        found.journal.signing = daemon.anchor
        daemon.anchors.recovered(found.recovery.anchors)
        try:
            code = await daemon.serve(found.boot.state, found.boot.ledger, await build)
        finally:
            await daemon.supervisor.stop()  # a start that is broken off must not outlive the journal
    lost = found.journal.failed  # also by what was found at its end
    return lost.result().exit_code if lost.done() else code


async def fetched(register: Register, document: str, form: str) -> bool:
    """Whether an electronic receipt may leave; it is journalled then."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def decided(reply: Mapping[str, Any]) -> None:
        if not answer.done():
            answer.set_result(reply["status"] == "ok")

    register.post(ReceiptFetched(document, form), decided)
    return await answer


class Daemon:
    """One running register. Made by :func:`run`."""

    def __init__(
        self,
        settings: Settings,
        seams: Seams,
        clock: Clock,
        journal: Journal,
        troubles: Troubles,
        store: FdStore,
    ) -> None:
        self.settings = settings
        self.seams = seams
        self.clock = clock
        self.journal = journal
        self.store = store
        self.supervisor = Supervisor()
        self.session = uuid.uuid4().hex[:16]
        self.troubles = troubles
        self.dispatcher = Dispatcher(clock, hardware(), troubles)
        self.stop_asked = asyncio.Event()
        self.power_off = PowerOff(settings.power.shutdown, self.troubles, self.stop_asked.set)
        self.dispatcher.scales = build_scales(settings, self._device)  # a missing secret stops the start
        self.anchors = Anchors(journal, self.session, self._post)
        self.dispatcher.checkpoint = self.anchors.document
        self.finder = Finder(settings.journal.dir, settings.journal.dir.parent / FILE)
        self.space = Space(settings.journal.dir, troubles.disk)
        self.scanners: dict[str, Scanner] = {}
        self.early: dict[str, DeviceStatus] | None = {}  # printers that are ready before their encoders are
        self.mute: dict[str, DeviceStatus] = {}  # printers that no slip can be made for, and why
        self.register: Register | None = None
        self.desk: Desk | None = None
        self.window: Window | None = None

    # -- life ----------------------------------------------------------------------------------------

    async def serve(self, state: State, ledger: Any, build: str) -> int:
        """Start every part, wait for the end, stop in good order."""
        self._catch_signals()
        first = started(self.settings, state, build)
        register = self.register = Register(
            self.journal, self.clock, boot_id(), state, ledger, self.dispatcher
        )
        register.on_room = self.troubles.room
        for begin in first:
            register.post(begin)  # before anything else is: it counts deadlines anew
        if self.settings.tse is None and state.tse.bound is not None:
            register.post(TseUnavailable(NOT_CONFIGURED, ""))
        self.dispatcher.post = register.post
        self.dispatcher.end = self._end
        self.window = build_window(
            self.settings,
            self.seams,
            self.session,
            self._received,
            self.troubles.link,
            self.anchors.remembered,
            self.troubles.clear,
        )
        if self.window is not None:
            pins = Pins((person.name, person.pin) for person in self.settings.operator)
            self.desk = Desk(register, self.window, self.clock, self.finder.find, pins)
            if self.settings.tse is not None and state.tse.bound is None:
                self.desk.hold()
            self.dispatcher.window = self.window
            self.dispatcher.publisher = Publisher(self.window, self.session)
        articles = ArticleFile(self.settings, self.troubles, register, self.supervisor)
        articles.offer()
        self.dispatcher.read_catalog = articles.read_again
        self.dispatcher.export_audit = AuditExport(self.clock, register.post, self.supervisor).start
        start = self.supervisor.start
        if self.desk is not None:
            start("desk", self.desk.run)
        self.troubles.changed = lambda: self.dispatcher.publish(None, None, register.state)
        start("register", register.run, essential=True)
        self.dispatcher.finder = self.finder
        self.anchors.compare(register.state)
        self._start_parts(register)
        self.dispatcher.closed = self.space.closed
        start("space", self.space.run)
        watch = Watch(register, self.journal, self.supervisor)
        start("watchdog", watch.run)
        node = self.settings.mqtt.local.node if self.settings.mqtt.local is not None else "none"
        log.info("kassd %s runs register %s, node %s", kassd.__version__, self.settings.register.id, node)
        notify("READY=1\nSTATUS=Kasse läuft")
        return await self._wait(register)

    def _start_parts(self, register: Register) -> None:
        if self.window is not None:
            self.supervisor.start("mqtt.local", self.window.run)
        parts: dict[str, Part] = {"finder": self.finder.run}
        worker = build_worker(
            self.settings, self.clock, self.seams, self._tse_reported, lambda: register.state
        )
        self.dispatcher.worker = worker
        if worker is not None:
            parts |= {"tse": worker.run, "archive": self._archivist(register, worker).run}
        parts |= self._devices() | {"encoders": self._load_later}
        parts |= self._transfer_codes(register) | self._handover(register)
        self.supervisor.start("parts", partial(self._begin, parts))

    async def _begin(self, parts: Mapping[str, Part]) -> None:
        """Displays come first, a broker that does not answer is not waited for: what ``parts`` load would
        keep them waiting."""
        if self.window is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(DISPLAYS_FIRST_S):
                    await self.window.tried.wait()
        for name, run in parts.items():
            self.supervisor.start(name, run)

    def _devices(self) -> dict[str, Part]:
        """Build every driver; gives what runs it."""
        plugs = Plugs()
        self.scanners, printers, drawers, encoders = build_devices(
            self.settings, self.seams, self._device, self.store, plugs
        )
        self.dispatcher.printers, self.dispatcher.drawers = printers, drawers
        self.dispatcher.encoders = encoders
        self.dispatcher.complain = self._beep
        self.dispatcher.terminals = build_terminals(self.settings, self.seams, self._device)
        parts: dict[str, Part] = {f"scanner.{name}": scanner.run for name, scanner in self.scanners.items()}
        parts["store"] = self._forget_rest
        if self.scanners:
            parts["hotplug"] = plugs.run
        parts |= {f"printer.{name}": printer.run for name, printer in printers.items()}
        parts |= {f"drawer.{name}": drawer.run for name, drawer in drawers.items()}
        parts |= {f"scale.{name}": scale.run for name, scale in self.dispatcher.scales.items()}
        supply = build_supply(self.settings, self._device)
        parts |= {f"power.{type(part).__name__}": part.run for part in supply}
        return parts | {f"terminal.{name}": one.run for name, one in self.dispatcher.terminals.items()}

    def _transfer_codes(self, register: Register) -> dict[str, Part]:
        """GiroCodes are drawn here, where they are configured."""
        if self.settings.girocode is None:
            return {}
        codes = TransferCodes(register.post)
        self.dispatcher.draw_codes = codes.decided
        return {"girocode": codes.run}

    def _handover(self, register: Register) -> dict[str, Part]:
        """Electronic receipts: made here; the page behind their links only where it is configured."""
        link, directory = self.settings.receipt_link, self.settings.journal.dir
        url = link.url if link is not None else ""
        handover = Handover(self.settings.register.id, url, directory.parent, register.post)
        self.dispatcher.hand_over = handover.decided
        parts: dict[str, Part] = {"handover": handover.run}
        if link is None:
            return parts
        from kassd.app.receipt_page import ReceiptPage

        index = directory.parent / FILE
        page = ReceiptPage(link, directory, index, self.clock, partial(fetched, register), self._device)
        return {**parts, "receipt-link": page.run}

    def _archivist(self, register: Register, worker: TseWorker) -> Archivist:
        directory = self.settings.journal.dir
        place = directory.parent / FOLDER
        archivist = Archivist(place, directory, self.clock, worker, lambda: register.state, register.post)
        self.dispatcher.archive = archivist.decided
        return archivist

    async def _load_later(self) -> None:
        """GS1's table and python-escpos are loaded beside the first business, not before it."""
        await asyncio.sleep(ENCODERS_AFTER_S)
        from kassd.app.config_advice import advice

        for one in advice(self.settings):
            log.log(logging.INFO if one.level == "info" else logging.WARNING, "%s", one.message)
        try:
            await asyncio.to_thread(identifiers)
        except KassdError as error:  # each GS1 code scanned says so, too
            log.error("%s", error)
        for name, encoder in self.dispatcher.encoders.items():
            try:
                await asyncio.to_thread(encoder.load)
            except ConfigError as error:
                log.error("printer %s: %s", name, error)
                now = utc_text(self.clock.now())
                message = f"[[printer]] {error} Danach kassd neu starten."
                self.mute[name] = DeviceStatus(name, "error", "profile", message, now)
        memory.settle()
        early, self.early = self.early or {}, None
        for status in early.values():
            self._device(status)

    async def _wait(self, register: Register) -> int:
        """Until a signal or the death of an essential part."""
        failed = self.supervisor.failed
        assert failed is not None
        stop = asyncio.ensure_future(self.stop_asked.wait())  # noqa: TID251 - awaited right here
        await asyncio.wait((stop, failed, self.journal.failed), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        error = failed.result() if failed.done() else None
        if self.journal.failed.done():
            error = self.journal.failed.result()
        if error is not None:
            await self._fail(register, error)
            return error.exit_code if isinstance(error, KassdError) else KassdError.exit_code
        log.info("stopping")
        notify("STOPPING=1")
        if self.scanners:  # what they read from now on waits for the next process
            await self.supervisor.stop(*(f"scanner.{name}" for name in self.scanners))
        await self._finish_signing(register)
        if self.window is not None:
            self.dispatcher.show_checkpoint(register.state, now=True)
            await self.window.stop("power" if self.power_off.begun else "stop")
        await self.supervisor.stop()
        return 0

    async def _finish_signing(self, register: Register) -> None:
        """What is being signed, printed or paid by card is finished before the process ends (DESIGN §3)."""

        def at_work() -> bool:
            state = register.state
            signing = any(sale.status in ENDING for sale in state.sales.values())
            paying = any(not charge.in_doubt for charge in state.cards.charges.values())
            return signing or paying or any(job.status == "sending" for job in state.jobs.values())

        try:
            async with asyncio.timeout(STOP_WAIT_S):
                while register.waiting or at_work():  # noqa: ASYNC110 - once in a process' life
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.warning("stopped while TSE or printer were at work; the next start goes on")

    async def _fail(self, register: Register, error: BaseException) -> None:
        """Selling stops at once, with a reason that displays show."""
        log.critical("stopped: %s", error)
        code = CODES["journal_failed"] if isinstance(error, JournalError) else CODES["internal_error"]
        self.troubles.status["journal"] = DeviceStatus(
            "journal", "error", "failed", code.message, utc_text(self.clock.now())
        )
        text = str(error) if isinstance(error, JournalLost) else f"{code.message} {code.next}"
        self.troubles.set("journal-failed", "critical", text, str(error))
        self.dispatcher.publish(None, None, register.state)
        if self.window is not None:
            await asyncio.sleep(0.2)
            await self.window.stop("failed")
        await self.supervisor.stop()

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop_asked.set)

    # -- what comes in -------------------------------------------------------------------------------

    def _device(self, event: DeviceEvent) -> None:
        if isinstance(event, DeviceStatus) and event.state in USABLE:
            event = self.mute.get(event.name, event)
        if self.early is not None and isinstance(event, DeviceStatus):
            self.early.pop(event.name, None)
            if event.name in self.dispatcher.encoders and event.state in USABLE:
                self.early[event.name] = event
                return
        self._post(device_input(event))

    async def _forget_rest(self) -> None:
        """The scanners, started before, have taken what is theirs."""
        self.store.forget_rest()

    def _beep(self, station: str) -> None:
        """What was scanned is not sold: the station's scanners say so, those that can."""
        for section in self.settings.scanner:
            name = f"beep.{section.name}"
            running = self.supervisor.tasks.get(name)
            able = section.beep != "none" or section.driver == "hidpos"
            if section.station == station and able and (running is None or running.done()):
                self.supervisor.start(name, partial(self.scanners[section.name].beep, True))

    def anchor(self) -> None:
        """The journal signs a checkpoint: the broker shall have one, of what has been shown by then."""
        self.dispatcher.anchor_due = True
        self.space.look()
        self._post(Tick())

    def _post(self, input: Input) -> None:
        if self.register is not None:
            self.register.post(input)

    def _end(self) -> None:
        """The battery is all but empty."""
        self.supervisor.start("power-off", self.power_off.run)

    def _received(self, received: Received) -> None:
        assert self.desk is not None  # made before the link runs
        self.desk.received(received)

    def _tse_reported(self, input: Input) -> None:
        """What the TSE's worker says; after its first word the commands that waited for it are decided."""
        assert self.register is not None
        self.register.post(input)
        if self.desk is not None:
            self.desk.release()
