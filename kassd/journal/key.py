"""The key file that signs checkpoints: read, judged, and renewed where it is lost or damaged.

It proves nothing by itself and is no part of any export: without it a register sells as well, with a new one
from then on, and the journal says so.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from kassd.core.verdict import Finding
from kassd.journal.aside import FOLDER, put_aside, put_aside_files
from kassd.journal.files import Files, write_file
from kassd.journal.note import NoteError, Signer

log = logging.getLogger(__name__)

NAME = "key"
DAMAGED = "key_damaged"


def load_key(files: Files, directory: Path) -> Signer | None:
    """The key of the journal in ``directory``; None: there is none. Raises :class:`NoteError` where the file
    is damaged and ``OSError`` where the medium does not give it."""
    if NAME not in files.list(directory):
        return None
    try:
        return Signer.load(files.read(directory / NAME).decode())
    except UnicodeDecodeError as error:
        raise NoteError(f"key file: {error}") from error


def renew_key(files: Files, directory: Path, origin: str) -> Signer:
    """Make a new key. A file that is in its place is damaged and kept in ``torn/``."""
    if NAME in files.list(directory):
        log.error("journal: put the damaged key aside in %s/", FOLDER)
        put_aside(files, directory, NAME)
    signer = Signer.generate(origin)
    write_file(files, directory / NAME, signer.dump().encode(), mode=0o600)
    return signer


def check_key(files: Files, directory: Path) -> Iterator[Finding]:
    """What is to be said of the key file, and of those that were put aside. One that whoever asks may not
    read is not judged, as one that is not there: an export has none."""
    try:
        load_key(files, directory)
    except NoteError:
        message = (
            "Die Schlüsseldatei ist beschädigt; Verkäufe hindert das nicht. Bitte kassd neu starten: der "
            f"Start legt sie im Ordner {FOLDER} zur Seite und erzeugt einen neuen Schlüssel. Danach den "
            "Datenträger prüfen."
        )
        yield Finding(DAMAGED, "warning", NAME, message)
    except PermissionError as error:
        log.debug("journal: the key is not judged: %s", error)
    for name in put_aside_files(files, directory):
        if name.partition("-")[0] == NAME:
            message = (
                "Die Schlüsseldatei war beschädigt; ein neuer Schlüssel ersetzt sie. Bitte den Datenträger "
                "prüfen und die Datei danach an einen anderen Ort sichern."
            )
            yield Finding(DAMAGED, "warning", f"{FOLDER}/{name}", message)
