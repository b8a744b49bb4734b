"""The second half of ``kassd catalog import``: ask, write, and let the running register take it."""

import argparse
import asyncio
import getpass
import hashlib
import sys
import time
from collections.abc import Mapping
from typing import TextIO

from kassd.catalog import Difference, replace_file, to_json
from kassd.cli.link import CLIENT, command, retained
from kassd.cli.locks import is_running
from kassd.core.catalog import Article
from kassd.errors import ConfigError, LinkError
from kassd.settings import Settings

EX_USAGE, EX_DATAERR, EX_TEMPFAIL, EX_NOPERM = 64, 65, 75, 77
TAKE_S = 300.0


def take(
    loaded: Settings, arguments: argparse.Namespace, articles: Mapping[str, Article], found: Difference
) -> int:
    """Write the register's catalogue file; a running register is told who brought it. Exit code."""
    if loaded.catalog is None:
        raise ConfigError('Es fehlt [catalog] file, z. B. file = "/etc/kassd/catalog.json".')
    if not found.changes:
        return 0
    if not arguments.yes:
        if not sys.stdin.isatty():
            print("kassd: nichts übernommen; ohne Rückfrage nur mit --yes", file=sys.stderr)
            return EX_USAGE
        if input("Übernehmen? [j/N] ").strip().casefold() not in ("j", "ja"):
            print("Nichts übernommen.")
            return 0
    running = is_running(loaded.journal.dir)
    if running and (refusal := _refusal(loaded)):
        print(f"kassd: {refusal} Nichts übernommen.", file=sys.stderr)
        return EX_NOPERM
    data = to_json(articles.values())
    kept = replace_file(loaded.catalog.file, data)
    old = f" (bisher: {kept})" if kept is not None else ""
    print(f"{loaded.catalog.file}: {len(articles)} Artikel{old}", file=_beside(arguments))
    if not running:
        print("Die Kasse läuft nicht; sie übernimmt die Datei beim nächsten Start.", file=_beside(arguments))
        return 0
    return _tell(loaded, arguments, hashlib.sha256(data).hexdigest())


def _beside(arguments: argparse.Namespace) -> TextIO:
    return sys.stderr if arguments.json else sys.stdout


def _refusal(loaded: Settings) -> str:
    """Why the running register would not take articles from here, '' if it would or cannot be asked."""
    try:
        reply = asyncio.run(command(loaded, "catalog.reload", {"ask": True}))
    except LinkError:
        return ""  # it takes the file when it starts again
    if reply["status"] == "ok":
        return ""
    said = f"{reply.get('message', reply['status'])} {reply.get('next', '')}".strip()
    if reply.get("code") != "unauthorized":
        return said
    return (
        f"Die Kasse nimmt hier keine Artikel an: dem Klienten „{CLIENT}“ fehlt das Recht „catalog“. In der "
        f'Konfiguration [[client]] name = "{CLIENT}", rights = ["catalog"] eintragen und kassd neu starten.'
    )


def _tell(loaded: Settings, arguments: argparse.Namespace, digest: str) -> int:
    """The register reads the file; that it has taken the whole of it is seen by asking again."""
    args = {"sha256": digest, "source": arguments.file.name[:60], "by": _user()}
    until = time.monotonic() + TAKE_S
    try:
        while (reply := asyncio.run(command(loaded, "catalog.reload", args)))["status"] == "accepted":
            if refused := asyncio.run(retained(loaded)).documents.get("alert/catalog-refused"):
                print(f"kassd: {refused['text_de']}", file=sys.stderr)
                return EX_DATAERR
            if time.monotonic() > until:
                raise LinkError("Die Kasse hat den Artikelstamm noch nicht ganz übernommen.")
    except LinkError as error:
        print(f"kassd: {error} Sonst übernimmt sie ihn beim nächsten Start.", file=sys.stderr)
        return EX_TEMPFAIL
    if reply["status"] != "ok":
        said = f"{reply.get('message', reply['status'])} {reply.get('next', '')}".strip()
        print(f"kassd: {said} Die Datei ist geschrieben, aber nicht in Kraft.", file=sys.stderr)
        return EX_TEMPFAIL
    print("Die Kasse hat den Artikelstamm übernommen.", file=_beside(arguments))
    return 0


def _user() -> str:
    """Who sits at the console; an account without a name has its number."""
    try:
        return getpass.getuser()[:40]
    except (KeyError, OSError):
        import os

        return f"uid {os.getuid()}"
