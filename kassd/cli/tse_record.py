"""``kassd tse record``: what goes over the wire of a real TSE, without secrets, for a test to replay.

Only calls that change nothing are made. The file has one JSON object per line: a head, then for each call
its name, the bytes ``out`` and ``in`` (hex, with file and offset on a wire made of files), and its result.
"""

import asyncio
import hashlib
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import kassd
from kassd.app.tse_family import build_tse
from kassd.app.tse_secrets import load_sealed
from kassd.clock import Clock
from kassd.core.codec import encode
from kassd.errors import DataError, TseError, TseRefused
from kassd.settings import Settings
from kassd.tse.port import ExportFilter, Tse
from kassd.tse.wire import Way, listening

FORMAT = 1
NEWEST = 20  # log messages


def record(loaded: Settings, out: Path) -> dict[str, Any]:
    """Make the calls and write the file; it is never overwritten."""
    if out.exists():
        raise DataError(f"{out} gibt es schon; bitte einen anderen Namen wählen.")
    assert loaded.tse is not None  # kassd.cli.tse has refused it
    sealed = load_sealed(loaded.tse.secrets) if loaded.tse.driver != "soft" else None
    hidden = hiding(astuple(sealed.secrets) if sealed is not None else ())
    tse = build_tse(loaded, Clock())
    assert tse is not None
    head = {"format": FORMAT, "driver": loaded.tse.driver, "software": f"kassd {kassd.__version__}"}
    lines: list[dict[str, Any]] = [head | {"client_id": loaded.register.id}]

    def tap(way: Way, data: bytes, where: str) -> None:
        if way != "out":
            lines.append({"way": "out" if way == "sent" else "in", "where": where, "hex": hidden(data).hex()})

    with listening(tap):
        asyncio.run(_calls(tse, loaded.register.id, lines))
    with out.open("x", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return {
        "file": str(out),
        "frames": sum("way" in line for line in lines),
        "hint": "Bitte vor dem Weitergeben ansehen: Seriennummern, Kassenkennung und die neuesten "
        "Lognachrichten stehen darin, PINs und PUKs nicht.",
    }


def hiding(secrets: tuple[str, ...]) -> Callable[[bytes], bytes]:
    """Replace each secret, plain or in base64, by as many ``x``."""
    known = {form for text in secrets for form in (text.encode(), b64encode(text.encode()))}

    def hide(data: bytes) -> bytes:
        for secret in sorted(known, key=len, reverse=True):
            data = data.replace(secret, b"x" * len(secret))
        return data

    return hide


async def _calls(tse: Tse, client_id: str, lines: list[dict[str, Any]]) -> None:
    async def call(name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        lines.append({"call": name})
        try:
            result = await work()
        except TseError as error:
            code = error.code if isinstance(error, TseRefused) else type(error).__name__
            lines.append({"error": code, "message": str(error)})
            return None
        lines.append({"result": encode(result)})
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
        await tse.close()
