"""``kassd scanner pair``: one scan of a known code, and the section for the configuration is there."""

import argparse
import os
import select
import sys
import termios
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kassd import settings
from kassd.cli.doctor_scanners import places
from kassd.cli.output import print_json
from kassd.clock import Clock
from kassd.devices.scanner.attached import Attached, attached, unused
from kassd.devices.scanner.hidpos import open_hidraw
from kassd.devices.scanner.pairing import CALIBRATION, GAP_NS, Learnt, of_bytes, of_keys, of_reports
from kassd.devices.scanner.pos import PosLayout
from kassd.devices.serialport import close_port, open_port
from kassd.errors import ConfigError, refusal
from kassd.settings import Settings

if TYPE_CHECKING:
    from PIL import Image

EX_TEMPFAIL = 75
QUIET = 10  # modules of white on both sides
ROWS = 6
READ_SIZE = 4096
S = 1_000_000_000
BLOCKS = {"00": "█", "01": "▌", "10": "▐", "11": " "}  # light paper on a dark terminal
WAYS = {"serial": "serielle Schnittstelle", "hidpos": "HID-POS", "evdev": "Tastatur"}


@dataclass(slots=True)
class Ear:
    """A device that is listened to: what has come, and when the last of it came."""

    device: Attached
    fd: int
    layout: PosLayout | None = None
    heard: list[bytes] = field(default_factory=list)
    last: int = 0

    def learnt(self) -> Learnt | None:
        """What the scan tells; None: it was none."""
        if self.layout is not None:
            return of_reports(self.heard, self.layout)
        return (of_bytes if self.device.driver == "serial" else of_keys)(b"".join(self.heard))


def execute(arguments: argparse.Namespace) -> int:
    """Show the code, listen, propose; exit code 0 when a scanner was understood, else 75."""
    file = settings.config_file(arguments.config)
    loaded = settings.load(arguments.config) if file.exists() else None
    devices = _candidates(loaded, arguments.port)
    if arguments.png is not None:
        _picture(modules()).save(arguments.png)
    if arguments.printer:
        from kassd.cli.printer import print_slip

        if loaded is None:
            raise ConfigError(f"Für --printer wird die Konfiguration gebraucht; {file} fehlt.")
        print_slip(loaded, arguments.printer, escpos())
    told = sys.stderr if arguments.json else sys.stdout
    for line in (*_shown(arguments.png, arguments.printer), *_listening(devices)):
        print(line, file=told, flush=True)
    with ExitStack() as stack:
        ears = list(_opened(devices, stack))
        found = _listen(ears, arguments.wait) if ears else None
    _forget_typed()
    names = {one.name for one in loaded.scanner} if loaded is not None else set()
    return _report(found, names, arguments.json)


# -- what is listened to ---------------------------------------------------------------------------------


def _candidates(loaded: Settings | None, ports: Sequence[Path]) -> list[Attached]:
    """What is plugged in and belongs to nobody, and the ports that were named."""
    named = [Attached("serial", port, port, str(port), False) for port in ports]
    used = list(places(loaded)) if loaded is not None else []
    return [*named, *unused(attached(), [*used, *map(str, ports)])]


