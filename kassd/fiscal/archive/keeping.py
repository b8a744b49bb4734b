"""Putting things into the archive, holding them, and taking out what need not be kept any more."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kassd.errors import DataError
from kassd.fiscal.archive.durable import ASIDE, Print, files_below, make_folder, print_of, put, sync_folder
from kassd.fiscal.archive.kept import ALL, MANIFEST, Kept, Kind, kept_in, may_go, must_stay_until, with_event

LOCK = "lock"


def spoken(name: str) -> str:
    """A thing's name, or what ``ALL`` is called."""
    return name or "Alles im Archiv"


class Keeper:
    """The only writer of an archive folder."""

    def __init__(self, folder: Path, now: datetime) -> None:
        """``now``: with zone; it is what the ledger says."""
        self.folder = folder
        self._at = now.isoformat(timespec="seconds")

    def add(self, source: Path, kind: Kind, year: int, by: str) -> Kept:
        """Put a file or a whole folder in; the same content again is the thing that is there already.

        The files are durable before the ledger names them. What a power cut leaves between the two is not
        named, told as such by ``verify``, and taken over when the same is added again.
        """
        names = files_below(source) if source.is_dir() else [source.name]
        if not names:
            raise DataError(f"In {source} liegt keine Datei.")
        base = source if source.is_dir() else source.parent
        with self._locked():
            things, _ = kept_in(self.folder)
            prints = {name: print_of(base / name) for name in names}
            for thing in things.values():
                if thing.kind == kind and not thing.removed and _inside(thing, source) == prints:
                    return thing
            name = self._free_name(f"{kind}/{self._at[:10]}-{source.name}", set(things))
            files = {}
            for inner in names:
                path = f"{name}/{inner}" if source.is_dir() else name
                files[path] = put(base / inner, self.folder / path)
            thing = Kept(name, kind, year, source.name, self._at, by, files)
            told = {key: getattr(thing, key) for key in ("name", "kind", "year", "series", "by")}
            self._tell("kept", {**told, "files": {path: list(value) for path, value in files.items()}})
            return thing

    def hold(self, name: str, reason: str, by: str) -> None:
        """Nothing (``name`` '': of the whole archive) is taken out until it is released."""
        with self._locked():
            self._known(name)
            self._tell("held", {"name": name, "reason": reason, "by": by})

    def release(self, name: str, by: str) -> tuple[str, ...]:
        """The hold is over; what is past its date may go. Returns what stays held by itself: names, ``ALL``
        for everything. :class:`DataError` where there is no such hold."""
        with self._locked():
            self._known(name)
            things, held = kept_in(self.folder)
            holds = [ALL] if held else []
            holds += [thing.name for thing in things.values() if thing.held and not thing.removed]
            if name not in holds:
                there = ", ".join(spoken(hold) for hold in holds) or "nichts"
                raise DataError(f"{spoken(name)}: keine Löschsperre gesetzt. Gesperrt ist: {there}.")
            self._tell("released", {"name": name, "by": by})
            return tuple(hold for hold in holds if hold != name)

    def due(self, today: date) -> list[Kept]:
        """What may be taken out."""
        things, held = kept_in(self.folder)
        return [thing for thing in things.values() if may_go(thing, things.values(), held, today)]

    def remove(self, name: str, today: date, by: str, and_by: str) -> None:
        """Take one thing out: two people, past its date, not held. The ledger goes on naming it.

        It says so before the files go: after a power cut between the two nothing is missing unsaid.
        """
        if not by.strip() or not and_by.strip() or by.strip().casefold() == and_by.strip().casefold():
            raise DataError("Löschen braucht zwei verschiedene Personen (--by und --and-by).")
        with self._locked():
            things, held = kept_in(self.folder)
            thing = self._known(name)
            if thing is None or not may_go(thing, things.values(), held, today):
                raise DataError(f"{name} bleibt: {self._why(thing, things, held)}")
            self._tell("removed", {"name": name, "by": by, "and_by": and_by})
            self._sweep(thing)

    def sweep(self) -> None:
        """Finish removals that a power cut has interrupted, and what an interrupted ``add`` has left."""
        with self._locked():
            things, _ = kept_in(self.folder)
            for thing in things.values():
                if thing.removed:
                    self._sweep(thing)
            for name in files_below(self.folder):
                if name.endswith(ASIDE):
                    (self.folder / name).unlink()

    def _sweep(self, thing: Kept) -> None:
        for path in thing.files:
            file = self.folder / path
            if file.exists():
                file.unlink()
                sync_folder(file.parent)
            for parent in file.parents:
                if parent == self.folder or not parent.is_dir() or any(parent.iterdir()):
                    break
                parent.rmdir()

    def _why(self, thing: Kept | None, things: Mapping[str, Kept], held: str) -> str:
        if thing is None or thing.removed:
            return "es ist nicht (mehr) im Archiv."
        if thing.held or held:
            return f"Löschsperre ({thing.held or held})."
        until = must_stay_until(thing, things.values())
        if until is None:
            return "es ist die neueste Fassung."
        return f"aufzubewahren bis {until:%d.%m.%Y}."

    def _known(self, name: str) -> Kept | None:
        things, _ = kept_in(self.folder)
        if name != ALL and name not in things:
            raise DataError(f"{name} ist nicht im Archiv. „kassd archive list“ zeigt, was darin ist.")
        return things.get(name)

    @staticmethod
    def _free_name(wanted: str, taken: set[str]) -> str:
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _tell(self, what: str, event: Mapping[str, Any]) -> None:
        data = with_event(self.folder, {"at": self._at, "what": what, **event})
        put(data, self.folder / MANIFEST)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_folder(self.folder)
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _inside(thing: Kept, source: Path) -> dict[str, Print]:
    """Its files by the names they had at their source."""
    if source.is_dir():
        return {path.removeprefix(f"{thing.name}/"): value for path, value in thing.files.items()}
    (value, *_) = thing.files.values()
    return {thing.series: value}
