"""Lists within one cell: ``2 x pfand-25; pfand-8`` and ``3: 5,00; 6: 9,00``; else JSON."""

import json
import re
from decimal import Decimal
from typing import Any, Final

from kassd.catalog import cells
from kassd.catalog.cells import Unclear
from kassd.core.codec import CodecError, decode, encode
from kassd.core.goods.article import Part, QuantityPrice
from kassd.core.money import decimal_point, euros

_PART: Final = re.compile(r"(?:(\d+(?:[.,]\d+)?)\s*[x×*]\s*)?(\S.*)")
_STEP: Final = re.compile(r"(?:ab\s+)?(\d+(?:[.,]\d+)?)\s*(?::|für|=|je)\s*(\S.*)", re.IGNORECASE)


def list_of(cls: Any, text: str) -> tuple[Any, ...]:
    """The list of ``cls`` that ``text`` writes; raises :class:`Unclear`."""
    if text.startswith("["):
        try:
            found: tuple[Any, ...] = decode(tuple[cls, ...], json.loads(text))
        except (json.JSONDecodeError, CodecError, RecursionError) as error:
            raise Unclear(f"ist keine Liste, wie der Artikelstamm sie schreibt ({error})") from error
        return found
    pieces = [piece.strip() for piece in re.split(r"[;\n]", text) if piece.strip()]
    if cls is Part:
        return tuple(_part(piece) for piece in pieces)
    if cls is QuantityPrice:
        return tuple(_step(piece) for piece in pieces)
    if cls is str:
        return tuple(pieces)
    raise Unclear("hier steht eine Liste in JSON, wie der Artikelstamm sie schreibt (docs/catalog.md)")


def _part(piece: str) -> Part:
    match = _PART.fullmatch(piece)
    if match is None:
        raise Unclear("so schreiben: 2 x Artikelnummer; Artikelnummer")
    return Part(match[2], cells.quantity(match[1]) if match[1] else Decimal(1))


def _step(piece: str) -> QuantityPrice:
    match = _STEP.fullmatch(piece)
    if match is None:
        raise Unclear("so schreiben: 3: 5,00; 6: 9,00")
    return QuantityPrice(cells.quantity(match[1]), cells.money(match[2]))


def text_of_list(value: tuple[Any, ...], json_only: bool = False) -> str:
    """The shortest text that :func:`list_of` reads as ``value``."""
    short = [] if json_only else [_short(item) for item in value]
    joined = "; ".join(short)
    if all(short) and joined and _reads_as(joined, value):
        return joined
    return json.dumps(encode(value), ensure_ascii=False)


def _reads_as(text: str, value: tuple[Any, ...]) -> bool:
    try:
        return list_of(type(value[0]), text) == value
    except Unclear:
        return False


def _short(item: Any) -> str:
    if isinstance(item, Part):
        times = "" if item.quantity == 1 else f"{decimal_point(item.quantity).replace('.', ',')} x "
        return f"{times}{item.article}"
    if isinstance(item, QuantityPrice):
        return f"{decimal_point(item.quantity).replace('.', ',')}: {euros(item.price)}"
    return ""
