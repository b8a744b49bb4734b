"""A journal that is taken away under the running register: said at once, and saved where it can be.

What is written into a file that no start will find is lost, however durable. So the writer looks, after each
write and before it is acknowledged, whether the open segment still lies under its name.
"""

import logging
from pathlib import Path

from kassd.errors import JournalLost
from kassd.journal.aside import keep_aside
from kassd.journal.files import Files, write_file
from kassd.journal.note import Signer

log = logging.getLogger(__name__)

STOPPED = "Die Kasse hat aufgehört zu verkaufen."


def lost(files: Files, handle: int, path: Path, signer: Signer) -> JournalLost:
    """Why the open segment ``handle`` is not under ``path`` any more, in German, and what to do. One that was
    deleted is put there again, or into ``torn/`` where another file has taken its name."""
    place = files.place(handle)
    if place is None:
        return JournalLost(_deleted(files, handle, path, signer))
    if files.is_at(handle, place):
        return JournalLost(
            f"Das Journal ist im laufenden Betrieb verschoben worden: {path} liegt jetzt unter {place}. "
            f"{STOPPED} Verloren ist nichts. Bitte an seinen Platz zurücklegen, dann kassd neu starten."
        )
    return JournalLost(
        f"Das Journal ist im laufenden Betrieb verschwunden: {path} ist nicht mehr zu sehen. {STOPPED} "
        "Bitte den Datenträger wieder einhängen, dann kassd neu starten."
    )


def _deleted(files: Files, handle: int, path: Path, signer: Signer) -> str:
    what = f"Das Journal ist im laufenden Betrieb gelöscht worden: {path}. {STOPPED}"
    try:
        saved = _save(files, files.content(handle), path, signer)
    except OSError as error:
        log.critical("journal: %s cannot be saved: %s", path, error)
        return (
            f"{what} Die Zeilen ab {int(path.name[:12])} konnten nicht gerettet werden "
            f"({error.strerror or error}). Bitte das Journal aus Sicherung oder Spiegel zurückholen "
            "(kassd restore), dann kassd neu starten."
        )
    log.critical("journal: %s had been deleted, its lines are saved in %s", path, saved)
    return (
        f"{what} Die Zeilen ab {int(path.name[:12])} sind gerettet, in {saved}. Bitte kassd doctor aufrufen; "
        "fehlt noch etwas, aus Sicherung oder Spiegel ergänzen (kassd restore), dann kassd neu starten."
    )


def _save(files: Files, data: bytes, path: Path, signer: Signer) -> Path:
    directory = path.parent
    files.mkdir(directory)
    files.fsync_dir(directory.parent)
    names = files.list(directory)
    if path.name in names:
        return keep_aside(files, directory, path.name, data)
    if "key" not in names:
        write_file(files, directory / "key", signer.dump().encode(), mode=0o600)
    write_file(files, path, data)
    return path
