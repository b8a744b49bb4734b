"""The vendor's web service: frames of JSON, error codes, answers read. Pure.

A frame is STX, one JSON object, ETX, LF. Publicly known are the frame, ``Command``, ``PingPong``,
``Password``, ``Status``, ``Code``, ``Desc``, the transaction commands, registration, GetDeviceInfo,
GetDeviceData, ChangePassword, UnblockUser and the codes below. What nobody has published has our names, all
of them in :data:`OURS` and in the driver's calls of Export, UpdateTime, Initialize and ChangePuk: to be
compared with the vendor's manual before the first use.
"""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.diebold.codec import CodecError
from kassd.tse.diebold.mfc import ERRORS, SENTENCES

STX, ETX = "\x02", "\x03\n"
DEFAULT_CLIENT = "DummyDefaultClientId"
HIDDEN = ("DN TSEProduction", DEFAULT_CLIENT)
SAME_PASSWORD = "JSON_CODE_ERROR_PARAMETER_PASSWORD_SAME"
NAMES = {
    1: ("JSON_CODE_COMMAND_UNKNOWN", ""),
    2: ("JSON_CODE_COMMAND_UNSUPPORTED", ""),
    3: ("JSON_CODE_PARAMETER_MISSING", codes.PARAMETER),
    4: ("JSON_CODE_PARAMETER_INVALID", codes.PARAMETER),
    5: ("JSON_CODE_COMMAND_CANNOT_BE_PROCESSED", ""),
    9: ("JSON_CODE_PARAMETER_INVALID_BASE64", codes.PARAMETER),
    19: ("JSON_CODE_ERROR_CLIENT_NOT_REGISTERED", codes.CLIENT_UNKNOWN),
    21: ("JSON_CODE_MAX_PARALLEL_TRANSACTIONS_REACHED", codes.TOO_MANY_TRANSACTIONS),
    23: ("JSON_CODE_MAX_REGISTERED_CLIENTS_REACHED", codes.TOO_MANY_CLIENTS),
    24: ("JSON_CODE_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS", codes.CLIENT_IN_USE),
    27: ("JSON_CODE_ERROR_PARAMETER_PASSWORD_INVALID", codes.PARAMETER),
    28: ("JSON_CODE_ERROR_PARAMETER_PUK_INVALID", codes.PARAMETER),
    29: ("JSON_CODE_ERROR_PARAMETER_USER_WRONG", codes.USER_UNKNOWN),
    30: ("JSON_CODE_ERROR_PARAMETER_PASSWORD_WRONG", codes.WRONG_PIN),
    31: ("JSON_CODE_ERROR_PARAMETER_PUK_WRONG", codes.WRONG_PIN),
    32: ("JSON_CODE_ERROR_PARAMETER_USER_BLOCKED", codes.PIN_BLOCKED),
    33: ("JSON_CODE_ERROR_PARAMETER_PUK_BLOCKED", codes.PUK_BLOCKED),
    34: (SAME_PASSWORD, ""),
    5017: ("ERROR_NO_ORDER", codes.NO_TRANSACTION),
}
OURS = {
    "initialized": "Initialized",
    "disabled": "Disabled",
    "time_set": "TimeSet",
    "next_self_test": "SecondsToSelfTest",
    "signature_counter": "SignatureCounter",
    "transaction_counter": "TransactionCounter",
    "started": "StartedTransactions",
    "time_interval": "UpdateTimeInterval",
    "signatures_left": "AvailableSignatures",
    "capacity": "Capacity",
    "free": "FreeSpace",
}  # keys of GetDeviceStatus beside SignatureAlgorithm and ClientIDs
_BY_NAME = {name.removeprefix("E_"): pair for pair, (name, _) in ERRORS.items()}


def frame(message: dict[str, Any]) -> str:
    """One frame."""
    return f"{STX}{json.dumps(message)}{ETX}"


def unframe(text: str) -> dict[str, Any]:
    """The object in a frame; raises :class:`CodecError`. The last LF may be missing."""
    body = text.rstrip("\n")
    if not (body.startswith(STX) and body.endswith("\x03")):
        raise CodecError(f"kein Rahmen: {text[:40]!r}")
    try:
        found = json.loads(body[1:-1])
    except ValueError:
        raise CodecError(f"kein JSON: {text[:40]!r}") from None
    if not isinstance(found, dict):
        raise CodecError(f"kein Objekt: {text[:40]!r}")
    return found


def secret(text: str) -> str:
    """A password, PUK or user as the service wants it."""
    return b64encode(text.encode()).decode()


def refusal(answer: dict[str, Any]) -> TseRefused:
    """The error of an answer. The TSE's own errors are known by the names of the native protocol."""
    name, code = NAMES.get(answer.get("Code", 0), ("", ""))
    said = str(answer.get("Desc") or answer.get("Description") or "")
    pair = _BY_NAME.get(said.removeprefix("JSON_CODE_").removeprefix("E_").removeprefix("ERROR_"))
    if not code and pair is not None:
        name, code = ERRORS[pair]
    if code:
        return codes.refused(code)
    name = name or said or f"CODE_{answer.get('Code')}"
    return TseRefused(name, SENTENCES.get(name, f"Die TSE lehnt den Befehl ab ({name})."))


def field(answer: dict[str, Any], name: str, kind: type) -> Any:
    """A field that must be there."""
    value = answer.get(name)
    if not isinstance(value, kind):
        raise CodecError(f"der Dienst der TSE nennt {name} nicht")
    return value


def log_time(text: str) -> str:
    """An ISO moment with zone as UTC ``YYYY-MM-DDThh:mm:ss.fffZ``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CodecError(f"kein Zeitpunkt: {text[:40]!r}") from None
    if moment.tzinfo is None:
        raise CodecError(f"Zeitpunkt ohne Zone: {text[:40]!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def split_certificates(raw: bytes) -> list[bytes]:
    """Certificates out of a PEM bundle or DER, one after the other."""
    mark = b"-----END CERTIFICATE-----"
    if mark in raw:
        return [piece + mark for piece in raw.split(mark)[:-1]]
    found = []
    while len(raw) > 4:
        size = 4 + int.from_bytes(raw[2:4], "big")
        if raw[:2] != b"\x30\x82" or len(raw) < size:
            raise CodecError("die Zertifikate der TSE sind nicht lesbar")
        found.append(raw[:size])
        raw = raw[size:]
    return found
