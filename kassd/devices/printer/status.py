"""Reads what a printer says of itself (ESC/POS): DLE EOT answers, automatic status back (ASB), GS r
answers and GS ( H responses, told apart by their fixed bits, from bytes cut anywhere. Pure.

All status is three-valued: ``None`` is "not known", which is what a printer that never answers stays.
"""

from collections.abc import Iterable
from dataclasses import fields, replace

from kassd.core.status import DeviceState, Known
from kassd.deferred import dataclass

KNOWN: dict[bool | None, Known] = {True: "yes", False: "no", None: "unknown"}
RESPONSE_HEADS = (0x37, 0x5F)  # blocks that end with NUL
RESPONSE_LONGEST = 80
PROCESS_ID_HEAD = b"\x37\x22"


@dataclass(frozen=True, slots=True)
class PrinterState:
    """What is known of the printer; ``None``: not known."""

    offline: bool | None = None
    cover_open: bool | None = None
    paper_end: bool | None = None
    near_end: bool | None = None
    cutter: bool | None = None  # auto-cutter error: clear the jam
    fatal: bool | None = None  # unrecoverable error: switch off and on
    overheated: bool | None = None  # recovers by itself
    # Pin 3 of the drawer connector; open or closed depends on the drawer. Known only where the printer tells
    # its changes by itself (ASB): an answer to DLE EOT would stand for ever.
    drawer_high: bool | None = None

    def conditions(self) -> dict[str, Known]:
        """Each field by its name, for ``state/dev``."""
        return {f.name: KNOWN[getattr(self, f.name)] for f in fields(self)}

    def merge(self, newer: "PrinterState") -> "PrinterState":
        """This state with everything that ``newer`` knows."""
        return replace(self, **{name: getattr(newer, name) for name in newer.known})

    def forget(self, names: Iterable[str]) -> "PrinterState":
        """This state with these fields unknown."""
        return replace(self, **dict.fromkeys(names))

    @property
    def known(self) -> set[str]:
        """The fields that are not unknown."""
        return {f.name for f in fields(self) if getattr(self, f.name) is not None}

    @property
    def blocked(self) -> bool:
        """Whether the printer is known not to print before somebody (or time) has helped it."""
        causes = (self.cover_open, self.paper_end, self.cutter, self.fatal, self.overheated, self.offline)
        return any(causes)


@dataclass(frozen=True, slots=True)
class Automatic:
    """An ASB message."""

    state: PrinterState


@dataclass(frozen=True, slots=True)
class Realtime:
    """An answer to DLE EOT n; n is known only to who asked, so :func:`realtime_state` is applied later."""

    byte: int


@dataclass(frozen=True, slots=True)
class PaperReply:
    """An answer to GS r 1, which is given in the order of the data."""

    state: PrinterState


@dataclass(frozen=True, slots=True)
class Response:
    """A block: header, identifier, data, without its final NUL."""

    data: bytes


Reply = Automatic | Realtime | PaperReply | Response


def realtime_state(n: int, byte: int) -> PrinterState:
    """What the answer to DLE EOT ``n`` (1 printer, 2 offline cause, 3 error cause, 4 paper) says."""
    if n == 1:
        return PrinterState(offline=bool(byte & 0x08))
    if n == 2:
        return PrinterState(cover_open=bool(byte & 0x04), paper_end=bool(byte & 0x20))
    if n == 3:
        return PrinterState(cutter=bool(byte & 0x08), fatal=bool(byte & 0x20), overheated=bool(byte & 0x40))
    return PrinterState(near_end=bool(byte & 0x0C), paper_end=bool(byte & 0x60))


def realtime_fields(kinds: Iterable[int]) -> set[str]:
    """The fields that the answers to these DLE EOT tell."""
    return {name for n in kinds for name in realtime_state(n, 0).known}


def automatic_state(first: int, second: int, third: int) -> PrinterState:
    """What the first three bytes of an ASB message say; the fourth says nothing about paper or cover."""
    return PrinterState(
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        drawer_high=bool(first & 0x04),
        cutter=bool(second & 0x08),
        fatal=bool(second & 0x20),
        overheated=bool(second & 0x40),
        near_end=bool(third & 0x03),
        paper_end=bool(third & 0x0C),
    )


class StatusParser:
    """Cuts a printer's answers out of its byte stream; what fits nothing (XON, noise) is dropped."""

    def __init__(self) -> None:
        self._block = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """The replies completed by ``data``."""
        return [reply for byte in data if (reply := self._byte(byte)) is not None]

    def _byte(self, byte: int) -> Reply | None:
        if not self._block:
            return self._first(byte)
        if self._block[0] in RESPONSE_HEADS:
            return self._response(byte)
        if byte & 0x90:  # no later byte of ASB has these bits: the message was cut, this begins another
            self._block.clear()
            return self._first(byte)
        self._block.append(byte)
        if len(self._block) < 4:
            return None
        first, second, third, _ = self._block
        self._block.clear()
        return Automatic(automatic_state(first, second, third))

    def _first(self, byte: int) -> Reply | None:
        if byte in RESPONSE_HEADS or byte & 0x93 == 0x10:
            self._block.append(byte)
            return None
        if byte & 0x93 == 0x12:
            return Realtime(byte)
        if byte & 0x90 == 0:
            return PaperReply(PrinterState(near_end=bool(byte & 0x03), paper_end=bool(byte & 0x0C)))
        return None

    def _response(self, byte: int) -> Reply | None:
        if byte:
            self._block.append(byte)
            if len(self._block) > RESPONSE_LONGEST:
                self._block.clear()
            return None
        data = bytes(self._block)
        self._block.clear()
        return Response(data)


# In order of what an operator has to see to first: field, state, reason, sentence.
_CAUSES: tuple[tuple[str, DeviceState, str, str], ...] = (
    ("cover_open", "error", "cover_open", "Der Druckerdeckel ist offen. Bitte schließen."),
    ("paper_end", "error", "paper_end", "Das Bonpapier ist leer. Bitte neue Rolle einlegen."),
    ("cutter", "error", "cutter", "Das Messer klemmt. Papierstau beseitigen, Drucker aus- und einschalten."),
    ("fatal", "error", "fatal", "Der Drucker meldet einen Fehler. Aus- und wieder einschalten."),
    ("overheated", "error", "overheated", "Der Druckkopf ist zu heiß. Bitte kurz warten."),
    ("offline", "error", "offline", "Der Drucker ist offline. Die Online-Taste drücken, Anzeige prüfen."),
    ("near_end", "degraded", "near_end", "Das Bonpapier geht zu Ende. Neue Rolle bereitlegen."),
)


def describe(state: PrinterState) -> tuple[DeviceState, str, str]:
    """(device state, reason, German sentence) for the worst thing known; ``("ready", "", "")`` else."""
    for field, device_state, reason, message in _CAUSES:
        if getattr(state, field):
            return device_state, reason, message
    return "ready", "", ""
