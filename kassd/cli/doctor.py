"""``kassd doctor``: look at everything a register needs and say what to do about what is wrong."""

import argparse
import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kassd import settings as configuration
from kassd.app.boot import refuse_anew, refuse_other
from kassd.app.config_advice import advice
from kassd.app.space import measure
from kassd.app.tse_family import refused_secrets
from kassd.cli import doctor_daemon, doctor_scanners, doctor_tse
from kassd.cli.config import wrong_profiles
from kassd.cli.doctor_daemon import Documents, Level, Row
from kassd.cli.doctor_devices import LOOK, coupling, power
from kassd.cli.doctor_nodes import claimed
from kassd.cli.link import retained
from kassd.cli.locks import is_running, may_read
from kassd.cli.output import EX_DATAERR, print_json
from kassd.core.catalog import parse_catalog
from kassd.core.outlook import REMEDY, sentence
from kassd.errors import CatalogError, ConfigError, JournalError, JournalLost, LinkError
from kassd.mqtt.link import LinkRefused
from kassd.settings import Settings, where

MARKS = {"ok": "✔", "warning": "!", "error": "✘"}
BUILT_AFTER = 1_767_225_600  # 2026-01-01: an earlier clock is wrong


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
    checks = [*advised(loaded, configuration.config_file(arguments.config)), *examine(loaded)]
    ok = all(check.level != "error" for check in checks)
    if arguments.json:
        print_json({"ok": ok, "kind": "doctor", "checked": len(checks), "findings": _findings(checks)})
    else:
        for check in checks:
            print(f"{MARKS[check.level]} {check.id}: {check.message}")
            if check.remedy:
                print(f"    → {check.remedy}")
        print(_summary([check.level for check in checks]))
    return 0 if ok else EX_DATAERR


def _summary(levels: list[Level]) -> str:
    """The last line: what all of it comes to."""
    if "error" in levels:
        return f"{levels.count('error')} von {len(levels)} Prüfungen mit ✘: das zuerst beheben."
    if "warning" in levels:
        return f"Kein Fehler; {levels.count('warning')} von {len(levels)} Prüfungen mit !: bitte ansehen."
    return "Alles in Ordnung."


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


def advised(loaded: Settings, file: Path) -> Iterator[Check]:
    """What in ``file``, that ``loaded`` was read from, is probably not meant."""
    for one in advice(loaded):
        level: Level = "ok" if one.level == "info" else one.level
        yield Check("config", level, f"{where(file, one.place)}: {one.message}", one.remedy)
    for index, told in wrong_profiles(loaded):
        yield Check("config", "error", f"{where(file, ('printer', index, 'profile'))}: {told}")


def examine(loaded: Settings) -> Iterator[Check]:
    """All other checks, in the order of importance."""
    yield Check("config", "ok", f"Kasse {loaded.register.id}, Modus {loaded.register.mode}")
    if not may_read(loaded.journal.dir):
        message = f"{loaded.journal.dir} darf dieser Benutzer nicht lesen; mehr ist so nicht zu sehen"
        yield Check("journal", "error", message, "sudo -u kassd kassd doctor")
        return
    if (shut := unusable(loaded.journal.dir)) is not None:
        yield Check("journal", "error", *shut)
        if not loaded.journal.dir.is_dir():
            return
    running = is_running(loaded.journal.dir)
    broker, documents = _mqtt(loaded) if loaded.mqtt.local is not None else (None, None)
    for row in doctor_daemon.look(loaded, running, documents):
        yield Check(*row)
    yield from _journal(loaded)
    yield _card(loaded.journal.dir)
    yield from _tse(loaded)
    yield _clock()
    if loaded.catalog is not None:
        yield _catalog(loaded, loaded.catalog.file)
    if broker is not None:
        yield broker
    live = documents or {} if doctor_daemon.is_live(running, documents) else {}
    for kind, look in {"scanner": doctor_scanners.look, **LOOK}.items():
        for item in getattr(loaded, kind):
            yield Check(*(_told(live, kind, item) or look(item, running)))
    for row in doctor_scanners.strays(loaded):
        yield Check(*row)
    for item in loaded.scale:
        yield Check(*coupling(item))
    told = doctor_daemon.device(live, "power", "power")
    yield Check("power", *told[1:]) if told else Check(*power(loaded.power))
    yield _libraries()


