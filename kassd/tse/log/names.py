"""Names of the members of a TSE archive (TR-03153 ch. 5.2, TR-03151 ch. on export)."""

import re

from kassd.deferred import dataclass
from kassd.tse.log.messages import AuditData, LogMessage, SystemData, TransactionData
from kassd.tse.log.times import file_time, same_file_time

_LOG = re.compile(
    r"(?P<time>(?:Unixt|Utc|Gent)_[0-9.]+Z?)_Sig-(?P<counter>\d{1,20})_Log-"
    r"(?:(?P<audit>Aud)|Sys_(?P<system>[A-Za-z]{1,60})"
    r"|Tra_No-(?P<number>\d{1,20})_(?P<operation>Start|Update|Finish)_Client-(?P<client>.{0,128}?))"
    r"(?:_Fc-(?P<collision>\d{1,9}))?\.log",
    re.ASCII | re.DOTALL,
)
_CERTIFICATE = re.compile(
    r"(?P<hash>[0-9A-Fa-f]{64})_(?P<kind>X509|CVC)(?:_Fc-\d{1,9})?\.(?:cer|crt|pem|der|cvc)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class LogName:
    """The fields of a log file's name; ``rest`` is what follows ``_Log-``, ``collision`` the end of it that
    reads as a collision number (``_Fc-1``) but may belong to a client's name."""

    time: str
    counter: int
    rest: str
    collision: str = ""


def log_name(message: LogMessage, collision: int = 0) -> str:
    """Name of a log file; ``collision`` > 0 adds ``_Fc-<n>``."""
    stem = (
        f"{file_time(message.time, message.time_format)}_Sig-{message.signature_counter}_Log-{_rest(message)}"
    )
    return f"{stem}_Fc-{collision}.log" if collision else f"{stem}.log"


def _rest(message: LogMessage) -> str:
    match message.data:
        case TransactionData() as data:
            operation = data.operation.capitalize()
            return f"Tra_No-{data.transaction_number}_{operation}_Client-{data.client_id}"
        case SystemData() as data:
            return f"Sys_{data.operation[:1].upper()}{data.operation[1:]}"
        case AuditData():
            return "Aud"


def parse_log_name(name: str) -> LogName | None:
    """Read a log file's name; None if it is none."""
    match = _LOG.fullmatch(name)
    if match is None:
        return None
    collision = "" if match["collision"] is None else f"_Fc-{match['collision']}"
    rest = name[match.end("counter") + len("_Log-") : len(name) - len(f"{collision}.log")]
    return LogName(match["time"], int(match["counter"]), rest, collision)


def name_differs(name: LogName, message: LogMessage) -> str:
    """Return which field of the name contradicts the message, or ``""``.

    Letter case of a system operation does not count: devices disagree about it.
    """
    if not same_file_time(name.time, message.time, message.time_format):
        return "Zeit"
    if name.counter != message.signature_counter:
        return "Signaturzähler"
    rest, named = _rest(message), (name.rest, name.rest + name.collision)
    if isinstance(message.data, SystemData):
        return "" if rest.lower() == name.rest.lower() else "Vorgang"
    return "" if rest in named else "Vorgang"


def certificate_name(serial_hex: str) -> str:
    """Name of a certificate file in our own exports."""
    return f"{serial_hex}_X509.cer"


def parse_certificate_name(name: str) -> tuple[str, str] | None:
    """Return (hash in lower case, ``X509`` or ``CVC``); None if the name is no certificate's."""
    match = _CERTIFICATE.fullmatch(name)
    return None if match is None else (match["hash"].lower(), match["kind"])
