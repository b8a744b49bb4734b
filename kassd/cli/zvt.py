"""``kassd zvt decode``: what a recorded message between register and card terminal says, field by field."""

import argparse
import sys
from collections.abc import Iterable, Iterator

from kassd.cli.output import EX_DATAERR, print_json, print_verdict
from kassd.core.verdict import Finding, Verdict
from kassd.devices.terminal.zvt.charset import DEFAULT
from kassd.devices.terminal.zvt.commands import UNKNOWN, command
from kassd.devices.terminal.zvt.explain import Explained, Item, explain
from kassd.devices.terminal.zvt.masking import hidden_bytes
from kassd.devices.terminal.zvt.recording import Recording, from_hex, read_recording
from kassd.errors import DeviceError

PROPRIETARY = 0x0F  # class of the control field that chapter 14 leaves to manufacturers
LABEL_COLUMNS = 44


def execute(arguments: argparse.Namespace) -> int:
    """Decode the messages of one recording; 65 if not all of it could be read."""
    try:
        raw = from_hex(" ".join(arguments.hex) if arguments.hex else sys.stdin.read())
    except DeviceError as error:
        return _refused(str(error), as_json=arguments.json)
    recording = read_recording(raw)
    messages = [explain(apdu, arguments.charset or "") for apdu in recording.messages]
    count = len(messages) + recording.signs
    verdict = Verdict("zvt", max(1, count), tuple(_findings(recording, messages)))
    if arguments.json:
        framing = "serial" if recording.serial else "tcp"
        rendered = [message.render() for message in messages]
        print_json({**verdict.render(), "framing": framing, "signs": recording.signs, "messages": rendered})
        return 0 if verdict.ok else EX_DATAERR
    if recording.signs:
        print(f"{recording.signs} × ACK oder NAK zwischen den Blöcken")
    for message in messages:
        print("\n".join(_text(message)))
    return print_verdict(verdict, as_json=False, subject="ZVT")


def _refused(message: str, *, as_json: bool) -> int:
    verdict = Verdict("zvt", 0, (Finding("hex", "error", "", message),))
    return print_verdict(verdict, as_json=as_json, subject="ZVT")


def _findings(recording: Recording, messages: Iterable[Explained]) -> Iterator[Finding]:
    for remark in recording.remarks:
        yield Finding(remark.id, remark.severity, f"Byte {remark.at}", remark.message)
    for number, message in enumerate(messages, 1):
        where = f"{number}. Nachricht ({message.apdu.name})"
        if command(message.apdu.control) is UNKNOWN:
            own = message.apdu.control >> 8 == PROPRIETARY
            told = "Das Kommando steht nicht in der Spezifikation." + (" Es ist eines des Herstellers." * own)
            yield Finding("unknown_command", "warning" if own else "error", where, told)
        else:
            yield from (Finding("field", "error", where, problem) for problem in message.problems)


def _text(message: Explained) -> Iterator[str]:
    size = len(message.apdu.data)
    charset = "" if message.charset == DEFAULT else f", {message.charset}"
    yield f"{message.apdu.name}  {message.name} ({message.way}), {size} Byte Daten{charset}"
    if size and not message.items:
        yield f"    {hidden_bytes(message.apdu.data)}"
    for item in message.items:
        yield from _rows(item, 1)


def _rows(item: Item, depth: int) -> Iterator[str]:
    left = f"{'  ' * depth}{item.id or '-':<5}{item.label}"
    yield f"{left:<{LABEL_COLUMNS}}{item.text}".rstrip() if item.text else left
    for part in item.parts:
        yield from _rows(part, depth + 1)
