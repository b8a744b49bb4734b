"""Log times of BSI TR-03151: five formats, one instant.

An instant is an ``int`` of unix milliseconds; its text is ISO 8601 UTC ``YYYY-MM-DDThh:mm:ss.fffZ`` as
DSFinV-K wants it.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from kassd.tse.log.der import (
    GENERALIZED_TIME,
    INTEGER,
    UTC_TIME,
    DerError,
    integer_content,
    read_integer,
    tlv,
)

TimeFormat = Literal[
    "unixTime", "utcTime", "utcTimeWithSeconds", "generalizedTime", "generalizedTimeWithMilliseconds"
]
TIME_FORMATS: tuple[TimeFormat, ...] = get_args(TimeFormat)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z", re.ASCII)
_OFFSET = re.compile(r"(.{19,23})([+-])(\d\d):?([0-5]\d)", re.ASCII)
_UTC = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z")
_GENERALIZED = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,3}))?Z")


def _moment(fields: tuple[int, int, int, int, int, int], ms: int) -> int:
    try:
        moment = datetime(*fields, tzinfo=UTC)
    except ValueError:
        raise DerError(f"Zeitpunkt {fields} gibt es nicht") from None
    return (moment - _EPOCH) // timedelta(milliseconds=1) + ms


def to_iso(unix_ms: int) -> str:
    """Return ``YYYY-MM-DDThh:mm:ss.fffZ``."""
    moment = _EPOCH + timedelta(milliseconds=unix_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{unix_ms % 1000:03d}Z"


def from_iso(text: str) -> int:
    """Return unix milliseconds of ``YYYY-MM-DDThh:mm:ss[.f{1,3}]Z`` or raise :class:`DerError`."""
    match = _ISO.fullmatch(text)
    if match is None:
        raise DerError(f"{text[:40]!r} ist kein Zeitpunkt der Form JJJJ-MM-TTThh:mm:ss.fffZ")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    return _moment((year, month, day, hour, minute, second), int((match[7] or "0").ljust(3, "0")))


def from_local_iso(text: str) -> int:
    """:func:`from_iso` that takes an offset from UTC (``+02:00``) for the ``Z`` as well."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        return from_iso(text)
    minutes = 60 * int(match[3]) + int(match[4])
    return from_iso(f"{match[1]}Z") + (minutes if match[2] == "-" else -minutes) * 60_000


def time_content(unix_ms: int, time_format: TimeFormat) -> bytes:
    """Content octets of the time, as used below an implicit tag too."""
    if time_format == "unixTime":
        return integer_content(unix_ms // 1000)
    moment = _EPOCH + timedelta(milliseconds=unix_ms)
    pattern = {"utcTime": "%y%m%d%H%MZ", "utcTimeWithSeconds": "%y%m%d%H%M%SZ"}.get(time_format)
    if pattern is not None:
        return moment.strftime(pattern).encode()
    text = moment.strftime("%Y%m%d%H%M%S")
    return (
        f"{text}Z".encode() if time_format == "generalizedTime" else f"{text}.{unix_ms % 1000:03d}Z".encode()
    )


def time_tag(time_format: TimeFormat) -> int:
    """Universal tag of a format."""
    if time_format == "unixTime":
        return INTEGER
    return UTC_TIME if time_format.startswith("utc") else GENERALIZED_TIME


def encode_time(unix_ms: int, time_format: TimeFormat) -> bytes:
    """The complete element as it stands in a log message."""
    return tlv(time_tag(time_format), time_content(unix_ms, time_format))


def decode_time(tag: int, value: bytes) -> tuple[int, TimeFormat]:
    """Return unix milliseconds and format of a time element, or raise :class:`DerError`."""
    if tag == INTEGER:
        seconds = read_integer(value)
        if not 0 <= seconds * 1000 <= _LATEST_MS:
            raise DerError(f"Unix-Zeit {seconds} liegt außerhalb des Kalenders")
        return seconds * 1000, "unixTime"
    if tag == UTC_TIME and (match := _UTC.fullmatch(value)):
        year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
        year += 2000 if year < 50 else 1900
        moment = _moment((year, month, day, hour, minute, int(match[6] or 0)), 0)
        return moment, "utcTime" if match[6] is None else "utcTimeWithSeconds"
    if tag == GENERALIZED_TIME and (match := _GENERALIZED.fullmatch(value)):
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        fraction = int((match[7] or b"0").ljust(3, b"0"))
        moment = _moment((year, month, day, hour, minute, second), fraction)
        return moment, "generalizedTime" if match[7] is None else "generalizedTimeWithMilliseconds"
    raise DerError(f"Element {tag:02x} ist keine Zeit")


def signed_candidates(unix_ms: int, named: str) -> list[bytes]:
    """Encodings a receipt's time may have been signed in, the literal one first.

    Devices call ``utcTime`` what carries seconds, and DER drops trailing zeros of a fraction. An encoding
    may be coarser than the instant (:func:`encoded_instant` tells).
    """
    if named not in TIME_FORMATS:
        raise DerError(f"Zeitformat {named[:40]!r} ist unbekannt")
    if named == "unixTime":
        return [encode_time(unix_ms, "unixTime")]
    if named.startswith("utcTime"):
        return [encode_time(unix_ms, each) for each in ("utcTimeWithSeconds", "utcTime")]
    whole = encode_time(unix_ms, "generalizedTime")
    full = encode_time(unix_ms, "generalizedTimeWithMilliseconds")
    if not unix_ms % 1000:
        return [whole, full]
    return [full, tlv(GENERALIZED_TIME, full[2:-1].rstrip(b"0") + b"Z")]


def encoded_instant(encoded: bytes) -> int:
    """Unix milliseconds that one of :func:`signed_candidates` says."""
    return decode_time(encoded[0], encoded[2:])[0]


def file_time(unix_ms: int, time_format: TimeFormat) -> str:
    """The beginning of a log file's name: ``Unixt_1589712778``, ``Utc_…Z`` or ``Gent_…Z``."""
    if time_format == "unixTime":
        return f"Unixt_{unix_ms // 1000}"
    kind = "Utc" if time_format.startswith("utc") else "Gent"
    return f"{kind}_{time_content(unix_ms, time_format).decode()}"


def file_seconds(named: str) -> str:
    """Unix seconds, in digits, of the beginning of a log file's name; '' if it says no time."""
    kind, _, value = named.partition("_")
    tag = {"Utc": UTC_TIME, "Gent": GENERALIZED_TIME}.get(kind)
    if tag is None:
        return value
    try:
        return str(decode_time(tag, value.encode())[0] // 1000)
    except DerError:
        return ""


def same_file_time(named: str, unix_ms: int, time_format: TimeFormat) -> bool:
    """Whether the beginning of a file's name says this time, be trailing zeros of a fraction there or not."""
    expected = file_time(unix_ms, time_format)
    if named == expected or not named.startswith("Gent_"):
        return named == expected
    try:
        return decode_time(GENERALIZED_TIME, named[5:].encode())[0] == unix_ms and expected[:5] == "Gent_"
    except DerError:
        return False