def _opened(devices: Iterable[Attached], stack: ExitStack) -> Iterator[Ear]:
    """Those that can be opened; the others are named."""
    for one in devices:
        try:
            if one.driver == "serial":
                port = open_port(str(one.node), 9600)
                stack.callback(close_port, port)
                yield Ear(one, port.fileno())
            elif one.driver == "hidpos":
                node = open_hidraw(str(one.node))
                stack.callback(node.close)
                yield Ear(one, node.fd, node.layout)
            else:
                fd = os.open(one.node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                stack.callback(os.close, fd)
                yield Ear(one, fd)
        except OSError as error:
            print(f"  {one.path}: {refusal(error)}", file=sys.stderr)


def _listen(ears: list[Ear], wait_s: float) -> tuple[Attached, Learnt] | None:
    """The first scanner that sends the known code; else the last that sent another one."""
    deadline, other = Clock.mono() + int(wait_s * S), None
    while (now := Clock.mono()) < deadline:
        until = min([deadline, *(ear.last + GAP_NS for ear in ears if ear.heard)])
        ready, _, _ = select.select([ear.fd for ear in ears], (), (), max(0, until - now) / S)
        for ear in list(ears):
            if ear.fd in ready and not _read(ear):
                ears.remove(ear)
            elif ear.heard and Clock.mono() - ear.last >= GAP_NS:
                learnt = ear.learnt()
                ear.heard.clear()
                if learnt is not None and learnt.found:
                    return ear.device, learnt
                other = (ear.device, learnt) if learnt is not None else other
        if not ears:
            break
    return other


def _read(ear: Ear) -> bool:
    """Take what has come; False: it was pulled out."""
    try:
        data = os.read(ear.fd, READ_SIZE)
    except BlockingIOError:
        return True
    except OSError:
        return False
    if data:
        ear.heard.append(data)
        ear.last = Clock.mono()
    return bool(data)


def _forget_typed() -> None:
    """What a keyboard scanner has typed into this terminal shall not become a command."""
    if sys.stdin.isatty():
        with suppress(termios.error):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


# -- the code -----------------------------------------------------------------------------------------------


def modules() -> str:
    """The known code as Code 128: 1 a bar, 0 a gap."""
    from barcode import Code128

    bars: str = Code128(CALIBRATION).build()[0]
    return "0" * QUIET + bars + "0" * QUIET


def _picture(bars: str) -> "Image.Image":
    from PIL import Image

    row = Image.frombytes("L", (len(bars), 1), bytes(0 if bar == "1" else 255 for bar in bars))
    return row.resize((len(bars) * 3, 120), Image.Resampling.NEAREST)


def escpos() -> bytes:
    """The same for a printer (GS k, function B), with a line under it and a cut."""
    data = b"{B" + CALIBRATION.encode("ascii")
    code = b"\x1dh\x60\x1dw\x02\x1dH\x00\x1dk\x49" + bytes((len(data),)) + data
    return b"\x1b@\x1ba\x01kassd scanner pair\n\n" + code + b"\n\n\x1ba\x00\x1dV\x42\x00"


def _shown(png: Path | None, printer: str) -> Iterator[str]:
    if png is not None:
        yield f"Der Strichcode steht in {png}."
    elif printer:
        yield f"Der Strichcode kommt aus dem Drucker „{printer}“."
    else:
        bars = modules()
        bars += "0" * (len(bars) % 2)
        line = "".join(BLOCKS[bars[at : at + 2]] for at in range(0, len(bars), 2))
        yield from ("", *([line] * ROWS), "")
        yield "Laserscanner lesen keinen Bildschirm: dann mit --printer NAME drucken oder --png DATEI."


def _listening(devices: Sequence[Attached]) -> Iterator[str]:
    if not devices:
        yield "Es steckt kein Gerät, das noch niemandem gehört: Scanner anstecken und noch einmal aufrufen."
        return
    yield "Bitte diesen Strichcode einmal scannen. Gehört wird auf:"
    for one in devices:
        yield f"  {one.name or one.node.name} ({WAYS[one.driver]}, {one.path})"


# -- what is said of it -------------------------------------------------------------------------------------


def _report(found: tuple[Attached, Learnt] | None, names: set[str], json: bool) -> int:
    if found is None or not found[1].found:
        text = found[1].text if found is not None else ""
        told = "Es kam kein Strichcode an. Kabel prüfen, den Scanner näher heranhalten, noch einmal aufrufen."
        if found is not None:
            told = (
                f"Gelesen wurde „{text}“ statt „{CALIBRATION}“. War es dieser Strichcode, steht der Scanner "
                "auf der Tastatur eines anderen Landes: am Scanner „USA“ oder „Deutschland“ einstellen."
            )
        print_json({"ok": False, "read": text, "message": told}) if json else print(told)
        return EX_TEMPFAIL
    device, learnt = found
    section, hints = proposal(device, learnt, names), list(advice(device, learnt))
    if json:
        print_json({"ok": True, "section": section, "advice": hints})
    else:
        print("\nErkannt. Dieser Abschnitt gehört in die Konfiguration; danach kassd neu starten:\n")
        print(section)
        for hint in hints:
            print(f"! {hint}")
    return 0


def proposal(device: Attached, learnt: Learnt, names: set[str]) -> str:
    """The ``[[scanner]]`` section; ``names`` are taken."""
    name = next(n for n in ("scanner", *(f"scanner-{n}" for n in range(2, 100))) if n not in names)
    values = {"name": name, "driver": device.driver}
    values["port" if device.driver == "serial" else "device"] = str(device.path)
    if device.driver == "evdev":
        values["layout"] = learnt.layout
    if device.driver != "hidpos":
        values["end"] = learnt.end
    values |= {key: text for key, text in (("prefix", learnt.prefix), ("suffix", learnt.suffix)) if text}
    return "[[scanner]]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in values.items())


def _quoted(text: str) -> str:
    """As TOML's basic string."""
    told = (f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else f"\\{c}" if c in '"\\' else c for c in text)
    return f'"{"".join(told)}"'


def advice(device: Attached, learnt: Learnt) -> Iterator[str]:
    """What is better set otherwise, in the order of importance."""
    if learnt.swapped:
        yield "Der Scanner vertauscht große und kleine Buchstaben: am Scanner Caps Lock abstellen."
    if device.driver == "evdev":
        yield (
            "Als Tastatur kann ein Scanner Zeichen verlieren (dann wird neu gescannt). Kann er „USB-COM“ "
            "(CDC) oder „HID-POS“, ist das besser: umstellen und noch einmal kassd scanner pair."
        )
    if device.driver != "serial" and not device.is_known:
        yield (
            "Das System kennt ihn nicht als Scanner: seine Herstellernummer (lsusb) in "
            "/etc/udev/rules.d/70-kassd.rules ergänzen, udevadm control --reload, neu einstecken. Sonst darf "
            "ihn die Kasse nicht öffnen, und als Tastatur hört ihn auch das System."
        )
    if learnt.end == "gap":
        yield "Er schickt kein Ende: am Scanner „CR“ (Enter) als Suffix einstellen, das ist sicherer."
    if not learnt.aim:
        yield "Er nennt die Art des Codes nicht: „AIM-ID“ einschalten, dann sind GS1-Codes eindeutig."
