"""What the values of the answers mean: keys, clients, times, signatures."""

from base64 import b64encode

from kassd.errors import TseError
from kassd.tse.cryptovision.codec import Value, garbled
from kassd.tse.log import der
from kassd.tse.log.algorithms import ALGORITHMS
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import TransactionData, parse
from kassd.tse.log.times import decode_time, time_tag, to_iso
from kassd.tse.port import LastResult, LifeCycle, Signed

LIFE_CYCLES: dict[int, LifeCycle] = {
    1: "factory",
    2: "no_time",
    3: "active",
    4: "deactivated",
    5: "disabled",
}
TIME_FORMATS = {1: "utcTimeWithSeconds", 2: "generalizedTime", 3: "unixTime"}
V1_FIRMWARE = ("240346", "425545", "793041")
SERIAL = 32


def is_v1(firmware: str) -> bool:
    """Whether a firmware id is one of the first hardware, which takes all PINs and PUKs at once."""
    return any(release in firmware for release in V1_FIRMWARE)


def single(found: tuple[Value, ...]) -> bytes:
    """The only value of an answer, a BYTE_ARRAY."""
    if len(found) != 1 or not isinstance(found[0], bytes):
        raise garbled("kein einzelner Wert")
    return found[0]


def number(found: tuple[Value, ...]) -> int:
    """The only value of an answer, a number in a BYTE_ARRAY of any length."""
    return int.from_bytes(single(found), "big")


def small_number(found: tuple[Value, ...]) -> int:
    """The only value of an answer, a SHORT."""
    if len(found) != 1 or not isinstance(found[0], int):
        raise garbled("keine Zahl")
    return found[0]


def text(found: tuple[Value, ...]) -> str:
    """The first value of an answer, a STRING."""
    if not found or not isinstance(found[0], str):
        raise garbled("kein Text")
    return found[0]


def longs(found: tuple[Value, ...]) -> tuple[int, ...]:
    """The only value of an answer, a LONG_ARRAY; an answer without values is an empty one."""
    if not found:
        return ()
    if len(found) != 1 or not isinstance(found[0], tuple):
        raise garbled("keine Liste von Zahlen")
    return found[0]


def login(found: tuple[Value, ...]) -> tuple[int, int]:
    """Result and remaining tries of ``AuthenticateUser``; ``UnblockUser`` tells no tries (-1)."""
    if not found or not all(isinstance(value, int) for value in found):
        raise garbled("kein Ergebnis der Anmeldung")
    result, *tries = (value for value in found if isinstance(value, int))
    return result, tries[0] if tries else -1


def signed(found: tuple[Value, ...], transaction_number: int | None) -> Signed:
    """The answer to start (``transaction_number`` None), update or finish."""
    parts = [value for value in found if isinstance(value, bytes)]
    if len(parts) != len(found) or len(parts) != (5 if transaction_number is None else 4):
        raise garbled("keine Signatur")
    if transaction_number is None:
        transaction_number = int.from_bytes(parts.pop(0), "big")
    counter, time, signature, serial = parts
    if len(serial) != SERIAL or not signature:
        raise garbled("keine Signatur")
    return Signed(
        transaction_number,
        int.from_bytes(counter, "big"),
        to_iso(log_time(time)),
        serial.hex(),
        b64encode(signature).decode(),
    )


def log_time(raw: bytes) -> int:
    """Unix milliseconds of a log time: a big-endian number of seconds, or the text of a DER time."""
    try:
        if raw[-1:] == b"Z" and raw[:6].isdigit():
            tag = time_tag("utcTime" if len(raw) <= 13 else "generalizedTime")
            return decode_time(tag, raw)[0]
        return decode_time(der.INTEGER, der.integer_content(int.from_bytes(raw, "big")))[0]
    except DerError as error:
        raise garbled(str(error)) from None


def transaction_serial(raw: bytes) -> bytes:
    """From the list of serial numbers the one that signs transactions."""
    try:
        outer = der.read(raw, 0, len(raw))
        for row in der.children(raw, outer.body, outer.body_end):
            serial, transactions, *_ = der.children(raw, row.body, row.body_end)
            if any(der.content(raw, transactions)) and len(der.content(raw, serial)) == SERIAL:
                return der.content(raw, serial)
    except (DerError, ValueError):
        raise garbled("Seriennummern") from None
    raise TseError("Die TSE nennt keinen Schlüssel für Transaktionen.")


def algorithm(raw: bytes) -> str:
    """Name of a signature algorithm given as OID, as DER of it or as AlgorithmIdentifier."""
    for tag in (der.SEQUENCE, der.OID):
        if raw[:1] == bytes((tag,)) and len(raw) > 2 and raw[1] <= len(raw) - 2:
            raw = raw[2 : 2 + raw[1]]
    try:
        return ALGORITHMS[der.read_oid(raw)].name
    except (DerError, KeyError):
        raise TseError(f"Das Signaturverfahren der TSE ist unbekannt: {raw.hex()}") from None


def clients(raw: bytes) -> tuple[str, ...]:
    """The clients in the mappings ``SEQUENCE OF SEQUENCE { OCTET STRING client, … }``.

    Firmware up to 2.3.1 writes wrong lengths of the sequences, so these are not believed: the first octet
    string after the head of a sequence is a client.
    """
    found, position, after_head = [], 0, False
    while position + 2 <= len(raw):
        tag, length, body = raw[position], raw[position + 1], position + 2
        if tag == der.SEQUENCE:
            position = _inside(raw, body, length)
            after_head = True
            continue
        if length in (0x81, 0x82):
            extra = length & 0x7F
            length, body = int.from_bytes(raw[body : body + extra], "big"), body + extra
        if body + length > len(raw):
            raise garbled("Liste der Kassen")
        if tag == der.OCTET_STRING and after_head:
            found.append(raw[body : body + length].decode("ascii", "backslashreplace"))
        position, after_head = body + length, False
    return tuple(found)


def _inside(raw: bytes, body: int, first: int) -> int:
    """Where the content of a sequence begins, whatever its length says."""
    extra = first & 0x7F if first in (0x81, 0x82) else 0
    tags = (der.SEQUENCE, der.OCTET_STRING)
    return body + extra if extra and body + extra < len(raw) and raw[body + extra] in tags else body


def last_result(raw: bytes) -> LastResult | None:
    """What a stored log message says about a transaction; None: it is none of a transaction."""
    try:
        message = parse(raw)
    except DerError as error:
        raise garbled(f"Lognachricht: {error}") from None
    data = message.data
    if not isinstance(data, TransactionData):
        return None
    signed = Signed(
        data.transaction_number,
        message.signature_counter,
        to_iso(message.time),
        message.serial.hex(),
        b64encode(message.signature).decode(),
    )
    return LastResult(data.operation, data.client_id, signed)
