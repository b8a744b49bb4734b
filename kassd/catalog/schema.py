"""The catalogue file as a JSON Schema (2020-12), made from the dataclasses that read it."""

from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from kassd.core.catalog import MAX_CODES, MAX_PRICE, MAX_TEXT, Article
from kassd.core.codec import encode
from kassd.core.goods.article import MAX_CATEGORY, MAX_PARTS, MAX_UNIT, NITROUS_OXIDE_LIMIT

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DECIMAL = r"^-?[0-9]{1,40}(\.[0-9]{1,40})?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# What the types do not say. A rule that spans articles (codes, parts) is no matter of a schema.
_LIMITS: dict[str, dict[str, Any]] = {
    "id": {"minLength": 1, "maxLength": MAX_TEXT},
    "name": {"minLength": 1, "maxLength": MAX_TEXT, "pattern": r"\S"},
    "price": {"minimum": 0, "maximum": MAX_PRICE},
    "cost": {"minimum": 0, "maximum": MAX_PRICE},
    "codes": {"maxItems": MAX_CODES, "uniqueItems": True},
    "valid_from": {"pattern": f"^$|{DAY}"},
    "day": {"pattern": DAY},
    "category": {"maxLength": MAX_CATEGORY},
    "category_name": {"maxLength": MAX_TEXT},
    "mix": {"maxLength": MAX_TEXT},
    "unit": {"maxLength": MAX_UNIT},
    "gtin": {"pattern": r"^$|^([0-9]{8}|[0-9]{12,14})$"},
    "deposit": {"maxItems": MAX_PARTS},
    "parts": {"maxItems": MAX_PARTS},
    "age": {"enum": [0, 16, 18]},
    "nitrous_oxide": {"minimum": 0, "maximum": NITROUS_OXIDE_LIMIT},
    "agency": {"minimum": 0, "maximum": 999_999_999},
}
_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": DECIMAL},
}


def schema() -> dict[str, Any]:
    """What ``[catalog] file`` must be. Tax keys are those of DSFinV-K or of ``[[vat]]``: integers from 1."""
    return {
        "$schema": DIALECT,
        "title": "kassd catalogue",
        "description": "Articles of a register. Prices are gross and in cents, quantities decimal strings.",
        "type": "object",
        "properties": {"articles": {"type": "array", "items": _object(Article)}},
        "required": ["articles"],
        "additionalProperties": False,
    }


def _object(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls)
    properties, required = {}, []
    for field in fields(cls):
        value = {**_value(hints[field.name]), **_limits(field.name)}
        if "what" in field.metadata:
            value["description"] = field.metadata["what"]
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if default is MISSING:
            required.append(field.name)
        else:
            value["default"] = encode(default)
        properties[field.name] = value
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _limits(name: str) -> dict[str, Any]:
    if name == "vat" or (name.startswith("vat_") and name != "vat_changes"):
        return {"minimum": 1}
    return _LIMITS.get(name, {})


def _value(hint: Any) -> dict[str, Any]:
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (inner,) = (option for option in options if option is not NoneType)
        value = _value(inner)
        return {**value, "type": [value["type"], "null"]}
    if origin is Literal:
        return {"type": "string", "enum": list(options)}
    if origin is tuple:
        items = (
            {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
            if options[0] is str
            else _value(options[0])
        )
        return {"type": "array", "items": items}
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    return dict(_SCALARS[hint])
