"""What the result names of Epson's hosts mean for the register.

``TSE1_ERROR_*`` come from the TSE itself (the element is Swissbit's), ``OTHER_ERROR_*`` and ``JSON_ERROR_*``
from the host around it, names without such a beginning from the protocol between host and register.
"""

from kassd.errors import TseError, TseGone, TseRefused, TseSilent
from kassd.tse import codes

_NAMES = {
    codes.TIME_NOT_SET: "TSE1_ERROR_NO_TIME_SET OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT",
    codes.SELF_TEST_DUE: (
        "TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST_PASSED"
    ),
    codes.SELF_TEST_FAILED: (
        "TSE1_ERROR_SELF_TEST_FAILED_FW TSE1_ERROR_SELF_TEST_FAILED_CSP TSE1_ERROR_SELF_TEST_FAILED_RNG"
    ),
    codes.CERTIFICATE_EXPIRED: "TSE1_ERROR_CERTIFICATE_EXPIRED",
    codes.DISABLED: "TSE1_ERROR_TSE_DECOMMISSIONED",
    codes.NOT_INITIALIZED: (
        "TSE1_ERROR_TSE_NOT_INITIALIZED TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE "
        "TSE1_ERROR_WRONG_STATE_NEEDS_PIN_CHANGE"
    ),
    codes.ALREADY_INITIALIZED: "OTHER_ERROR_TSE_ALREADY_SET_UP TSE1_ERROR_TSE_ALREADY_INITIALIZED",
    codes.STORAGE: "TSE1_ERROR_STORE_FULL TSE1_ERROR_STORE_FULL_INTERNAL",
    codes.SIGNATURES_EXHAUSTED: "TSE1_ERROR_TRANSACTION_SIGNATURES_EXCEEDED",
    codes.NOT_AUTHENTICATED: (
        "OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER "
        "OTHER_ERROR_UNAUTHENTICATED_USER TSE1_ERROR_AUTHENTICATION_USER_NOT_LOGGED_IN "
        "OTHER_ERROR_CURRENTLY_EXPORTING_USER"
    ),
    codes.NOT_AUTHORIZED: "TSE1_ERROR_NOT_AUTHORIZED",
    codes.WRONG_PIN: "TSE1_ERROR_AUTHENTICATION_FAILED",
    codes.PIN_BLOCKED: "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED",
    codes.USER_UNKNOWN: "OTHER_ERROR_INVALID_ADMIN_USER_ID",
    codes.CLIENT_UNKNOWN: "TSE1_ERROR_CLIENT_NOT_REGISTERED",
    codes.CLIENT_IN_USE: "TSE1_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS",
    codes.TOO_MANY_CLIENTS: "TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED",
    codes.NO_TRANSACTION: "TSE1_ERROR_TRANSACTION_NOT_STARTED TSE1_ERROR_NO_TRANSACTION_IN_PROGRESS",
    codes.TOO_MANY_TRANSACTIONS: "TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS",
    codes.OPEN_TRANSACTIONS: "TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS",
    codes.PARAMETER: (
        "TSE1_ERROR_INVALID_PARAMETER TSE1_ERROR_TSE_INVALID_PARAMETER OTHER_ERROR_PARAMETER_MISMATCH "
        "PARAM_ERROR "
        "JSON_ERROR_NOT_ENOUGH_CONTENTS JSON_ERROR_UNEXPECTED_PARAM_TYPE JSON_ERROR_OVER_DATA_SIZE "
        "JSON_ERROR_INVALID_PARAMETER_RANGE JSON_ERROR_INVALID_PARAMETER JSON_ERROR_INVALID_TIME_FORMAT"
    ),
    codes.NO_DATA: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.UNEXPORTED: "TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA OTHER_ERROR_ALL_DATA_NOT_EXPORTED_YET",
}
_CODES = {name: code for code, names in _NAMES.items() for name in names.split()}

_SENTENCES = {
    "OTHER_ERROR_HOST_AUTHENTICATION_FAILED": (
        "Das Epson-Gerät verlangt ein anderes gemeinsames Geheimnis als EPSONKEY; bitte host_secret prüfen."
    ),
    "OTHER_ERROR_UNKNOWN_STORAGE": "Was im Epson-Gerät steckt, ist keine TSE; bitte die TSE einsetzen.",
    "OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT": (
        "Das Epson-Gerät exportiert erst, wenn die Uhr der TSE gestellt ist; bitte kassd einmal starten, "
        "das sie stellt, und den Export wiederholen."
    ),
    "OTHER_ERROR_CURRENTLY_EXPORTING": "Die TSE exportiert gerade; bitte das Ende abwarten.",
    "OTHER_ERROR_TOO_MANY_TIME_ADMIN_USER_LOGGED_IN": (
        "An der TSE sind zu viele Kassen angemeldet; bitte das Epson-Gerät neu starten."
    ),
    "OTHER_ERROR_TOO_MANY_CHALLENGE_REQUESTED": (
        "Am Epson-Gerät laufen zu viele Anmeldungen; bitte das Epson-Gerät neu starten."
    ),
    "OTHER_ERROR_FATAL": "Die TSE meldet einen schweren Fehler; bitte das Epson-Gerät neu starten.",
    "TSE1_ERROR_WRONG_STATE_NEEDS_TSE_UNLOCK": "Die TSE ist gesperrt; bitte die Einrichtung wiederholen.",
    "TSE1_ERROR_SIG_ERROR": "Die TSE konnte nicht signieren; bitte das Epson-Gerät neu starten.",
    "DEVICE_TYPE_INVALID": "Unter dieser Kennung meldet sich keine TSE; bitte device_id prüfen.",
}
_GONE = frozenset(
    {
        "DEVICE_NOT_FOUND",
        "DEVICE_OPEN_ERROR",
        "TSE1_ERROR_NO_TSE",
        "TSE1_ERROR_IO",
        "OTHER_ERROR_NO_STORAGE_FOUND",
    }
)
_UNKNOWN_OUTCOME = frozenset(
    {
        "ERROR_TIMEOUT",
        "TSE1_ERROR_TIMEOUT",
        "TSE1_ERROR_INVALID_RESPONSE",
        "TSE1_ERROR_RESPONSE_MISSING",
        "TSE1_ERROR_POWER_CYCLE_DETECTED",
    }
)


class EpsonRefused(TseRefused):
    """A refusal; ``result`` is the vendor's name of it."""

    def __init__(self, result: str, detail: str = "") -> None:
        self.result = result
        code = _CODES.get(result, result)
        sentence = _SENTENCES.get(result) or codes.SENTENCES.get(code, "Die TSE lehnt ab.")
        super().__init__(code, f"{sentence} ({result}{': ' if detail else ''}{detail})")


def error_of(result: str, detail: str = "") -> TseError:
    """The error of a result name other than ``EXECUTION_OK``."""
    if result in _GONE:
        return TseGone(f"Am Epson-Gerät ist keine TSE zu erreichen ({result}); bitte prüfen, ob sie steckt.")
    if result in _UNKNOWN_OUTCOME:
        return TseSilent(f"Die TSE hat dem Epson-Gerät nicht geantwortet ({result}).")
    return EpsonRefused(result, detail)
