"""The mailbox ``TSE-IO.bin`` and what lies in it: frames, commands, typed values. No I/O.

A command frame is magic (28), token (4), length (BE16), mode (BE16), command, zeros to whole sectors. In the
answer's frame the device has replaced the token; length (BE16) and data follow. The data begin with a result
word (BE16): the length of the values that follow, ``9000`` for an export stream, or an error.
"""

from dataclasses import dataclass
from enum import IntEnum

from kassd.errors import TseSilent
from kassd.tse.codes import PARAMETER, refused

MAGIC = b"AdVancED SeCuRe SD/MMC CArd\x01"
TOKEN = bytes.fromhex("deadbeef")
MAILBOX, SECTOR = 8192, 512
MAX_COMMAND, MAX_DATA = 8160, 8158
MORE, CANCEL = b"\xc5", b"\xc4"  # raw commands: next fragment, end of fragments
STREAM = 0x9000
BUSY, TIMED_OUT = 0xFFFF, 0xFF45

Value = int | bytes | str | tuple[int, ...]


class Mode(IntEnum):
    """Response mode of a frame; the suspend modes come with the command ``00 00``."""

    NORMAL = 0x0000
    DISABLE_SUSPEND = 0x5344
    ENABLE_SUSPEND = 0x5345


class Code(IntEnum):
    """All commands of the wire; the driver never sends the two updates and ``DEACTIVATE``."""

    START = 0x0000
    GET_PIN_STATES = 0x0001
    INITIALIZE_PINS = 0x0002
    AUTHENTICATE_USER = 0x0003
    UNBLOCK_USER = 0x0004
    LOG_OUT = 0x0005
    INITIALIZE = 0x0006
    UPDATE_TIME = 0x0007
    GET_SERIAL_NUMBERS = 0x0008
    MAP_ERS_TO_KEY = 0x0009
    START_TRANSACTION = 0x000A
    UPDATE_TRANSACTION = 0x000B
    FINISH_TRANSACTION = 0x000C
    EXPORT_DATA = 0x000D
    GET_CERTIFICATES = 0x000E
    READ_LOG_MESSAGE = 0x000F
    ERASE = 0x0010
    GET_CONFIG_DATA = 0x0011
    GET_STATUS = 0x0012
    DEACTIVATE = 0x0013
    ACTIVATE = 0x0014
    DISABLE = 0x0015
    EXPORT_MORE_DATA = 0x0016
    GET_ERS_MAPPINGS = 0x0017
    GET_KEY_DATA = 0x0018
    GET_WEAR_INDICATOR = 0x0019
    UPDATE_CERTIFICATE = 0x001A
    DELETE_DATA_UP_TO = 0x001B
    UPDATE_FIRMWARE = 0x0063
    SHUTDOWN = 0x00FF


class Config(IntEnum):
    """Selectors of ``GetConfigData``."""

    SIGNATURE_ALGORITHM = 1
    UPDATE_VARIANT = 2
    MAX_CLIENTS = 4
    MAX_TRANSACTIONS = 5
    TIME_SYNC_INTERVAL = 6
    SYNC_VARIANT = 7
    CERTIFICATION_ID = 8


class Status(IntEnum):
    """Selectors of ``GetStatus``."""

    CLIENTS = 0
    OPEN_COUNT = 1
    OPEN_LIST = 2
    TRANSACTION_COUNTER = 3
    LIFE_CYCLE = 4
    TOTAL_MEMORY = 5
    FREE_MEMORY = 6


class Key(IntEnum):
    """Selectors of ``GetKeyData``."""

    SIGNATURE_COUNTER = 0
    CERTIFICATE_EXPIRY = 1
    PUBLIC_KEY = 2


class _Type(IntEnum):
    BYTE = 0x01
    BYTE_ARRAY = 0x02
    SHORT = 0x03
    STRING = 0x04
    LONG_ARRAY = 0x05


def garbled(what: str) -> TseSilent:
    """The error of an answer that cannot be this device's: whether it acted is unknown."""
    return TseSilent(f"Die Antwort der TSE ist unverständlich ({what}).")


def frame(command: bytes, mode: Mode = Mode.NORMAL) -> bytes:
    """The sectors to write for a command; refuses one that does not fit into the mailbox."""
    if len(command) > MAX_COMMAND:
        raise refused(PARAMETER, f"{len(command)} statt höchstens {MAX_COMMAND} Byte Kommando")
    data = MAGIC + TOKEN + len(command).to_bytes(2, "big") + mode.to_bytes(2, "big") + command
    return data + bytes(-len(data) % SECTOR)


