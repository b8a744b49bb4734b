"""What the journal says of the register's own history: master data, programs, TSEs, outages, gaps."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kassd.core import facts as f
from kassd.core.annex import annex_text
from kassd.core.carry import fold_line
from kassd.core.evolve import ARTICLE_KEY
from kassd.core.inputs import Stamp
from kassd.core.state import State
from kassd.fiscal.archive.holdings import facts_of

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One key of the master data. ``at``: of its line, RFC 3339 UTC; ``version``: that it is part of;
    ``waits``: it was only noted and comes into force with the next closing."""

    at: str
    version: int
    key: str
    old: Any
    new: Any
    who: str
    how: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Version:
    """What was in force from ``at`` on: ``sha256`` of the configuration annex in the journal; ``annex``: its
    text, made of the changes up to here."""

    number: int
    at: str
    seq: int
    sha256: str
    annex: str

    @property
    def proven(self) -> bool:
        """Whether the text has the journal's hash, so that no change is missing."""
        return hashlib.sha256(self.annex.encode()).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class Event:
    """Any other fact of interest, as it stands in the journal."""

    at: str
    seq: int
    kind: str
    data: Data


@dataclass(slots=True)
class Record:
    """Everything in the journal's order. ``articles``: day (UTC) and source → changed articles;
    ``newest``: time of the newest fact of interest, '' if there is no journal yet."""

    versions: list[Version] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    articles: dict[tuple[str, str, str], int] = field(default_factory=dict)
    programs: list[Event] = field(default_factory=list)
    tses: list[Event] = field(default_factory=list)
    replaced: list[Event] = field(default_factory=list)
    outages: list[Event] = field(default_factory=list)
    late: list[Event] = field(default_factory=list)
    skips: list[Event] = field(default_factory=list)
    repairs: list[Event] = field(default_factory=list)
    newest: str = ""

    def of(self, version: int) -> list[Change]:
        """The changes that made a version."""
        return [change for change in self.changes if change.version == version and not change.waits]


KEPT: dict[str, Callable[[Record], list[Event]]] = {
    f.TseBound.kind: lambda record: record.tses,
    f.TseReplaced.kind: lambda record: record.replaced,
    f.OutageBegan.kind: lambda record: record.outages,
    f.OutageEnded.kind: lambda record: record.outages,
    f.TseLate.kind: lambda record: record.late,
    f.CountersSkipped.kind: lambda record: record.skips,
    "journal.created": lambda record: record.repairs,
    "journal.gap": lambda record: record.repairs,
    "journal.key_changed": lambda record: record.repairs,
    "journal.tail_repaired": lambda record: record.repairs,
}
CHANGED = (f.ConfigChanged.kind, f.ConfigDeferred.kind)
IN_FORCE = (*CHANGED, f.Started.kind, f.TseBound.kind)  # what the annex is made of


def read_record(journal: Path) -> Record:
    """Read it, beside a running register too; an empty record if there is no journal yet."""
    record, state = Record(), State()
    annex = ""
    for line, kind, data in facts_of(journal, {*KEPT, *CHANGED, f.Started.kind, f.ConfigAnnex.kind}):
        if kind in IN_FORCE and not str(data.get("key", "")).startswith(ARTICLE_KEY):
            stamp = Stamp(line.seq, datetime.fromisoformat(line.at), line.mono)
            state = fold_line(state, stamp, [{"kind": kind, "data": data}], [])
        if kind in CHANGED:
            _change(record, line.at, data, waits=kind == f.ConfigDeferred.kind)
        elif kind == f.ConfigAnnex.kind:
            if data["sha256"] == annex:
                continue  # said again at a closing
            annex = data["sha256"]
            number = len(record.versions) + 1
            record.versions.append(Version(number, line.at, line.seq, annex, annex_text(state)))
        elif kind == f.Started.kind:
            last = record.programs[-1].data if record.programs else {}
            if (data["software"], data["build"]) == (last.get("software"), last.get("build")):
                continue  # the same program again
            record.programs.append(Event(line.at, line.seq, kind, data))
        else:
            KEPT[kind](record).append(Event(line.at, line.seq, kind, data))
        record.newest = line.at
    return record


def _change(record: Record, at: str, data: Data, *, waits: bool) -> None:
    """The annex that names the version follows the changes in the same line."""
    if data["key"].startswith(ARTICLE_KEY):
        source = (at[:10], data["who"], data["how"])
        record.articles[source] = record.articles.get(source, 0) + 1
        return
    values = (data["key"], data.get("old"), data.get("new"), data["who"], data["how"])
    record.changes.append(Change(at, len(record.versions) + 1, *values, waits))
