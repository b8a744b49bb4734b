"""A document's text with everything put in.

Marks in a text: ``{{name}}`` is replaced by a value; a line ``{{#name}}`` begins a part that is only there if
the value is not empty, ``{{^name}}`` one that is only there if it is; ``{{/name}}`` ends it. An unknown name
is an error.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from zoneinfo import ZoneInfo

from kassd.core.state import State
from kassd.fiscal.documents import duties, register, technical
from kassd.fiscal.documents.markup import moment
from kassd.fiscal.documents.record import Record

DOCUMENTS = {
    "procedure": "Verfahrensdokumentation",
    "datasheet": "Datenblatt der Kasse",
    "manual": "Benutzerhandbuch",
    "cashier": "Kassieranweisung",
}
_PART = re.compile(r"^\{\{([#^])(\w+)\}\}\n(.*?)^\{\{/\2\}\}\n", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished text. ``stand``: German, what it describes; ``at``: RFC 3339 UTC of the newest fact in it,
    '' without a journal; ``business``, ``register``: whose it is."""

    name: str
    title: str
    business: str
    register: str
    stand: str
    at: str
    markdown: str

    @property
    def sha256(self) -> str:
        """Of the Markdown text: the same in every form."""
        return hashlib.sha256(self.markdown.encode()).hexdigest()


def compose(name: str, state: State, record: Record) -> Composed:
    """The document ``name`` (a key of :data:`DOCUMENTS`) of a register in ``state`` with ``record``."""
    zone = ZoneInfo(str(state.config.get("business.timezone") or "Europe/Berlin"))
    number = len(record.versions)
    stand = "Entwurf vor der Inbetriebnahme"
    if record.versions:
        stand = f"Fassung {number}, Stand {moment(record.newest, zone)}"
    values = {**register.values(state, record, zone), **technical.values(state, record, zone)}
    values |= duties.values(state) | {"title": DOCUMENTS[name], "stand": stand}
    text = resources.files("kassd.fiscal.documents").joinpath("text", f"{name}.md").read_text("utf-8")
    business, own_id = (str(state.config.get(key, "")) for key in ("business.name", "register.id"))
    return Composed(name, DOCUMENTS[name], business, own_id, stand, record.newest, fill(text, values))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace the marks. Raises ``KeyError`` for an unknown name."""

    def part(match: re.Match[str]) -> str:
        there = bool(values[match[2]])
        return fill(match[3], values) if there == (match[1] == "#") else ""

    return _MARK.sub(lambda match: values[match[1]], _PART.sub(part, text))
