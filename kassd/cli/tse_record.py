"""``kassd tse record``: what goes over the wire of a real TSE, without secrets, for a test to replay.

Only calls that change nothing are made. The file has one JSON object per line: a head, then for each call
its name, what went ``out`` and came ``in`` in hex (on a volume with file and offset, without the zeros at the
end of ``size`` bytes, and of a device that is polled only what has changed; ``hidden``: how many secrets are
blotted out), and its result. :mod:`kassd.sim.tse.replay` plays it again.
"""

import asyncio
import hashlib
import json
import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import kassd
from kassd.app.tse_family import build_tse
from kassd.app.tse_secrets import secrets_of
from kassd.clock import Clock
from kassd.core.codec import encode
from kassd.errors import ConfigError, DataError, TseError, TseRefused
from kassd.settings import Settings
from kassd.tse.codes import SELF_TEST_DUE
from kassd.tse.port import ExportFilter, Secrets, Tse
from kassd.tse.wire import Way, listening

log = logging.getLogger(__name__)

Row = dict[str, Any]
FORMAT = 1
NEWEST = 20  # log messages
UNTESTED = (
    "Die Aufzeichnung ist unvollständig: seit die TSE Strom hat, fehlt ihr der Selbsttest. Bitte kassd tse "
    "self-test ausführen, die TSE stecken lassen und unter anderem Namen noch einmal aufzeichnen."
)


def record(loaded: Settings, out: Path) -> dict[str, Any]:
    """Make the calls and write the file; it is never overwritten. Raises ``OSError`` if it cannot be."""
    section = loaded.tse
    assert section is not None  # kassd.cli.tse has refused it
    if section.driver == "soft":
        raise ConfigError("Die Entwicklungs-TSE (soft) hat keine Leitung, die sich aufzeichnen ließe.")
    if out.exists():
        raise DataError(f"{out} gibt es schon; bitte einen anderen Namen wählen.")
    secrets = asyncio.run(_secrets(loaded))
    tse = build_tse(loaded, Clock(), secrets, serial_number="")
    assert tse is not None
    recording = Recording(astuple(secrets) if secrets is not None else ())
    with out.open("x", encoding="utf-8") as file:
        try:
            with listening(recording.heard):
                asyncio.run(calls(tse, loaded.register.id, recording))
            rows = [_head(loaded, secrets is not None), *recording.rows]
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        except BaseException:
            out.unlink()
            raise
    failed = {f"error {row['error']}": row["message"] for row in recording.rows if "error" in row}
    result: dict[str, Any] = {
        "file": str(out),
        "frames": sum("way" in row for row in recording.rows),
        "hint": "Bitte vor dem Weitergeben ansehen: Seriennummern, Kassenkennung und die neuesten "
        "Lognachrichten stehen darin, PINs und PUKs nicht.",
    }
    if f"error {SELF_TEST_DUE}" in failed:  # what a wire has no command for is missing from every recording
        result |= {"complete": False, "next": UNTESTED}
    return result | failed


async def _secrets(loaded: Settings) -> Secrets | None:
    """Those of the TSE that is plugged in; none if they are another's, or it does not say which it is."""
    tse = build_tse(loaded, Clock(), serial_number="")
    assert tse is not None
    assert loaded.tse is not None
    try:
        return secrets_of(loaded.tse.secrets, (await tse.open()).serial_number)
    except TseError as error:
        log.warning("%s", error)  # what is wrong is worth recording
        return None
    finally:
        await tse.close()


def _head(loaded: Settings, with_secrets: bool) -> Row:
    section = loaded.tse
    assert section is not None
    wire = "volume" if section.path is not None else "serial" if section.port else "tcp"
    head: Row = {
        "format": FORMAT,
        "driver": section.driver,
        "wire": "websocket" if section.service else wire,
        "software": f"kassd {kassd.__version__}",
        "client_id": loaded.register.id,
        "secrets": with_secrets,
    }
    if section.driver == "epson":
        head["device_id"] = section.device_id
    if section.path is not None:
        files = sorted(path for path in section.path.glob("TSE*") if path.is_file())
        head["files"] = {path.name: path.stat().st_size for path in files}
    return head


class Recording:
    """``rows`` of the file but for its head; :meth:`heard` is a :data:`~kassd.tse.wire.Tap`."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.rows: list[Row] = []
        self._hide = hiding(secrets)
        self._pieces: list[bytes] = []  # of what comes on a wire without files
        self._seen: dict[str, bytes] = {}  # what was read last, by file and offset

    def heard(self, way: Way, data: bytes, where: str) -> None:
        """Take down what was sent or has come."""
        if way == "in" and not where:
            self._pieces.append(data)
            return
        self._join()
        if way == "sent":
            self._seen.clear()
            self._take("out", data, where)
        elif way == "in" and self._seen.get(where) != data:
            self._seen[where] = data
            self._take("in", data, where)

    def note(self, row: Row) -> None:
        """Take down a call or its end."""
        self._join()
        if "message" in row:
            row = row | {"message": self._hide(row["message"].encode())[0].decode()}
        self.rows.append(row)

    def _join(self) -> None:
        """What came in pieces is one: a secret may lie across two."""
        whole, self._pieces = b"".join(self._pieces), []
        if whole:
            self._take("in", whole, "")

    def _take(self, way: str, data: bytes, where: str) -> None:
        shown, hidden = self._hide(data)
        row: Row = {"way": way}
        if where:
            shown = shown.rstrip(b"\0")
            row |= {"where": where, "size": len(data)}
        row["hex"] = shown.hex()
        if hidden:
            row["hidden"] = hidden
        self.rows.append(row)


def hiding(secrets: tuple[str, ...]) -> Callable[[bytes], tuple[bytes, int]]:
    """Replaces each secret by as many ``x``, in the form in which it appears: plain, base64 or hex; tells how
    many there were."""
    forms: dict[bytes, bytes] = {}
    for text in secrets:
        plain, stand_in = text.encode(), b"x" * len(text)
        forms |= {plain: stand_in, b64encode(plain): b64encode(stand_in)}
        forms |= {plain.hex().encode(): stand_in.hex().encode()}
    ordered = sorted(forms, key=len, reverse=True)

    def hide(data: bytes) -> tuple[bytes, int]:
        hidden = 0
        for secret in ordered:
            hidden += data.count(secret)
            data = data.replace(secret, forms[secret])
        return data, hidden

    return hide


async def calls(tse: Tse, client_id: str, recording: Recording) -> None:
    """What is recorded, and again when it is replayed."""

    async def call(name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        recording.note({"call": name})
        try:
            result = await work()
        except TseError as error:
            code = error.code if isinstance(error, TseRefused) else type(error).__name__
            recording.note({"error": code, "message": str(error)})
            return None
        recording.note({"result": encode(result)})
        return result

    async def digest(filter: ExportFilter) -> dict[str, Any]:
        whole = hashlib.sha256()
        size = 0
        async for chunk in tse.export(filter):
            whole.update(chunk)
            size += len(chunk)
        return {"size": size, "sha256": whole.hexdigest()}

    try:
        info = await call("open", tse.open)
        if info is None:
            return
        await call("info", tse.info)
        await call("open_transactions", lambda: tse.open_transactions(client_id))
        await call("last_result", lambda: tse.last_result(client_id))
        newest = ExportFilter(after_counter=max(0, info.signature_counter - NEWEST))
        await call("export", lambda: digest(newest))
    finally:
        await call("close", tse.close)
