"""What may stand in a cell (A7 to A11): one test per column, made once from the norm.

A test answers ``None`` or (check, German sentence). Values that were found good are remembered, since most of
a file's cells repeat: the cost of a cell is then one look into a set.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.norm import (
    AMOUNT_TYPES,
    BON_TYPES,
    COUNTRIES,
    CURRENCIES,
    GV_TYPES,
    PAYMENT_TYPES,
    REFERENCE_TYPES,
    Column,
)
from kassd.tse.log.algorithms import ALGORITHMS
from kassd.tse.log.times import TIME_FORMATS

Problem = tuple[str, str]
Test = Callable[[str], Problem | None]
REMEMBERED = 8192

# A Mussfeld that other registers may leave empty for a reason the norm itself gives.
OPTIONAL = frozenset(
    {
        *("STNR", "AGENTUR_STNR", "TSE_ZERTIFIKAT_II", "ZAHLWAEH_CODE"),  # or USTID; short; only if foreign
        *(
            "KUNDE_NAME",
            "KUNDE_ID",
            "KUNDE_TYP",
            "ART_NR",
            "ZI_ART_NR",
        ),  # where there is one; D: goods
        *("TSE_ID", "TSE_TANR", "TSE_TA_START", "TSE_TA_ENDE", "TSE_TA_VORGANGSART"),  # E1 judges outages
        *("TSE_TA_SIGZ", "TSE_TA_SIG", "BEDIENER_ID", "BEDIENER_NAME"),  # B15 judges the latter
    }
)
BOOLEANS = frozenset({"BON_STORNO", "INHAUS", "P_STORNO", "KEINE_UST_ZUORDNUNG"})
CHOICES: Mapping[str, frozenset[str]] = {
    "BON_TYP": frozenset(BON_TYPES),
    "GV_TYP": frozenset(GV_TYPES),
    "ZAHLART_TYP": frozenset(PAYMENT_TYPES),
    "REF_TYP": frozenset(REFERENCE_TYPES),
    "TYP": frozenset(AMOUNT_TYPES),
    "TSE_SIG_ALGO": frozenset(each.name for each in ALGORITHMS.values()),
    "TSE_ZEITFORMAT": frozenset(TIME_FORMATS),
    "TSE_PD_ENCODING": frozenset({"UTF-8", "ASCII"}),
    "TAXONOMIE_VERSION": frozenset({"2.0", "2.1", "2.2", "2.3", "2.4"}),
    **dict.fromkeys(("LAND", "LOC_LAND", "AGENTUR_LAND", "KUNDE_LAND"), COUNTRIES),
    **dict.fromkeys(("KASSE_BASISWAEH_CODE", "ZAHLWAEH_CODE", "ZAHLART_WAEH"), CURRENCIES),
}
REQUIRED = frozenset({("tse.csv", "TSE_ID")})  # optional elsewhere
MOMENTS = frozenset({"Z_ERSTELLUNG", "BON_START", "BON_ENDE", "REF_DATUM"})
TSE_MOMENTS = frozenset({"TSE_TA_START", "TSE_TA_ENDE"})
NEVER_NEGATIVE = frozenset(
    {"Z_NR", "BON_NR", "UST_SCHLUESSEL", "AGENTUR_ID", "TSE_ID", "TSE_TANR", "TSE_TA_SIGZ", "REF_Z_NR"}
    | {"UST_SATZ", "FAKTOR", "ZI_FAKTOR", "ZI_UST_SCHLUESSEL"}
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_TSE_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def test_of(column: Column, file: str) -> Test:
    """The test of a column's cells in ``file``."""
    tests: list[Test] = []
    name = column.name
    if name in BOOLEANS:
        tests.append(lambda text: None if text in ("0", "1") else ("A8", "erwartet 0 oder 1"))
    elif name in CHOICES:
        tests.append(_choice(CHOICES[name]))
    elif name in MOMENTS:
        tests.append(_moment)
    elif name in TSE_MOMENTS:
        tests.append(_tse_moment)
    elif name == "Z_BUCHUNGSTAG":
        tests.append(_day)
    if column.decimals is not None:
        tests.append(_number(column.decimals, name not in NEVER_NEGATIVE))
    if column.length is not None:
        tests.append(_length(column.length))
    required = column.required and (name not in OPTIONAL or (file, name) in REQUIRED)

    def test(text: str) -> Problem | None:
        if not text:
            return ("A10", "das Mussfeld ist leer") if required else None
        for each in tests:
            if problem := each(text):
                return problem
        return None

    return test


def _choice(allowed: frozenset[str]) -> Test:
    return lambda text: None if text in allowed else ("A9", "der Wert steht in keiner Liste der DSFinV-K")


def _length(most: int) -> Test:
    return lambda text: None if len(text) <= most else ("A7", f"länger als {most} Zeichen")


def _number(decimals: int, signed: bool) -> Test:
    fraction = rf"(?:,\d{{1,{decimals}}})?" if decimals else ""
    most = 12 if decimals else 18  # what :mod:`rows` counts with
    good = re.compile(rf"{'-?' if signed else ''}(?:0|[1-9]\d{{0,{most - 1}}}){fraction}", re.ASCII)
    form = f"eine Zahl mit höchstens {decimals} Stellen nach dem Komma" if decimals else "eine ganze Zahl"

    def test(text: str) -> Problem | None:
        if good.fullmatch(text) is None:
            return "A7", f"erwartet {form}, höchstens {most} davor, ohne Tausenderpunkt"
        return ("A7", "minus null") if text[0] == "-" and not text.strip("-0,") else None

    return test


def _moment(text: str) -> Problem | None:
    if _MOMENT.fullmatch(text) and _exists(text):
        return None
    return "A11", "erwartet JJJJ-MM-TTThh:mm:ss mit Z oder Abstand von UTC"


def _tse_moment(text: str) -> Problem | None:
    if _TSE_MOMENT.fullmatch(text) and _exists(text):
        return None
    return "A11", "erwartet JJJJ-MM-TTThh:mm:ss.fffZ"


def _exists(text: str) -> bool:
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


def _day(text: str) -> Problem | None:
    try:
        good = _DAY.fullmatch(text) is not None and date.fromisoformat(text)
    except ValueError:
        good = False
    return None if good else ("A11", "erwartet einen Tag als JJJJ-MM-TT")


class Cells:
    """The tests of one file's columns."""

    def __init__(self, file: str, columns: tuple[Column, ...]) -> None:
        self.file = file
        self.columns = columns
        self._tests: list[tuple[set[str], Test, str]] = [
            (set(), test_of(each, file), each.name) for each in columns
        ]

    def check(self, cells: list[str], row: int, found: Findings) -> None:
        """Judge one row of as many cells as there are columns."""
        for text, (good, test, name) in zip(cells, self._tests, strict=True):
            if text in good:
                continue
            problem = test(text)
            if problem is not None:
                found.add(problem[0], self.file, row, f"{name}: {problem[1]}, dort steht {shown(text)}")
            elif len(good) < REMEMBERED:
                good.add(text)
