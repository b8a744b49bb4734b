"""A whole register on a stage: broker, printer, scanner and TSE played, the daemon a process of its own.

Used by ``kassd demo``, the scenario and crash tests and the measurements. Everything lies in one folder:
``kassd.toml``, ``catalog.json``, ``journal``, ``tse``, ``slips`` (what the printer printed), ``kassd.log``,
``mosquitto.log``. The simulators live in the caller's process and outlive a killed register.

``async with World(folder) as world:`` starts all of it and takes all of it down, also after a start that
fails, takes too long or is cancelled.
"""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol

from kassd.core.codec import decode
from kassd.core.verdict import Verdict
from kassd.errors import KassdError
from kassd.journal import Line, verify_journal
from kassd.mqtt.ulid import ulid
from kassd.sim.printer import PrinterSim
from kassd.sim.printer_paper import Slip
from kassd.sim.scanner import ScannerSim
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.host import SerialTerminalSim, TcpTerminalSim
from kassd.sim.terminal.terminal import Terminal
from kassd.sim.tse.stand import Stand, stand
from kassd.sim.world_broker import TIED, Broker
from kassd.sim.world_client import Document, Observer
from kassd.sim.world_config import CATALOG, CLIENT, NODE, Article, Stage, catalog_json
from kassd.sim.world_journal import follow
from kassd.tse.log import verify_tar
from kassd.tse.soft import Fault, SoftTse, write_faults

POLL_S = 0.02
PATIENCE_S = 60.0  # of whoever waits, on a machine that does much else at once
TERMINAL_T3_S = 5.0  # how long the card terminal waits for the register
Predicate = Callable[[Document], object]


