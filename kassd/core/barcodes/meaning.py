"""What GS1 elements mean at a till: article, quantity, price, dates, and what these say against a sale."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from kassd.core.barcodes.dates import gs1_date, gs1_minute
from kassd.core.barcodes.reading import Element, Reading, problem
from kassd.core.barcodes.retail import gtin_keys
from kassd.core.barcodes.rules import DATES, DAY_MAY_BE_ZERO
from kassd.core.verdict import Finding
from kassd.deferred import replace

EURO = "978"  # ISO 4217
VARIABLE = "9"  # indicator digit of a GTIN-14 whose quantity varies
_DAYS = ("11", "13", "15", "16", "17")


def understand(reading: Reading, now: datetime) -> Reading:
    """``reading`` with what its elements say; ``now`` is the register's local time. Call it on elements of
    the right form only."""
    values = {element.ai: element.value for element in reading.elements}
    gtin = values.get("01") or values.get("03") or values.get("02", "")
    reading = replace(
        reading,
        kind="coupon" if "255" in values else reading.kind,
        gtin=gtin,
        keys=gtin_keys(gtin) if gtin else (),
        item=values.get("255", ""),
        weight=_scaled(values, "310"),
        count=_count(values),
        batch=values.get("10", ""),
        serial=values.get("21", ""),
    )
    reading = _with_price(_with_days(reading, values, now.date()), values)
    if "02" in values:
        reading = _with(reading, problem("logistic_label", values.get("37", "?"), where="02"))
    if not gtin and reading.kind != "coupon":
        reading = _with(reading, problem("no_article"))
    measured = any(ai[:2] in ("31", "32", "35", "36") for ai in values)
    if gtin.startswith(VARIABLE) and not measured and reading.count is None:
        reading = _with(reading, problem("measure_missing", where="01"))
    return _with(reading, *_impossible(reading.elements, now.date()), *_passed(reading, now))


def _with(reading: Reading, *found: Finding) -> Reading:
    return replace(reading, problems=(*reading.problems, *found))


def _scaled(values: Mapping[str, str], family: str) -> Decimal | None:
    """The value of ``310n``: the last digit of the AI counts its decimals (3.6)."""
    found = next((ai for ai in values if len(ai) == 4 and ai.startswith(family)), "")
    return Decimal(values[found]).scaleb(-int(found[3])) if found else None


def _count(values: Mapping[str, str]) -> int | None:
    found = values.get("30") or values.get("37")
    return int(found) if found else None


def _with_price(reading: Reading, values: Mapping[str, str]) -> Reading:
    """The amount payable (392n, with a currency 393n), of a coupon (390n), in cents."""
    currency = ""
    family = "390" if reading.kind == "coupon" else "392"
    if (foreign := next((ai for ai in values if ai[:3] == "393"), "")) and family == "392":
        currency, family = values[foreign][:3], "393"
        values = {foreign: values[foreign][3:]}
    amount = _scaled(values, family)
    if amount is None:
        return reading
    cents = amount * 100
    if currency not in ("", EURO) or cents != int(cents):
        said = f"{amount} in ISO-Währung {currency}" if currency else str(amount)
        return _with(reading, problem("price_unusable", said, where=family + "n"))
    if family == "390":
        return replace(reading, coupon=int(cents))
    return replace(reading, price=int(cents))


def _with_days(reading: Reading, values: Mapping[str, str], today: date) -> Reading:
    days = {ai: gs1_date(values[ai], today) for ai in _DAYS if ai in values}
    iso = {ai: day.isoformat() for ai, day in days.items() if day is not None}
    minute = gs1_minute(values["7003"], today) if "7003" in values else None
    return replace(
        reading,
        produced=iso.get("11", ""),
        packed=iso.get("13", ""),
        best_before=iso.get("15", ""),
        sell_by=iso.get("16", ""),
        use_by=iso.get("17", "") if minute is None else minute.isoformat(timespec="minutes"),
    )


def _impossible(elements: tuple[Element, ...], today: date) -> Iterator[Finding]:
    for element in elements:
        ai, value = element.ai, element.value
        if ai not in DATES:
            continue
        day = gs1_date(value, today, day_may_be_zero=ai in DAY_MAY_BE_ZERO)
        if day is None or (ai == "7003" and gs1_minute(value, today) is None):
            yield problem("date_impossible", ai, element.title, value, where=ai)


def _passed(reading: Reading, now: datetime) -> Iterator[Finding]:
    """Dates that lie behind ``now``."""
    today = now.date().isoformat()
    minute = now.replace(tzinfo=None).isoformat(timespec="minutes")
    if reading.use_by and reading.use_by < (minute if "T" in reading.use_by else today):
        yield problem("use_by_passed", _german(reading.use_by), where="17")
    if reading.best_before and reading.best_before < today:
        yield problem("best_before_passed", _german(reading.best_before), where="15")
    if reading.sell_by and reading.sell_by < today:
        yield problem("sell_by_passed", _german(reading.sell_by), where="16")


def _german(iso: str) -> str:
    day = datetime.fromisoformat(iso)
    return day.strftime("%d.%m.%Y um %H:%M Uhr" if "T" in iso else "%d.%m.%Y")
