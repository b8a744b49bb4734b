"""What the builders of this room are given: one frozen dataclass per device. No file is read here.

Units are in the names (``_ms``, ``_s``); paths are absolute. A value no driver can work with raises
:class:`ConfigError` when the object is made.
"""

from dataclasses import field
from typing import Literal

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.quirks import MODELS
from kassd.errors import ConfigError

CodeEnd = Literal["suffix", "gap", "auto"]
Layout = Literal["us", "de"]
Confirm = Literal["process_id", "status", "none"]

DOUBLE_MAX_MS = 500  # nobody takes the next piece and scans it faster
PULSE_MIN_MS = 50
PULSE_MAX_MS = 510  # limit of DK ports and of the usual solenoids


def _require(good: bool, section: str, name: str, key: str, expected: str) -> None:
    if not good:
        raise ConfigError(f"[[{section}]] „{name}“: {key}: erwartet wird {expected}")


@dataclass(frozen=True, slots=True)
class ScannerConfig:
    """A barcode scanner.

    ``end`` says what ends a code: ``suffix`` (Enter, keypad Enter, Tab; CR, LF, CRLF; a code left without
    one is lost), ``gap`` (a pause of ``gap_ms``), ``auto`` (a pause, as long as this scanner has never sent
    a suffix). ``None`` takes the driver's default: evdev ``suffix`` and 150 ms, serial ``auto`` and 30 ms;
    HID-POS reports say themselves where a code ends. ``prefix`` and ``suffix`` are texts taken off the code,
    ``gs_substitutes`` characters that this scanner sends in place of GS (0x1D).

    The same code again within ``double_ms`` of the last time it was read is not counted: a scanner that
    stands on the counter reads a label as often as it sees it. 0: every scan counts.
    """

    name: str
    driver: Literal["serial", "hidpos", "evdev"] = "serial"
    station: str = "main"
    port: str = ""  # serial: device file or symlink
    baud: int = 9600  # serial; CDC-ACM ignores it
    beep: Literal["none", "bel"] = "none"  # serial: BEL asks the scanner for its error sound
    device: str = ""  # evdev, hidpos: path, symlink, "usb:05e0:1200" or "name:Symbol Bar Code Scanner"
    layout: Layout = "us"  # evdev: the layout the scanner is set to, not that of the computer
    end: CodeEnd | None = None
    gap_ms: int | None = None
    prefix: str = ""
    suffix: str = ""
    gs_substitutes: str = ""
    double_ms: int = 0

    def __post_init__(self) -> None:
        drivers = ("serial", "hidpos", "evdev")
        _require(self.driver in drivers, "scanner", self.name, "driver", '"serial", "hidpos" oder "evdev"')
        if self.driver == "serial":
            _require(bool(self.port), "scanner", self.name, "port", "ein Gerätepfad, z. B. /dev/ttyACM0")
        else:
            example = "ein Pfad, usb:05e0:1200 oder name:…"
            _require(bool(self.device), "scanner", self.name, "device", example)
        _require(self.layout in ("us", "de"), "scanner", self.name, "layout", '"us" oder "de"')
        _require(
            0 <= self.double_ms <= DOUBLE_MAX_MS, "scanner", self.name, "double_ms", f"0 bis {DOUBLE_MAX_MS}"
        )
        _require(self.gap_ms is None or self.gap_ms > 0, "scanner", self.name, "gap_ms", "eine Zahl über 0")

    @property
    def code_end(self) -> CodeEnd:
        """``end`` with the driver's default filled in."""
        return self.end or ("suffix" if self.driver == "evdev" else "auto")

    @property
    def gap(self) -> int:
        """``gap_ms`` with the driver's default filled in."""
        return self.gap_ms or (30 if self.driver == "serial" else 150)


@dataclass(frozen=True, slots=True)
class PrinterConfig:
    """A receipt printer: where its bytes go and how it tells that a job is on paper.

    ``confirm``: ``process_id`` (GS ( H fn 48; Epson since TM-T88IV), ``status`` (GS r 1, answered in
    order, and DLE EOT; understood by most clones) or ``none`` (the printer answers nothing; nothing is
    asked, and a job ends as ``unknown`` when its bytes are taken). A ``file`` confirms by itself once the
    bytes are on the disk.
    """

    name: str
    driver: Literal["tcp", "usb", "serial", "file"] = "tcp"
    host: str = ""  # tcp
    port: int = 9100  # tcp
    path: str = ""  # usb: /dev/usb/lp0 or a symlink; serial: the port; file: a file or fifo
    baud: int = 19200  # serial, 8N1
    flow: Literal["none", "xonxoff", "rtscts"] = "none"  # serial
    confirm: Confirm = "process_id"
    confirm_timeout_s: float = 10.0  # from the last byte taken to ``unknown``
    stall_timeout_s: float = 5.0  # without progress: ask for the status
    connect_timeout_s: float = 5.0  # tcp

    def __post_init__(self) -> None:
        drivers = ("tcp", "usb", "serial", "file")
        _require(self.driver in drivers, "printer", self.name, "driver", '"tcp", "usb", "serial" oder "file"')
        if self.driver == "tcp":
            _require(bool(self.host), "printer", self.name, "host", 'eine Adresse, z. B. "192.168.1.50"')
            _require(0 < self.port < 65536, "printer", self.name, "port", "1 bis 65535, meist 9100")
        else:
            _require(bool(self.path), "printer", self.name, "path", "ein Pfad, z. B. /dev/usb/lp0")
        known = ("process_id", "status", "none")
        _require(self.confirm in known, "printer", self.name, "confirm", '"process_id", "status" oder "none"')


