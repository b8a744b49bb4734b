"""Bytes of the ePOS-Device protocol: XML elements ended by NUL around JSON. Pure.

Asked are ``<open_device>``, ``<device_data>`` (one function of the TSE as JSON) and ``<close_device>``; each
is answered by an element of the same name. After connecting the TSE's host speaks first: ``<connect>``.
"""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from kassd.errors import TseError
from kassd.tse.log.der import DerError
from kassd.tse.log.times import from_iso, to_iso
from kassd.tse.port import Signed

NUL = b"\x00"
MAX_MESSAGE = 65_536
MAX_FRAME = 1 << 20
COMMON = "COMMON"  # storage type of GetStorageInfo, the only function that needs no vendor
EXECUTION_OK, SUCCESS = "EXECUTION_OK", "SUCCESS"
EXPORT_COMPLETE = "EXPORT_COMPLETE"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z", re.ASCII)

Output = Mapping[str, Any]


class BadAnswer(TseError):
    """The host's bytes are no answer of this protocol (German)."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Die Antwort des Epson-Geräts ist nicht lesbar: {problem}")


@dataclass(frozen=True, slots=True)
class Element:
    """One XML element: its name, and the text of each leaf below it by name (the first one counts)."""

    name: str
    fields: Mapping[str, str]

    @property
    def code(self) -> str:
        """Content of ``<code>``, in capitals; empty if there is none."""
        return self.fields.get("code", "").strip().upper()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function of the TSE answered: its name, ``EXECUTION_OK`` or an error, and its values."""

    function: str
    result: str
    output: Output


def parse_element(frame: bytes) -> Element:
    """Read one element, or raise :class:`BadAnswer`; declarations of types and entities are refused.

    A quote before the element belongs to the end of the last one: some hosts send quote, NUL, quote.
    """
    fields: dict[str, str] = {}
    path: list[str] = []
    texts: list[str] = []
    root: list[str] = []

    def start(name: str, _attributes: object) -> None:
        path.append(name)
        texts.append("")
        root.extend(() if root else (name,))

    def end(name: str) -> None:
        path.pop()
        fields.setdefault(name, texts.pop())

    def text(data: str) -> None:
        texts[-1] += data

    def declared(*_: object) -> None:
        raise BadAnswer("XML mit Dokumenttyp wird nicht gelesen")

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, declared
    try:
        parser.Parse(frame.strip(b' \t\r\n"'), True)
    except expat.ExpatError as error:
        raise BadAnswer(f"kein XML: {error}") from error
    return Element(root[0], fields)


def open_device(device_id: str) -> bytes:
    """Ask for the TSE."""
    kind = "<data><type>type_storage</type></data>"
    return f"<open_device><device_id>{escape(device_id)}</device_id>{kind}</open_device>".encode()


def close_device(device_id: str) -> bytes:
    """Give the TSE back."""
    return f"<close_device><device_id>{escape(device_id)}</device_id></close_device>".encode()


def operate(device_id: str, request: str, timeout_ms: int) -> bytes:
    """One function; ``timeout_ms``: how long the host waits for the TSE."""
    return (
        f"<device_data><device_id>{escape(device_id)}</device_id><data><type>operate</type>"
        f"<timeout>{timeout_ms}</timeout><requestdata>{escape(request, {chr(34): '&quot;'})}</requestdata>"
        "</data></device_data>"
    ).encode()


def request(function: str, inputs: Output | None = None, vendor: str = "") -> str:
    """The JSON of a function; without a vendor it goes to the host itself (``COMMON``)."""
    kind = "TSE" if vendor else COMMON
    return json.dumps(
        {
            "storage": {"type": kind, "vendor": vendor},
            "function": function,
            "input": dict(inputs or {}),
            "compress": {"required": False, "type": ""},
        },
        separators=(",", ":"),
    )


def parse_answer(element: Element) -> Answer:
    """Read the JSON in an answered ``<device_data>``, or raise :class:`BadAnswer`."""
    try:
        data = json.loads(element.fields["resultdata"])
        function, result, output = data["function"], data["result"], data.get("output") or {}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadAnswer(f"Ergebnis nicht lesbar: {error!r}") from error
    if not (isinstance(function, str) and isinstance(result, str) and isinstance(output, dict)):
        raise BadAnswer("Ergebnis ohne function, result oder output")
    return Answer(function, result, output)


def host_hash(challenge: str, secret: str) -> str:
    """Proof of the shared secret: base64(SHA-256(challenge ‖ secret))."""
    return b64encode(hashlib.sha256((challenge + secret).encode()).digest()).decode()


def date(unix_seconds: int) -> str:
    """``yyyy-MM-ddTHH:mm:ssZ``, hours 00 to 23."""
    return to_iso(unix_seconds * 1000)[:19] + "Z"


