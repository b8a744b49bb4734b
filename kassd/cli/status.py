"""``kassd status``: what a running register shows of itself."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from typing import Any

from kassd import settings
from kassd.cli.doctor_daemon import NOT_COMMISSIONED, STATES, UNSEEN, Row, told
from kassd.cli.link import retained
from kassd.cli.locks import is_running, may_read
from kassd.cli.output import EX_DATAERR, print_json
from kassd.core.money import euros
from kassd.core.outlook import sentence

EX_TEMPFAIL = 75
MARKS = {"ok": "i", "warning": "!", "error": "✘"}
SALES = {
    "open": "offen",
    "paying": "wird bezahlt",
    "signing": "wird signiert",
    "done": "fertig",
    "aborted": "abgebrochen",
}


def execute(arguments: argparse.Namespace) -> int:
    """Exit code 0 if the register is there, 65 if it has a critical alert, 75 if it is not there."""
    loaded = settings.load(arguments.config)
    documents, foreign = asyncio.run(retained(loaded))
    online = bool(documents.get("online", {}).get("online"))
    unseen = not online and may_read(loaded.journal.dir) and is_running(loaded.journal.dir)
    critical = any(level == "error" for _, level, _, _ in _asks(documents))
    if arguments.json:
        print_json({"online": online, "running": online or unseen, "documents": documents})
    else:
        for line in lines(documents, online, unseen, loaded.register.id):
            print(line)
    for topic in foreign:
        print(f"! Nicht von dieser Kasse, bleibt außer Acht: {topic} am Broker", file=sys.stderr)
    return (EX_DATAERR if critical else 0) if online else EX_TEMPFAIL


def disk(device: dict[str, Any]) -> str:
    """The sentence on the room on the disk, where ``device`` tells of one and does not say it already."""
    said = sentence(device["free"], device["days"]) if "free" in device else ""
    return "" if said in device["message"] else said


def lines(documents: dict[str, Any], online: bool, unseen: bool = False, name: str = "?") -> list[str]:
    """The same as text. ``unseen``: it runs on this machine, and the broker does not have it; ``name``: the
    register's, where the broker does not know that either."""
    info = documents.get("info")
    head = "läuft" if online or unseen else "läuft NICHT (letzter bekannter Stand)"
    what = f", {info['software']}, Modus {info['mode']}" if info else ""
    out = [f"Kasse {info['register'] if info else name} {head}{what}"]
    if unseen:
        _, level, text, remedy = UNSEEN
        out.append(f"  {MARKS[level]} {text}; alles Weitere ist ihr letzter bekannter Stand. {remedy}")
    for topic, document in sorted(documents.items()):
        kind, _, name = topic.rpartition("/")
        if kind == "state/till":
            state = "offen" if document["open"] else "geschlossen"
            cash = document.get("cash_expected")
            stock = f", Soll-Bestand {euros(cash)} €" if cash is not None else ""
            last = document["last_receipt"] or "keiner"
            out.append(f"  Platz {name}: {state}, letzter Beleg {last}{stock}")
        elif kind == "state/sale" and document["status"] != "none":
            out.append(f"  Verkauf {name}: {SALES[document['status']]}, {euros(document['total'])} €")
        elif kind == "state/dev":
            reason = f" ({document['reason']})" if document["reason"] else ""
            words = (f"{name}: {STATES[document['state']][1]}{reason}", document["message"], disk(document))
            out.append("  " + " ".join(word for word in words if word))
    out += [f"  {MARKS[level]} {text} {remedy}".rstrip() for _, level, text, remedy in _asks(documents)]
    return out


def _asks(documents: dict[str, Any]) -> Iterator[Row]:
    """What the register asks people for."""
    info = documents.get("info")
    if info is not None and not info["tse_serial_number"]:
        yield NOT_COMMISSIONED
    yield from told(documents, printers=True)
