"""Pieces of Markdown made from data: nothing that stands in a configuration becomes markup."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
NONE = "–"


def plain(text: object) -> str:
    """Text that reads as it stands, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """In the type of a machine; a back quote inside becomes an apostrophe."""
    inner = " ".join(str(text).split()).replace("`", "'").replace("|", "\\|")
    return f"`{inner}`" if inner else NONE


def value(data: Any) -> str:
    """A JSON value of the journal."""
    if data is None:
        return NONE
    return code(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], empty: str = "Keine.") -> str:
    """A table of finished cells; without rows the sentence ``empty``."""
    lines = ["| " + " | ".join(cell or NONE for cell in row) + " |" for row in rows]
    if not lines:
        return f"*{empty}*"
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines])


def moment(at: str, zone: tzinfo) -> str:
    """RFC 3339 → day and time where the business is, with the offset."""
    local = datetime.fromisoformat(at).astimezone(zone)
    return f"{local:%d.%m.%Y %H:%M:%S} {local:%z}"
