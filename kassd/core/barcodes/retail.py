"""The numbers of retail: GTIN-8/12/13/14, UPC-E, add-ons, press, books, coupons, in-store numbers.

General Specifications 1.4 (prefixes), 2.1.12 (in-store numbers), 5.2 (EAN/UPC). Press codes are those of the
VDZ: 419 reduced and 414 full rate, object number of five digits, price in cents of four. Euro coupons state
their value in three digits: 982 with two decimals, 981 with one.
"""

from kassd.core.barcodes.check_digit import (
    GTIN_LENGTHS,
    ends_with_check_digit,
    has_wrong_check_digit,
    is_digits,
)
from kassd.core.barcodes.patterns import Patterns, pattern_of, read_in_store
from kassd.core.barcodes.reading import Kind, Reading, problem
from kassd.deferred import replace

ADD_ONS = (2, 5)  # digits
PRESS = {"419": 2, "414": 1}  # prefix → UST_SCHLUESSEL
COUPON_CENTS = {"981": 10, "982": 1}  # what one of the three digits' units is worth
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("977", "serial_publication"),
    ("9790", "music"),
    ("978", "book"),
    ("979", "book"),
    ("980", "refund_receipt"),
    ("981", "coupon"),
    ("982", "coupon"),
    ("983", "coupon"),
    ("99", "coupon"),
    ("2", "in_store"),
    ("02", "in_store"),
    ("04", "in_store"),
)


def gtin_keys(gtin: str) -> tuple[str, ...]:
    """All ways to write a GTIN of 14 digits, the most usual first."""
    forms = (gtin[-length:] for length in (13, 14, 12, 8) if not gtin[:-length].strip("0"))
    return tuple(dict.fromkeys(forms))


def read_number(text: str, aim: str, patterns: Patterns) -> Reading | None:
    """The reading of digits that are a retail number; None if they cannot be one.

    With an AIM id of EAN/UPC (``]E0`` … ``]E4``) they must be one, and eight digits with ``]E0`` are UPC-E,
    with ``]E4`` EAN-8. Without one, eight digits are UPC-E only if they cannot be EAN-8.
    """
    if aim in ("]E1", "]E2"):
        return Reading(text, aim, "add_on", add_on=text, problems=(problem("add_on_alone"),))
    main, add_on = _without_add_on(text, aim)
    if not is_digits(main) or len(main) not in _lengths(aim):
        if aim.startswith("]E"):
            return Reading(text, aim, "gtin", problems=(problem("wrong_form", text),))
        return None
    if len(main) == 8 and (aim == "]E0" or (not aim and has_wrong_check_digit(main))):
        expanded = expand_upc_e(main)
        main = expanded if expanded and (aim or ends_with_check_digit(expanded)) else main
    if not ends_with_check_digit(main):
        if aim and not aim.startswith("]E"):
            return None  # digits in another symbology need not be a GTIN
        return Reading(text, aim, "gtin", add_on=add_on, problems=(problem("check_digit", main),))
    return _valid(text, aim, main, add_on, patterns)


def expand_upc_e(code: str) -> str:
    """UPC-A of the eight digits of a UPC-E code (5.2.2.4.2), '' if they cannot be one."""
    system, body, check = code[0], code[1:7], code[7]
    if system not in "01":
        return ""
    last = body[5]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    return system + middle + check


def _lengths(aim: str) -> tuple[int, ...]:
    return {"": GTIN_LENGTHS, "]E0": (8, 12, 13), "]E3": (12, 13), "]E4": (8,)}.get(aim, (12, 13, 14))


def _without_add_on(text: str, aim: str) -> tuple[str, str]:
    """Main code and add-on: with ``]E3``, or 15 or 18 digits that begin with a right 13-digit number."""
    if aim not in ("", "]E0", "]E3"):
        return text, ""
    for length in ADD_ONS:
        main, add_on = text[:-length].rstrip(" "), text[-length:]
        if len(main) == 13 and is_digits(main + add_on) and (aim or ends_with_check_digit(main)):
            return main, add_on
    return text, ""


def _valid(text: str, aim: str, number: str, add_on: str, patterns: Patterns) -> Reading:
    gtin = number.zfill(14)
    ean = gtin[1:] if len(number) != 8 and gtin[0] == "0" else ""  # prefixes are those of 13 digits
    reading = Reading(text, aim, "gtin", gtin_keys(gtin), gtin, add_on=add_on)
    if len(number) == 8 and number[0] in "02":
        return replace(reading, kind="in_store")
    if (pattern := pattern_of(ean, patterns)) is not None:
        return read_in_store(replace(reading, kind="in_store"), ean, pattern)
    if ean[:3] in PRESS:
        keys = (*reading.keys, ean[:8])
        cents = int(ean[8:12]) or None
        return replace(
            reading, kind="press", keys=keys, item=ean[3:8], price=cents, price_bound=True, vat=PRESS[ean[:3]]
        )
    kind: Kind = next((kind for prefix, kind in _KINDS if ean.startswith(prefix)), "gtin")
    reading = replace(reading, kind=kind)
    if kind == "coupon":
        cents = int(ean[9:12]) * COUPON_CENTS[ean[:3]] if ean[:3] in COUPON_CENTS else None
        return replace(reading, keys=(), item=ean[:9] if cents is not None else ean[:12], coupon=cents)
    if kind == "refund_receipt":
        return replace(reading, keys=())
    return reading
