"""What one cell of a spreadsheet means. Whatever could mean two things is refused, never guessed.

Numbers arrive as text (``1.234,56 €``) or as a spreadsheet's binary number (19.99), days as text, as a date
or as a serial number. Each function raises :class:`Unclear` with a German sentence that says what to write.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from kassd.core.barcodes.check_digit import has_wrong_check_digit
from kassd.core.vat import KEYS

Value = str | int | float | bool | datetime | date | time | timedelta | None
GTIN_LENGTHS = (8, 12, 13, 14)
EXACT_DIGITS = 15  # a spreadsheet's number has no more
FIRST_SERIAL = date(1899, 12, 30)  # day 0 of a spreadsheet; right from 1900-03-01 on
SERIALS = range(20_000, 110_000)  # 1954 to 2201
CENT = Decimal("0.01")

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_CURRENCY = re.compile(r"^(?:€|EUR|Euro)\s*|\s*(?:€|EUR|Euro)$", re.IGNORECASE)
_ROUND_SUM = re.compile(r"(\d+)[.,][-–—]{1,2}")
_GERMAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}")
_ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}")
_SPACED = re.compile(r"(\d{1,3}(?:[' ’]\d{3})+)(?:[.,](\d+))?")
_PLAIN = re.compile(r"\d+|\d*[.,]\d+")
_THREE = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_EXPONENT = re.compile(r"\d+(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})")
_ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00)?)?")
_ERRORS = re.compile(
    r"#(?:N/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|DIV/0!|NUM!|ZAHL!|NULL!|SPILL!|ÜBERLAUF!|#+)"
)
YES = {"ja", "j", "yes", "y", "true", "wahr", "1"}
NO = {"nein", "n", "no", "false", "falsch", "0"}
MARKS = {"x", "✓", "✔"}


class Unclear(ValueError):
    """A cell cannot be read; the message is a German sentence."""


class Damaged(str):
    """A cell that holds nothing usable; its text says why, in German."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TaxKeys:
    """``allowed`` keys of articles, and the rate in percent in force of each of DSFinV-K's eight."""

    allowed: Collection[int]
    rates: Mapping[int, Decimal]


def is_empty(value: Value) -> bool:
    """Whether nothing stands in a cell; blanks are nothing."""
    return value is None or (isinstance(value, str) and not isinstance(value, Damaged) and not value.strip())


def is_error(text: str) -> bool:
    """Whether ``text`` is a spreadsheet's error value, in German or English."""
    return _ERRORS.fullmatch(text.strip()) is not None


def _usable(value: Value) -> Value:
    if isinstance(value, Damaged):
        raise Unclear(str(value))
    if isinstance(value, str) and is_error(value):
        raise Unclear("die Formel hat einen Fehler; bitte in der Tabelle berichtigen")
    return value


def text(value: Value) -> str:
    """A text of one line. Numbers lose their ``.0``."""
    value = _usable(value)
    if isinstance(value, bool):
        return "WAHR" if value else "FALSCH"
    if isinstance(value, int | float):
        return _digits(value)
    if isinstance(value, datetime | date | time | timedelta):
        raise Unclear(
            "das Programm hat ein Datum daraus gemacht; die Spalte als Text formatieren und neu eingeben"
        )
    return re.sub(r"\s*[\r\n]+\s*", " ", value or "").strip()


def identifier(value: Value) -> str:
    """A text that is a number for spreadsheets: article number, code. What they made of it is refused."""
    shown = text(value)
    if _EXPONENT.fullmatch(shown):
        raise Unclear(
            "die Ziffern sind verloren; die Spalte in der Tabelle als Text formatieren (Zellen formatieren, "
            "Text) und die Nummern neu eingeben"
        )
    return shown


def _digits(value: int | float) -> str:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    digits = str(int(value))
    if len(digits.lstrip("-")) > EXACT_DIGITS:
        raise Unclear(
            f"Zahlen haben in Tabellen nur {EXACT_DIGITS} genaue Stellen; die Spalte als Text formatieren"
        )
    return digits


def number(value: Value) -> Decimal:
    """A number: ``1.234,56 €``, ``1,234.56``, ``1'234.50``, ``5,-``; ``1.234`` could be two numbers."""
    value = _usable(value)
    if isinstance(value, bool):
        raise Unclear("eine Zahl wird erwartet, kein Wahrheitswert")
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, datetime | date | time | timedelta):
        raise Unclear(
            "das Programm hat ein Datum daraus gemacht; die Spalte als Zahl formatieren und neu eingeben"
        )
    body = _CURRENCY.sub("", _SPACES.sub(" ", value or "").strip()).strip()
    sign = -1 if body[:1] in ("-", "−") else 1
    body = body.lstrip("-−+ ")
    if body.endswith("-") and not _ROUND_SUM.fullmatch(body):  # 5,00- of some merchandise systems
        sign, body = -sign, body[:-1].strip()
    return sign * _unsigned(body)


