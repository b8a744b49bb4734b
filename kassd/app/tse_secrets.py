"""PINs and PUKs of the TSE: one file that nobody else may read, written before they come into force.

``kassd tse setup`` makes it; the daemon reads it. systemd hands it over as the credential ``tse``, sealed to
the machine if the operator wants (``systemd-creds encrypt``, docs/tse.md).
"""

import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from kassd.core.codec import CodecError, decode, encode
from kassd.errors import ConfigError
from kassd.tse.port import Secrets, SecretsForm

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
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    given = Path(directory) / CREDENTIAL if directory else None
    found = given if given is not None and given.exists() else file
    if not found.exists():
        return None
    if found is file and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ConfigError(f"{file} ist für andere lesbar. Abhilfe: chmod 600 {file}")
    try:
        read: Sealed = decode(Sealed, json.loads(found.read_bytes()))
    except (OSError, CodecError, ValueError) as error:
        raise ConfigError(f"{found} ist nicht die Datei von kassd tse setup: {error}") from error
    return read


def make_secrets(form: SecretsForm) -> Secrets:
    """Random secrets as a family of TSEs wants them."""

    def digits(count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    pins, puks = form.pin_digits, form.puk_digits
    return Secrets(digits(pins), digits(pins), digits(puks), digits(puks))


def store_sealed(file: Path, made: Sealed) -> None:
    """Write a new file, mode 0600, and wait for the disk. Another TSE's file is kept beside it under that
    TSE's serial number: it may still be needed."""
    old = load_sealed(file)
    if old is not None and file.exists():
        file.rename(file.with_name(f"{file.name}.{old.serial_number[:16]}"))
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, json.dumps(encode(made)).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
