"""The mailbox of Swissbit TSEs: commands and answers in ``TSE_COMM.DAT``. Pure.

A command block is length (BE16), opcode, 00, arguments, zeros to 512 bytes. An answer block is the response
counter (BE32), a state, and when that is COMPLETE the length of what follows (BE16), data, status (BE16).
Strings carry one byte of length; numbers are big-endian.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

from kassd.errors import DataError
from kassd.tse.log.messages import Operation
from kassd.tse.log.times import to_iso
from kassd.tse.port import Signed

SECTOR = 512
BUSY, FETCH, COMPLETE = 0xF3, 0xFD, 0xFF
OK, NOT_ENOUGH_DATA, INVALID_PARAMETER, NOTHING_TO_FETCH = 0, 0x1006, 0x1007, 0x1015
USERS = {"Admin": 1, "TimeAdmin": 2}
EVENTS: dict[Operation, int] = {"start": 0, "update": 1, "finish": 2}
CLIENTS_PER_PAGE, TRANSACTIONS_PER_PAGE, CLIENT_FIELD = 16, 62, 31
MAX_CLIENT_ID, MAX_PROCESS_TYPE = 30, 100
User = Literal["Admin", "TimeAdmin"]


class Malformed(DataError):
    """The block is no answer of this protocol."""


# -- commands: opcode, 00, arguments


def _text(value: str) -> bytes:
    raw = value.encode()
    return bytes((len(raw),)) + raw


def frame(command: bytes) -> bytes:
    """The block to be written for a command."""
    return (len(command).to_bytes(2, "big") + command).ljust(SECTOR, b"\0")


def login(user: User, pin: str) -> bytes:
    """A refusal costs the user one of three tries."""
    return bytes((0x20, 0, USERS[user])) + _text(pin)


def change_puk(puk: str, new: str) -> bytes:
    """Needs no login. A refusal costs one of three tries; after the third the TSE is scrap."""
    return b"\x23\0" + _text(puk) + _text(new)


def change_pin(user: User, pin: str, new: str) -> bytes:
    """The user must be logged in."""
    return bytes((0x24, 0, USERS[user])) + _text(pin) + _text(new)


def self_test(client_id: str) -> bytes:
    """First command after a power-up; up to 60 s. Without the client registered: 1011, but it counts."""
    return b"\x40\0" + _text(client_id)


def register(client_id: str) -> bytes:
    """Admin."""
    return b"\x41\0" + _text(client_id)


def deregister(client_id: str) -> bytes:
    """Admin."""
    return b"\x42\0" + _text(client_id)


def list_clients(skip: int) -> bytes:
    """Admin. At most 16 an answer."""
    return b"\x43\0" + skip.to_bytes(4, "big")


CTSS_ENABLE, INITIALIZE, FETCH_RESPONSE, CLOSE_STEP = b"\x60\0", b"\x70\0", b"\x83\0", b"\x95\0"


def update_time(unix_seconds: int) -> bytes:
    """Admin or TimeAdmin."""
    return b"\x80\0" + unix_seconds.to_bytes(8, "big")


def list_transactions(skip: int, client_id: str) -> bytes:
    """At most 62 an answer; an empty ``client_id`` means all."""
    return b"\x85\0" + skip.to_bytes(4, "big") + _text(client_id)


def read_certificate(offset: int) -> bytes:
    """The next part of the PEM chain."""
    return b"\x86\0" + offset.to_bytes(4, "big")


def open_step(operation: Operation, client_id: str, number: int, size: int, process_type: str) -> bytes:
    """Announce ``size`` bytes of process data; the answer is the sector they are to be written to."""
    kind = process_type.encode()
    numbers = [value.to_bytes(8, "big") for value in (number, size, len(kind))]
    head = bytes((0x90, 0, EVENTS[operation])) + _text(client_id) + b"".join(numbers)
    return head + kind + bytes(8)  # no additional data


# -- answers


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer block. ``data`` and ``status`` count when ``state`` is COMPLETE."""

    counter: int
    state: int
    data: bytes = b""
    status: int = 0


def parse_answer(block: bytes) -> Answer:
    """Read a block, or raise :class:`Malformed`."""
    counter, state = int.from_bytes(block[:4], "big"), block[4]
    if state != COMPLETE:
        return Answer(counter, state)
    size = int.from_bytes(block[5:7], "big")
    if not 2 <= size <= SECTOR - 7:
        raise Malformed(f"answer of {size} bytes")
    return Answer(counter, state, block[7 : 5 + size], int.from_bytes(block[5 + size : 7 + size], "big"))


def is_newer(counter: int, before: int) -> bool:
    """Whether a response counter has moved on (it wraps); one that fell back tells of a power cycle."""
    return 0 < (counter - before) % (1 << 32) < 1 << 31


def _number(data: bytes, at: int, size: int = 8) -> int:
    if len(data) < at + size:
        raise Malformed(f"{len(data)} bytes of data, {at + size} wanted")
    return int.from_bytes(data[at : at + size], "big")


def parse_clients(data: bytes) -> list[str]:
    """One page of registered clients, NUL-terminated in fields of 32 bytes, as one public driver reads them;
    16 of those do not fit a block: where the length shows fields of 31, they are read so."""
    count = data[0] if data else 0
    wide = len(data) >= 1 + count * (CLIENT_FIELD + 1)
    size = CLIENT_FIELD + wide
    if len(data) < 1 + count * size and count:
        raise Malformed("client list cut off")
    fields = (data[1 + n * size :][:size] for n in range(count))
    return [field.partition(b"\0")[0].decode("utf-8", "backslashreplace") for field in fields]


def parse_transactions(data: bytes) -> list[int]:
    """One page of started transactions."""
    return [_number(data, 1 + 8 * n) for n in range(data[0] if data else 0)]


def parse_certificate(data: bytes) -> bytes:
    """One part of the PEM chain; empty: that was all."""
    size = _number(data, 0, 2)
    if len(data) < 2 + size:
        raise Malformed("certificate part cut off")
    return data[2 : 2 + size]


def parse_sector(data: bytes) -> int:
    """Where the process data goes: sector in the store, counted over its files."""
    return _number(data, 0)


def parse_signed(data: bytes) -> Signed:
    """Answer to the close step."""
    size = _number(data, 56)
    signature = data[64 : 64 + size]
    if not size or len(signature) < size:
        raise Malformed("signature cut off")
    return Signed(
        transaction_number=_number(data, 0),
        serial_number=data[8:40].hex(),
        log_time=to_iso(_number(data, 40) * 1000),
        signature_counter=_number(data, 48),
        signature=b64encode(signature).decode(),
    )


# -- factory secrets


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a factory-new TSE is opened with."""

    puk: str
    admin_pin: str
    time_admin_pin: str


def initial_credentials(seed: str, serial: bytes) -> Credentials:
    """Derived from SHA-256(seed ‖ serial number): its 8-byte groups as decimal numbers, their last digits."""
    digest = hashlib.sha256(seed.encode() + serial).digest()
    puk, admin, time_admin = (f"{int.from_bytes(digest[n : n + 8], 'big'):020d}" for n in (0, 8, 16))
    return Credentials(puk[-6:], admin[-5:], time_admin[-5:])
