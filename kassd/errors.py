"""The one tree of errors. Every class says what may be done about it.

``advice`` is what the caller may do: ``retry`` (the same call may succeed later), ``operator`` (a
person must act; ``str(error)`` is a German sentence with the next step), ``fatal`` (stop selling).
"""

import errno
from typing import ClassVar, Literal

Advice = Literal["retry", "operator", "fatal"]


REFUSED = {  # what the system says in English only, with the next step
    errno.EACCES: "keine Berechtigung. Bitte als Konto des Dienstes oder mit sudo aufrufen",
    errno.EPERM: "nicht erlaubt. Bitte als Konto des Dienstes oder mit sudo aufrufen",
    errno.ENOENT: "gibt es nicht. Bitte den Pfad prüfen",
    errno.ENOTDIR: "liegt in keinem Ordner. Bitte den Pfad prüfen",
    errno.EISDIR: "ist ein Ordner. Bitte eine Datei nennen",
    errno.EADDRINUSE: "dieser Port ist belegt. Bitte einen anderen nennen oder beenden, was ihn benutzt",
    errno.EEXIST: "gibt es schon. Bitte den Pfad prüfen",
    errno.EROFS: "ist schreibgeschützt. Bitte einen anderen Datenträger nehmen oder den Schutz aufheben",
    errno.ENOSPC: "ist voll. Bitte Platz schaffen oder einen anderen Datenträger nehmen",
    errno.EIO: "antwortet nicht. Bitte prüfen, ob der Datenträger noch steckt",
    errno.ENODEV: "ist nicht mehr da. Bitte prüfen, ob der Datenträger noch steckt",
}


def refusal(error: OSError) -> str:
    """Why a file cannot be read or written, in German, and what to do."""
    named = error.filename2 or error.filename  # of a link or a new name that is what was asked for
    place = f"{named}: " if named else ""
    told = error.strerror or str(error)
    reason = REFUSED.get(error.errno or 0) or f"{told}. Bitte Pfad und Datenträger prüfen"
    return f"Lesen oder Schreiben ist nicht möglich: {place}{reason}."


class KassdError(Exception):
    """Base of every error this product raises on purpose."""

    advice: ClassVar[Advice] = "operator"
    exit_code: ClassVar[int] = 70  # EX_SOFTWARE of sysexits


class ConfigError(KassdError):
    """The configuration cannot be used. Names section, key, what was expected and an example."""

    exit_code = 78


class DataError(KassdError):
    """A file or message handed to us is not what it should be."""

    exit_code = 65


class CatalogError(DataError):
    """The catalogue is refused as a whole; ``problems`` are (line, sentence)."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"Zeile {line}: {text}" for line, text in problems))


class JournalError(KassdError):
    """The journal could not be written or read. Selling stops at once."""

    advice: ClassVar[Advice] = "fatal"
    exit_code = 74


class JournalLocked(JournalError):
    """Another process owns the journal directory."""

    advice: ClassVar[Advice] = "retry"
    exit_code = 75


class JournalLost(JournalError):
    """The journal is not where a start looks for it: moved, deleted or unmounted. Nothing is acknowledged."""


class JournalDamaged(JournalError):
    """The journal holds bytes that no power cut explains. A person must decide."""

    advice: ClassVar[Advice] = "operator"
    exit_code = 65


class TseError(KassdError):
    """Base of what a TSE can answer besides a signature."""

    advice: ClassVar[Advice] = "retry"


class TseSilent(TseError):
    """No answer in time: whether the TSE acted is unknown until its log was asked."""


class TseBusy(TseError):
    """Another process, as a rule the running register, owns the TSE."""

    exit_code = 75


class TseGone(TseError):
    """The TSE cannot be reached: unplugged, unpowered, its file or port is missing."""


class TseRefused(TseError):
    """The TSE answered with an error. ``code`` is the TR-03153 or vendor name of it."""

    advice: ClassVar[Advice] = "operator"

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        super().__init__(message or f"Die TSE lehnt ab: {code}")


class TseWrong(TseError):
    """Another TSE than the bound one answers (serial number or key differs)."""

    advice: ClassVar[Advice] = "operator"


class DeviceError(KassdError):
    """Base of what goes wrong at the edge. ``reason`` is a short code for state documents."""

    advice: ClassVar[Advice] = "retry"

    def __init__(self, reason: str, message: str = "") -> None:
        self.reason = reason
        super().__init__(message or reason)


class DeviceGone(DeviceError):
    """The device is absent or was unplugged."""


class LinkError(KassdError):
    """An MQTT broker refused or dropped us. Never stops a sale."""

    exit_code = 75
    advice: ClassVar[Advice] = "retry"