def read_date(value: object) -> int:
    """Unix milliseconds of a date."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return from_iso(value)
    except DerError as error:
        raise BadAnswer(str(error)) from error
    raise BadAnswer(f"{value!r} ist kein Zeitpunkt")


def _number(output: Output, name: str) -> int:
    value = output.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadAnswer(f"{name} ist keine Zahl: {value!r}")
    return value


def _text(output: Output, name: str) -> str:
    value = output.get(name)
    if not isinstance(value, str):
        raise BadAnswer(f"{name} ist kein Text: {value!r}")
    return value


def read_binary(output: Output, name: str) -> bytes:
    """Content of a value in base64."""
    try:
        return b64decode(_text(output, name), validate=True)
    except ValueError as error:
        raise BadAnswer(f"{name} ist kein Base64") from error


def transaction_inputs(
    client_id: str, number: int | None, process_type: str, process_data: bytes
) -> dict[str, object]:
    """Values of start (``number`` None), update and finish."""
    inputs: dict[str, object] = {} if number is None else {"transactionNumber": number}
    return inputs | {
        "clientId": client_id,
        "processData": b64encode(process_data).decode(),
        "processType": process_type,
        "additionalData": "",
    }


def read_signed(output: Output, serial_number: str, number: int | None = None) -> Signed:
    """The values of start, update and finish; the latter two tell neither number nor serial number."""
    if number is None:
        number = _number(output, "transactionNumber")
    if "serialNumber" in output:
        serial_number = read_binary(output, "serialNumber").hex()
    signature = b64encode(read_binary(output, "signature")).decode()
    log_time = to_iso(read_date(output.get("logTime")))
    return Signed(number, _number(output, "signatureCounter"), log_time, serial_number, signature)


def read_list(output: Output, name: str) -> list[Any]:
    """A list; a host without entries may leave it out."""
    value = output.get(name) or []
    if not isinstance(value, list):
        raise BadAnswer(f"{name} ist keine Liste: {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class StorageInfo:
    """``tseInformation`` of GetStorageInfo. ``state`` UNINITIALIZED, INITIALIZED or DECOMMISSIONED; sizes in
    blocks; ``certificate_expiry`` unix seconds; ``public_key`` as sent (raw point or SPKI)."""

    vendor: str
    state: str
    has_time: bool
    passed_self_test: bool
    next_self_test_s: int
    unlocked: bool
    signatures: int
    signatures_left: int
    started: int
    max_started: int
    clients: int
    max_clients: int
    capacity: int
    used: int
    certificate_expiry: int
    serial: bytes
    public_key: bytes
    algorithm: str
    description: str


def read_storage_info(output: Output) -> StorageInfo:
    """Read the answer to GetStorageInfo, or raise :class:`BadAnswer`."""
    tse = output.get("tseInformation")
    if not isinstance(tse, dict):
        raise BadAnswer("tseInformation fehlt")
    return StorageInfo(
        vendor=_text(tse, "vendorType"),
        state=_text(tse, "tseInitializationState"),
        has_time=tse.get("hasValidTime") is True,
        passed_self_test=tse.get("hasPassedSelfTest") is True,
        next_self_test_s=_number(tse, "timeUntilNextSelfTest"),
        unlocked=tse.get("isTSEUnlocked", tse.get("isTseUnlocked", True)) is True,
        signatures=_number(tse, "createdSignatures"),
        signatures_left=_number(tse, "remainingSignatures"),
        started=_number(tse, "startedTransactions"),
        max_started=_number(tse, "maxStartedTransactions"),
        clients=_number(tse, "registeredClients"),
        max_clients=_number(tse, "maxRegisteredClients"),
        capacity=_number(tse, "tseCapacity"),
        used=_number(tse, "tseCurrentSize"),
        certificate_expiry=read_date(tse.get("certificateExpirationDate")) // 1000,
        serial=read_binary(tse, "serialNumber"),
        public_key=read_binary(tse, "tsePublicKey"),
        algorithm=_text(tse, "signatureAlgorithm"),
        description=_text(tse, "tseDescription"),
    )


class Base64Stream:
    """Bytes from base64 in pieces, whether each piece is complete or all of them together are."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> bytes:
        """Decode what is complete; raises :class:`BadAnswer`."""
        text = self._rest + piece
        whole = len(text) // 4 * 4
        self._rest = text[whole:]
        try:
            return b64decode(text[:whole], validate=True)
        except ValueError as error:
            raise BadAnswer("exportData ist kein Base64") from error

    def close(self) -> None:
        """Say that nothing follows."""
        if self._rest:
            raise BadAnswer("exportData bricht ab")
