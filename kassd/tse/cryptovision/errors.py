"""What the device's result words from 8000 on mean."""

from kassd.errors import TseError, TseGone, TseRefused, TseSilent
from kassd.tse import codes

NO_STARTUP, TIMEOUT = 0x801D, 0x8100
UNKNOWN_COMMAND = "ErrorTSECommandDataInvalid"

_SHARED = {
    0x8005: codes.STORAGE,
    0x8006: codes.DISABLED,
    0x8007: codes.NOT_AUTHORIZED,
    0x8008: codes.NOT_AUTHENTICATED,
    0x8009: codes.NOT_INITIALIZED,
    0x800B: codes.USER_UNKNOWN,
    0x800C: codes.START_FAILED,
    0x800D: codes.CERTIFICATE_EXPIRED,
    0x800E: codes.NO_TRANSACTION,
    0x8011: codes.TIME_NOT_SET,
    0x8012: codes.CLIENT_UNKNOWN,
    0x8015: codes.NO_DATA,
    0x8017: codes.UNEXPORTED,
    0x8018: codes.PARAMETER,
    0x8019: codes.NOT_FOUND,
    0x801A: codes.TRANSACTION_NOT_FOUND,
    0x801B: codes.DEACTIVATED,
}

_OWN = {
    0x8000: (
        "ErrorSECommunicationFailed",
        "Der Sicherheitschip der TSE antwortet nicht; bitte die TSE neu stecken.",
    ),
    0x8001: (UNKNOWN_COMMAND, "Die TSE versteht das Kommando nicht."),
    0x8002: ("ErrorTSEResponseDataInvalid", "Die TSE hat eine ungültige Antwort erzeugt."),
    0x8003: ("ErrorSigningSystemOperationDataFailed", "Die TSE konnte den Vorgang nicht signieren."),
    0x8004: ("ErrorRetrieveLogMessageFailed", "Die TSE findet die Lognachricht nicht."),
    0x800A: ("ErrorUpdateTimeFailed", "Die Uhr der TSE ließ sich nicht stellen."),
    0x800F: ("ErrorUpdateTransactionFailed", "Die TSE konnte die Transaktion nicht fortschreiben."),
    0x8010: ("ErrorFinishTransactionFailed", "Die TSE konnte die Transaktion nicht beenden."),
    0x8013: ("ErrorNoKey", "Die TSE hat keinen Schlüssel; bitte die TSE tauschen."),
    0x8014: ("ErrorNotDeactivated", "Die TSE ist nicht stillgelegt."),
    0x8016: ("ErrorTooManyRecords", "Die Auswahl ist zu groß; bitte einen kleineren Zeitraum exportieren."),
    0x801C: ("ErrorTransportState", "Die PINs der TSE sind noch nicht gesetzt; bitte die TSE einrichten."),
    0x801E: ("ErrorNoStorage", "Der Speicher der TSE ist nicht da; bitte die TSE neu stecken."),
    0x8101: ("ErrorStreamWrite", "Die TSE konnte den Export nicht schreiben."),
    0x8102: ("ErrorBufferTooSmall", "Die Antwort der TSE ist größer als ihr Puffer."),
    0x8103: ("ErrorAllocation", "Der TSE fehlt Arbeitsspeicher; bitte die TSE neu stecken."),
    0x8104: ("ErrorCallback", "Die TSE hat den Vorgang abgebrochen."),
}


def error(word: int) -> TseError:
    """The error of a result word; :class:`TseSilent` where nobody knows whether the device acted."""
    if word == NO_STARTUP:
        return TseGone("Die TSE war ohne Strom und muss neu gestartet werden.")
    if word == TIMEOUT:
        return TseSilent("Die TSE ist mit dem Vorgang nicht rechtzeitig fertig geworden (8100).")
    if word in _SHARED:
        return codes.refused(_SHARED[word])
    name, sentence = _OWN.get(
        word, (f"Error{word:04X}", "Die TSE lehnt ab, ohne dass der Grund bekannt ist.")
    )
    return TseRefused(name, f"{sentence} ({word:04X})")
