"""GS1 element strings (General Specifications 3 and 7.8): Application Identifiers and their values.

Two notations: what a scanner sends, with GS (0x1D) for FNC1 behind values without a fixed length, and what
stands below the bars, with the AIs in brackets. A fault in the form ends the reading there, since nobody can
tell where the next element would begin; what was read until then is kept, to be shown.
"""

import re
from collections.abc import Iterator, Sequence

from kassd.core.barcodes.check_digit import ends_with_check_digit, is_digits
from kassd.core.barcodes.reading import Element, problem
from kassd.core.barcodes.rules import CHECK_DIGITS, DATES, conflicts, lacks, required
from kassd.core.barcodes.table import Identifier, identifier_at, identifiers
from kassd.core.verdict import Finding

GS = "\x1d"
Parsed = tuple[tuple[Element, ...], tuple[Finding, ...]]

_BRACKETED = re.compile(r"\((\d{2,4})\)((?:\\\(|[^(\\]|\\(?!\())+)")


def parse_message(data: str) -> Parsed:
    """Elements of scanned data; ``data`` begins with an AI, FNC1 in first position is taken off."""
    elements: list[Element] = []
    rest = data
    while rest:
        known = identifier_at(rest)
        if known is None:
            return tuple(elements), (problem("ai_unknown", _short(rest)),)
        value = rest[len(known.ai) :].partition(GS)[0]
        if known.length:
            value = value[: known.length]
        elements.append(Element(known.ai, known.title, value))
        if not has_form(known, value):
            return tuple(elements), (wrong_value(known, value),)
        rest = rest[len(known.ai) + len(value) :].removeprefix(GS)
    if not elements:
        return (), (problem("empty"),)
    return tuple(elements), tuple(check(elements))


def parse_bracketed(text: str) -> Parsed:
    r"""Elements of ``(01)04006381333931(10)ABC``; a bracket within a value stands as ``\(``."""
    elements: list[Element] = []
    at = 0
    while at < len(text):
        match = _BRACKETED.match(text, at)
        if match is None:
            return tuple(elements), (problem("brackets"),)
        known, value = identifiers().get(match[1]), match[2].replace("\\(", "(")
        if known is None:
            return tuple(elements), (problem("ai_unknown", f"({match[1]})"),)
        elements.append(Element(known.ai, known.title, value))
        if not has_form(known, value):
            return tuple(elements), (wrong_value(known, value),)
        at = match.end()
    return tuple(elements), tuple(check(elements))


def has_form(known: Identifier, value: str) -> bool:
    """Whether characters and length are right. That a date exists is another question: see ``DATES``."""
    if known.ai in DATES and known.length:
        return len(value) == known.length and is_digits(value)
    return known.fits(value)


def wrong_value(known: Identifier, value: str) -> Finding:
    """The finding about a value that has not the form of its AI."""
    return problem("ai_value", known.ai, known.title, _short(value), known.form, where=known.ai)


def check(elements: Sequence[Element]) -> Iterator[Finding]:
    """What is wrong with elements of the right form: check digits, contradictions, bad company."""
    values: dict[str, str] = {}
    for element in elements:
        if element.ai in CHECK_DIGITS:
            covered = element.value[slice(*CHECK_DIGITS[element.ai])]
            if not ends_with_check_digit(covered):
                yield problem("ai_check_digit", element.ai, element.title, covered, where=element.ai)
        if values.setdefault(element.ai, element.value) != element.value:
            yield problem("ai_contradiction", element.ai, where=element.ai)
    for ai in values:
        yield from (problem("ai_excluded", ai, other, where=ai) for other in conflicts(ai, values))
    for element in elements:
        if lacks(element.ai, values):
            missing = required(element.ai).replace(",", " oder ")
            yield problem("ai_missing", element.ai, element.title, missing, where=element.ai)


def bracketed(elements: Sequence[Element]) -> str:
    """The elements as people write them."""
    return "".join(f"({e.ai}){e.value.replace('(', chr(92) + '(')}" for e in elements)


def unbracketed(elements: Sequence[Element]) -> str:
    """The elements as a symbol carries them, ``^`` for FNC1: the notation of GS1's own tools."""
    text = "^"
    for element in elements:
        text += element.ai + element.value + ("" if identifiers()[element.ai].length else "^")
    return text.removesuffix("^")


def _short(text: str) -> str:
    shown = "".join(char if char.isprintable() else "·" for char in text)
    return shown if len(shown) <= 30 else f"{shown[:29]}…"
