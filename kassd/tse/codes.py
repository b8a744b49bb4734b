"""The error names of TR-03151 that drivers map their devices' answers to, with what a person may do."""

from kassd.errors import TseRefused

TIME_NOT_SET = "ErrorTimeNotSet"
SELF_TEST_DUE = "ErrorSelfTestRequired"
SELF_TEST_FAILED = "ErrorSelfTestFailed"
CERTIFICATE_EXPIRED = "ErrorCertificateExpired"
DISABLED = "ErrorSecureElementDisabled"
NOT_INITIALIZED = "ErrorSeApiNotInitialized"
ALREADY_INITIALIZED = "ErrorSeApiAlreadyInitialized"
STORAGE = "ErrorStorageFailure"
SIGNATURES_EXHAUSTED = "ErrorSignaturesExhausted"
NOT_AUTHENTICATED = "ErrorUserNotAuthenticated"
NOT_AUTHORIZED = "ErrorUserNotAuthorized"
WRONG_PIN = "ErrorAuthenticationFailed"
PIN_BLOCKED = "ErrorPinBlocked"
PUK_BLOCKED = "ErrorPukBlocked"
USER_UNKNOWN = "ErrorUserIdNotManaged"
CLIENT_UNKNOWN = "ErrorNoERS"
CLIENT_IN_USE = "ErrorErsHasOpenTransactions"
TOO_MANY_CLIENTS = "ErrorTooManyClients"
NO_TRANSACTION = "ErrorNoTransaction"
START_FAILED = "ErrorStartTransactionFailed"
TOO_MANY_TRANSACTIONS = "ErrorTooManyTransactions"
OPEN_TRANSACTIONS = "ErrorOpenTransactions"
PARAMETER = "ErrorParameterMismatch"
NOT_FOUND = "ErrorIdNotFound"
TRANSACTION_NOT_FOUND = "ErrorTransactionNumberNotFound"
NO_DATA = "ErrorNoDataAvailable"
UNEXPORTED = "ErrorUnexportedStoredData"
DEACTIVATED = "ErrorDeactivated"

SENTENCES = {
    TIME_NOT_SET: "Die Uhr der TSE ist nicht gestellt; sie muss zuerst gestellt werden.",
    SELF_TEST_DUE: "Die TSE verlangt einen Selbsttest, bevor sie weiterarbeitet.",
    SELF_TEST_FAILED: "Der Selbsttest der TSE ist fehlgeschlagen; bitte die TSE tauschen.",
    CERTIFICATE_EXPIRED: "Das Zertifikat der TSE ist abgelaufen; bitte die TSE tauschen.",
    DISABLED: "Die TSE ist endgültig außer Betrieb; bitte eine neue TSE einsetzen.",
    NOT_INITIALIZED: "Die TSE ist noch nicht eingerichtet; bitte mit kassd tse setup einrichten.",
    ALREADY_INITIALIZED: "Die TSE ist schon eingerichtet.",
    STORAGE: "Der Speicher der TSE ist voll oder defekt; bitte exportieren und löschen oder TSE tauschen.",
    SIGNATURES_EXHAUSTED: "Der Vorrat an Signaturen ist verbraucht; bitte die TSE tauschen.",
    NOT_AUTHENTICATED: "Für diesen Vorgang ist niemand an der TSE angemeldet.",
    NOT_AUTHORIZED: "Der angemeldete Benutzer darf das an der TSE nicht.",
    WRONG_PIN: "Die PIN der TSE ist falsch; bitte die hinterlegte PIN prüfen.",
    PIN_BLOCKED: "Die PIN der TSE ist gesperrt; bitte mit der PUK entsperren.",
    PUK_BLOCKED: "Die PUK der TSE ist gesperrt; die TSE muss getauscht werden.",
    USER_UNKNOWN: "Diesen Benutzer kennt die TSE nicht.",
    CLIENT_UNKNOWN: "Diese Kasse ist an der TSE nicht angemeldet.",
    CLIENT_IN_USE: "Die Kasse hat an der TSE noch offene Transaktionen.",
    TOO_MANY_CLIENTS: "An der TSE sind schon so viele Kassen angemeldet, wie sie zulässt.",
    NO_TRANSACTION: "Diese Transaktion ist an der TSE nicht offen.",
    START_FAILED: "Die TSE kann keine Transaktion beginnen.",
    TOO_MANY_TRANSACTIONS: "An der TSE sind zu viele Transaktionen offen.",
    OPEN_TRANSACTIONS: "An der TSE sind noch Transaktionen offen; bitte zuerst beenden.",
    PARAMETER: "Die TSE kann mit diesen Angaben nichts anfangen.",
    NOT_FOUND: "Die TSE kennt die angefragte Kasse nicht.",
    TRANSACTION_NOT_FOUND: "Die TSE hat zu dieser Transaktionsnummer keine Daten.",
    NO_DATA: "Die TSE hat für diese Auswahl keine Daten.",
    UNEXPORTED: "Die TSE enthält noch nicht exportierte Daten; bitte zuerst vollständig exportieren.",
    DEACTIVATED: "Die TSE ist vorübergehend stillgelegt; bitte mit dem Programm, das sie stillgelegt hat, "
    "wieder einschalten (vor der Inbetriebnahme tut das auch kassd tse setup).",
}

UNUSABLE = {"factory": NOT_INITIALIZED, "deactivated": DEACTIVATED, "disabled": DISABLED}  # by life cycle


def refused(code: str, detail: str = "") -> TseRefused:
    """Build the error of a code; ``detail`` is appended to the German sentence."""
    sentence = SENTENCES.get(code, f"Die TSE lehnt ab: {code}")
    return TseRefused(code, f"{sentence} ({detail})" if detail else sentence)
