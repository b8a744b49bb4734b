"""Records of a DSFinV-K file: octets to fields, strictly (A3, A4)."""

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from kassd.errors import DataError

LONGEST = 1 << 16  # octets of a record
_CELL = r'(?:"(?:[^"]|"")*"|[^";\r\n]*)'
_ROW = re.compile(rf"(?:{_CELL};)*{_CELL}")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")
BOM = b"\xef\xbb\xbf"


class RecordError(DataError):
    """A record cannot be read; ``id`` is the check that says so (German)."""

    def __init__(self, id_: str, message: str) -> None:
        self.id = id_
        super().__init__(message)


class Record(NamedTuple):
    """One record as it stands in the file: its number from 1 on, where it begins, its octets."""

    number: int
    offset: int
    raw: bytes


def records(file: BinaryIO) -> Iterator[Record]:
    """Cut a file into records: at LF outside quotation marks. One that never ends is cut at the first LF."""
    number, offset, is_open = 0, file.tell(), False
    pending: list[bytes] = []
    for line in file:
        pending.append(line)
        is_open ^= bool(line.count(b'"') & 1)
        if is_open and sum(map(len, pending)) <= LONGEST:
            continue
        for raw in pending if is_open else (b"".join(pending),):
            number += 1
            yield Record(number, offset, raw)
            offset += len(raw)
        pending, is_open = [], False
    if pending:
        yield Record(number + 1, offset, b"".join(pending))


def fields(raw: bytes) -> list[str]:
    """The fields of one record. Raises :class:`RecordError` where it is not written as it must be."""
    if not raw.endswith(b"\r\n"):
        raise RecordError("A4", "der Satz endet nicht mit CR LF")
    try:
        text = raw[:-2].decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError("A3", f"kein UTF-8 ab Byte {error.start} des Satzes") from None
    if found := _CONTROL.search(text):
        raise RecordError("A3", f"Steuerzeichen U+{ord(found[0]):04X} an Stelle {found.start() + 1}")
    if '"' not in text:
        if "\r" in text or "\n" in text:
            raise RecordError("A4", "Zeilenumbruch außerhalb von Anführungszeichen")
        return text.split(";")
    if _ROW.fullmatch(text) is None:
        raise RecordError("A4", "ein Feld ist nicht richtig in Anführungszeichen gefasst")
    return next(csv.reader((text,), delimiter=";"), [""])


def lenient_fields(raw: bytes) -> list[str] | None:
    """The fields as far as it can be told what was meant, after :func:`fields` has refused the record."""
    text = _CONTROL.sub("", raw.rstrip(b"\r\n").decode("utf-8", "replace"))
    return next(csv.reader((text,), delimiter=";"), [""]) if _ROW.fullmatch(text) else None
