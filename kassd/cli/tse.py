"""``kassd tse``: info and self-test through the daemon if it runs; the rest at the device itself."""

import argparse
import asyncio
from typing import Any

from kassd import settings
from kassd.app.tse_family import open_ours
from kassd.cli.link import command, retained
from kassd.cli.locks import is_running
from kassd.cli.output import print_json
from kassd.clock import Clock
from kassd.core.codec import encode
from kassd.errors import ConfigError, TseBusy, TseRefused
from kassd.settings import Settings


def execute(arguments: argparse.Namespace) -> int:
    """Show or test the TSE."""
    loaded = settings.load(arguments.config)
    if loaded.tse is None:
        raise ConfigError("In der Konfiguration fehlt [tse]: es ist keine TSE eingerichtet.")
    running = is_running(loaded.journal.dir)
    if arguments.action in ("info", "self-test"):
        work = _ask_daemon if running else _ask_device
        result = asyncio.run(work(loaded, arguments.action))
    elif running:
        raise TseBusy(
            "Die laufende Kasse benutzt die TSE. Bitte kassd vorher beenden (systemctl stop kassd)."
        )
    else:
        result = _served(loaded, arguments)
    if arguments.json:
        print_json(result)
    else:
        for key, value in result.items():
            print(f"{key}: {value}")
    return 0 if result.get("complete", True) else TseBusy.exit_code


def _served(loaded: Settings, arguments: argparse.Namespace) -> dict[str, Any]:
    from kassd.cli import tse_record, tse_setup

    match arguments.action:
        case "setup":
            return dict(tse_setup.setup(loaded, arguments))
        case "swap":
            return dict(tse_setup.swap(loaded, arguments))
        case _:
            return tse_record.record(loaded, arguments.out)


async def _ask_daemon(loaded: Settings, action: str) -> dict[str, Any]:
    if action == "self-test":
        reply = await command(loaded, "tse.self_test", {})
        if reply["status"] not in ("ok", "accepted"):
            raise TseRefused(reply.get("code", "failed"), f"{reply.get('message')} {reply.get('next')}")
        return {"status": reply["status"], "hint": "Das Ergebnis zeigt kassd status."}
    documents, _ = await retained(loaded)
    serial = documents.get("info", {}).get("tse_serial_number", "")
    return {"serial_number": serial, **documents.get("state/dev/tse", {})}


async def _ask_device(loaded: Settings, action: str) -> dict[str, Any]:
    tse, info = await open_ours(loaded, Clock(), others=action == "info")
    try:
        if action == "self-test":
            await tse.self_test(loaded.register.id)
        info = await tse.info()  # with its PINs it tells more
        shown: dict[str, Any] = encode(info)
        shown.pop("certificates", None)
        return shown
    finally:
        await tse.close()
