"""What GetMfcStatus tells: the error pair of the last failed command, and the state bits."""

from dataclasses import dataclass
from enum import IntFlag

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.diebold.codec import CodecError, hexadecimal

ERRORS: dict[tuple[int, int], tuple[str, str]] = {
    (0x00, 0x01): ("E_FAIL", ""),
    (0x00, 0x02): ("E_POWER_FAIL", ""),
    (0x00, 0x03): ("E_UNKNOWN_CMD", ""),
    (0x00, 0x04): ("E_CMD_TOO_LONG", ""),
    (0x00, 0x05): ("E_CMD_FOOTER_ERROR", ""),
    (0x00, 0x06): ("E_CMD_WRONG_ORDER", ""),
    (0x00, 0x07): ("E_PARA_COUNT_ERROR", ""),
    (0x00, 0x08): ("E_PARA_VALUE_ERROR", codes.PARAMETER),
    (0x01, 0x00): ("E_DEVICE_NOT_INITIALIZED", codes.NOT_INITIALIZED),
    (0x01, 0x01): ("E_TIME_NOT_SET", codes.TIME_NOT_SET),
    (0x01, 0x02): ("E_CERTIFICATE_EXPIRED", codes.CERTIFICATE_EXPIRED),
    (0x01, 0x03): ("E_DEVICE_DISABLED", codes.DISABLED),
    (0x01, 0x04): ("E_COMMAND_FAILED", ""),
    (0x01, 0x05): ("E_SIGNING_SYSTEM_OPERATION_DATA_FAILED", ""),
    (0x01, 0x06): ("E_RETRIEVE_LOG_MESSAGE_FAILED", ""),
    (0x01, 0x07): ("E_STORAGE_FAILURE", codes.STORAGE),
    (0x01, 0x08): ("E_NO_TRANSACTION", codes.NO_TRANSACTION),
    (0x01, 0x0A): ("E_CLIENT_ID_NOT_SET", ""),
    (0x01, 0x0B): ("E_NO_DATA_AVAILABLE", codes.NO_DATA),
    (0x01, 0x0C): ("E_SELF_TEST_REQUIRED", codes.SELF_TEST_DUE),
    (0x01, 0x0D): ("E_NO_LOG_MESSAGE", codes.NO_DATA),
    (0x01, 0x0F): ("E_UNSUPPORTED_CRYPTO_CARD", ""),
    (0x01, 0x10): ("E_USER_NOT_AUTHORIZED", codes.NOT_AUTHORIZED),
    (0x01, 0x11): ("E_USER_NOT_AUTHENTICATED", codes.NOT_AUTHENTICATED),
    (0x01, 0x12): ("E_USER_ID_NOT_MANAGED", codes.USER_UNKNOWN),
    (0x01, 0x13): ("E_DESCRIPTION_NOT_SET_BY_MANUFACTURER", ""),
    (0x01, 0x14): ("E_DESCRIPTION_SET_BY_MANUFACTURER", ""),
    (0x01, 0x15): ("E_CLIENT_NOT_REGISTERED", codes.CLIENT_UNKNOWN),
    (0x01, 0x16): ("E_CRYPTO_CARD_NOT_FOUND", ""),
    (0x01, 0x17): ("E_MAX_PARALLEL_TRANSACTIONS_REACHED", codes.TOO_MANY_TRANSACTIONS),
    (0x01, 0x18): ("E_MAX_SIGNATURES_REACHED", codes.SIGNATURES_EXHAUSTED),
    (0x01, 0x19): ("E_MAX_REGISTERED_CLIENTS_REACHED", codes.TOO_MANY_CLIENTS),
    (0x01, 0x1A): ("E_CLIENT_HAS_UNFINISHED_TRANSACTIONS", codes.CLIENT_IN_USE),
    (0x01, 0x1B): ("E_DEVICE_HAS_UNFINISHED_TRANSACTIONS", codes.OPEN_TRANSACTIONS),
    (0x01, 0x1C): ("ERROR_01_1C", ""),  # undocumented; seen after an export that broke off
    (0x01, 0x1D): ("ERROR_01_1D", ""),
}

SENTENCES = {
    "E_POWER_FAIL": "Die TSE meldet einen Stromausfall; bitte Kabel und Netzteil prüfen.",
    "E_UNKNOWN_CMD": "Diesen Befehl kennt die TSE nicht; bitte ihre Firmware aktualisieren.",
    "E_COMMAND_FAILED": "Die TSE konnte den Befehl nicht ausführen; bitte noch einmal versuchen.",
    "E_SIGNING_SYSTEM_OPERATION_DATA_FAILED": "Die TSE kann nicht signieren; bitte die TSE tauschen.",
    "E_RETRIEVE_LOG_MESSAGE_FAILED": "Die TSE kann ihre Lognachricht nicht lesen; bitte die TSE prüfen.",
    "E_UNSUPPORTED_CRYPTO_CARD": "In der TSE steckt eine falsche Karte; bitte die TSE tauschen.",
    "E_CRYPTO_CARD_NOT_FOUND": "In diesem Steckplatz steckt keine TSE; bitte TSE und Steckplatz prüfen.",
    "ERROR_01_1C": "Der Export der TSE ist gestört; bitte die TSE ab- und wieder anstecken.",
}


class State(IntFlag):
    """State bits of the device (MFC)."""

    FISCAL = 0x01
    COMMAND_OPEN = 0x02
    TRANSACTIONS = 0x04
    MAINTENANCE = 0x08
    SERVICE = 0x10


@dataclass(frozen=True, slots=True)
class Status:
    """Answer to GetMfcStatus; the error (0, 0) means none."""

    error: tuple[int, int]
    state: State

    @classmethod
    def of(cls, parameters: tuple[bytes, ...]) -> "Status":
        """The last two parameters count: some firmware sends remains of the call before in front."""
        if len(parameters) < 2:
            raise CodecError("GetMfcStatus ohne Fehler und Zustand")
        error, state = hexadecimal(parameters[-2]), hexadecimal(parameters[-1])
        if (len(error), len(state)) != (2, 1):
            raise CodecError("GetMfcStatus in unbekannter Form")
        return cls((error[0], error[1]), State(state[0]))


def refusal(error: tuple[int, int]) -> TseRefused:
    """The error of a pair, with what a person may do."""
    name, code = ERRORS.get(error, ("ERROR_{:02X}_{:02X}".format(*error), ""))
    if code:
        return codes.refused(code)
    return TseRefused(name, SENTENCES.get(name, f"Die TSE lehnt den Befehl ab ({name})."))
