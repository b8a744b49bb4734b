"""Names and values of the functions of a simulated Epson TSE."""

import re
from datetime import UTC, datetime
from typing import Any

from kassd.tse import codes

Input = dict[str, Any]
OK = "EXECUTION_OK"
DATE = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)

VENDOR = {
    codes.TIME_NOT_SET: "TSE1_ERROR_NO_TIME_SET",
    codes.SELF_TEST_DUE: "TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST",
    codes.SELF_TEST_FAILED: "TSE1_ERROR_SELF_TEST_FAILED_CSP",
    codes.CERTIFICATE_EXPIRED: "TSE1_ERROR_CERTIFICATE_EXPIRED",
    codes.DISABLED: "TSE1_ERROR_TSE_DECOMMISSIONED",
    codes.NOT_INITIALIZED: "TSE1_ERROR_TSE_NOT_INITIALIZED",
    codes.ALREADY_INITIALIZED: "OTHER_ERROR_TSE_ALREADY_SET_UP",
    codes.STORAGE: "TSE1_ERROR_STORE_FULL",
    codes.SIGNATURES_EXHAUSTED: "TSE1_ERROR_TRANSACTION_SIGNATURES_EXCEEDED",
    codes.NOT_AUTHENTICATED: "TSE1_ERROR_NOT_AUTHORIZED",
    codes.NOT_AUTHORIZED: "TSE1_ERROR_NOT_AUTHORIZED",
    codes.WRONG_PIN: "TSE1_ERROR_AUTHENTICATION_FAILED",
    codes.PIN_BLOCKED: "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED",
    codes.PUK_BLOCKED: "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED",
    codes.USER_UNKNOWN: "TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE",
    codes.CLIENT_UNKNOWN: "TSE1_ERROR_CLIENT_NOT_REGISTERED",
    codes.CLIENT_IN_USE: "TSE1_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS",
    codes.TOO_MANY_CLIENTS: "TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED",
    codes.NO_TRANSACTION: "TSE1_ERROR_TRANSACTION_NOT_STARTED",
    codes.TOO_MANY_TRANSACTIONS: "TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS",
    codes.OPEN_TRANSACTIONS: "TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS",
    codes.PARAMETER: "TSE1_ERROR_TSE_INVALID_PARAMETER",
    codes.NOT_FOUND: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.TRANSACTION_NOT_FOUND: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.NO_DATA: "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE",
    codes.UNEXPORTED: "TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA",
}


class Failed(Exception):
    """A result other than EXECUTION_OK; ``output`` goes with it."""

    def __init__(self, result: str, output: Input | None = None) -> None:
        self.result, self.output = result, output or {}
        super().__init__(result)


def text(given: Input, name: str) -> str:
    """A value that must be a text."""
    if name not in given:
        raise Failed("JSON_ERROR_NOT_ENOUGH_CONTENTS")
    if not isinstance(given[name], str):
        raise Failed("JSON_ERROR_UNEXPECTED_PARAM_TYPE")
    return str(given[name])


def client(given: Input) -> str:
    """A client id."""
    found = text(given, "clientId")
    if not 1 <= len(found) <= 30:
        raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
    return found


def number(given: Input, name: str) -> int:
    """A value that must be a number."""
    if name not in given:
        raise Failed("JSON_ERROR_NOT_ENOUGH_CONTENTS")
    value = given[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise Failed("JSON_ERROR_UNEXPECTED_PARAM_TYPE")
    if value < 0:
        raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
    return value


def moment(given: Input, name: str) -> int:
    """Unix seconds of a date with hours 00 to 23."""
    found = text(given, name)
    if not DATE.fullmatch(found):
        raise Failed("JSON_ERROR_INVALID_TIME_FORMAT")
    return int(datetime.strptime(found, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
