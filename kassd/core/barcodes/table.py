"""GS1's table of Application Identifiers (AI), as the package biip keeps and ships it.

The data file is read, the package not imported: that would cost a fifth of a second and 20 MB for tables of
company prefixes that no sale needs. It is a constant of the installation, as the time zones are; the one
thing in the core that lies outside of it, read once, by the first who asks or by the daemon's start.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec

from kassd.deferred import dataclass
from kassd.errors import KassdError

PACKAGE, FILE = "biip", "gs1_application_identifiers/_application_identifiers.json"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One AI. ``form`` is GS1's notation of the value (``X..20``); ``length`` that of a value which needs no
    separator behind it, else 0."""

    ai: str
    title: str
    form: str
    length: int
    pattern: str

    def fits(self, value: str) -> bool:
        """Whether ``value`` has the characters and the length of this AI."""
        return bool(value) and re.fullmatch(self.pattern, self.ai + value, re.ASCII) is not None


@cache
def identifiers() -> Mapping[str, Identifier]:
    """All AIs by number. :class:`KassdError` if the package is not there or not as expected."""
    try:
        rows = json.loads(_data())
        found = [_identifier(row) for row in rows]
        if not found:
            raise ValueError("leer")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KassdError(
            f"Die GS1-Tabelle des Python-Pakets {PACKAGE} ist nicht lesbar ({error}). Abhilfe: kassd neu "
            f"installieren, z. B. pip install --force-reinstall {PACKAGE}"
        ) from error
    return {identifier.ai: identifier for identifier in found}


@cache
def ai_lengths() -> Mapping[str, int]:
    """Length of the AIs that begin with two digits: within such a pair all have the same (7.8.1)."""
    return {ai[:2]: len(ai) for ai in identifiers()}


def identifier_at(text: str) -> Identifier | None:
    """The AI that ``text`` begins with."""
    return identifiers().get(text[: ai_lengths().get(text[:2], 0)])


def _data() -> bytes:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations or not isinstance(spec.loader, SourceFileLoader):
        raise OSError("nicht gefunden")
    return spec.loader.get_data(f"{spec.submodule_search_locations[0]}/{FILE}")


def _identifier(row: Mapping[str, str]) -> Identifier:
    ai, form = row["ai"], row["format"].partition("+")[2]
    fixed = not row["separator_required"]
    return Identifier(
        ai, row["data_title"], form, int(form.removeprefix("N")) if fixed else 0, row["pattern"]
    )
