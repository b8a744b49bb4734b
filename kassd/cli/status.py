"""``kassd status``: what a running register shows of itself."""

import argparse
import asyncio
from typing import Any

from kassd import settings
from kassd.cli.link import retained
from kassd.cli.output import print_json
from kassd.core.money import euros

EX_TEMPFAIL = 75


def execute(arguments: argparse.Namespace) -> int:
    """Exit code 0 if the register is there, 75 if not."""
    documents = asyncio.run(retained(settings.load(arguments.config)))
    online = bool(documents.get("online", {}).get("online"))
    if arguments.json:
        print_json({"online": online, "documents": documents})
    else:
        for line in lines(documents, online):
            print(line)
    return 0 if online else EX_TEMPFAIL


def lines(documents: dict[str, Any], online: bool) -> list[str]:
    """The same as text."""
    info = documents.get("info", {})
    head = "läuft" if online else "läuft NICHT (letzter bekannter Stand)"
    out = [
        f"Kasse {info.get('register', '?')} {head}, {info.get('software', '?')}, "
        f"Modus {info.get('mode', '?')}"
    ]
    for topic, document in sorted(documents.items()):
        kind, _, name = topic.rpartition("/")
        if kind == "state/till":
            state = "offen" if document["open"] else "geschlossen"
            cash = document.get("cash_expected")
            stock = f", Soll-Bestand {euros(cash)} €" if cash is not None else ""
            last = document["last_receipt"] or "keiner"
            out.append(f"  Platz {name}: {state}, letzter Beleg {last}{stock}")
        elif kind == "state/sale" and document["status"] != "none":
            out.append(f"  Verkauf {name}: {document['status']}, {euros(document['total'])} €")
        elif kind == "state/dev":
            reason = f" ({document['reason']})" if document["reason"] else ""
            out.append(f"  {name}: {document['state']}{reason} {document['message']}".rstrip())
        elif kind == "alert":
            out.append(f"  ! {document['text_de']}")
    return out
