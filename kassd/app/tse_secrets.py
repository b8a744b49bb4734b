"""PINs and PUKs of the TSE: one file that nobody else may read, written before they come into force.

``kassd tse setup`` makes it; the daemon reads it. systemd hands it over as the credential ``tse``, sealed to
the machine if the operator wants (``systemd-creds encrypt``, docs/tse.md).
"""

import hashlib
import json
import logging
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from kassd.core.codec import CodecError, decode, encode
from kassd.deferred import dataclass
from kassd.errors import ConfigError
from kassd.tse.port import Secrets, SecretsForm

log = logging.getLogger(__name__)

CREDENTIAL = "tse"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Content of the file: whose secrets they are, and the secrets."""

    serial_number: str
    secrets: Secrets


def load_sealed(file: Path) -> Sealed | None:
    """From ``$CREDENTIALS_DIRECTORY/tse``, else from ``file``; None if neither is there.

    Raises :class:`ConfigError` if others may read the file, or if it is not what ``kassd tse setup`` wrote.
    """
    given = _credential()
    return _read(given) if given is not None else _own(file)


def secrets_of(file: Path, serial_number: str) -> Secrets | None:
    """Those of this very TSE: from the credential, from ``file``, or from its file kept beside that."""
    given = _credential()
    ways: list[Callable[[], Sealed | None]] = [lambda: _read(given)] if given is not None else []
    ways += [lambda: _own(file), lambda: _own(_kept(file, serial_number))]
    for way in ways:  # who has the credential need not be able to read the file
        sealed = way()
        if sealed is not None and sealed.serial_number == serial_number:
            return sealed.secrets
    return None


class Refused:
    """Which secrets a TSE has refused: they are not used again until they are others.

    Three wrong PINs block it, and a register that is restarted would try one each time. The list lies in the
    register's own folder, because the secrets may lie where it cannot write.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tse-refused"

    def add(self, sealed: Sealed) -> None:
        """Remember it; on the disk when this returns."""
        if sealed in self:
            return
        with self._file.open("a", encoding="ascii") as out:
            out.write(f"{_mark(sealed)}\n")
            out.flush()
            os.fsync(out.fileno())
        log.error("the TSE has refused a stored PIN: it is not tried again until the stored ones are others")

    def __contains__(self, sealed: object) -> bool:
        if not isinstance(sealed, Sealed) or not self._file.exists():
            return False
        return _mark(sealed) in self._file.read_text(encoding="ascii").split()


def _mark(sealed: Sealed) -> str:
    return hashlib.sha256(json.dumps(encode(sealed)).encode()).hexdigest()


def _credential() -> Path | None:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    given = Path(directory) / CREDENTIAL if directory else None
    return given if given is not None and given.exists() else None


def _kept(file: Path, serial_number: str) -> Path:
    return file.with_name(f"{file.name}.{serial_number[:16]}")


def _own(file: Path) -> Sealed | None:
    if not file.exists():
        return None
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ConfigError(f"{file} ist für andere lesbar. Abhilfe: chmod 600 {file}")
    return _read(file)


def _read(file: Path) -> Sealed:
    try:
        read: Sealed = decode(Sealed, json.loads(file.read_bytes()))
    except (CodecError, ValueError) as error:
        raise ConfigError(f"{file} ist nicht die Datei von kassd tse setup: {error}") from error
    return read


def make_secrets(form: SecretsForm) -> Secrets:
    """Random secrets as a family of TSEs wants them."""

    def digits(count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    pins, puks = form.pin_digits, form.puk_digits
    return Secrets(digits(pins), digits(pins), digits(puks), digits(puks))


def store_sealed(file: Path, made: Sealed) -> None:
    """Write a new file, mode 0600, and wait for the disk; a power cut leaves all of it or nothing. Another
    TSE's file is kept beside it under that TSE's serial number: it may still be needed."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    spare = file.with_name(f"{file.name}.new")
    spare.unlink(missing_ok=True)
    handle = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as out:
        out.write(json.dumps(encode(made)).encode())
        out.flush()
        os.fsync(out.fileno())
    old = _own(file)
    if old is not None:
        kept = _kept(file, old.serial_number)
        while kept.exists() and kept.read_bytes() != file.read_bytes():
            kept = kept.with_name(f"{kept.name}~")
        file.rename(kept)
    spare.rename(file)
    for folder in (file.parent, file.parent.parent):  # the folder may be new as well
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
