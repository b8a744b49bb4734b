"""The cases of GS1's own tests (syntax engine), function by function; every difference with its reason.

The engine validates and makes codes of any kind; a register reads what is on goods. What the engine makes
(scan data, Digital Links) is therefore read back here.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kassd.core.barcodes.elements import parse_bracketed, parse_message, unbracketed
from kassd.core.barcodes.read import read_code
from kassd.core.barcodes.reading import Element, Reading
from tests.core.barcodes.vectors import NEEDED, cases

pytestmark = NEEDED
NOW = datetime(2026, 11, 22, tzinfo=UTC)

OWN_CODE = "no AIM id, no GS1 form: a shop's own code (KAFFEE-1), which the catalogue knows or not"
UNPADDED = "older links leave out leading zeros; the engine has an option for it. Read, with a warning"
WORDS = "names instead of AIs were withdrawn with version 1.2; the engine reads them by option only"
DIFFERENT = {
    "ABC": OWN_CODE,
    "]": OWN_CODE,
    "]X": OWN_CODE,
    "1(12345": OWN_CODE,
    "991234": OWN_CODE,
    "ftp://": OWN_CODE,
    "]E0123456789012": "many scanners are set to send UPC-A with 12 digits; the check digit is right",
    "https://example.com/8010/0200?3133=333333&3300=000000&01=04065093955756&99=57&10=0": "the package's "
    "pattern wants five characters of a component number (8010)",
    "https://example.com/01/09520123456788?99=XYZ&89=ABC123": "an AI nobody knows; by option in the engine",
}
# The engine's cases have these both ways, depending on an option.
BY_OPTION = {
    ("https://a/01/2112345678900", False): UNPADDED,
    ("https://a/gtin/12312312312333", True): WORDS,
}


def read(text: str) -> Reading:
    return read_code(text, "", now=NOW)


def differs(text: str, should: bool) -> bool:
    return text in DIFFERENT or (text, should) in BY_OPTION


def agrees(text: str, should: bool, say: Callable[[Reading], str], expected: str) -> None:
    """Assert that ``text`` is refused as by the engine, else says the same; a listed one must differ."""
    reading = read(text)
    same = reading.refused != should and (not should or say(reading) == expected)
    assert same != differs(text, should), (reading, expected)


def data(reading: Reading) -> str:
    """In the engine's notation, which marks a ``^`` at the start of other texts by a backslash."""
    if reading.kind == "element_string":
        return unbracketed(reading.elements)
    return re.sub(r"^(?=\\*\^)", r"\\", reading.text)


def element_string(reading: Reading) -> str:
    return unbracketed(reading.elements)


def without_separators(reading: Reading) -> str:
    return "".join(element.ai + element.value for element in reading.elements)


@pytest.mark.parametrize("case", cases("test_testProcessScanData"))
def test_scan_data(case: list[str]) -> None:
    should, text, _, expected = case
    agrees(text, bool(should), data, expected)


@pytest.mark.parametrize("case", cases("test_parseAIdata"))
def test_bracketed_element_strings(case: list[str]) -> None:
    should, text, expected = case
    agrees(text, bool(should), element_string, expected)


@pytest.mark.parametrize("case", cases("test_processAIdata"))
def test_element_strings(case: list[str]) -> None:
    should, text = case
    agrees(text, bool(should), without_separators, text.replace("^", ""))


@pytest.mark.parametrize("case", cases("test_parseDLuri"))
def test_digital_links(case: list[str]) -> None:
    should, text, expected = case
    agrees(text, bool(should), element_string, expected)


@pytest.mark.parametrize("case", [c for c in cases("test_testGenerateScanData") if c[2] is not None])
def test_scan_data_that_the_engine_makes(case: list[str]) -> None:
    symbology, made_of, scanned = case
    reading = read(scanned)
    assert not reading.refused
    if symbology in ("QR", "DM", "DotCode"):
        assert data(reading) == made_of
    elif reading.elements:
        assert reading.elements == _elements(made_of)
    else:
        assert (symbology, reading.text[:-1]) == ("EAN13", made_of)  # it has added the check digit


def _elements(made_of: str) -> tuple[Element, ...]:
    """Of the engine's notation; ``|`` stands before the composite component."""
    found: tuple[Element, ...] = ()
    for part in made_of.split("|"):
        message = part[1:] if part.startswith("^") else "01" + part.zfill(14)
        elements, problems = parse_message(message.replace("^", "\x1d"))
        assert not [p for p in problems if p.severity == "error"]
        found += elements
    return found


@pytest.mark.parametrize("case", [c for c in cases("test_testGenerateDLuri") if c[0]])
def test_digital_links_that_the_engine_makes(case: list[str]) -> None:
    _, _, bracketed, uri = case
    assert read(uri).refused == (uri in DIFFERENT)
    if uri not in DIFFERENT:
        elements, _ = parse_bracketed(bracketed)
        assert set(read(uri).elements) == set(elements)


def test_every_listed_difference_is_a_case() -> None:
    texts = {
        text for function in ("test_testProcessScanData", "test_parseAIdata") for text in column(function)
    }
    texts |= {text for function in ("test_processAIdata", "test_parseDLuri") for text in column(function)}
    texts |= {case[3] for case in cases("test_testGenerateDLuri")}
    assert set(DIFFERENT) | {text for text, _ in BY_OPTION} <= texts


def column(function: str) -> list[str]:
    return [case[1] for case in cases(function)]