def answer(mailbox: bytes) -> bytes | None:
    """The data of the answer in a mailbox just read; None: not there yet (or a controller waking up).

    Raises :class:`TseSilent` for an error of the flash controller and for what is no mailbox.
    """
    if mailbox[28:32] == TOKEN or not any(mailbox[:28]):
        return None
    if mailbox[:28] != MAGIC:
        raise garbled(f"Kopf {mailbox[:28].hex()}")
    length = int.from_bytes(mailbox[32:34], "big")
    if length == BUSY:
        return None
    if length == TIMED_OUT:
        raise TseSilent("Der Controller der TSE hat von ihr keine Antwort bekommen (FF45).")
    if length > MAX_DATA:
        raise TseSilent(f"Der Controller der TSE meldet einen Fehler ({length:04X}).")
    return mailbox[34 : 34 + length]


def byte_array(value: bytes) -> bytes:
    """A BYTE_ARRAY parameter; empty: left out."""
    return _parameter(_Type.BYTE_ARRAY, value)


def string(value: str) -> bytes:
    """A STRING parameter (ASCII); empty: left out."""
    try:
        return _parameter(_Type.STRING, value.encode("ascii"))
    except UnicodeEncodeError:
        raise refused(PARAMETER, f"{value!r} ist nicht ASCII") from None


def short(value: int) -> bytes:
    """A SHORT parameter."""
    return _parameter(_Type.SHORT, value.to_bytes(2, "big"))


def long(value: int) -> bytes:
    """A number as the device takes it: BYTE_ARRAY of four octets, big-endian."""
    if not 0 <= value <= 0xFFFFFFFF:
        raise refused(PARAMETER, f"{value} passt nicht in 32 Bit")
    return byte_array(value.to_bytes(4, "big"))


def _parameter(kind: _Type, value: bytes) -> bytes:
    if len(value) > MAX_COMMAND:
        raise refused(PARAMETER, f"{len(value)} statt höchstens {MAX_COMMAND} Byte Kommando")
    return bytes((kind,)) + len(value).to_bytes(2, "big") + value


def command(code: int, *parameters: bytes) -> bytes:
    """``5C 54``, code, length and parameters."""
    body = b"".join(parameters)
    return b"\x5c\x54" + code.to_bytes(2, "big") + (len(body) & 0xFFFF).to_bytes(2, "big") + body


def is_list(body: bytes) -> bool:
    """Whether an answer is a LONG_ARRAY."""
    return body[:1] == bytes((_Type.LONG_ARRAY,))


def missing(result: int, body: bytes) -> int:
    """How many bytes of the values announced by ``result`` are still to be fetched.

    In the list of open transactions devices exchange two lengths (23 announced where 21 are there); the
    array's own length decides there, or, if that is the wrong one, what has come.
    """
    if is_list(body) and len(body) >= 3:
        length = int.from_bytes(body[1:3], "big")
        return max(0, 3 + length - len(body)) if length % 4 == 0 else 0
    return max(0, result - len(body))


def values(body: bytes) -> tuple[Value, ...]:
    """The typed values of an answer."""
    found: list[Value] = []
    while body:
        kind, length = body[0], int.from_bytes(body[1:3], "big")
        if kind == _Type.LONG_ARRAY:
            whole = (len(body) - 3) // 4 * 4
            raw = body[3 : 3 + (length if length % 4 == 0 else whole)]
            found.append(tuple(int.from_bytes(raw[n : n + 4], "big") for n in range(0, len(raw), 4)))
            return tuple(found)
        raw, rest = body[3 : 3 + length], body[3 + length :]
        if len(body) < 3 or len(raw) < length:
            raise garbled("Wert abgeschnitten")
        found.append(_value(kind, raw))
        body = rest
    return tuple(found)


def _value(kind: int, raw: bytes) -> Value:
    match kind:
        case _Type.BYTE | _Type.SHORT:
            return int.from_bytes(raw, "big")
        case _Type.BYTE_ARRAY:
            return raw
        case _Type.STRING:
            return raw.decode("ascii", "backslashreplace")
    raise garbled(f"Typ {kind:02X}")


@dataclass(frozen=True, slots=True)
class Export:
    """Beginning of an export stream: total length of the archive, and its first bytes."""

    length: int
    data: bytes


def export(body: bytes) -> Export:
    """Read what follows the result word ``9000``."""
    if len(body) < 8 or (length := int.from_bytes(body[:8], "big")) >> 63:
        raise garbled("Länge des Exports")
    return Export(length, body[8:])
