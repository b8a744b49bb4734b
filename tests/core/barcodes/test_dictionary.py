"""The package's table and our rules, compared line by line with GS1's syntax dictionary."""

import re

import pytest

from kassd.core.barcodes.elements import has_form
from kassd.core.barcodes.rules import (
    CHECK_DIGITS,
    DATES,
    DAY_MAY_BE_ZERO,
    LINK_KEYS,
    NOT_IN_QUERY,
    excluded,
    is_link_path,
    required,
)
from kassd.core.barcodes.table import identifiers
from tests.core.barcodes.vectors import FOLDER, NEEDED, Entry, dictionary

pytestmark = NEEDED
DICTIONARY = {entry.ai: entry for entry in dictionary()} if FOLDER.is_dir() else {}

# The package's data titles are those of the General Specifications; the dictionary shortens or corrects some.
TITLES = {
    **dict.fromkeys((f"356{n}" for n in range(6)), "NET WEIGHT (troy oz)"),
    **dict.fromkeys((f"360{n}" for n in range(6)), "NET VOLUME (qt)"),
    **dict.fromkeys((f"362{n}" for n in range(6)), "VOLUME (qt), log"),
    **dict.fromkeys((f"363{n}" for n in range(6)), "VOLUME (gal.), log"),
    **{f"723{n}": f"CERT # {n}" for n in range(10)},
    "4322": "AUTH LEAVE",
    "4324": "NBEF DEL DT",
    "4325": "NAFT DEL DT",
    "4330": "MAX TEMP F",
    "4331": "MAX TEMP C",
    "4332": "MIN TEMP F",
    "4333": "MIN TEMP C",
}
# What a linter finds and we do not look for: the article is known without it.
UNCHECKED = {
    "gcppos1": "whether a company prefix was given to anybody says nothing about the article",
    "gcppos2": "likewise",
    "csumalpha": "check characters of medical models (8013, 8014)",
    "hasnondigit": "likewise (8014)",
    "nozeroprefix": "serial number of components (8011)",
    "iso4217": "any other number than the euro's is told as price_unusable",
    "iso3166": "countries change and do not matter to the sale",
    "iso3166999": "likewise",
    "iso3166alpha2": "addresses of transport",
    "iso5218": "of patients",
    "latitude": "of deliveries",
    "longitude": "of deliveries",
    "pcenc": "addresses, names of patients",
    "packagetype": "of freight",
    "importeridx": "tobacco's economic operators",
    "mediatype": "of patients' wristbands",
    "posinseqslash": "of newborn",
    "pieceoftotal": "pieces of an article (8006, 8026) are not sold by themselves",
    "winding": "rolls",
    "nonzero": "rolls",
    "iban": "payment slips",
    "couponcode": "coupons of North America",
    "couponposoffer": "likewise",
    "yyyymmdd": "of birth",
    "hhmi": "but for 7003, where it is checked",
}
# What the pattern of the package checks, though we do not.
BY_PATTERN = {"yesno", "hyphen", "zero", "hh", "mi", "ss"}
CHECKED = {"csum", "yymmd0", "yymmdd"}


def test_every_ai_is_known_and_none_besides() -> None:
    assert set(identifiers()) == set(DICTIONARY)


def test_titles_and_need_of_a_separator() -> None:
    for entry in DICTIONARY.values():
        known = identifiers()[entry.ai]
        assert known.title == TITLES.get(entry.ai, entry.title), entry.ai
        assert bool(known.length) == ("*" in entry.flags), entry.ai


def sample(entry: Entry, *, longest: bool) -> str:
    """A value as long or short as it may be, of characters that all linters like."""
    value = ""
    for optional, form, linters in entry.parts:
        kind, dots, length = re.match(r"([NXYZ])(\.\.)?(\d+)", form).groups()  # type: ignore[union-attr]
        if optional and not longest:
            continue
        count = 1 if dots and not longest else int(length)
        char = {"hyphen": "-", "yesno": "1", "zero": "0"}.get(next(iter(linters), ""), "1")
        text = (char if kind == "N" or "hyphen" in linters else "A") * count
        text = {"yymmd0": "261122", "yymmdd": "261122", "yyyymmdd": "20261122", "posinseqslash": "1/2"}.get(
            next(iter(linters), ""), text
        )
        value += text
    return value


# Where the package wants more characters than the dictionary.
PATTERNS = {"8010": "a component number holds a company prefix"}


def right(entry: Entry) -> list[str]:
    short = [] if entry.ai in PATTERNS else [sample(entry, longest=False)]
    return [*short, sample(entry, longest=True)]


def wrong(entry: Entry) -> list[str]:
    short, long = sample(entry, longest=False), sample(entry, longest=True)
    found = ["", long + "1", short[:-1] + "~", short[:-1] + "\x1d", short[:-1] + " "]
    digits = all(form.startswith("N") for _, form, _ in entry.parts)
    return [*found, short[:-1] + "A", short[:-1] + "٣"] if digits else found


def test_lengths_and_characters() -> None:
    for entry in DICTIONARY.values():
        known = identifiers()[entry.ai]
        assert [value for value in right(entry) if not has_form(known, value)] == [], entry.ai
        assert [value for value in wrong(entry) if has_form(known, value)] == [], entry.ai


def test_what_goes_together() -> None:
    for entry in DICTIONARY.values():
        assert required(entry.ai) == entry.attributes.get("req", ""), entry.ai
        others = entry.attributes.get("ex", "").split(",")
        assert set(excluded(entry.ai).split(",")) == set(others), entry.ai


def test_check_digits_stand_where_the_dictionary_has_them() -> None:
    found = {}
    for entry in DICTIONARY.values():
        start = 0
        for _, form, linters in entry.parts:
            length = int(re.sub(r"\D", "", form))
            if "csum" in linters:
                found[entry.ai] = (start, start + length)
            start += length
    assert found == CHECK_DIGITS


def test_dates_begin_the_values_the_dictionary_says() -> None:
    first = {entry.ai: entry.parts[0][2] for entry in DICTIONARY.values()}
    assert {ai for ai, linters in first.items() if "yymmd0" in linters} == DAY_MAY_BE_ZERO
    assert {ai for ai, linters in first.items() if "yymmdd" in linters} == DATES - DAY_MAY_BE_ZERO


def test_every_linter_is_checked_or_left_out_for_a_reason() -> None:
    named = {linter for entry in DICTIONARY.values() for linter in entry.linters}
    assert named == CHECKED | BY_PATTERN | set(UNCHECKED)


def test_the_paths_of_digital_links() -> None:
    keys = {
        ai: tuple(tuple(filter(None, way.split(","))) for way in entry.attributes["dlpkey"].split("|"))
        for ai, entry in DICTIONARY.items()
        if "dlpkey" in entry.attributes
    }
    assert keys == LINK_KEYS
    assert {ai for ai, entry in DICTIONARY.items() if "?" not in entry.flags} == NOT_IN_QUERY


@pytest.mark.parametrize(
    ("path", "right"),
    [
        (("01", "22", "10", "21"), True),
        (("01", "22", "21"), True),
        (("01", "10"), True),
        (("01", "10", "22"), False),
        (("01", "235"), True),
        (("01", "22", "10", "235"), False),
        (("10", "01"), False),
        (("01", "01"), False),
        ((), False),
    ],
)
def test_the_order_of_qualifiers(path: tuple[str, ...], right: bool) -> None:
    assert is_link_path(path) == right