@dataclass(frozen=True, slots=True)
class ScaleConfig:
    """A coupled scale. ``secret``: checksum and generator polynomial of its software authentication, hex, ''
    where it asks for none."""

    name: str
    port: str
    baud: int = 9600
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PowerConfig:
    """Where the power comes from. ``voltage``: file of the board's own alarm, ``auto`` looks for the Pi's,
    ``none`` looks at nothing."""

    source: Literal["none", "upower", "nut", "sysfs"] = "none"
    device: str = ""  # upower: end of an object path; nut: name of the UPS; sysfs: name of the battery
    bus: str = ""  # upower: address, '' the system's
    host: str = "127.0.0.1"  # nut
    port: int = 3493  # nut
    folder: str = "/sys/class/power_supply"  # sysfs
    poll_s: float = 30.0  # nut, sysfs
    low_percent: int = 30
    critical_percent: int = 10
    voltage: str = "auto"

    def __post_init__(self) -> None:
        if self.critical_percent >= self.low_percent:
            raise ConfigError("[power]: critical_percent: erwartet wird weniger als low_percent")
        if self.source == "nut" and not self.device:
            raise ConfigError("[power]: device: erwartet wird der Name der USV (upsc -l)")


@dataclass(frozen=True, slots=True)
class DrawerConfig:
    """A cash drawer: on a GPIO pin, or behind the printer called ``printer``.

    ``sensor``: it has a contact, on ``sensor_pin`` or in the printer's socket, whose level while the drawer
    is open is ``open_level``.
    """

    name: str
    driver: Literal["printer", "gpio"] = "printer"
    printer: str = ""
    pin: int = -1  # gpio: BCM number
    pulse_ms: int = 100  # PULSE_MIN_MS..PULSE_MAX_MS; printer: in steps of 2
    pin_factory: str = "lgpio"  # gpio: "lgpio" or "mock"; never another one instead
    sensor: bool = False
    sensor_pin: int = -1  # gpio: BCM number
    open_level: Literal["high", "low"] = "high"
    bounce_ms: int = 20  # gpio: what is shorter is no change

    def __post_init__(self) -> None:
        _require(self.driver in ("printer", "gpio"), "drawer", self.name, "driver", '"printer" oder "gpio"')
        allowed = f"{PULSE_MIN_MS} bis {PULSE_MAX_MS} Millisekunden"
        good = PULSE_MIN_MS <= self.pulse_ms <= PULSE_MAX_MS
        _require(good, "drawer", self.name, "pulse_ms", allowed)
        if self.driver == "printer":
            _require(bool(self.printer), "drawer", self.name, "printer", "der Name eines [[printer]]")
            return
        _require(self.pin >= 0, "drawer", self.name, "pin", "eine BCM-Nummer, z. B. 17")
        if self.sensor:
            good = self.sensor_pin >= 0 and self.sensor_pin != self.pin
            _require(good, "drawer", self.name, "sensor_pin", "eine andere BCM-Nummer als pin, z. B. 27")


@dataclass(frozen=True, slots=True)
class TerminalConfig:
    """A card terminal that speaks ZVT over TCP or a serial line. ``model``: whose quirks it has;
    ``printing``: who prints its receipts, the ``register`` or the ``terminal``; ``partial``: it may
    approve a part."""

    name: str
    driver: Literal["tcp", "serial"] = "tcp"
    host: str = ""  # tcp
    port: int = 20007  # tcp
    path: str = ""  # serial: device file or symlink
    baud: int = 9600  # serial, 8N2
    password: str = "000000"
    model: str = "generic"
    printing: Literal["register", "terminal"] = "register"
    columns: int = 40  # of its receipts
    partial: bool = True
    connect_timeout_s: float = 5.0  # tcp
    answer_timeout_s: float = 5.0  # T3: from a command to its answer
    silence_timeout_s: float = 180.0  # T4: from one report to the next

    def __post_init__(self) -> None:
        _require(self.driver in ("tcp", "serial"), "terminal", self.name, "driver", '"tcp" oder "serial"')
        if self.driver == "tcp":
            _require(bool(self.host), "terminal", self.name, "host", 'eine Adresse, z. B. "192.168.1.60"')
        else:
            _require(bool(self.path), "terminal", self.name, "path", "ein Gerätepfad, z. B. /dev/ttyUSB0")
        good = len(self.password) == 6 and self.password.isascii() and self.password.isdigit()
        _require(good, "terminal", self.name, "password", 'sechs Ziffern, z. B. "000000"')
        known = ", ".join(sorted(MODELS))
        _require(self.model in MODELS, "terminal", self.name, "model", f"eines von {known}")