def _unsigned(body: str) -> Decimal:
    if match := _ROUND_SUM.fullmatch(body):
        return Decimal(match[1])
    if _THREE.fullmatch(body):
        whole, part = re.split(r"[.,]", body)
        raise Unclear(f"könnte {whole}{part} oder {whole},{part} sein; bitte eindeutig schreiben")
    if _PLAIN.fullmatch(body):
        return Decimal("0" + body.replace(",", "."))
    if _GERMAN.fullmatch(body):
        return Decimal(body.replace(".", "").replace(",", "."))
    if _ENGLISH.fullmatch(body):
        return Decimal(body.replace(",", ""))
    if match := _SPACED.fullmatch(body):
        return Decimal(re.sub(r"[' ’]", "", match[1]) + "." + (match[2] or "0"))
    raise Unclear("ist keine Zahl")


def money(value: Value) -> int:
    """Euros as cents. A binary number counts as the cents it shows; a third decimal is refused."""
    amount = number(value)
    if not amount.is_finite() or abs(amount) > 10**12:
        raise Unclear("ist kein Betrag")
    cents = amount.quantize(CENT, ROUND_HALF_EVEN)
    slack = abs(amount) * Decimal("1e-12") if isinstance(value, float) else 0
    if abs(cents - amount) > slack:
        raise Unclear("hat mehr als zwei Nachkommastellen; Beträge sind ganze Cent")
    return int(cents * 100)


def whole(value: Value) -> int:
    """A whole number."""
    found = number(value)
    if not found.is_finite() or found != found.to_integral_value() or abs(found) > 10**12:
        raise Unclear("ist keine ganze Zahl")
    return int(found)


def quantity(value: Value) -> Decimal:
    """A quantity without needless zeros at its end."""
    found = number(value)
    if not found.is_finite() or abs(found) > 10**12:
        raise Unclear("ist keine Menge")
    if isinstance(value, float):
        found = found.quantize(Decimal("1e-9"), ROUND_HALF_EVEN)
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def truth(value: Value, marks: bool = True) -> bool:
    """Yes or no. ``marks``: a cross says yes, because nothing says no."""
    value = _usable(value)
    said = text(value).casefold() if not isinstance(value, bool) else ("ja" if value else "nein")
    if said in YES or (marks and said in MARKS):
        return True
    if said in NO:
        return False
    raise Unclear("bitte „ja“ oder „nein“ schreiben")


def day(value: Value) -> str:
    """An ISO date: ``01.12.2026``, ``2026-12-01``, a date or a spreadsheet's serial number."""
    value = _usable(value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if int(value) == value and int(value) in SERIALS:
            return (FIRST_SERIAL + timedelta(days=int(value))).isoformat()
        raise Unclear("ist kein Tag; so schreiben: 01.12.2026")
    said = text(value)
    try:
        if match := _GERMAN_DAY.fullmatch(said):
            year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
            return date(year, int(match[2]), int(match[1])).isoformat()
        if match := _ISO_DAY.fullmatch(said):
            return date.fromisoformat(match[1]).isoformat()
    except ValueError as error:
        raise Unclear("diesen Tag gibt es nicht") from error
    if said.isdigit() and int(said[:9]) in SERIALS:
        return (FIRST_SERIAL + timedelta(days=int(said))).isoformat()
    raise Unclear("ist kein Tag; so schreiben: 01.12.2026")


def tax_key(value: Value, keys: TaxKeys, is_rate: bool) -> int:
    """UST_SCHLUESSEL of ``19 %``, ``0.19`` as a percentage, ``A``, or a key. ``is_rate``: a bare number in
    this column is a rate; in others it is a key. What could be both is refused."""
    said = text(value).upper()
    for key in KEYS.values():
        if said == key.code and key.key in keys.allowed:
            return key.key
    percent = said.endswith("%")
    try:
        found = number(value if isinstance(value, int | float) else said.rstrip("% "))
    except Unclear:
        raise Unclear("ist kein Steuersatz; z. B. 19 %, 7 % oder A schreiben") from None
    if not percent and 0 < found < 1:
        percent, found = True, found * 100
    if percent or is_rate:
        return _key_of_rate(found, keys)
    if found == 7:
        raise Unclear("kann 7 % oder der Schlüssel 7 sein; „7 %“ oder „G“ schreiben")
    if found in keys.allowed:
        return int(found)
    if found in keys.rates.values():
        raise Unclear(
            f"ist kein Steuerschlüssel; „{found:f} %“ schreiben oder die Spalte „Steuersatz“ nennen"
        )
    raise Unclear("diesen Steuerschlüssel gibt es nicht")


def _key_of_rate(rate: Decimal, keys: TaxKeys) -> int:
    found = [key for key, other in keys.rates.items() if other == rate]
    if len(found) == 1:
        return found[0]
    if found:
        letters = ", ".join(f"{KEYS[key].code} ({KEYS[key].name})" for key in found)
        raise Unclear(f"{rate.normalize():f} % kann mehreres sein: {letters}; den Buchstaben schreiben")
    raise Unclear(f"ein Steuersatz von {rate.normalize():f} % gilt nicht")


def repaired(code: str) -> str:
    """A GTIN that has lost zeros at its beginning, with them; ``code`` itself if no check digit proves it."""
    if not (code.isascii() and code.isdigit()) or not 5 <= len(code) < 14 or len(code) in GTIN_LENGTHS:
        return code
    length = next(n for n in GTIN_LENGTHS if n > len(code))
    full = code.zfill(length)
    return code if has_wrong_check_digit(full) else full
