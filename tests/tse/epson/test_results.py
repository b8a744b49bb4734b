"""Every result name has its meaning and a German sentence."""

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.sim.tse.epson_values import VENDOR
from kassd.tse import codes
from kassd.tse.epson.results import EpsonRefused, error_of

EXPECTED = {
    "TSE1_ERROR_NO_TIME_SET": codes.TIME_NOT_SET,
    "OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT": codes.TIME_NOT_SET,
    "TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST": codes.SELF_TEST_DUE,
    "TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST_PASSED": codes.SELF_TEST_DUE,
    "TSE1_ERROR_SELF_TEST_FAILED_FW": codes.SELF_TEST_FAILED,
    "TSE1_ERROR_SELF_TEST_FAILED_CSP": codes.SELF_TEST_FAILED,
    "TSE1_ERROR_SELF_TEST_FAILED_RNG": codes.SELF_TEST_FAILED,
    "TSE1_ERROR_CERTIFICATE_EXPIRED": codes.CERTIFICATE_EXPIRED,
    "TSE1_ERROR_TSE_DECOMMISSIONED": codes.DISABLED,
    "TSE1_ERROR_TSE_NOT_INITIALIZED": codes.NOT_INITIALIZED,
    "TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE": codes.NOT_INITIALIZED,
    "TSE1_ERROR_WRONG_STATE_NEEDS_PIN_CHANGE": codes.NOT_INITIALIZED,
    "OTHER_ERROR_TSE_ALREADY_SET_UP": codes.ALREADY_INITIALIZED,
    "TSE1_ERROR_TSE_ALREADY_INITIALIZED": codes.ALREADY_INITIALIZED,
    "TSE1_ERROR_STORE_FULL": codes.STORAGE,
    "TSE1_ERROR_STORE_FULL_INTERNAL": codes.STORAGE,
    "TSE1_ERROR_TRANSACTION_SIGNATURES_EXCEEDED": codes.SIGNATURES_EXHAUSTED,
    "OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER": codes.NOT_AUTHENTICATED,
    "OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER": codes.NOT_AUTHENTICATED,
    "OTHER_ERROR_UNAUTHENTICATED_USER": codes.NOT_AUTHENTICATED,
    "TSE1_ERROR_AUTHENTICATION_USER_NOT_LOGGED_IN": codes.NOT_AUTHENTICATED,
    "OTHER_ERROR_CURRENTLY_EXPORTING_USER": codes.NOT_AUTHENTICATED,
    "TSE1_ERROR_NOT_AUTHORIZED": codes.NOT_AUTHORIZED,
    "TSE1_ERROR_AUTHENTICATION_FAILED": codes.WRONG_PIN,
    "TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED": codes.PIN_BLOCKED,
    "OTHER_ERROR_INVALID_ADMIN_USER_ID": codes.USER_UNKNOWN,
    "TSE1_ERROR_CLIENT_NOT_REGISTERED": codes.CLIENT_UNKNOWN,
    "TSE1_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS": codes.CLIENT_IN_USE,
    "TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED": codes.TOO_MANY_CLIENTS,
    "TSE1_ERROR_TRANSACTION_NOT_STARTED": codes.NO_TRANSACTION,
    "TSE1_ERROR_NO_TRANSACTION_IN_PROGRESS": codes.NO_TRANSACTION,
    "TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS": codes.TOO_MANY_TRANSACTIONS,
    "TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS": codes.OPEN_TRANSACTIONS,
    "TSE1_ERROR_INVALID_PARAMETER": codes.PARAMETER,
    "TSE1_ERROR_TSE_INVALID_PARAMETER": codes.PARAMETER,
    "OTHER_ERROR_PARAMETER_MISMATCH": codes.PARAMETER,
    "PARAM_ERROR": codes.PARAMETER,
    "JSON_ERROR_NOT_ENOUGH_CONTENTS": codes.PARAMETER,
    "JSON_ERROR_UNEXPECTED_PARAM_TYPE": codes.PARAMETER,
    "JSON_ERROR_OVER_DATA_SIZE": codes.PARAMETER,
    "JSON_ERROR_INVALID_PARAMETER_RANGE": codes.PARAMETER,
    "JSON_ERROR_INVALID_PARAMETER": codes.PARAMETER,
    "JSON_ERROR_INVALID_TIME_FORMAT": codes.PARAMETER,
    "TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE": codes.NO_DATA,
    "TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA": codes.UNEXPORTED,
    "OTHER_ERROR_ALL_DATA_NOT_EXPORTED_YET": codes.UNEXPORTED,
}
OWN_WORDS = {"OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT": "Das Epson-Gerät exportiert erst, wenn die Uhr"}


@pytest.mark.parametrize(("result", "code"), EXPECTED.items())
def test_a_refusal_has_the_house_s_code(result: str, code: str) -> None:
    error = error_of(result)
    assert isinstance(error, EpsonRefused)
    assert (error.code, error.result) == (code, result)
    assert str(error).startswith(OWN_WORDS.get(result, codes.SENTENCES[code]))
    assert result in str(error)


@pytest.mark.parametrize(
    "result",
    [
        "OTHER_ERROR_HOST_AUTHENTICATION_FAILED",
        "OTHER_ERROR_UNKNOWN_STORAGE",
        "OTHER_ERROR_CURRENTLY_EXPORTING",
        "OTHER_ERROR_TOO_MANY_TIME_ADMIN_USER_LOGGED_IN",
        "OTHER_ERROR_TOO_MANY_CHALLENGE_REQUESTED",
        "OTHER_ERROR_FATAL",
        "TSE1_ERROR_WRONG_STATE_NEEDS_TSE_UNLOCK",
        "TSE1_ERROR_SIG_ERROR",
        "DEVICE_TYPE_INVALID",
        "TSE1_ERROR_SOMETHING_NEW",
    ],
)
def test_other_refusals_keep_the_vendor_s_name(result: str) -> None:
    error = error_of(result, "Einzelheit")
    assert isinstance(error, TseRefused)
    assert error.code == result
    assert str(error).endswith(f"({result}: Einzelheit)")


@pytest.mark.parametrize(
    "result",
    [
        "DEVICE_NOT_FOUND",
        "DEVICE_OPEN_ERROR",
        "TSE1_ERROR_NO_TSE",
        "TSE1_ERROR_IO",
        "OTHER_ERROR_NO_STORAGE_FOUND",
    ],
)
def test_no_tse_in_the_host(result: str) -> None:
    assert isinstance(error_of(result), TseGone)


@pytest.mark.parametrize(
    "result",
    [
        "ERROR_TIMEOUT",
        "TSE1_ERROR_TIMEOUT",
        "TSE1_ERROR_INVALID_RESPONSE",
        "TSE1_ERROR_RESPONSE_MISSING",
        "TSE1_ERROR_POWER_CYCLE_DETECTED",
    ],
)
def test_outcome_unknown(result: str) -> None:
    assert isinstance(error_of(result), TseSilent)


def test_every_error_of_the_simulator_is_known() -> None:
    unknown = {name for name in VENDOR.values() if error_of(name).__class__ is not EpsonRefused}
    assert unknown == set()
    assert {name for name in VENDOR.values() if name not in EXPECTED} == set()
