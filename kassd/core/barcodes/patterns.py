"""In-store numbers (GTIN-13 of the ranges 20 to 29): what a shop's own labels carry, by pattern.

A pattern is ``layout:meaning:places``. ``layout`` has one letter for each digit between the prefix and the
last one: ``I`` item number, ``C`` check digit of the value, ``V`` value, ``X`` nothing. ``meaning`` is
``weight`` (kg), ``price`` or ``count``; ``places`` is the number of decimals in the value. The slips of a
machine for empties have a notation of their own (``[empties] pattern``), any prefix, and a number ``S``.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, cast

from kassd.core.barcodes.check_digit import VALUE_LENGTHS, gtin_check_digit, value_check_digit
from kassd.core.barcodes.reading import Reading, problem
from kassd.deferred import dataclass, replace

Meaning = Literal["weight", "price", "count", "deposit"]
_PLACES: dict[str, tuple[int, ...]] = {
    "weight": (0, 1, 2, 3, 4, 5),
    "price": (0, 1, 2),
    "count": (0,),
}

# What GS1 Germany recommends; 20, 21, 24 and 27 are the shop's own (GTIN in der Anwendung, SAN-4).
DEFAULT: dict[str, str] = {
    "22": "IIIICVVVVV:price:2",
    "23": "IIIICVVVVV:price:2",
    "25": "IIIICVVVVV:count:0",
    "26": "IIIICVVVVV:count:0",
    "28": "IIIICVVVVV:weight:3",
    "29": "IIIICVVVVV:weight:3",
}
_PREFIX = re.compile(r"2\d{1,5}", re.ASCII)
_LAYOUT = re.compile(r"(?!.*(V[^V]+V|C.*C))[ICVX]*V[ICVX]*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the numbers with one prefix are read."""

    prefix: str
    layout: str
    meaning: Meaning
    places: int

    def digits(self, code: str, letter: str) -> str:
        """The digits of a 13-digit ``code`` at the places of ``letter``."""
        inside = code[len(self.prefix) : 12]
        return "".join(digit for digit, place in zip(inside, self.layout, strict=True) if place == letter)


Patterns = Mapping[str, Pattern]


def parse_pattern(prefix: str, text: str) -> Pattern:
    """The pattern of one prefix; ValueError with a German sentence if it cannot be meant."""
    layout, _, rest = text.partition(":")
    meaning, _, places = rest.partition(":")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r} ist kein Präfix aus 2 bis 6 Ziffern, das mit 2 beginnt, z. B. 28")
    if not _LAYOUT.fullmatch(layout) or len(prefix + layout) != 12:
        raise ValueError(
            f"{layout!r} muss {12 - len(prefix)} Zeichen aus I, C, V und X haben, die V beisammen"
        )
    if "C" in layout and layout.count("V") not in VALUE_LENGTHS:
        raise ValueError(f"{layout!r}: eine Prüfziffer C gibt es nur zu Werten mit 4 oder 5 Stellen")
    allowed = _PLACES.get(meaning, ())
    if places not in map(str, allowed):
        raise ValueError(f"{text!r}: erwartet wird z. B. IIIICVVVVV:weight:3 (weight, price, count)")
    return Pattern(prefix, layout, cast(Meaning, meaning), int(places))


def parse_patterns(given: Mapping[str, str]) -> Patterns:
    """The patterns in force: the default ones, changed by ``given``; an empty text takes one away."""
    texts = {**DEFAULT, **given}
    return {prefix: parse_pattern(prefix, text) for prefix, text in texts.items() if text}


def slip_pattern(text: str) -> Patterns:
    """The pattern of slips for empties, ``2100NNNNPPPPC``: number, cents, check digit. None for slips of
    eight digits, which are too short to be told from articles here."""
    layout = text.lstrip("0123456789")
    prefix = text.removesuffix(layout).rjust(13 - len(layout), "0")
    if len(text) not in (12, 13):
        return {}
    return {prefix: Pattern(prefix, layout[:-1].replace("N", "S").replace("P", "V"), "deposit", 2)}


def pattern_of(code: str, patterns: Patterns) -> Pattern | None:
    """The pattern of the longest prefix that the 13 digits ``code`` begin with."""
    return next((patterns[code[:n]] for n in range(12, 1, -1) if code[:n] in patterns), None)


DEFAULT_PATTERNS: Patterns = parse_patterns({})


def read_in_store(reading: Reading, code: str, pattern: Pattern) -> Reading:
    """``reading`` with what ``pattern`` says of the 13 digits ``code``."""
    value, item = pattern.digits(code, "V"), pattern.digits(code, "I")
    stated = pattern.digits(code, "C")
    if stated and value_check_digit(value) != int(stated):
        found = problem("value_check_digit", value)
        return replace(reading, item=item, keys=(), problems=(*reading.problems, found))
    reading = replace(
        reading,
        item=item,
        serial=pattern.digits(code, "S"),
        keys=() if pattern.meaning == "deposit" else (_without_value(pattern, code), pattern.prefix + item),
    )
    if not int(value):
        return replace(reading, problems=(*reading.problems, problem("measure_missing")))
    amount = Decimal(value).scaleb(-pattern.places)
    if pattern.meaning == "weight":
        return replace(reading, weight=amount)
    if pattern.meaning == "count":
        return replace(reading, count=int(value))
    cents = int(amount * 100)
    if pattern.meaning == "price":
        return replace(reading, price=cents)
    return replace(reading, deposit_refund=cents)


def _without_value(pattern: Pattern, code: str) -> str:
    """The number that the item has in the catalogue: value, its check digit and serial number zero."""
    inside = zip(code[len(pattern.prefix) : 12], pattern.layout, strict=True)
    payload = pattern.prefix + "".join(digit if place in "IX" else "0" for digit, place in inside)
    return payload + str(gtin_check_digit(payload))
