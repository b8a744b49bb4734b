"""Frozen dataclasses to JSON values and back, strictly.

JSON has no floats here: money is ``int`` (cents), quantities are ``Decimal`` written as strings.
``None`` and empty defaults are left out, so that a line stays short and old readers stay happy.
Unknown keys are refused (:class:`CodecError` names the path) unless the caller says ``lenient``.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

Json = Any  # what json.loads gives
SCALARS = (str, int, bool, type(None))  # they are their own JSON
DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


class CodecError(ValueError):
    """A JSON value does not have the declared shape; the message begins with its path."""


@cache
def _fields(cls: type) -> tuple[tuple[str, Any, bool, Any], ...]:
    hints = typing.get_type_hints(cls)
    rows = []
    for f in dataclasses.fields(cls):
        default = f.default
        if f.default_factory is not dataclasses.MISSING:
            default = f.default_factory()
        rows.append((f.name, hints[f.name], default is dataclasses.MISSING, default))
    return tuple(rows)


def json_size(value: Json) -> int:
    """Bytes of a JSON value as it stands in a line: quotation marks and backslashes count double."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def encode(value: Any, known: Mapping[int, Json] | None = None) -> Json:
    """Return the JSON value of a dataclass, Decimal, tuple, mapping or scalar.

    ``known``: by ``id``, the JSON of dataclasses that have been encoded before.
    """
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if known and id(value) in known:
            return known[id(value)]
        out = {}
        for name, _, required, default in _fields(type(value)):
            item = getattr(value, name)
            if required or item != default:
                out[name] = item if type(item) in SCALARS else encode(item, known)
        return out
    if isinstance(value, (tuple, list)):
        return [encode(item, known) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item, known) for key, item in value.items()}
    raise CodecError(f"{type(value).__name__} has no JSON form")


def decode(cls: Any, value: Json, path: str = "", lenient: bool = False) -> Any:
    """Return ``value`` as an instance of ``cls`` or raise :class:`CodecError`.

    ``lenient`` ignores unknown keys (reading what a newer version wrote).
    """
    if cls is Any:
        return value
    origin = get_origin(cls)
    if origin in (Union, types.UnionType):
        return _decode_union(cls, value, path, lenient)
    if origin is Literal:
        if value not in get_args(cls):
            raise CodecError(f"{path or 'value'}: expected one of {get_args(cls)}, got {value!r}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise CodecError(f"{path or 'value'}: expected a list")
        item = get_args(cls)[0]
        return tuple(decode(item, v, f"{path}[{i}]", lenient) for i, v in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise CodecError(f"{path or 'value'}: expected an object")
        key_type, item = get_args(cls)
        return {
            (_whole(k, path) if key_type is int else k): decode(item, v, f"{path}.{k}", lenient)
            for k, v in value.items()
        }
    if dataclasses.is_dataclass(cls):
        return _decode_dataclass(cls, value, path, lenient)
    return _decode_scalar(cls, value, path)


def _whole(key: str, path: str) -> int:
    """An integer used as a key; only its canonical form, so that no key stands twice."""
    if not (key.isascii() and key.removeprefix("-").isdigit() and str(int(key[:20])) == key):
        raise CodecError(f"{path or 'value'}: {key[:40]!r} is no whole number")
    return int(key)


def _decode_union(cls: Any, value: Json, path: str, lenient: bool) -> Any:
    options = get_args(cls)
    if value is None and type(None) in options:
        return None
    errors = []
    for option in options:
        if option is type(None):
            continue
        try:
            return decode(option, value, path, lenient)
        except CodecError as error:
            errors.append(str(error))
    raise CodecError("; ".join(errors))


def _decode_dataclass(cls: Any, value: Json, path: str, lenient: bool) -> Any:
    if not isinstance(value, dict):
        raise CodecError(f"{path or 'value'}: expected an object")
    arguments, seen = {}, set()
    for name, hint, required, _ in _fields(cls):
        seen.add(name)
        where = f"{path}.{name}" if path else name
        if name in value:
            arguments[name] = decode(hint, value[name], where, lenient)
        elif required:
            raise CodecError(f"{where}: missing")
    unknown = sorted(set(value) - seen)
    if unknown and not lenient:
        raise CodecError(f"{path + '.' if path else ''}{unknown[0]}: unknown key")
    return cls(**arguments)


def _decode_scalar(cls: Any, value: Json, path: str) -> Any:
    where = path or "value"
    if cls is Decimal:
        if not isinstance(value, str):
            raise CodecError(f"{where}: expected a decimal number as a string")
        if not DECIMAL.fullmatch(value):
            raise CodecError(f"{where}: {value[:40]!r} is no decimal number")
        return Decimal(value)
    if cls is int and isinstance(value, bool):
        raise CodecError(f"{where}: expected an integer")
    if not isinstance(value, cls):
        raise CodecError(f"{where}: expected {cls.__name__}, got {type(value).__name__}")
    if cls is str and any("\ud800" <= c <= "\udfff" for c in value):
        raise CodecError(f"{where}: half a character (lone surrogate)")
    return value
