"""TSE log messages, version 2 (TR-03151 v1.0.1) and 3 (TR-03151-1 v1.1): reading and writing.

A message is ``SEQUENCE { version, certifiedDataType, <certified data, inline>, serialNumber,
signatureAlgorithm, [seAuditData], signatureCounter, logTime, signatureValue }``. Signed is the
concatenation of the encodings of everything from version to logTime, exactly as stored: a signature is
verified over the original bytes, never over a re-encoding.
"""

from typing import Literal

from kassd.deferred import dataclass
from kassd.tse.log import der
from kassd.tse.log.der import DerError, Element
from kassd.tse.log.times import TimeFormat, decode_time, encode_time

Operation = Literal["start", "update", "finish"]
MAX_MESSAGE = 1 << 20
TYPE_OIDS = {
    "transaction": "0.4.0.127.0.7.3.7.1.1",
    "system": "0.4.0.127.0.7.3.7.1.2",
    "audit": "0.4.0.127.0.7.3.7.1.3",
}
_TYPES = {oid: kind for kind, oid in TYPE_OIDS.items()}
_OPERATIONS: dict[str, Operation] = {
    "startTransaction": "start",
    "updateTransaction": "update",
    "finishTransaction": "finish",
}


@dataclass(frozen=True, slots=True)
class TransactionData:
    """Certified data of start, update and finish; ``None`` marks an element that is not there, which a start
    does without its process type in the field."""

    operation: Operation
    client_id: str
    process_data: bytes
    process_type: str | None
    transaction_number: int
    external: bytes | None = None
    internal: bytes | None = None


@dataclass(frozen=True, slots=True)
class SystemData:
    """Certified data of a system operation. ``event`` is the content of systemOperationData (v2, tag 81)
    or eventData (v3, tag A3); ``origin`` and ``triggered_by`` exist in v3 only."""

    operation: str
    event: bytes
    internal: bytes | None = None
    origin: str | None = None
    triggered_by: str | None = None


@dataclass(frozen=True, slots=True)
class AuditData:
    """seAuditData, whose content is the manufacturer's own."""

    data: bytes


Data = TransactionData | SystemData | AuditData


@dataclass(frozen=True, slots=True)
class LogMessage:
    """One parsed message. ``signed`` are the original signed bytes, ``algorithm`` the dotted OID,
    ``time`` unix milliseconds; ``parameters`` tells that the algorithm carried (forbidden) parameters."""

    version: int
    data: Data
    serial: bytes
    algorithm: str
    signature_counter: int
    time: int
    time_format: TimeFormat
    signature: bytes
    signed: bytes
    parameters: bool = False


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def operation_name(operation: Operation, version: int) -> str:
    """``StartTransaction`` in version 2, ``startTransaction`` in version 3."""
    name = f"{operation}Transaction"
    return name if version >= 3 else name[0].upper() + name[1:]


def _encode_data(data: Data, version: int) -> bytes:
    optional = []
    if isinstance(data, TransactionData):
        optional = [
            (0x80, operation_name(data.operation, version).encode()),
            (0x81, data.client_id.encode()),
            (0x82, data.process_data),
            (0x83, None if data.process_type is None else data.process_type.encode()),
            (0x84, data.external),
            (0x85, der.integer_content(data.transaction_number)),
            (0x86, data.internal),
        ]
    elif isinstance(data, SystemData):
        origin = None if data.origin is None else data.origin.encode()
        user = None if data.triggered_by is None else data.triggered_by.encode()
        optional = [(0x80, data.operation.encode())]
        if version >= 3:
            optional += [(0x81, origin), (0x82, user), (0xA3, data.event), (0x84, data.internal)]
        else:
            optional += [(0x81, data.event), (0x82, data.internal)]
    return b"".join(der.tlv(tag, value) for tag, value in optional if value is not None)


def signed_bytes(
    version: int, data: Data, serial: bytes, algorithm: str, counter: int, encoded_time: bytes
) -> bytes:
    """Return what is signed. ``algorithm`` is a dotted OID, ``encoded_time`` a complete element."""
    kind = {TransactionData: "transaction", SystemData: "system", AuditData: "audit"}[type(data)]
    parts = [
        der.tlv(der.INTEGER, der.integer_content(version)),
        der.tlv(der.OID, der.oid_content(TYPE_OIDS[kind])),
        _encode_data(data, version),
        der.tlv(der.OCTET_STRING, serial),
        der.tlv(der.SEQUENCE, der.tlv(der.OID, der.oid_content(algorithm))),
        der.tlv(der.OCTET_STRING, data.data) if isinstance(data, AuditData) else b"",
        der.tlv(der.INTEGER, der.integer_content(counter)),
        encoded_time,
    ]
    return b"".join(parts)


def to_sign(
    version: int,
    data: Data,
    serial: bytes,
    algorithm: str,
    counter: int,
    time: int,
    time_format: TimeFormat,
) -> bytes:
    """:func:`signed_bytes` for a time in unix milliseconds."""
    return signed_bytes(version, data, serial, algorithm, counter, encode_time(time, time_format))


def encode(signed: bytes, signature: bytes) -> bytes:
    """Put a log message together from its signed bytes and the plain signature."""
    return der.tlv(der.SEQUENCE, signed + der.tlv(der.OCTET_STRING, signature))


