"""GS1's own data, kept beside the repository: the syntax dictionary, cases of the syntax engine's tests."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "gs1"
NEEDED = pytest.mark.skipif(not FOLDER.is_dir(), reason="folder ../shared/vectors is absent")


def cases(function: str) -> list[list[Any]]:
    """Cases of one of the engine's test functions. C names become values (``true``, ``NULL``); rows with
    others (parameters of the test function itself, buffers filled by its code) are no cases."""
    if not FOLDER.is_dir():
        return []
    text = (FOLDER / "syntax-engine-cases.json").read_text(encoding="utf-8")
    (rows,) = [rows for name, rows in json.loads(text).items() if name.endswith(function)]
    return [row for row in map(_values, rows) if row is not None]


def _values(row: list[Any]) -> list[Any] | None:
    known = {"true": True, "false": False, "NULL": None}
    out: list[Any] = []
    for cell in row:
        if isinstance(cell, str):
            out.append(cell)
        elif cell["RAW"] in known:
            out.append(known[cell["RAW"]])
        elif re.fullmatch(r"[A-Z][A-Za-z0-9_]*", cell["RAW"]):
            out.append(cell["RAW"])  # a symbology
        else:
            return None
    return out


@dataclass(frozen=True)
class Entry:
    """One AI of the dictionary. ``parts``: (optional, type and length, linters) of each component."""

    ai: str
    flags: str
    parts: tuple[tuple[bool, str, tuple[str, ...]], ...]
    attributes: dict[str, str]
    title: str

    @property
    def linters(self) -> set[str]:
        return {linter for _, _, linters in self.parts for linter in linters}


def dictionary() -> Iterator[Entry]:
    """Every AI of the dictionary, ranges written out."""
    for line in (FOLDER / "gs1-syntax-dictionary.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield from _entries(line)


def _entries(line: str) -> Iterator[Entry]:
    body, _, title = line.partition(" # ")
    ais, *words = body.split()
    flags = "" if re.match(r"\[?[NXYZ][\d.]", words[0]) else words.pop(0)
    parts = [w for w in words if re.match(r"\[?[NXYZ][\d.]", w)]
    attributes = dict(w.partition("=")[::2] for w in words if w not in parts)
    first, _, last = ais.partition("-")
    for number in range(int(first), int(last or first) + 1):
        yield Entry(str(number).zfill(len(first)), flags, tuple(map(_part, parts)), attributes, title.strip())


def _part(word: str) -> tuple[bool, str, tuple[str, ...]]:
    form, *linters = word.replace("[", "").replace("]", "").split(",")
    return word.startswith("["), form, tuple(linters)
