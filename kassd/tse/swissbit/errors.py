"""Status words of Swissbit TSEs and what they mean here."""

from kassd.errors import TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused

CTSS_INACTIVE = "WORM_ERROR_WRONG_STATE_NEEDS_ACTIVE_CTSS"

STANDARD = {
    0x1002: codes.TIME_NOT_SET,
    0x1004: codes.NO_TRANSACTION,
    0x1005: codes.PARAMETER,
    0x1007: codes.PARAMETER,
    0x1008: codes.NO_TRANSACTION,
    0x1009: codes.TOO_MANY_TRANSACTIONS,
    0x100A: codes.CERTIFICATE_EXPIRED,
    0x100C: codes.NO_DATA,
    0x100E: codes.SIGNATURES_EXHAUSTED,
    0x100F: codes.NOT_AUTHORIZED,
    0x1010: codes.TOO_MANY_CLIENTS,
    0x1011: codes.CLIENT_UNKNOWN,
    0x1012: codes.UNEXPORTED,
    0x1013: codes.CLIENT_IN_USE,
    0x1014: codes.OPEN_TRANSACTIONS,
    0x1017: codes.STORAGE,
    0x1054: codes.SELF_TEST_DUE,
    0x1055: codes.SELF_TEST_DUE,
    0x10FD: codes.ALREADY_INITIALIZED,
    0x10FE: codes.DISABLED,
    0x10FF: codes.NOT_INITIALIZED,
    0x1201: codes.PIN_BLOCKED,
    0x1202: codes.NOT_AUTHENTICATED,
    0x1300: codes.SELF_TEST_FAILED,
    0x1310: codes.SELF_TEST_FAILED,
    0x1320: codes.SELF_TEST_FAILED,
    0x2003: codes.NO_DATA,
}

AGAIN = "Die TSE hat den Befehl jetzt nicht angenommen; bitte noch einmal versuchen."
SETUP = "Die TSE ist nicht fertig eingerichtet; bitte die Einrichtung der TSE noch einmal starten."
FIRMWARE = "Die Firmware der TSE meldet einen Fehler; bitte die TSE tauschen."
OWN = {
    0x1001: ("WORM_ERROR_UNKNOWN", FIRMWARE),
    0x1006: ("WORM_ERROR_NOT_ENOUGH_DATA_WRITTEN", AGAIN),
    0x100D: ("WORM_ERROR_CMD_NOT_ALLOWED", AGAIN),
    0x1015: ("WORM_ERROR_TSE_NO_RESPONSE_TO_FETCH", AGAIN),
    0x1016: ("WORM_ERROR_NOT_ALLOWED_EXPORT_IN_PROGRESS", AGAIN),
    0x1050: ("WORM_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE", SETUP),
    0x1051: ("WORM_ERROR_WRONG_STATE_NEEDS_PIN_CHANGE", SETUP),
    0x1053: (CTSS_INACTIVE, SETUP),
    0x1061: ("WORM_ERROR_FWU_INTEGRITY_FAILURE", FIRMWARE),
    0x1062: ("WORM_ERROR_FWU_DECRYPTION_FAILURE", FIRMWARE),
    0x1064: ("WORM_ERROR_FWU_WRONG_FORMAT", FIRMWARE),
    0x1065: ("WORM_ERROR_FWU_INTERNAL_ERROR", FIRMWARE),
    0x1067: ("WORM_ERROR_FWU_DOWNGRADE_PROHIBITED", FIRMWARE),
    0x1400: ("WORM_ERROR_FW_1400", FIRMWARE),
    0x1500: ("WORM_ERROR_FW_1500", FIRMWARE),
    0x1600: ("WORM_ERROR_FW_1600", FIRMWARE),
    0x2001: ("WORM_ERROR_NO_EXPORT", AGAIN),
    0x2002: ("WORM_ERROR_RETRY", AGAIN),
    0xF000: ("WORM_ERROR_UNKNOWN_COMMAND", "Diese TSE kennt den Befehl nicht."),
    0xFF00: ("WORM_ERROR_SIGNATURE", FIRMWARE),
}


def refusal(status: int, *, puk: bool = False) -> TseRefused:
    """The error of a status word; ``puk``: it answers a command that carried a PUK."""
    if status >> 8 == 0x11:
        secret = "PUK falsch, " if puk else ""
        return refused(codes.WRONG_PIN, f"{secret}noch {status & 0xFF} Versuche")
    if status == 0x1201 and puk:
        return refused(codes.PUK_BLOCKED)
    if status in STANDARD:
        return refused(STANDARD[status])
    name, sentence = OWN.get(
        status, (f"WORM_ERROR_{status:04X}", f"Die TSE lehnt mit dem Fehler {status:04X} ab.")
    )
    return TseRefused(name, sentence)
