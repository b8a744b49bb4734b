"""Messages out of what a technician copied: hex digits of a TCP stream, of serial blocks, of a log. Pure."""

import re
from typing import Literal

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError, cut, missing
from kassd.devices.terminal.zvt.block import ACK, HEAD, NAK, Block, BlockReader, Broken, Sign
from kassd.devices.terminal.zvt.layout import read_layout

SIGNS = bytes((ACK, NAK))
FIELDS_THAT_CONVINCE = 3
HEX_MAX = 2 * 1024 * 1024
_NOISE = re.compile(r"0x|[\s:,;.\-_|>]", re.IGNORECASE)
_BROKEN = {
    "checksum": "Die Prüfsumme (CRC) des Blocks stimmt nicht.",
    "framing": "Nach DLE kommt im Block weder DLE noch ETX.",
    "too_long": "Der Block ist länger als jede Nachricht.",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with the recording at ``at`` (byte), German; an ``error`` or only a ``warning``."""

    id: str
    severity: Literal["error", "warning"]
    at: int
    message: str


@dataclass(frozen=True, slots=True)
class Recording:
    """``serial``: framed in blocks; ``signs``: how many ACK and NAK were among them."""

    messages: tuple[Apdu, ...]
    remarks: tuple[Remark, ...]
    serial: bool = False
    signs: int = 0


def from_hex(text: str) -> bytes:
    """Bytes of hex digits in the usual notations: ``06 00``, ``06-00``, ``0x06, 0x00``. Raises CodecError."""
    if len(text) > HEX_MAX:
        raise CodecError(f"Das sind mehr als {HEX_MAX} Zeichen; bitte die Aufzeichnung teilen.")
    digits = _NOISE.sub("", text)
    if not digits:
        raise CodecError("Es fehlen die Hexziffern, zum Beispiel: 06 0F 00")
    odd = next((char for char in digits if char not in "0123456789abcdefABCDEF"), "")
    if odd:
        raise CodecError(f"„{odd}“ ist keine Hexziffer; erwartet wird zum Beispiel: 06 0F 00")
    if len(digits) % 2:
        raise CodecError(f"{len(digits)} Hexziffern sind keine ganze Zahl von Bytes; fehlt eine?")
    return bytes.fromhex(digits)


def read_recording(raw: bytes) -> Recording:
    """All messages in ``raw``, and what is wrong with it. Never raises."""
    signs, blocks = len(raw) - len(raw.lstrip(SIGNS)), raw.lstrip(SIGNS).startswith(HEAD)
    if signs == len(raw) == 1:
        return Recording((), (), serial=True, signs=1)
    plain = Recording((), ()) if raw.startswith(HEAD) else _plain(raw)
    return _serial(raw) if blocks and (plain.remarks or not plain.messages) else plain


def _plain(raw: bytes) -> Recording:
    found: list[Apdu] = []
    remarks: list[Remark] = []
    at = 0
    while at < len(raw):
        got = cut(raw, at)
        if got is None:
            remarks.append(Remark("length", "error", at, missing(raw[at:])))
            found += _unfinished(raw[at:])
            break
        apdu, used = got
        found.append(apdu)
        at += used
    senseless = found and read_layout(found[0]).problem and not read_layout(found[0]).fields
    if senseless or not found:
        return _without_length(raw) or Recording(tuple(found), tuple(remarks))
    return Recording(tuple(found), tuple(remarks))


def _unfinished(raw: bytes) -> list[Apdu]:
    """What there is of a message that breaks off: its fields may still tell something."""
    begin = 5 if raw[2:3] == b"\xff" else 3
    return [Apdu(int.from_bytes(raw[:2], "big"), raw[begin:])] if len(raw) > begin else []


def _without_length(raw: bytes) -> Recording | None:
    """Some recordings leave the length field out: then everything after the control field is data."""
    apdu = Apdu(int.from_bytes(raw[:2], "big"), raw[2:])
    fields = read_layout(apdu).fields
    if len(raw) < 3 or len(fields) < FIELDS_THAT_CONVINCE or fields[0].number != raw[2]:
        return None
    told = "Der Nachricht fehlt das Längenfeld; ohne es ergeben ihre Byte Sinn."
    return Recording((apdu,), (Remark("length_missing", "warning", 2, told),))


def _serial(raw: bytes) -> Recording:
    reader, found, remarks, signs = BlockReader(), [], [], 0
    for at in range(len(raw)):
        for event in reader.feed(raw[at : at + 1]):
            match event:
                case Sign():
                    signs += 1
                case Broken(reason):
                    remarks.append(Remark(reason, "error", at, _BROKEN[reason]))
                case Block(content):
                    try:
                        found.append(Apdu.from_bytes(content))
                    except CodecError as error:
                        remarks.append(Remark("length", "error", at, str(error)))
    if reader.inside:
        remarks.append(Remark("block_open", "error", len(raw), "Der letzte Block ist nicht vollständig."))
    return Recording(tuple(found), tuple(remarks), serial=True, signs=signs)