class Running(Protocol):
    """A process that was started, as asyncio has it."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    async def wait(self) -> int: ...
    def send_signal(self, signal: int) -> None: ...
    def kill(self) -> None: ...


Launch = Callable[[Sequence[str], Mapping[str, str], IO[bytes]], Awaitable[Running]]
"""Start ``python -m WORDS`` with this environment and this file for all it says."""


async def execute(words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Running:
    """A :data:`Launch`: a Python of its own, which ends with this process."""
    nothing = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        *(*TIED, sys.executable, "-m", *words), stdin=nothing, stdout=log, stderr=log, env=environment
    )


class WorldError(KassdError):
    """The register on the stage did not do what was waited for; the message ends with its log."""

    exit_code: ClassVar[int] = 70


class World:
    """One rehearsal. Times are seconds, amounts integer cents.

    ``module`` is what ``python -m`` runs with ``--config FILE run`` (a crash test's own wrapper, else
    ``kassd``); ``environment`` is added to the process' (``KASSD_REGISTER__TSE_DEADLINE_MS``).
    ``tse=None``: a TSE in mode ``test``, none in ``production``. ``tse_kind``: ``soft``, or a simulated
    one (:data:`kassd.sim.tse.stand.KINDS`), which is commissioned before the first start. ``drawer`` needs
    ``printer``; ``drawer_sensor``: the register sees whether it is open. ``terminal``: a card terminal is
    there, and does this, over TCP or ``terminal_serial``; it waits ``terminal_t3_s`` for the register.
    ``mqtt_port`` 0: any that is free. ``launch`` starts the processes.
    """

    def __init__(
        self,
        folder: Path,
        mode: str = "test",
        *,
        printer: bool = True,
        drawer: bool = True,
        drawer_sensor: bool = False,
        terminal: Behaviour | None = None,
        terminal_serial: bool = False,
        terminal_t3_s: float = TERMINAL_T3_S,
        scanner: bool = True,
        mqtt: bool = True,
        mqtt_port: int = 0,
        tse: bool | None = None,
        tse_kind: str = "soft",
        tse_latency_ms: int = 50,
        catalog: Sequence[Article] = CATALOG,
        extra_toml: str = "",
        module: str = "kassd",
        environment: Mapping[str, str] | None = None,
        launch: Launch = execute,
    ) -> None:
        self.folder = folder
        self.config = folder / "kassd.toml"
        self.log = folder / "kassd.log"
        self.slip_folder = folder / "slips"
        self.module = module
        self.environment = dict(environment or {})
        self.process: Running | None = None
        self._launch = launch
        folder.mkdir(parents=True, exist_ok=True)
        self.broker = Broker(folder, NODE, port=mqtt_port) if mqtt else None
        self.printer: PrinterSim | None = None
        self.scanner: ScannerSim | None = None
        self.observer: Observer | None = None
        self.terminal: TcpTerminalSim | SerialTerminalSim | None = None
        if terminal is not None and terminal_serial:
            self.terminal = SerialTerminalSim(Terminal(terminal), folder / "terminal", terminal_t3_s)
        elif terminal is not None:
            self.terminal = TcpTerminalSim(Terminal(terminal), terminal_t3_s)
        self._mode, self._with_printer, self._with_scanner = mode, printer, scanner
        self._drawer, self._drawer_sensor = drawer and printer, drawer_sensor
        self._tse = mode == "test" if tse is None else tse
        self._tse_kind = tse_kind
        self._down = AsyncExitStack()  # what has been begun; the last begun ends first
        self.stand: Stand | None = None
        self._latency_ms, self._extra, self._catalog = tse_latency_ms, extra_toml, tuple(catalog)
        self._on_stage = False
        self._logged_before = 0
        self._read: list[Line] = []  # of the journal since the register's start

    async def __aenter__(self) -> "World":
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- life ----------------------------------------------------------------------------------------

    async def start(self, *, ready: bool = True) -> None:
        """Set the stage, if it is not, and start the register.

        ``ready``: wait until it sells, i. e. it is online and every device and the TSE are ready.
        """
        if not self._on_stage:
            await self._set_stage()
        await self.spawn()
        if ready:
            await self.ready()

    async def _set_stage(self) -> None:
        self._on_stage = True
        down = self._down
        if self.broker is not None:
            down.push_async_callback(self.broker.stop)
            await self.broker.start()
            self.observer = Observer(NODE, self.broker.port)
            down.push_async_callback(self._stop_observer)
            await self.observer.start()
        if self._with_printer:
            self.printer = PrinterSim(self.slip_folder)
            down.push_async_callback(self.printer.stop)
            await self.printer.start()
        if self.terminal is not None:
            down.callback(self.terminal.stop)
            await self.terminal.start()
            await self.terminal.start_control("127.0.0.1", 0)
            # the world is its own supervisor: it ends what it has begun
            serving = asyncio.ensure_future(self.terminal.serve())  # noqa: TID251
            down.push_async_callback(_cancel, serving)
        stage = self.stage
        if self._with_scanner:
            self.scanner = down.enter_context(ScannerSim(stage.scanner_port))
        if self._tse and self._tse_kind != "soft":
            latency_s = self._latency_ms / 1000
            self.stand = down.enter_context(stand(self._tse_kind, stage.tse_store, latency_s))
            stage = self.stage
        stage.catalog.write_text(catalog_json(self._catalog), encoding="utf-8")
        self.config.write_text(stage.toml(), encoding="utf-8")
        if self.stand is not None and not self.facts("tse.bound"):
            await self.commission()
        down.push_async_callback(self.kill)

    async def _stop_observer(self) -> None:
        observer, self.observer = self.observer, None
        if observer is not None:
            await observer.stop()

    async def commission(self) -> None:
        """``kassd tse setup``; the register must not run."""
        with self.log.open("ab") as log:
            words = ("kassd", "--config", str(self.config), "tse", "setup", "--yes")
            setup = await self._launch(words, os.environ, log)
        try:
            code = await setup.wait()
        finally:
            if setup.returncode is None:
                setup.kill()
                await setup.wait()
        if code:
            raise WorldError(f"kassd tse setup ended with {code}\n{self._last_words()}")

    @property
    def stage(self) -> Stage:
        """What the configuration is written from. Ports are known once the stage is set."""
        return Stage(
            folder=self.folder,
            mode=self._mode,
            broker_port=self.broker.port if self.broker is not None else 0,
            printer_port=self.printer.port if self.printer is not None else 0,
            drawer=self._drawer,
            drawer_sensor=self._drawer_sensor,
            terminal_port=self.terminal.port if isinstance(self.terminal, TcpTerminalSim) else 0,
            terminal_line=self.terminal.path if isinstance(self.terminal, SerialTerminalSim) else None,
            scanner=self._with_scanner,
            tse=self._tse,
            tse_latency_ms=self._latency_ms,
            tse_settings=self.stand.settings if self.stand is not None else {},
            extra_toml=self._extra,
        )

    async def spawn(self) -> None:
        """Start the register's process and return at once."""
        if self.running:
            raise WorldError("the register runs already")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("KASSD_")}
        self._boots = {self.boot} if self.boot else set[str]()  # it may be online before the launch returns
        self._read = []
        with self.log.open("ab") as log:
            self._logged_before = log.tell()
            words = (self.module, "--config", str(self.config), "run")
            self.process = await self._launch(words, clean | self.environment, log)

    async def ready(self, timeout: float = PATIENCE_S) -> None:
        """Wait until this process of the register sells: online, devices and TSE ready."""
        if self.observer is None:
            await self.until(self.devices_held, timeout, "its devices")
            return
        await self.wait("online", lambda d: d.get("online") and d["boot"] not in self._boots, timeout)
        names = [name for name, used in self._parts() if used]
        for name in names:
            await self.wait(f"state/dev/{name}", self._is_ready, timeout)
        await self.wait("state/till/main", lambda d: d.get("boot") == self.boot, timeout)

    def _parts(self) -> tuple[tuple[str, bool], ...]:
        return (
            ("tse", self._tse),
            ("printer", self._with_printer),
            ("terminal", self.terminal is not None),
            ("scanner", self._with_scanner),
        )

    def _is_ready(self, device: Document) -> bool:
        return device.get("boot") == self.boot and device.get("state") in ("ready", "busy", "degraded")

    def devices_held(self) -> bool:
        """Whether it can sell as far as is seen without a broker: the printer is connected, the log says that
        the scanner is ready, a TSE is bound."""
        kinds = {fact["kind"] for line in self.journal() for fact in line.facts}
        return (
            (self.printer is None or self.printer.connected)
            and (self.scanner is None or self._has_said("scanner: ready"))
            and (not self._tse or "tse.bound" in kinds)
        )

    def _has_said(self, text: str) -> bool:
        """Whether the register has logged this since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._logged_before)
            return text.encode() in log.read()

    @property
    def running(self) -> bool:
        """Whether the register's process lives."""
        return self.process is not None and self.process.returncode is None

    async def kill(self) -> None:
        """SIGKILL, as a power cut without the loss of the disk's cache."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stop(self, timeout: float = 15.0) -> int:
        """SIGTERM; returns the exit code. Raises :class:`WorldError` if it does not end in time."""
        if self.process is None:
            raise WorldError("the register was never started")
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.ended(timeout)

    async def ended(self, timeout: float = 15.0) -> int:
        """Wait for the process' own end; returns the exit code."""
        if self.process is None:
            raise WorldError("the register was never started")
        try:
            async with asyncio.timeout(timeout):
                return await self.process.wait()
        except TimeoutError:
            raise WorldError(f"the register did not end in {timeout} s\n{self._last_words()}") from None

    async def restart(self, *, kill: bool = False, ready: bool = True) -> None:
        """End the register (SIGTERM, or SIGKILL) if it runs, and start it again."""
        if kill:
            await self.kill()
        elif self.running:
            await self.stop()
        await self.start(ready=ready)

    async def close(self) -> None:
        """Take everything down, the register first; where one part does not end well, the others still do.
        Files stay."""
        await self._down.aclose()

    # -- playing the people --------------------------------------------------------------------------

    async def command(
        self,
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        client: str = CLIENT,
        if_rev: int | None = None,
        id: str | None = None,
        expiry: int | None = 10,
        timeout: float = PATIENCE_S,
    ) -> Document:
        """Send one command as a display does and return its reply."""
        document: Document = {"v": 1, "id": id or ulid(), "args": dict(args or {})}
        if if_rev is not None:
            document["if"] = {"rev": if_rev}
        return await self.ask(client, name, json.dumps(document).encode(), expiry=expiry, timeout=timeout)

    async def ask(self, client: str, name: str, payload: bytes, **options: Any) -> Document:
        """Send any bytes on a command topic; see :meth:`Observer.ask
        <kassd.sim.world_client.Observer.ask>`. Raises :class:`WorldError` without a reply."""
        if self.observer is None:
            raise WorldError("this world has no broker")
        try:
            return await self.observer.ask(client, name, payload, **options)
        except TimeoutError:
            raise WorldError(f"no reply to {name} {payload[:200]!r}\n{self._last_words()}") from None

    def scan(self, text: str) -> None:
        """Scan a code."""
        if self.scanner is None:
            raise WorldError("this world has no scanner")
        self.scanner.scan(text)

    def tse_faults(self, *faults: Fault) -> None:
        """Disturb the TSE; without arguments all is well again."""
        write_faults(self.tse_memory, *faults)

    @property
    def tse_memory(self) -> Path:
        """The folder of the soft TSE, or of the device behind the simulated wire."""
        return self.stand.core.folder if self.stand is not None else self.stage.tse_store

    # -- looking --------------------------------------------------------------------------------------

    @property
    def boot(self) -> str:
        """``boot`` of the register that announced itself last, '' before the first."""
        online = self.observer.seen.get("online") if self.observer is not None else None
        return str(online["boot"]) if online else ""

    def doc(self, suffix: str) -> Document:
        """The latest retained document of a topic below the base, ``{}`` if there is none."""
        return dict(self.observer.seen.get(suffix, {})) if self.observer is not None else {}

    def state(self, area: str, name: str = "main") -> Document:
        """``state/<area>/<name>``: ``state("sale")``, ``state("dev", "tse")``."""
        return self.doc(f"state/{area}/{name}")

    async def wait(
        self, suffix: str, predicate: Predicate = lambda d: bool(d), timeout: float = PATIENCE_S
    ) -> Document:
        """Wait until the document of a topic satisfies ``predicate`` and return it.

        The predicate gets ``{}`` where there is no document. Raises :class:`WorldError` with the last one.
        """
        if self.observer is None:
            raise WorldError("this world has no broker")
        await self.until(lambda: predicate(self.doc(suffix)), timeout, suffix, lambda: self.doc(suffix))
        return self.doc(suffix)

    async def until(
        self,
        condition: Callable[[], object],
        timeout: float = PATIENCE_S,
        what: str = "a condition",
        last: Callable[[], object] = lambda: "",
    ) -> None:
        """Wait for a condition; raises :class:`WorldError` when time is up or the register has ended."""
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    if self.process is not None and self.process.returncode is not None:
                        code = self.process.returncode
                        raise WorldError(f"the register ended with {code}\n{self._last_words()}")
                    await self._pause()
        except TimeoutError:
            raise WorldError(f"no {what} in {timeout} s; last: {last()}\n{self._last_words()}") from None

    async def _pause(self) -> None:
        if self.observer is None:
            await asyncio.sleep(POLL_S)
            return
        try:
            async with asyncio.timeout(POLL_S):
                await self.observer.changed.wait()
        except TimeoutError:
            return

    def slips(self) -> list[Slip]:
        """What lies under the printer, oldest first; a slip is there once it has been cut."""
        files = sorted(self.slip_folder.glob("[0-9]*.json"), key=lambda file: int(file.stem))
        return [decode(Slip, json.loads(file.read_bytes())) for file in files]

    async def slip(self, *words: str, after: int = 0, timeout: float = PATIENCE_S) -> Slip:
        """Wait for the newest slip with a number above ``after`` that has all the words, and return it."""

        def found() -> Slip | None:
            fitting = (s for s in self.slips() if s.n > after and all(w in "\n".join(s.text) for w in words))
            return max(fitting, key=lambda s: s.n, default=None)

        await self.until(found, timeout, f"slip with {words}")
        slip = found()
        assert slip is not None
        return slip

    def journal(self) -> list[Line]:
        """Every line of the journal. Beside a running register, which only adds, no line is read twice."""
        known = self._read if self.running else []
        known += follow(self.stage.journal, len(known))
        return known[:]

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """The data of every fact of a kind, oldest first."""
        return [fact["data"] for line in self.journal() for fact in line.facts if fact["kind"] == kind]

    def verify(self) -> Verdict:
        """Verify the journal."""
        return verify_journal(self.stage.journal)

    async def tse_archive(self) -> tuple[bytes, Verdict]:
        """The whole TAR archive of the TSE's store and its verdict; the register must not run."""
        if self.running:
            raise WorldError("the register still has the TSE: stop it first")
        if self.stand is not None:
            self.stand.power_cycle()  # its store has one owner
        tse = SoftTse(self.tse_memory, latency_s=0)
        await tse.open()
        try:
            archive = b"".join([piece async for piece in tse.export()])
        finally:
            await tse.close()
        return archive, verify_tar(io.BytesIO(archive))

    def _last_words(self, lines: int = 15) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
