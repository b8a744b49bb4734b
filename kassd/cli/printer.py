"""``kassd printer test``: one page that shows what a printer can do, and whether it says so."""

import argparse
import asyncio
import errno
import tempfile
from pathlib import Path

from kassd import settings
from kassd.cli.link import command
from kassd.cli.locks import is_running
from kassd.cli.output import print_json
from kassd.clock import Clock
from kassd.core.printer_page import self_test_page
from kassd.core.printing import USABLE
from kassd.core.status import DeviceStatus
from kassd.devices import PrinterConfig, build_printer
from kassd.devices.port import DeviceEvent, KickOutcome, PrintOutcome
from kassd.devices.printer.identity import chosen
from kassd.errors import ConfigError, JournalLocked, LinkError
from kassd.receipt.escpos import Encoder
from kassd.settings import Settings
from kassd.settings_devices import NOT_THE_DRIVERS, PrinterSection
from kassd.supervise import Supervisor

EX_TEMPFAIL = 75
CONNECT_S = 10.0
PRINT_S = 60.0  # also on a slow serial line
STOP = "Bitte kassd vorher beenden (sudo systemctl stop kassd)."
STATES = {
    "confirmed": "gedruckt, der Drucker hat es bestätigt",
    "unknown": "gesendet; ob die Seite herauskam, sagt dieser Drucker nicht",
    "failed": "nicht gedruckt",
}


def execute(arguments: argparse.Namespace) -> int:
    """Print the page at the device itself, or let the running register do so; exit code 0 when it was printed
    or nobody can know, else 75."""
    loaded = settings.load(arguments.config)
    found = _configured(loaded, arguments.name)
    if is_running(loaded.journal.dir) and not arguments.drawer:
        return _asked(loaded, found.name, as_json=arguments.json)
    found = _free(loaded, arguments.name)
    with tempfile.TemporaryDirectory() as folder:
        data = _test_page(loaded, found, Path(folder) / "escpos")
        pulse_ms = _pulse_ms(loaded, found.name) if arguments.drawer else None
        status, outcome = asyncio.run(_printed(found, data, pulse_ms))
    result = outcome.result if outcome is not None else "failed"
    if arguments.json:
        shown = {"state": status.state, "reason": status.reason, "conditions": dict(status.conditions)}
        print_json({"ok": result != "failed", "printer": found.name, "result": result, **shown})
    else:
        print(f"{found.name}: {STATES[result]}. {status.message}".rstrip())
        for name, known in status.conditions.items():
            print(f"  {name}: {known}")
    return EX_TEMPFAIL if result == "failed" else 0


def print_slip(loaded: Settings, name: str, data: bytes) -> None:
    """Print what is ESC/POS already. Raises :class:`ConfigError`, :class:`JournalLocked`, or OSError when the
    printer did not take it."""
    found = _free(loaded, name)
    status, outcome = asyncio.run(_printed(found, data, pulse_ms=None))
    if outcome is None or outcome.result == "failed":
        raise OSError(errno.EIO, status.message or f"{name} druckt nicht", name)


def _asked(loaded: Settings, name: str, *, as_json: bool) -> int:
    """The register has the printer and prints the page between two slips."""
    try:
        reply = asyncio.run(command(loaded, "printer.test", {"printer": name}))
    except LinkError as error:
        raise JournalLocked(f"Die laufende Kasse benutzt den Drucker, und: {error} {STOP}") from error
    ok = reply["status"] == "ok"
    if as_json:
        print_json({"ok": ok, "printer": name, "result": "asked" if ok else "failed", "reply": reply})
    elif ok:
        print(f"{name}: die laufende Kasse druckt die Seite. Wie es dem Drucker geht, zeigt kassd status.")
    else:
        print(f"{name}: {STATES['failed']}. {reply['message']} {reply['next']}")
    return 0 if ok else EX_TEMPFAIL


def _pulse_ms(loaded: Settings, printer: str) -> int:
    """What the drawer in its socket wants; where none is set up, 0: as long as any stands."""
    return next((one.pulse_ms for one in loaded.drawer if one.printer == printer), 0)


def _free(loaded: Settings, name: str) -> PrinterSection:
    """The printer, if it is configured and no register uses it."""
    found = _configured(loaded, name)
    if is_running(loaded.journal.dir):
        raise JournalLocked(f"Die laufende Kasse benutzt den Drucker. {STOP}")
    return found


def _configured(loaded: Settings, name: str) -> PrinterSection:
    found = next((one for one in loaded.printer if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in loaded.printer) or "keiner"
        raise ConfigError(f"Ein [[printer]] „{name}“ ist nicht eingerichtet; vorhanden: {known}.")
    return found


def _test_page(loaded: Settings, found: PrinterSection, cache: Path) -> bytes:
    flat, clock = settings.flatten(loaded), Clock(settings.zone(loaded))
    page = self_test_page(flat, found.name, "D1", clock.now().isoformat(timespec="seconds"))
    profile = chosen(found.profile, found.driver, found.path)
    encoder = Encoder(profile, found.columns, cache, found.code_page, loaded.receipt.logo)
    return encoder.document(page)


async def _printed(
    found: PrinterSection, data: bytes, pulse_ms: int | None
) -> tuple[DeviceStatus, PrintOutcome | None]:
    """The printer's last status and the end of the page, None if it was never sent; ``pulse_ms``: the
    drawer's, None: it stays shut."""
    events: asyncio.Queue[DeviceEvent] = asyncio.Queue()
    config = PrinterConfig(**found.model_dump(exclude=NOT_THE_DRIVERS))
    printer = build_printer(config, events.put_nowait, Encoder.kick())
    supervisor = Supervisor()
    supervisor.start(f"printer.{found.name}", printer.run)
    status, sent, outcome = DeviceStatus(found.name, "absent"), False, None
    try:
        async with asyncio.timeout(CONNECT_S) as patience:
            while outcome is None:
                event = await events.get()
                if isinstance(event, DeviceStatus):
                    status = event
                elif isinstance(event, PrintOutcome):
                    outcome = event
                if not sent and status.state in USABLE and not isinstance(event, KickOutcome):
                    sent = True
                    patience.reschedule(asyncio.get_running_loop().time() + PRINT_S)
                    if pulse_ms is not None:
                        printer.kick("D2", pulse_ms=pulse_ms)
                    printer.send("D1", data)
    except TimeoutError:
        outcome = PrintOutcome(found.name, "D1", "unknown", "timeout") if sent else None
    finally:
        await supervisor.stop()
    return status, outcome