class _Cursor:
    """Walks over the elements of one message."""

    def __init__(self, raw: bytes, elements: list[Element]) -> None:
        self.raw, self.elements, self.index = raw, elements, 0

    def peek(self) -> int:
        return self.elements[self.index].tag if self.index < len(self.elements) else -1

    def take(self, tag: int, name: str) -> bytes:
        if self.peek() != tag:
            raise DerError(f"Element {name} fehlt oder steht an falscher Stelle")
        self.index += 1
        return der.content(self.raw, self.elements[self.index - 1])

    def maybe(self, tag: int, name: str) -> bytes | None:
        return self.take(tag, name) if self.peek() == tag else None


def _raw_body(raw: bytes, element: Element) -> bytes:
    return raw[element.body : element.body_end]


def _parse_transaction(cursor: _Cursor, version: int) -> TransactionData:
    name = _text(cursor.take(0x80, "operationType"))
    operation = _OPERATIONS.get(name[:1].lower() + name[1:])
    if operation is None or name != operation_name(operation, version):
        raise DerError(f"operationType {name[:40]!r} gibt es in Version {version} nicht")
    client = _text(cursor.take(0x81, "clientId"))
    data_tag = 0xA2 if cursor.peek() == 0xA2 else 0x82
    process_data = cursor.take(data_tag, "processData")
    process_type = None
    if operation != "start" or cursor.peek() == 0x83:
        process_type = _text(cursor.take(0x83, "processType"))
    external = cursor.maybe(0x84, "additionalExternalData")
    number = der.read_integer(cursor.take(0x85, "transactionNumber"))
    internal = cursor.maybe(0x86, "additionalInternalData")
    return TransactionData(operation, client, process_data, process_type, number, external, internal)


def _parse_system(cursor: _Cursor, version: int) -> SystemData:
    operation = _text(cursor.take(0x80, "operationType"))
    if version < 3:
        event_tag = 0xA1 if cursor.peek() == 0xA1 else 0x81
        event = _event(cursor, event_tag, "systemOperationData")
        return SystemData(operation, event, cursor.maybe(0x82, "additionalInternalData"))
    origin = cursor.maybe(0x81, "eventOrigin")
    user = cursor.maybe(0x82, "eventTriggeredByUser")
    event = _event(cursor, 0xA3, "eventData")
    internal = cursor.maybe(0x84, "additionalInternalData")
    return SystemData(
        operation,
        event,
        internal,
        None if origin is None else _text(origin),
        None if user is None else _text(user),
    )


def _event(cursor: _Cursor, tag: int, name: str) -> bytes:
    if cursor.peek() != tag:
        raise DerError(f"Element {name} fehlt oder steht an falscher Stelle")
    cursor.index += 1
    return _raw_body(cursor.raw, cursor.elements[cursor.index - 1])


def parse(raw: bytes) -> LogMessage:
    """Read one log message of version 2 or 3, or raise :class:`DerError` (German, names the element)."""
    if len(raw) > MAX_MESSAGE:
        raise DerError(f"Lognachricht mit {len(raw)} Byte ist zu groß")
    outer = der.read(raw, 0, len(raw))
    if outer.tag != der.SEQUENCE or outer.end != len(raw):
        raise DerError("die Datei ist nicht genau eine SEQUENCE")
    elements = der.children(raw, outer.body, outer.body_end, indefinite_ok=True)
    if any(element.indefinite and element.tag != 0xA2 for element in elements):
        raise DerError("unbestimmte Länge außerhalb von processData")
    cursor = _Cursor(raw, elements)
    version = der.read_integer(cursor.take(der.INTEGER, "version"))
    if version not in (2, 3):
        raise DerError(f"Version {version} der Lognachricht ist unbekannt")
    kind = _TYPES.get(der.read_oid(cursor.take(der.OID, "certifiedDataType")))
    if kind is None:
        raise DerError("certifiedDataType ist unbekannt")
    data: Data | None = None
    if kind == "transaction":
        data = _parse_transaction(cursor, version)
    elif kind == "system":
        data = _parse_system(cursor, version)
    serial = cursor.take(der.OCTET_STRING, "serialNumber")
    algorithm, parameters = _parse_algorithm(raw, cursor)
    if data is None:
        data = AuditData(cursor.take(der.OCTET_STRING, "seAuditData"))
    counter = der.read_integer(cursor.take(der.INTEGER, "signatureCounter"))
    time_tag = cursor.peek()
    time, time_format = decode_time(time_tag, cursor.take(time_tag, "logTime"))
    signed_end = elements[cursor.index - 1].end
    signature = cursor.take(der.OCTET_STRING, "signatureValue")
    if cursor.peek() != -1:
        raise DerError("nach signatureValue folgt noch etwas")
    signed = raw[outer.body : signed_end]
    return LogMessage(
        version, data, serial, algorithm, counter, time, time_format, signature, signed, parameters
    )


def _parse_algorithm(raw: bytes, cursor: _Cursor) -> tuple[str, bool]:
    if cursor.peek() != der.SEQUENCE:
        raise DerError("Element signatureAlgorithm fehlt oder steht an falscher Stelle")
    element = cursor.elements[cursor.index]
    cursor.index += 1
    inner = der.children(raw, element.body, element.body_end)
    if not inner or inner[0].tag != der.OID:
        raise DerError("signatureAlgorithm ohne Objektkennung")
    return der.read_oid(der.content(raw, inner[0])), len(inner) > 1
