"""Dialog 06 ("Checkout-Dialog" of Mettler, Bizerba, Ohaus, Dibal and others): its records as bytes and back.
Pure.

The register speaks first, each record after an EOT; the scale takes it with ACK or NAK, is asked for its
answer with EOT ENQ, and each answer is taken with EOT. 9600 baud 7O1 as delivered.
"""

import re
from dataclasses import field
from typing import Literal

from kassd.deferred import dataclass

STX, ETX, EOT, ENQ, ACK, NAK, ESC = b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x15", b"\x1b"
ASK = EOT + ENQ
LONGEST = 64  # bytes of a record; the longest of the scale has 26
MAX_PRICE, MAX_TARE, TEXT = 999_999, 9_999, 13
KILOGRAM = b"3"
SPELLED: dict[str, str | int | None] = {
    **{"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "€": "E"},
    **{"Ä": "Ae", "Ö": "Oe", "Ü": "Ue"},
}


class Malformed(Exception):
    """What came is no record of a scale."""


@dataclass(frozen=True, slots=True)
class Result:
    """Record 02: net weight in grams, cents per kg, and the amount that the scale has computed."""

    grams: int
    unit_price: int
    amount: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Record 09: why there is no result; 0 nothing is wrong."""

    code: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """Record 11: prove that the register may be coupled; by how many bits its answers are rotated."""

    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Record 11: whether the proof was right."""

    valid: bool


Reply = Result | Refusal | Challenge | Verdict


@dataclass(frozen=True, slots=True)
class Secret:
    """What proves that the register may be coupled: a checksum, and a generator polynomial of 17 bits that
    the maker of the scale gives to approved software only."""

    checksum: int = field(repr=False)
    polynomial: int = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Secret":
        """From ``CCCC PPPPP`` in hex. Raises ``ValueError``."""
        found = re.fullmatch(r"([0-9A-Fa-f]{4})[ :]([0-9A-Fa-f]{5})", text.strip())
        if found is None or int(found[2], 16) >> 16 != 1:
            raise ValueError("erwartet werden vier und fünf Hexziffern, das Polynom mit führender 1")
        return cls(int(found[1], 16), int(found[2], 16))


def weigh_request(unit_price: int, tare: int = 0, text: str = "") -> bytes:
    """Record 01, 03, 04 or 05: price per kg, with tare and text where there are such. Raises ``ValueError``
    for what has no room on the wire."""
    if not 0 < unit_price <= MAX_PRICE or not 0 <= tare <= MAX_TARE:
        raise ValueError(f"unit price {unit_price} or tare {tare} has no room in a record")
    price = b"%06d" % unit_price
    shown = [_text(text)] if text else []
    if tare:
        return record("05" if text else "03", price, b"%04d" % tare, *shown)
    if text:
        return record("04", price, *shown)
    return record("01", price, b"")


def status_request() -> bytes:
    """Record 08: why NAK?"""
    return record("08")


def proof(secret: Secret, challenge: Challenge) -> bytes:
    """Record 10: the checksum rotated left, and its remainder by the polynomial rotated right."""
    first = _rotated(secret.checksum, challenge.left)
    second = _rotated(remainder(secret.checksum, secret.polynomial), 16 - challenge.right)
    return record("10", b"%04X" % first, b"%04X" % second)


def record(number: str, *fields: bytes) -> bytes:
    """EOT STX number ESC field … ETX."""
    return EOT + STX + ESC.join((number.encode(), *fields)) + ETX


def remainder(value: int, polynomial: int) -> int:
    """Of ``value`` · 2^16 by a polynomial of 17 bits, over GF(2)."""
    rest = value << 16
    for bit in range(31, 15, -1):
        if rest >> bit & 1:
            rest ^= polynomial << bit - 16
    return rest


def parse_reply(data: bytes) -> Reply:
    """What lies between STX and ETX. Raises :class:`Malformed`."""
    number, *parts = data.split(ESC)
    if number == b"02" and len(parts) == 4 and parts[0] == KILOGRAM:
        return Result(_digits(parts[1], 5), _digits(parts[2], 6), _digits(parts[3], 6))
    if number == b"09" and len(parts) == 1:
        return Refusal(_digits(parts[0], 2))
    if number == b"11" and len(parts) == 1 and parts[0] in (b"0", b"1"):
        return Verdict(parts[0] == b"1")
    if number == b"11" and len(parts) == 1 and len(parts[0]) == 3 and parts[0][:1] == b"2":
        return Challenge(*(_hex(parts[0][at : at + 1]) for at in (1, 2)))
    raise Malformed(f"no record: {data[:LONGEST]!r}")


Token = Literal["ack", "nak"] | Reply


class Stream:
    """Cuts a scale's bytes into acknowledgements and records; what stands between them is dropped."""

    def __init__(self) -> None:
        self._record: bytearray | None = None

    def feed(self, data: bytes) -> list[Token]:
        """The tokens completed by ``data``. Raises :class:`Malformed`; what came before it is lost."""
        found: list[Token] = []
        for value in data:
            byte = bytes((value,))
            if byte == STX:
                self._record = bytearray()
            elif self._record is None:
                found += {ACK: ["ack"], NAK: ["nak"]}.get(byte, [])  # type: ignore[arg-type]  # literals
            elif byte == ETX:
                whole, self._record = bytes(self._record), None
                found.append(parse_reply(whole))
            else:
                self._record.append(value)
                if len(self._record) > LONGEST:
                    self._record = None
                    raise Malformed("a record without an end")
        return found


def _rotated(value: int, left: int) -> int:
    left %= 16
    return (value << left | value >> 16 - left) & 0xFFFF


def _digits(data: bytes, count: int) -> int:
    if len(data) != count or not data.isdigit():
        raise Malformed(f"expected {count} digits, got {data[:LONGEST]!r}")
    return int(data)


def _hex(data: bytes) -> int:
    try:
        return int(data, 16)
    except ValueError:
        raise Malformed(f"expected a hex digit, got {data!r}") from None


def _text(text: str) -> bytes:
    """Thirteen characters of the wire's seven bits."""
    german = text.translate(str.maketrans(SPELLED))
    plain = "".join(c if " " <= c <= "~" else "?" for c in german)
    return plain[:TEXT].ljust(TEXT).encode()
