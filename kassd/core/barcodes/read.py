"""``read_code``: what any code means. The one door of this package; see its ``__init__`` for the sale."""

import re
from datetime import datetime

from kassd.core.barcodes.check_digit import ends_with_check_digit
from kassd.core.barcodes.digital_link import is_link, parse_link
from kassd.core.barcodes.elements import GS, Parsed, parse_bracketed, parse_message
from kassd.core.barcodes.meaning import understand
from kassd.core.barcodes.patterns import DEFAULT_PATTERNS, Patterns
from kassd.core.barcodes.reading import Kind, Reading, problem
from kassd.core.barcodes.retail import read_number
from kassd.errors import KassdError

# AIM ids (ISO/IEC 15424) whose data begin with FNC1 and are element strings (General Specifications 5.1.2)
ELEMENT_STRINGS = ("]C1", "]e0", "]d2", "]Q3", "]J1")
COMPOSITE = "|]e0"  # between a linear symbol and the composite component above it
FNC1 = "^"  # in GS1's own tools
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_FORM_PROBLEMS = {"empty", "ai_unknown", "ai_value", "brackets"}


def read_code(text: str, aim: str, patterns: Patterns = DEFAULT_PATTERNS, *, now: datetime) -> Reading:
    """What ``text`` means, and what is wrong with it. Pure; never raises for anything a scanner can send.

    ``aim`` is the AIM id the scanner gave, '' if it gives none; an id before the text is understood, too.
    ``patterns`` are those of the in-store numbers, ``now`` the register's local time.

    The AIM id decides what a code can be. Without one, digits of the length of a GTIN are a GTIN and never
    an element string; an element string is what has GS in it, begins with a bracketed AI or ``^``, or is
    longer than a GTIN with add-on, begins with (01) and a right GTIN, and can be read to its end.
    """
    if not aim and _AIM.match(text):
        aim, text = text[:3], text[3:]
    try:
        return _read(text, aim, patterns, now)
    except KassdError as error:  # a damaged installation must not end the sale of what needs no table
        return Reading(text, aim, "text", problems=(problem("no_table", error),))


def _read(text: str, aim: str, patterns: Patterns, now: datetime) -> Reading:
    if aim in ELEMENT_STRINGS:
        return _elements(text, aim, "element_string", parse_message(text.removeprefix(GS)), now)
    if not text:
        return Reading(text, aim, "text", problems=(problem("empty"),))
    main, composite, more = text.partition(COMPOSITE)
    number = read_number(main, aim, patterns)
    if number is not None and composite and not number.refused:
        both = parse_message(f"01{number.gtin}{more}")
        return _elements(text, aim, "element_string", both, now)
    if number is not None:
        return number
    if is_link(text):
        return _elements(text, aim, "digital_link", parse_link(text), now)
    if not aim and (parsed := _unmarked(text)) is not None:
        return _elements(text, aim, "element_string", parsed, now)
    return Reading(text, aim, "text", keys=(text,))


def _unmarked(text: str) -> Parsed | None:
    """Elements of a text without AIM id; None if it is none."""
    if text.startswith("("):
        return parse_bracketed(text)
    if text.startswith(FNC1):
        return parse_message(text[1:].replace(FNC1, GS))
    if GS in text:
        return parse_message(text.removeprefix(GS))
    if len(text) > 15 and text.startswith("01") and ends_with_check_digit(text[2:16]):
        parsed = parse_message(text)
        return None if any(found.severity == "error" for found in parsed[1]) else parsed
    return None


def _elements(text: str, aim: str, kind: Kind, parsed: Parsed, now: datetime) -> Reading:
    elements, problems = parsed
    reading = Reading(text, aim, kind, elements=elements, problems=problems)
    if any(found.id in _FORM_PROBLEMS or found.id.startswith("link_") for found in problems):
        return reading
    return understand(reading, now)
