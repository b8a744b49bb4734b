"""``kassd doctor``: look at everything a register needs and say what to do about what is wrong."""

import argparse
import asyncio
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from kassd import settings as configuration
from kassd.app.boot import refuse_other
from kassd.app.config_advice import advice
from kassd.app.tse_family import refused_secrets
from kassd.cli import doctor_tse
from kassd.cli.link import greet
from kassd.cli.locks import is_running
from kassd.cli.output import EX_DATAERR, print_json
from kassd.core.catalog import parse_catalog
from kassd.errors import CatalogError, ConfigError, JournalError, LinkError
from kassd.mqtt.link import LinkRefused
from kassd.settings import Settings
from kassd.settings_devices import DrawerSection, PrinterSection, ScannerSection

Level = Literal["ok", "warning", "error"]
MARKS = {"ok": "✔", "warning": "!", "error": "✘"}
BUILT_AFTER = 1_767_225_600  # 2026-01-01: an earlier clock is wrong
BYTES_PER_DAY = 32 * 1024 * 1024  # 3,000 commits of 8 KiB and some
CONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``remedy`` is German and empty when nothing is to be done."""

    id: str
    level: Level
    message: str
    remedy: str = ""


def execute(arguments: argparse.Namespace) -> int:
    """Print each check; exit code 0, or 65 if one is an error."""
    loaded = configuration.load(arguments.config)
    checks = list(examine(loaded))
    ok = all(check.level != "error" for check in checks)
    if arguments.json:
        print_json({"ok": ok, "kind": "doctor", "checked": len(checks), "findings": _findings(checks)})
    else:
        for check in checks:
            print(f"{MARKS[check.level]} {check.id}: {check.message}")
            if check.remedy:
                print(f"    → {check.remedy}")
    return 0 if ok else EX_DATAERR


def _findings(checks: list[Check]) -> list[dict[str, str]]:
    severity = {"ok": "info", "warning": "warning", "error": "error"}
    return [
        {
            "id": check.id,
            "severity": severity[check.level],
            "where": "",
            "message": f"{check.message} {check.remedy}".strip(),
        }
        for check in checks
    ]


def examine(loaded: Settings) -> Iterator[Check]:
    """All checks, in the order of importance."""
    yield Check("config", "ok", f"Kasse {loaded.register.id}, Modus {loaded.register.mode}")
    for one in advice(loaded):
        yield Check("config", "ok" if one.level == "info" else "warning", one.message, one.remedy)
    running = is_running(loaded.journal.dir)
    yield Check("daemon", "ok", "kassd läuft" if running else "kassd läuft nicht (für die Prüfung unnötig)")
    yield from _journal(loaded)
    yield _card(loaded.journal.dir)
    yield from _tse(loaded)
    yield _clock()
    if loaded.catalog is not None:
        yield _catalog(loaded.catalog.file, loaded.register.control_prefix, loaded.tax_keys())
    if loaded.mqtt.local is not None:
        yield _mqtt(loaded)
    for scanner in loaded.scanner:
        yield _scanner(scanner)
    for printer in loaded.printer:
        yield _printer(printer, running)
    for drawer in loaded.drawer:
        yield _drawer(drawer)
    yield _libraries()


def _journal(loaded: Settings) -> Iterator[Check]:
    directory = loaded.journal.dir
    if not directory.exists():
        parent = next(p for p in directory.parents if p.exists())
        if os.access(parent, os.W_OK):
            yield Check("journal", "ok", f"{directory} entsteht beim ersten Start")
        else:
            remedy = f"sudo install -d -o kassd -m 0700 {directory}"
            yield Check("journal", "error", f"{directory} kann nicht angelegt werden", remedy)
            return
    else:
        yield _contents(loaded)
    existing = directory if directory.exists() else next(p for p in directory.parents if p.exists())
    free = shutil.disk_usage(existing).free
    days = free // BYTES_PER_DAY
    level: Level = "ok" if days > 90 else "warning" if days > 7 else "error"
    remedy = "" if level == "ok" else "Platz schaffen oder größere Karte einsetzen"
    yield Check("disk", level, f"{free // 1024**2} MiB frei, reicht etwa {days} Tage", remedy)


def _contents(loaded: Settings) -> Check:
    """Whether it is whole, and this register's."""
    from kassd.journal import verify_journal

    directory = loaded.journal.dir
    verdict = verify_journal(directory, full=False)
    if not verdict.ok:
        message = "; ".join(f"{f.where} {f.message}" for f in verdict.findings if f.severity == "error")
        return Check("journal", "error", message, "Datenträger sichern, dann: kassd verify")
    try:
        refuse_other(loaded)
    except ConfigError as error:
        return Check("journal", "error", str(error), "kassd run verweigert so den Start")
    except (JournalError, OSError) as error:
        return Check("journal", "error", str(error), "Datenträger sichern, dann: kassd verify")
    told = "; ".join(f.message for f in verdict.findings if f.id == "torn_tail")
    return Check("journal", "ok", told or f"{directory}: seit dem letzten Abschluss unversehrt")


