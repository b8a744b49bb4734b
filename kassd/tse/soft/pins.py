"""PINs and PUKs of a development TSE."""

import json
import os
import secrets
from pathlib import Path

from kassd.core.codec import decode, encode
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.port import Secrets
from kassd.tse.soft.store import sync_folder

FILE = "secrets.json"


def default_secrets(folder: str | Path) -> Secrets:
    """Return the secrets lying beside a soft TSE's store; random ones are made on first use.

    For mode ``test`` only: a real TSE's PINs never lie beside it. Raises ``TseRefused`` for a damaged file.
    """
    folder = Path(folder)
    if (found := stored_secrets(folder)) is not None:
        return found
    made = Secrets(_digits(8), _digits(8), _digits(10), _digits(10))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f"{FILE}.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, json.dumps(encode(made)).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(fresh, folder / FILE)
    sync_folder(folder)
    return made


def stored_secrets(folder: Path) -> Secrets | None:
    """Those that lie there, None if none do. Raises ``TseRefused`` for a damaged file."""
    try:
        found: Secrets = decode(Secrets, json.loads((folder / FILE).read_bytes()))
    except FileNotFoundError:
        return None
    except ValueError as error:  # no JSON, no UTF-8, other keys
        raise refused(codes.STORAGE, f"beschädigt: {folder / FILE}") from error
    return found


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
