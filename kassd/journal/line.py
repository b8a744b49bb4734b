"""One journal line: bytes <-> frozen dataclass, strictly, and the hash chain over the bytes.

A line is one decision and one JSON object with its keys in the order of ``KEYS``, compact, UTF-8, without
floats. ``h`` stands last: lower-case hex of SHA-256(previous ``h`` as 32 bytes, then the object without
``h``). The first line follows SHA-256 of the origin string. Format: ``docs/journal-format.md``.
"""

import hashlib
import json
import re
from typing import Any, NoReturn

from kassd.deferred import dataclass
from kassd.errors import DataError

VERSION = 1
MAX_LINE = 64 * 1024  # bytes, newline included: any batch then fits 64 KiB, padding included
MAX_DEPTH = 64
INT_LIMIT = 2**63
KEYS = ("v", "seq", "at", "mono", "boot", "cmd", "facts", "wishes", "tse", "h")
OPTIONAL = {"cmd", "tse"}
TAIL = len(b',"h":"' + b"0" * 64 + b'"}')
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_TAIL = re.compile(rb',"h":"([0-9a-f]{64})"\}')

RESTORE = (
    "Nichts daran ändern; eine unbeschädigte Kopie holt kassd restore aus Sicherung oder Spiegel zurück."
)

Object = dict[str, Any]


class LineError(DataError):
    """Bytes that are no journal line, or an entry that can be none. The message is for developers."""


def no_line(seq: int, error: LineError) -> str:
    """What an operator reads of line ``seq`` where no line is; in brackets what was found, for whoever looks
    after the register."""
    return f"Zeile {seq} ist beschädigt oder verändert (für den Betreuer: {error})."


class LineTooLong(LineError):
    """An entry is larger than a line may be; nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to become a line. ``at`` RFC 3339 UTC with microseconds and ``Z``; ``mono`` ns since boot;
    ``boot`` 16 hex digits; ``closes``: a cash point closing, which ends its segment."""

    at: str
    mono: int
    boot: str
    facts: list[Object]
    wishes: list[Object]
    cmd: Object | None = None
    tse: Object | None = None
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in the journal; ``h`` is its hash in hex."""

    seq: int
    at: str
    mono: int
    boot: str
    facts: list[Object]
    wishes: list[Object]
    cmd: Object | None
    tse: Object | None
    h: str


def genesis(origin: str) -> bytes:
    """The 32 bytes that line 0 follows."""
    return hashlib.sha256(origin.encode()).digest()


def chain(previous: bytes, body: bytes) -> bytes:
    """Hash of the line whose object without ``h`` is ``body``."""
    return hashlib.sha256(previous + body).digest()


def encode_body(seq: int, entry: Entry) -> bytes:
    """The bytes of the object without ``h``; raises :class:`LineError` if they could not be read back."""
    value: Object = {"v": VERSION, "seq": seq, "at": entry.at, "mono": entry.mono, "boot": entry.boot}
    if entry.cmd is not None:
        value["cmd"] = entry.cmd
    value["facts"], value["wishes"] = entry.facts, entry.wishes
    if entry.tse is not None:
        value["tse"] = entry.tse
    _check_value(value, "line", 0)
    _check_shape(value)
    try:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise LineError(f"text that is not Unicode: {error.reason}") from error
    if len(body) + TAIL > MAX_LINE:  # -1 for the closing brace, +1 for the newline
        raise LineTooLong(f"line {seq} has {len(body) + TAIL} bytes, more than {MAX_LINE}: use a blob")
    return body


def close_line(body: bytes, h: bytes) -> bytes:
    """The whole line, without padding and newline."""
    return body[:-1] + b',"h":"' + h.hex().encode() + b'"}'


def split_line(raw: bytes) -> tuple[bytes, bytes]:
    """Return ``(body, h)`` of a line without padding; raises :class:`LineError`."""
    found = _TAIL.fullmatch(raw, max(0, len(raw) - TAIL))
    if found is None or not raw.startswith(b"{"):
        raise LineError("does not end with a hash")
    return raw[:-TAIL] + b"}", bytes.fromhex(found[1].decode())


def parse_line(raw: bytes) -> Line:
    """Return the line in ``raw`` (no padding, no newline); raises :class:`LineError` for any other bytes."""
    if len(raw) >= MAX_LINE:
        raise LineError(f"{len(raw)} bytes, more than a line may have")
    split_line(raw)
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise LineError(f"invalid UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise LineError(f"no JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise LineError("nested too deeply") from error
    _check_shape(value)
    return Line(
        value["seq"], value["at"], value["mono"], value["boot"], value["facts"], value["wishes"],
        value.get("cmd"), value.get("tse"), value["h"],
    )  # fmt: skip


def _object(pairs: list[tuple[str, Any]]) -> Object:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        raise LineError(f"duplicate key {next(n for n in names if names.count(n) > 1)!r}")
    return value


def _no_float(text: str) -> NoReturn:
    raise LineError(f"{text[:20]} is no integer")


def _integer(text: str) -> int:
    if len(text) > 20 or not -INT_LIMIT <= int(text) < INT_LIMIT:
        raise LineError(f"integer {text[:20]}… does not fit 64 bits")
    return int(text)


def _check_value(value: Any, where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LineError(f"{where}: nested too deeply")
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if not -INT_LIMIT <= value < INT_LIMIT:
            raise LineError(f"{where}: integer does not fit 64 bits")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise LineError(f"{where}: key {key!r} is no string")
            if type(item) is not str or depth == MAX_DEPTH:  # most are text
                _check_value(item, f"{where}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            _check_value(item, f"{where}[{number}]", depth + 1)
    else:
        raise LineError(f"{where}: {type(value).__name__} has no place in a journal line")


def _check_shape(value: Any) -> None:
    """Keys in order and of the right type. ``h`` may be missing while a line is being made."""
    if not isinstance(value, dict):
        raise LineError("not an object")
    expected = [key for key in KEYS if key in value or (key not in OPTIONAL and key != "h")]
    if list(value) != expected:
        raise LineError(f"keys {list(value)[:12]}, expected {expected}")
    if value["v"] is True or value["v"] != VERSION:
        raise LineError(f"format version {value['v']!r} is unknown")
    for key in ("seq", "mono"):
        if not isinstance(value[key], int) or isinstance(value[key], bool) or value[key] < 0:
            raise LineError(f"{key}: expected a natural number")
    if not isinstance(value["at"], str) or not _AT.fullmatch(value["at"]):
        raise LineError("at: expected YYYY-MM-DDThh:mm:ss.ffffffZ")
    if not isinstance(value["boot"], str):
        raise LineError("boot: expected a string")
    _check_rows("facts", value["facts"], {"kind": str, "data": dict})
    _check_rows("wishes", value["wishes"], {"id": str, "kind": str})
    for key in OPTIONAL & value.keys():
        if not isinstance(value[key], dict):
            raise LineError(f"{key}: expected an object")


def _check_rows(key: str, rows: Any, wanted: dict[str, type]) -> None:
    if not isinstance(rows, list):
        raise LineError(f"{key}: expected a list")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise LineError(f"{key}[{number}]: expected an object")
        for name, kind in wanted.items():
            if not isinstance(row.get(name), kind):
                raise LineError(f"{key}[{number}].{name}: expected {kind.__name__}")