def _told(live: Documents, kind: str, item: Any) -> Row | None:
    """What the running register says of a device, and who has it instead."""
    row = doctor_daemon.device(live, kind, item.name)
    if row is None or live[f"state/dev/{item.name}"]["reason"] != "claimed":
        return row
    return claimed(row, doctor_scanners.places_of(item))


def _journal(loaded: Settings) -> Iterator[Check]:
    directory = loaded.journal.dir
    try:
        refuse_anew(loaded)
    except JournalLost as error:
        yield Check("journal", "error", str(error))
        return
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
    yield _disk(directory)


def unusable(directory: Path) -> tuple[str, str] | None:
    """Why no journal can be written there, whoever asks, and what to do."""
    place = next(path for path in (directory, *directory.parents) if path.exists())
    if not place.is_dir():
        return f"{place} ist kein Ordner, so kann dort kein Journal liegen", "[journal] dir berichtigen"
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        remedy = f"Schreibschutz aufheben (findmnt -T {place}); ist die Karte am Ende, tauschen"
        return (
            f"{directory} liegt auf einem schreibgeschützten Datenträger, dort kann kassd nicht speichern",
            remedy,
        )
    return None


def _disk(directory: Path) -> Check:
    found = measure(directory)
    level: Level = "error" if found.level == "critical" else found.level
    return Check("disk", level, sentence(found.free, found.days), "" if level == "ok" else REMEDY)


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
    damaged = [f"{directory / f.where}: {f.message}" for f in verdict.findings if f.id == "key_damaged"]
    if damaged:
        return Check("journal", "warning", " ".join(damaged), "alles ansehen: kassd verify")
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
    if loaded.tse is not None:
        for level, message, remedy in doctor_tse.look(loaded.tse, refused_secrets(loaded)):
            yield Check("tse", level, message, remedy)


def _clock() -> Check:
    now = time.time()  # noqa: TID251 - the system clock itself is what is examined
    if now < BUILT_AFTER:
        return Check(
            "clock", "error", "die Systemuhr geht falsch", "sudo timedatectl set-ntp true, RTC prüfen"
        )
    return Check("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _catalog(loaded: Settings, file: Path) -> Check:
    form = "Form: docs/catalog.md, Beispiel: kassd config example --catalog"
    try:
        text, prefix = file.read_text(encoding="utf-8"), loaded.register.control_prefix
        articles = parse_catalog(text, prefix, loaded.tax_keys(), loaded.agencies())
    except CatalogError as error:
        remedy = f"{file} berichtigen; bis dahin gilt der alte Stand. {form}"
        return Check("catalog", "error", str(error), remedy)
    except FileNotFoundError:
        return Check("catalog", "error", f"{file} fehlt", f"anlegen oder [catalog] file berichtigen. {form}")
    except (OSError, UnicodeDecodeError) as error:
        remedy = f"Pfad und Rechte prüfen. {form}"
        return Check("catalog", "error", f"{file} ist nicht lesbar: {error}", remedy)
    return Check("catalog", "ok", f"{file}: {len(articles)} Artikel")


def _mqtt(loaded: Settings) -> tuple[Check, doctor_daemon.Documents | None]:
    """Log in as the daemon does and read what it shows. Selling goes on without a broker (warning); a refusal
    does not heal."""
    local = loaded.mqtt.local
    assert local is not None
    try:
        documents, foreign = asyncio.run(retained(loaded))
    except ConfigError as error:
        remedy = "Kennwort ablegen (docs/mqtt.md) oder mit sudo aufrufen"
        return Check("mqtt", "error", str(error), remedy), None
    except LinkError as error:
        if isinstance(error.__cause__, LinkRefused):
            return Check("mqtt", "error", str(error), "Konten und Kennwörter prüfen: docs/mqtt.md"), None
        return Check("mqtt", "warning", str(error), "bis dahin wird verkauft, Anzeigen bleiben leer"), None
    if foreign:
        message = f"am Broker liegt, was nicht von dieser Kasse ist: {', '.join(foreign)}"
        return Check(
            "mqtt", "warning", message, "kassd neu starten; kommt es wieder: Konten prüfen"
        ), documents
    who = local.username or "ohne Konto"
    return Check("mqtt", "ok", f"Broker {local.host}:{local.port} nimmt uns an ({who})"), documents


def _libraries() -> Check:
    needed = ("aiomqtt", "serial", "escpos", "gpiozero", "lgpio", "cryptography")
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        return Check("libraries", "error", f"es fehlen: {', '.join(missing)}", "kassd neu installieren")
    return Check("libraries", "ok", "alle Bibliotheken sind da")
