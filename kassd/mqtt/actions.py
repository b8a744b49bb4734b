"""``kassd/displays/actions.json``: what a person at a display can ask for besides the keys of the page. Pure.

A page draws its sheet of actions from it: titles and labels are German; types, choices, what must be filled
in, the right and the document to compare with come from the commands. ``python -m kassd.mqtt.actions`` writes
the file.
"""

import dataclasses
import json
import sys
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from kassd.core.cash.counting import DENOMINATIONS
from kassd.core.commands import COMMANDS
from kassd.mqtt.actions_text import CHOICES, KINDS, LABELS, MONEY, REASONS, SHEET, Action

PAGE: Final = Path(__file__).resolve().parent.parent / "displays" / "actions.json"
Json = dict[str, Any]


def sheet() -> Json:
    """The sheet: ``groups`` of actions, ``labels`` of what replies say, ``money``: which of it are cents,
    ``denominations``: notes and coins of each currency, in hundredths."""
    groups = [{"title": title, "actions": [_action(one) for one in actions]} for title, actions in SHEET]
    return {"groups": groups, "labels": LABELS, "money": sorted(MONEY), "denominations": DENOMINATIONS}


def _action(action: Action) -> Json:
    cls = COMMANDS[action.command]
    found: Json = {"command": action.command, "title": action.title, "right": cls.right}
    if cls.compares:
        found["compares"] = cls.compares
    if action.fixed:
        found["fixed"] = dict(action.fixed)
    if action.shows:
        found["shows"] = True
    found["fields"] = [_field(cls, path, action) for path in action.fields]
    return found


def _field(cls: type, path: str, action: Action) -> Json:
    """One field: ``name`` (a path with dots into objects), ``label``, ``kind``, perhaps ``required``,
    ``options`` and ``reasons`` (proposals)."""
    required, hint = True, Any
    for name in path.split("."):
        field = {one.name: one for one in dataclasses.fields(cls)}[name]
        hint = _plain(typing.get_type_hints(cls)[name])
        missing = dataclasses.MISSING
        required &= field.default is missing and field.default_factory is missing
        cls = hint
    kind = KINDS.get(f"{action.command}.{path}") or KINDS.get(path) or _kind(name, hint)
    found: Json = {"name": path, "label": action.labels.get(path) or LABELS[name], "kind": kind}
    if (required or path in action.needs) and kind != "check":
        found["required"] = True
    if get_origin(hint) is Literal:
        found["options"] = [[value, CHOICES[value]] for value in get_args(hint)]
    if name == "reason":
        found["reasons"] = list(REASONS.get(action.command, REASONS[""]))
    return found


def _plain(hint: Any) -> Any:
    """The type without ``| None``."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    return hint


def _kind(name: str, hint: Any) -> str:
    """How it is typed in."""
    if get_origin(hint) is Literal:
        return "choice"
    if hint is bool:
        return "check"
    if hint is int:
        return "money" if name in MONEY else "whole"
    if hint is Decimal:
        return "number"
    if hint is str:
        return "text"
    if get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        return "lines" if get_args(hint)[1] is Decimal else "counts" if get_args(hint)[0] is str else "count"
    raise TypeError(f"{name}: {hint} has no field on the sheet")


def text() -> str:
    """The file, an action a line."""
    whole = json.dumps(sheet(), ensure_ascii=False, separators=(",", ":"))
    return whole.replace('{"command"', '\n{"command"').replace('{"title"', '\n{"title"') + "\n"


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    path.write_text(text(), encoding="utf-8")
