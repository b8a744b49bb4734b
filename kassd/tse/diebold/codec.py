"""The ESC protocol of Diebold Nixdorf's TSE: requests and answers as bytes. Pure.

Request: ``1B 90`` command (3 digits) { ``1B 92`` parameter } ``1B 99`` id, then where the answer goes
(``1B 9D`` send it, ``1B 9E`` n keep it in buffer n, ``1B 9C`` none), ``1B 9F``. Answer: ``1B 91`` command
{ ``1B 92`` parameter } ``1B 99`` id ``1B 9F``. ``1B 6B`` begins an unsolicited status (ASB) of unknown
length. There is no negative answer: the device stays silent and keeps an error for GetMfcStatus.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from kassd.errors import TseError

REQUEST, ANSWER, PARAMETER, ID = b"\x1b\x90", b"\x1b\x91", b"\x1b\x92", b"\x1b\x99"
NO_ANSWER, SEND, BUFFER, END = b"\x1b\x9c", b"\x1b\x9d", b"\x1b\x9e", b"\x1b\x9f"
ASB = b"\x1b\x6b"
MAX_FRAME = 1 << 20
PACKET = 512  # raw bytes of one TransactionData
FACTORY_CLIENT = "DN TSEProduction ef82abcedf"
CLIENT_ID = re.compile(r"[A-Za-z0-9+,\-.:? ]{1,30}")
PRINTABLE = re.compile(r"[\x20-\x7e]*")
_ID = re.compile(rb"[0-9A-Fa-f-]{0,36}")
_HEAD = re.compile(rb"\x1b\x91([0-9]{3})")
_TAIL = re.compile(rb"\x1b\x99([0-9A-Fa-f-]{0,36})\x1b\x9f")
_SIZED = re.compile(
    rb"\x1b\x92([0-9]{1,3})\x1b\x92([0-9]{1,3})\x1b\x92([0-9A-Fa-f]{2})\x1b\x92([0-9]{1,7})\x1b\x92"
)
_DATE = "%d.%m.%Y %H:%M:%S"


class Command(IntEnum):
    """The commands by their numbers."""

    COUNTRY_INFO = 0
    MFC_STATUS = 1
    FIRMWARE_INFO = 2
    SET_ASB = 3
    COMMAND_RESPONSE = 4
    INITIALIZE = 100
    UPDATE_TIME = 101
    MEMORY_INFO = 102
    DISABLE = 104
    REGISTER_CLIENT = 106
    DEREGISTER_CLIENT = 107
    DEVICE_INFO = 108
    SLOT_INFO = 109
    SELF_TEST = 112
    START_INIT = 200
    START_END = 201
    UPDATE_INIT = 202
    UPDATE_END = 203
    FINISH_INIT = 204
    FINISH_END = 205
    TRANSACTION_DATA = 206
    TRANSACTION_VOID = 207
    EXPORT_ALL = 300
    EXPORT_TRANSACTION = 301
    EXPORT_INTERVAL = 302
    EXPORT_PERIOD = 303
    EXPORT_CERTIFICATES = 304
    EXPORT_SERIALS = 305
    LAST_LOG_MESSAGE = 306
    DELETE_EXPORTED = 307
    EXPORT_PUBLIC_KEY = 308
    RESET_EXPORT = 309
    LOGIN = 400
    LOGOUT = 401
    UNBLOCK = 402
    CHANGE_PUK = 403
    CHANGE_PIN = 404
    CLIENT_COUNT = 500
    CLIENTS = 502
    TRANSACTION_COUNT = 504
    STARTED_TRANSACTIONS = 506
    UPDATE_TIME_INTERVAL = 507
    NEXT_SELF_TEST = 508
    SET_CLIENT_ID = 509


class CodecError(TseError):
    """The device's bytes are not what the protocol says."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``buffer`` None: the answer is sent at once, else kept in that buffer."""

    command: int
    parameters: tuple[bytes, ...]
    id: str
    buffer: int | None = None

    def to_bytes(self) -> bytes:
        """The frame."""
        route = SEND if self.buffer is None else BUFFER + b"%d" % self.buffer
        return REQUEST + _body(self.command, self.parameters, self.id) + route + END

    @classmethod
    def from_bytes(cls, frame: bytes) -> "Request":
        """Read a whole frame; raises :class:`CodecError`."""
        body = frame.removeprefix(REQUEST).removesuffix(END)
        if len(frame) - len(body) != 4 or not body[:3].isdigit():
            raise CodecError(f"keine Anfrage: {frame[:40]!r}")
        head, _, tail = body.partition(ID)
        raw_id, marker, buffer = tail.partition(BUFFER)
        parameters = head.split(PARAMETER)
        if len(parameters[0]) != 3 or (marker and not buffer.isdigit()):
            raise CodecError(f"keine Anfrage: {frame[:40]!r}")
        raw_id = raw_id.removesuffix(SEND).removesuffix(NO_ANSWER)
        return cls(
            int(head[:3]), tuple(parameters[1:]), raw_id.decode("latin-1"), int(buffer) if marker else None
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One positive answer."""

    command: int
    parameters: tuple[bytes, ...]
    id: str

    def to_bytes(self) -> bytes:
        """The frame."""
        return ANSWER + _body(self.command, self.parameters, self.id) + END


def _body(command: int, parameters: Sequence[bytes], request_id: str) -> bytes:
    values = b"".join(PARAMETER + value for value in parameters)
    return b"%03d" % command + values + ID + request_id.encode("latin-1")


class Answers:
    """Cuts a stream of bytes into answers; what is no answer (ASB, noise, a torn frame) is dropped."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def reset(self) -> None:
        """Forget a frame that was not finished."""
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[Answer]:
        """Take more bytes and yield the answers that became complete."""
        self._buffer += data
        while True:
            start = self._buffer.find(ANSWER)
            if start < 0:
                del self._buffer[: max(0, len(self._buffer) - 1)]  # the last byte may be an ESC
                return
            del self._buffer[:start]
            found = self._parse()
            if found is None:
                return
            used, answer = found
            del self._buffer[:used]
            if answer is not None:
                yield answer

    def _parse(self) -> tuple[int, Answer | None] | None:
        """Bytes used and the answer at the buffer's begin; no answer: skip the bytes; None: wait."""
        if len(self._buffer) < 5:
            return None
        head = _HEAD.match(self._buffer)
        if head is None:
            return len(ANSWER), None
        command = int(head[1])
        sized = self._sized() if command == Command.COMMAND_RESPONSE else None
        if sized is not None:
            values, body_end = sized
        else:
            body_end = self._buffer.find(END, 5)
            again = self._buffer.find(ANSWER, 5, body_end if body_end >= 0 else len(self._buffer))
            if again >= 0:  # the frame before was torn off
                return again, None
            if body_end < 0:
                return None if len(self._buffer) < MAX_FRAME else (len(ANSWER), None)
            values, body_end = None, self._buffer.rfind(ID, 5, body_end)
            if body_end < 0:
                return len(ANSWER), None
        tail = _TAIL.match(self._buffer, body_end)
        if tail is None:
            whole = len(self._buffer) >= body_end + 42
            return (len(ANSWER), None) if whole or not self._may_be_tail(body_end) else None
        if values is None:
            values = tuple(bytes(self._buffer[5:body_end]).split(PARAMETER)[1:])
        return tail.end(), Answer(command, values, tail[1].decode("ascii"))

    def _sized(self) -> tuple[tuple[bytes, ...] | None, int] | None:
        """Parameters of a GetCommandResponse and where they end: its data is raw and has a length."""
        match = _SIZED.match(self._buffer, 5)
        if match is None:
            return None
        end = match.end() + int(match[4])
        values = (*match.groups(), bytes(self._buffer[match.end() : end]))
        return values, end

    def _may_be_tail(self, at: int) -> bool:
        begun = bytes(self._buffer[at:])
        return begun[:2] == ID[: len(begun)] and _ID.fullmatch(begun[2:].rstrip(b"\x1b")) is not None


def digits(value: bytes) -> int:
    """A decimal number."""
    if not value.isdigit():
        raise CodecError(f"keine Zahl: {value[:40]!r}")
    return int(value)


def maybe_digits(value: bytes) -> int | None:
    """A decimal number that old firmware leaves empty."""
    return int(value) if value.isdigit() else None


def hexadecimal(value: bytes) -> bytes:
    """Hex digits in ASCII."""
    try:
        return bytes.fromhex(value.decode("ascii"))
    except ValueError:
        raise CodecError(f"keine Hexziffern: {value[:40]!r}") from None


def text(value: bytes) -> str:
    """Printable text."""
    return value.decode("latin-1")


def to_date(unix_seconds: int) -> bytes:
    """``dd.MM.yyyy HH:mm:ss`` in UTC."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime(_DATE).encode()


def from_date(value: bytes) -> int:
    """Unix seconds of ``dd.MM.yyyy HH:mm:ss`` in UTC."""
    try:
        moment = datetime.strptime(value.decode("ascii"), _DATE).replace(tzinfo=UTC)
    except ValueError:
        raise CodecError(f"kein Zeitpunkt: {value[:40]!r}") from None
    return int(moment.timestamp())
