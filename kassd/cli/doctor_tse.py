"""What ``kassd doctor`` looks at of a TSE: is it where the configuration says, and are its secrets safe.

The device itself is not asked: the register may be using it.
"""

import os
import socket
import stat
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from kassd.app.tse_secrets import Sealed, load_sealed
from kassd.errors import KassdError, TseError
from kassd.settings import TseSection

Row = tuple[Literal["ok", "warning", "error"], str, str]
FILES = {"cryptovision": "TSE-IO.bin", "swissbit": "TSE_COMM.DAT"}
SHOULD = ("nosuid", "noexec", "noatime")
CONNECT_S = 1.0
SETUP = "kassd tse setup; bei einer schon eingerichteten TSE die Datei ihrer Einrichtung dorthin legen"


def look(section: TseSection, refused: Container[Sealed] = ()) -> Iterator[Row]:
    """(level, message, remedy) of each thing looked at; ``refused``: secrets that the TSE did not take."""
    if section.driver == "soft":
        yield _soft(section.path or Path())
        return
    yield _place(section)
    if section.path is not None and section.path.is_dir():
        yield from _mount(section.path)
    yield _secrets(section.secrets, refused)


def _soft(folder: Path) -> Row:
    """A development TSE, as its files are; nothing of them is changed."""
    from kassd.tse.soft.pins import stored_secrets
    from kassd.tse.soft.store import check

    try:
        stored_secrets(folder)
        check(folder)
    except NotADirectoryError:
        return (
            "error",
            f"soft: {folder} ist kein Ordner, dort kann keine TSE liegen",
            "[tse] path berichtigen",
        )
    except PermissionError:
        message = f"soft: {folder} darf dieser Benutzer nicht lesen"
        return "warning", message, "doctor als Benutzer kassd oder root aufrufen"
    except TseError as error:
        remedy = "den Ordner aus einer Sicherung holen oder einen anderen nehmen ([tse] path)"
        return "error", f"soft: {error}", remedy
    return "ok", "Entwicklungs-TSE (soft): jeder Bon sagt „TEST - kein Beleg“", ""


def _place(section: TseSection) -> Row:
    if section.driver in FILES:
        path = section.path or Path()
        if (path / FILES[section.driver]).exists():
            return "ok", f"{section.driver}: {path}", ""
        remedy = "TSE einstecken; ist ihr Laufwerk eingehängt (findmnt), stimmt path?"
        return "error", f"{section.driver}: unter {path} liegt keine {FILES[section.driver]}", remedy
    if section.port:
        if os.access(section.port, os.R_OK | os.W_OK):
            return "ok", f"{section.driver}: {section.port}", ""
        remedy = "Kabel prüfen; gehört der Benutzer zur Gruppe dialout?"
        return "error", f"{section.driver}: {section.port} ist nicht da oder nicht benutzbar", remedy
    host, port = section.host, section.tcp_port or 8009
    if section.service:
        url = urlsplit(section.service)
        host, port = url.hostname or "", url.port or 80
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        return (
            "error",
            f"{section.driver}: {host}:{port} ist nicht erreichbar ({error})",
            "Gerät und Netz prüfen",
        )
    return "ok", f"{section.driver}: {host}:{port} ist erreichbar", ""


def _mount(path: Path) -> Iterator[Row]:
    """A stick must be its own file system, mounted for nothing but this."""
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
        _, where, _, options, *_ = line.split(" ")
        if where.replace("\\040", " ") == str(path.resolve()):
            missing = [option for option in SHOULD if option not in options.split(",")]
            if missing:
                yield (
                    "warning",
                    f"{path} ist ohne {', '.join(missing)} eingehängt",
                    "docs/tse.md: Zeile für /etc/fstab",
                )
            return
    yield "warning", f"{path} ist kein eigenes Laufwerk", "TSE dort einhängen (docs/tse.md)"


def _secrets(file: Path, refused: Container[Sealed]) -> Row:
    try:
        sealed = load_sealed(file)
    except KassdError as error:
        return "error", str(error), ""
    except PermissionError:
        return (
            "warning",
            f"{file} darf dieser Benutzer nicht lesen",
            "doctor als Benutzer kassd oder root aufrufen",
        )
    if sealed is None:
        return "warning", f"{file} gibt es nicht: die TSE ist noch nicht eingerichtet", SETUP
    if sealed in refused:
        message = f"Die TSE hat eine PIN aus {file} abgelehnt; sie wird nicht noch einmal versucht"
        return "error", message, "die richtigen PINs in die Datei schreiben und kassd neu starten"
    owner = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o600
    return "ok", f"PINs der TSE {sealed.serial_number[:16]}… (Rechte {owner:o})", ""
