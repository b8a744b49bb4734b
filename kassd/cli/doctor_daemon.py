"""What ``kassd doctor`` hears from the register: over the broker while it runs, else from its journal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from kassd.app.boot import in_force
from kassd.app.config_advice import left_behind
from kassd.core.codes import CODES
from kassd.core.state import State
from kassd.errors import KassdError
from kassd.mqtt.alerts import alerts
from kassd.settings import Settings, flatten

Level = Literal["ok", "warning", "error"]
Row = tuple[str, Level, str, str]
Documents = Mapping[str, Any]

LEVELS: dict[str, Level] = {"critical": "error", "warning": "warning", "info": "ok"}
STATES: dict[str, tuple[Level, str]] = {
    "ready": ("ok", "bereit"),
    "busy": ("ok", "arbeitet"),
    "opening": ("ok", "wird geöffnet"),
    "degraded": ("warning", "eingeschränkt"),
    "absent": ("warning", "fehlt"),
    "error": ("warning", "Störung"),
}
"""State of a device → how bad it is, and what people call it."""
ORDER = ("critical", "warning", "info")
NO_SALE = "Es kann nicht verkauft werden."
NOT_COMMISSIONED: Row = (
    *("selling", "error", f"{NO_SALE} {CODES['tse_not_commissioned'].message}"),
    "kassd tse setup; ist keine [tse] eingetragen, zuerst das",
)
UNSEEN: Row = (
    *("daemon", "warning", "kassd läuft, am Broker ist sie nicht zu sehen"),
    "Sie meldet sich binnen einer Minute neu und liest dabei ihr Kennwort; bleibt es dabei: "
    "sudo systemctl restart kassd, dann journalctl -u kassd",
)
LAST = "so steht es im Journal; ob es noch so ist, zeigt der nächste Start"


def look(loaded: Settings, running: bool, documents: Documents | None) -> Iterator[Row]:
    """(check, level, message, remedy): whether the register runs, may sell, and what it asks people for.
    ``documents``: what the broker has of it, None if it cannot be asked."""
    yield _process(running, documents)
    try:
        state = in_force(loaded)
    except (KassdError, PermissionError) as error:
        yield "state", "warning", f"Der Stand der Kasse ist nicht lesbar: {error}", "siehe journal"
        state = None
    if state is not None:
        yield from _selling(loaded, state, running)
    if is_live(running, documents):
        assert documents is not None
        yield from told(documents)
    elif state is not None:
        coming = () if running else left_behind(state, flatten(loaded))  # what the next start will find
        told_then = {name for name, _ in coming}
        found = [(name, a.severity, a.text_de) for name, a in alerts(state) if name not in told_then]
        yield from _rows(found, "" if running else LAST)
        yield from _rows([(name, "warning", text) for name, text in coming])


def is_live(running: bool, documents: Documents | None) -> bool:
    """Whether the broker shows what the running register says now, not what an earlier one has left there."""
    return running and documents is not None and bool(documents.get("online", {}).get("online"))


def _process(running: bool, documents: Documents | None) -> Row:
    if not running and documents is not None and documents.get("online", {}).get("online"):
        message = "kassd meldet sich am Broker, hält aber nicht dieses Journal: verschoben oder gelöscht?"
        return "daemon", "warning", message, "siehe journal; läuft kassd auf einem anderen Gerät, dort prüfen"
    if not running:
        return "daemon", "ok", "kassd läuft nicht (für die Prüfung unnötig)", ""
    if documents is None:
        return "daemon", "ok", "kassd läuft; ohne Broker ist von ihr nur das Journal zu sehen", ""
    if not is_live(running, documents):
        return UNSEEN
    return "daemon", "ok", "kassd läuft", ""


def _selling(loaded: Settings, state: State, running: bool) -> Iterator[Row]:
    """Why nothing can be sold, where no alert says it."""
    sets_itself_up = loaded.register.mode == "test" and not running
    if state.tse.bound is None and loaded.tse is not None and not sets_itself_up:
        yield NOT_COMMISSIONED
    elif state.remembered is not None:
        yield "selling", "error", NO_SALE, CODES["rollback_undecided"].next


def told(documents: Documents, *, printers: bool = False) -> Iterator[Row]:
    """The alerts among a register's documents, the worst first; those of printers only if asked for."""
    found = [
        (topic.removeprefix("alert/"), document["severity"], document["text_de"])
        for topic, document in documents.items()
        if topic.startswith("alert/") and (printers or not topic.startswith("alert/printer-"))
    ]
    yield from _rows(found)


def _rows(found: Sequence[tuple[str, str, str]], remedy: str = "") -> Iterator[Row]:
    for name, severity, text in sorted(found, key=lambda one: ORDER.index(one[1])):
        yield f"alert {name}", LEVELS[severity], text, remedy


def device(documents: Documents, kind: str, name: str) -> Row | None:
    """A device as the running register sees it, None if it says nothing of it yet."""
    document = documents.get(f"state/dev/{name}")
    if document is None:
        return None
    level, word = STATES[document["state"]]
    alert = documents.get(f"alert/printer-{name}", {}).get("text_de", "")
    return f"{kind} {name}", level, f"{word} (sagt die laufende Kasse)", alert or document["message"]
