"""JSON Schema (draft 07, as AsyncAPI has it) of dataclasses, as :mod:`kassd.core.codec` reads them. Pure."""

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

Schema = dict[str, Any]

DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": DECIMAL},
    Any: {},
}


def prose(cls: type) -> str:
    """The class's docstring as running text."""
    return re.sub(r"\s+", " ", inspect.getdoc(cls) or "").replace("``", "`")


def schema(cls: Any, closed: bool) -> Schema:
    """Schema of a type. ``closed``: objects refuse unknown keys, as commands do; documents may grow."""
    if cls in _SCALARS:
        return dict(_SCALARS[cls])
    origin, inner = get_origin(cls), get_args(cls)
    if origin in (Union, types.UnionType):
        options = [schema(option, closed) for option in inner if option is not type(None)]
        if type(None) in inner:
            options.append({"type": "null"})
        return options[0] if len(options) == 1 else {"oneOf": options}
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin is tuple:
        return {"type": "array", "items": schema(inner[0], closed)}
    if origin is not None and issubclass(origin, Mapping):
        keys: Schema = {"propertyNames": {"pattern": "^[0-9]+$"}} if inner[0] is int else {}
        return {"type": "object", **keys, "additionalProperties": schema(inner[1], closed)}
    if dataclasses.is_dataclass(cls) and isinstance(cls, type):
        return _object(cls, closed)
    raise TypeError(f"{cls!r} has no schema")


def _object(cls: type, closed: bool) -> Schema:
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    required = [
        f.name
        for f in fields
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    described: Schema = {"type": "object", "description": prose(cls)}
    if required:
        described["required"] = required
    described["properties"] = {f.name: schema(hints[f.name], closed) for f in fields}
    if closed:
        described["additionalProperties"] = False
    return described
