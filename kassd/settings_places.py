"""Folders of the configuration that must not be one: told by where they lead, not by how they are written."""

from collections.abc import Mapping
from os.path import realpath
from pathlib import Path

from kassd.settings_text import Misfit

# Beside the journal: log messages of the TSE taken home after each closing; what must be kept otherwise.
ARCHIVES = ("tse-archive", "archive")


def check_places(journal: Path, mirror: Path | None, tse: Path | None) -> None:
    """Journal, mirror, the TSE's folder and the archives each have a place of their own, links and ``..``
    followed. Raises :class:`~kassd.settings_text.Misfit` at the key to change."""
    taken = {f"im Archiv {journal.parent / name}": _real(journal.parent / name) for name in ARCHIVES}
    if inside := _owner(journal, taken):
        raise Misfit(
            f"[journal] dir = {str(journal)!r} liegt {inside}; das Journal braucht einen eigenen Ordner, "
            "z. B. dir = '/var/lib/kassd/journal'",
            *("journal", "dir"),
        )
    taken["in [journal] dir, dem Journal selbst"] = _real(journal)
    if mirror is not None and (inside := _owner(mirror, taken)):
        raise Misfit(
            f"[journal] mirror = {str(mirror)!r} liegt {inside}; der Spiegel gehört auf einen anderen "
            "Datenträger, z. B. mirror = '/media/spiegel/journal'",
            *("journal", "mirror"),
        )
    if mirror is not None:
        taken["in [journal] mirror"] = _real(mirror)
    if tse is not None and (inside := _owner(tse, taken)):
        raise Misfit(
            f"[tse] path = {str(tse)!r} liegt {inside}; die TSE braucht einen eigenen Ordner, z. B. "
            "path = '/var/lib/kassd/tse'",
            *("tse", "path"),
        )


def _real(path: Path) -> Path:
    """Where a path leads; what is not there yet lies where it says."""
    return Path(realpath(path))


def _owner(path: Path, taken: Mapping[str, Path]) -> str:
    """Where the place at ``path`` lies of those that are taken; '' if in none."""
    return next((owner for owner, other in taken.items() if _real(path).is_relative_to(other)), "")