def _card(directory: Path) -> Check:
    """An SD card with a write cache may lose what it has acknowledged."""
    existing = directory if directory.exists() else next(p for p in directory.parents if p.exists())
    device = existing.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    disk = block.resolve().parent if (block / "partition").exists() else block
    cache = disk / "queue" / "write_cache"
    if not cache.exists():
        return Check("card", "ok", "kein Blockgerät mit eigenem Schreibpuffer erkannt")
    mode = cache.read_text(encoding="ascii").strip()
    if mode == "write back" and disk.resolve().name.startswith("mmcblk"):
        remedy = "dtparam=sd_cqe=0 in config.txt; besser eine Karte der Klasse A1 für Dauerbetrieb"
        return Check("card", "warning", "die Karte puffert Schreibzugriffe", remedy)
    return Check("card", "ok", f"Schreibpuffer: {mode}")


def _tse(loaded: Settings) -> Iterator[Check]:
    if loaded.tse is None:
        yield Check(
            "tse", "warning", "keine TSE eingerichtet: Verkaufen ist nicht möglich", "[tse] eintragen"
        )
    else:
        for level, message, remedy in doctor_tse.look(loaded.tse, refused_secrets(loaded)):
            yield Check("tse", level, message, remedy)


def _clock() -> Check:
    now = time.time()  # noqa: TID251 - the system clock itself is what is examined
    if now < BUILT_AFTER:
        return Check(
            "clock", "error", "die Systemuhr geht falsch", "sudo timedatectl set-ntp true, RTC prüfen"
        )
    return Check("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _catalog(file: Path, control_prefix: str, keys: frozenset[int]) -> Check:
    form = "Form: docs/catalog.md, Beispiel: kassd config example --catalog"
    try:
        articles = parse_catalog(file.read_text(encoding="utf-8"), control_prefix, keys)
    except CatalogError as error:
        remedy = f"{file} berichtigen; bis dahin gilt der alte Stand. {form}"
        return Check("catalog", "error", str(error), remedy)
    except (OSError, UnicodeDecodeError) as error:
        remedy = f"Pfad und Rechte prüfen. {form}"
        return Check("catalog", "error", f"{file} ist nicht lesbar: {error}", remedy)
    return Check("catalog", "ok", f"{file}: {len(articles)} Artikel")


def _mqtt(loaded: Settings) -> Check:
    """Log in as the daemon does. Selling goes on without a broker (warning); a refusal does not heal."""
    try:
        asyncio.run(greet(loaded))
    except ConfigError as error:
        return Check("mqtt", "error", str(error), "Kennwort ablegen (docs/mqtt.md) oder mit sudo aufrufen")
    except LinkError as error:
        refused = isinstance(error.__cause__, LinkRefused)
        remedy = "Konten und Kennwörter prüfen: docs/mqtt.md" if refused else "sudo systemctl start mosquitto"
        return Check("mqtt", "error" if refused else "warning", str(error), remedy)
    assert loaded.mqtt.local is not None
    who = loaded.mqtt.local.username or "ohne Konto"
    return Check(
        "mqtt", "ok", f"Broker {loaded.mqtt.local.host}:{loaded.mqtt.local.port} nimmt uns an ({who})"
    )


def _reachable(check: str, what: str, host: str, port: int, remedy: str) -> Check:
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        return Check(check, "warning", f"{what} {host}:{port} antwortet nicht ({error})", remedy)
    return Check(check, "ok", f"{what} {host}:{port} antwortet")


def _node(check: str, path: str, what: str, group: str) -> Check:
    if not Path(path).exists():
        return Check(
            check, "warning", f"{what} {path} fehlt", "Kabel prüfen: ls -l /dev/serial/by-id /dev/usb"
        )
    if not os.access(path, os.R_OK | os.W_OK):
        return Check(check, "error", f"{path}: keine Rechte", f"sudo usermod -aG {group} kassd, neu starten")
    return Check(check, "ok", f"{what} {path} ist da")


def _scanner(scanner: ScannerSection) -> Check:
    check = f"scanner {scanner.name}"
    if scanner.driver == "serial":
        return _node(check, scanner.port, "Scanner", "dialout")
    if not scanner.device.startswith("/"):
        return Check(check, "ok", f"wird gesucht als {scanner.device}")
    return _node(check, scanner.device, "Scanner", "input")


def _printer(printer: PrinterSection, running: bool) -> Check:
    check = f"printer {printer.name}"
    if printer.driver == "tcp":
        if running:  # many network printers accept one connection only
            return Check(
                check, "ok", f"{printer.host}:{printer.port} gehört der laufenden Kasse: kassd status"
            )
        return _reachable(check, "Drucker", printer.host, printer.port, "Drucker einschalten, Kabel prüfen")
    if printer.driver == "file":
        return Check(check, "ok", f"schreibt in {printer.path}")
    return _node(check, printer.path, "Drucker", "lp" if printer.driver == "usb" else "dialout")


def _drawer(drawer: DrawerSection) -> Check:
    check = f"drawer {drawer.name}"
    if drawer.driver == "printer":
        return Check(check, "ok", f"hängt am Drucker {drawer.printer}")
    if drawer.pin_factory == "mock":
        return Check(
            check, "warning", "simulierter Pin (mock): die Lade öffnet nicht", 'pin_factory = "lgpio"'
        )
    return _node(check, "/dev/gpiochip0", "GPIO", "gpio")


def _libraries() -> Check:
    needed = ("aiomqtt", "serial", "escpos", "evdev", "gpiozero", "lgpio", "cryptography")
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        return Check("libraries", "error", f"es fehlen: {', '.join(missing)}", "kassd neu installieren")
    return Check("libraries", "ok", "alle Bibliotheken sind da")
