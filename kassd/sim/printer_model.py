"""What a receipt printer does with bytes: modes, paper, drawer, status. No I/O but the slips' files.

Theory of operation. Bytes arrive in a buffer of 4 KiB. Real-time commands (``DLE EOT``, ``DLE DC4``) act on
arrival, everything else in order. Without paper, with the cover open or when stuck the printer halts between
two commands, and once the buffer is full it takes no more. What it answers (``GS r``, ``GS ( H``) in order
therefore proves that what stood before was printed. ``ESC @`` clears every mode: code page 0, no ASB.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from kassd.errors import ConfigError
from kassd.receipt.canvas import CELL_W, LINE_H, Cell, qr_matrix
from kassd.sim.escpos import CLEAR, Command, RealTime, take
from kassd.sim.printer_paper import Align, Paper, Slip

BUFFER = 4096
EPSON = {0: "cp437", 16: "cp1252", 19: "cp858"}
CLONE = {52: "cp437", 53: "cp858", 71: "cp1252"}
STAR = {3: "cp437", 4: "cp858", 32: "cp1252"}
# profile → (code page slots, has GS ( k, wakes up in Kanji mode, has GS v 0)
MODELS: dict[str, tuple[dict[int, str], bool, bool, bool]] = {
    "TM-T88V": (EPSON, True, False, True),
    "TM-T20II": (EPSON, True, False, True),
    "default": (EPSON, True, False, True),
    "Sunmi-V2": (EPSON, True, False, True),
    "SP2000": (STAR, True, False, True),
    "T-1": ({0: "cp437", 19: "cp858"}, True, False, True),
    "NT-80-V-UL": (CLONE, True, True, True),
    "POS-5890": (CLONE, False, True, True),
    "TM-U220B": ({0: "cp437"}, False, False, False),
    "TM-T88IV-SA": ({0: "cp437"}, True, False, True),
}
LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}
PaperState = Literal["ok", "near_end", "out"]


@dataclass(slots=True)
class Modes:
    """What ``ESC @`` puts back."""

    page: str
    kanji: bool
    align: Align = "left"
    bold: bool = False
    wide: bool = False
    tall: bool = False
    asb: int = 0
    line: list[Cell] = field(default_factory=list)
    qr_dots: int = 3
    qr_level: str = "l"
    qr_data: str = ""


class Printer:
    """The machine. ``answer`` gets what it sends to the host, ``record`` every event worth keeping."""

    def __init__(
        self,
        paper: Paper,
        profile: str,
        answer: Callable[[bytes], None],
        record: Callable[[dict[str, Any]], None],
    ) -> None:
        if profile not in MODELS:
            raise ConfigError(f"Das Profil „{profile}“ gibt es hier nicht: {', '.join(sorted(MODELS))}")
        self.sheet = paper
        self.pages, self.native_qr, self._kanji, self.rasters = MODELS[profile]
        self.paper: PaperState = "ok"
        self.cover_open = False
        self.drawer_open = False
        self.drawer_stuck = False
        self.stuck = False
        self.silent = False
        self.merges = False  # one answer to several GS r that lie in the buffer together
        self.clears = self.pages is EPSON  # obeys DLE DC4 8
        self.kicks: list[tuple[int, int, int]] = []
        self.errors: list[str] = []
        self.processed = 0
        self._slip_errors: list[str] = []
        self._answer, self._record = answer, record
        self._buffer = bytearray()
        self._real_time = RealTime()
        self._alarms: list[tuple[int, Callable[[], None]]] = []
        self.modes = self._fresh()

    def _fresh(self) -> Modes:
        first = min(self.pages)
        return Modes(self.pages.get(0, self.pages[first]), self._kanji)

    # -- the host's side ------------------------------------------------------------------------------

    @property
    def drawer(self) -> str:
        """How the drawer behind the printer stands: open, closed, or stuck (closed, and no kick opens it)."""
        return "open" if self.drawer_open else "stuck" if self.drawer_stuck else "closed"

    @property
    def full(self) -> bool:
        """Whether no more bytes may be delivered now."""
        return self.halted and len(self._buffer) >= BUFFER

    @property
    def offline(self) -> bool:
        return self.cover_open or self.paper == "out"

    @property
    def halted(self) -> bool:
        return self.offline or self.stuck

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        for byte in data:
            command = self._real_time.feed(byte)
            self._buffer.append(byte)
            if command is not None and not self.stuck:
                self._act_now(command)
        self.work()

    def work(self) -> None:
        """Process what lies in the buffer, as far as the printer can."""
        while not self.halted:
            taken = take(self._buffer)
            if taken is None:
                return
            command, size = taken
            if self._alarms and self.processed + size > self._alarms[0][0]:
                self._alarms.pop(0)[1]()
                continue
            del self._buffer[:size]
            self.processed += size
            self._execute(command)

    @property
    def due(self) -> bool:
        """Whether something is still to happen by :meth:`after_bytes`."""
        return bool(self._alarms)

    def after_bytes(self, count: int, action: Callable[[], None]) -> None:
        """Call ``action`` before the command that ends past the next ``count`` bytes."""
        self._alarms.append((self.processed + count, action))
        self._alarms.sort(key=lambda alarm: alarm[0])

    def power_cycle(self) -> None:
        """Forget buffer, modes and what was due; the paper stays where it is."""
        self._buffer.clear()
        self._alarms.clear()
        self._real_time = RealTime()
        self.sheet.interrupted = self.sheet.interrupted or not self.sheet.blank or bool(self.modes.line)
        self.modes = self._fresh()

    def changed(self, before: bytes) -> None:
        """Tell the host what changed since ``before`` (an earlier :meth:`asb_bytes`), if it wants to know."""
        if self.modes.asb and self.asb_bytes() != before:
            self._send(self.asb_bytes())
        self.work()

    def tear(self) -> Slip:
        """Cut, or tear off by hand."""
        slip = self.sheet.cut(self._slip_errors)
        self._slip_errors = []
        self._record({"event": "slip", "n": slip.n})
        return slip

    # -- status ---------------------------------------------------------------------------------------

    def asb_bytes(self) -> bytes:
        """The four bytes of Automatic Status Back."""
        first = 0x10 | self.drawer_open << 2 | self.offline << 3 | self.cover_open << 5
        return bytes((first, 0, {"ok": 0, "near_end": 0x03, "out": 0x0F}[self.paper], 0))

    def _real_time_status(self, n: int) -> bytes:
        variable = {
            1: self.drawer_open << 2 | self.offline << 3,
            2: self.cover_open << 2 | (self.paper == "out") << 5,
            3: 0,
            4: {"ok": 0, "near_end": 0x0C, "out": 0x6C}[self.paper],
        }[n]
        return bytes((0x12 | variable,))

    def _act_now(self, command: Command) -> None:
        if command.name == "DLE EOT":
            self._send(self._real_time_status(command.args[0]))
        elif command.args[0] == CLEAR[2]:
            if self.clears:
                self._buffer.clear()
                self.modes.line = []
                self._send(b"\x37\x25\x00")
        else:
            self._kick(command.args[0], 100 * command.args[1], 100 * command.args[1])

    def _send(self, data: bytes) -> None:
        if not self.silent:
            self._answer(data)

    def _kick(self, pin: int, on_ms: int, off_ms: int) -> None:
        before = self.asb_bytes()
        self.kicks.append((2 if pin == 0 else 5, on_ms, off_ms))
        self.drawer_open = self.drawer_open or not self.drawer_stuck
        self._record({"event": "kick", "pin": 2 if pin == 0 else 5, "on_ms": on_ms, "off_ms": off_ms})
        if self.modes.asb and self.asb_bytes() != before:
            self._send(self.asb_bytes())

    def _error(self, text: str) -> None:
        message = f"byte {self.processed}: {text}"
        self.errors.append(message)
        self._slip_errors.append(message)
        self._record({"event": "error", "text": message})

    # -- commands -------------------------------------------------------------------------------------

    def _execute(self, command: Command) -> None:
        modes, args = self.modes, command.args
        match command.name:
            case "text":
                self._print(args)
            case "LF":
                self._line_feed()
            case "ESC @":
                self.modes = self._fresh()
            case "ESC t" if args[0] in self.pages:
                modes.page = self.pages[args[0]]
            case "ESC a" if not modes.line and args[0] % 48 in (0, 1, 2):
                modes.align = ("left", "center", "right")[args[0] % 48]
            case "ESC E":
                modes.bold = bool(args[0] & 1)
            case "GS !" if not args[0] & 0xEE:
                modes.wide, modes.tall = bool(args[0] & 0x10), bool(args[0] & 0x01)
            case "ESC !" if not args[0] & 0xC7:
                modes.bold, modes.tall, modes.wide = (bool(args[0] & bit) for bit in (0x08, 0x10, 0x20))
            case "ESC R" if args[0] == 0:
                pass
            case "FS .":
                modes.kanji = False
            case "ESC d" | "ESC J":
                self._flush()
                self.sheet.feed(args[0] * (LINE_H if command.name == "ESC d" else 1))
            case "ESC p" if args[0] % 48 in (0, 1):
                self._kick(args[0] % 48, 2 * args[1], 2 * args[2])
            case "GS a":
                modes.asb = args[0]
                if modes.asb:
                    self._send(self.asb_bytes())
            case "GS r" if self.merges and self._buffer.startswith(b"\x1dr"):
                pass
            case "GS r" if args[0] % 48 in (1, 2):
                near = 0x03 if self.paper == "near_end" else 0
                self._send(bytes((near if args[0] % 48 == 1 else int(self.drawer_open),)))
            case "GS V" if args[0] in (0, 1, 48, 49, 65, 66) and not modes.line:
                self.tear()
            case "GS ( H" if args[:2] == b"00" and len(args) == 6:
                self._send(b"\x37\x22" + args[2:] + b"\x00")
            case "GS ( k" if self.native_qr and args[:1] == b"1":
                self._code(args[1], args[2:])
            case "GS v 0" if self.rasters and not modes.line:
                self._raster(args)
            case "DLE EOT" | "DLE DC4" | "NUL":
                pass
            case name:
                self._error(f"{name} {args[:8].hex(' ')} is not understood here")

    def _print(self, byte: bytes) -> None:
        modes = self.modes
        if modes.kanji and byte[0] >= 0x80:
            self._error(f"{byte.hex()} begins a Kanji")
            return
        try:
            char = byte.decode(modes.page)
        except UnicodeDecodeError:
            self._error(f"{byte.hex()} is nothing in {modes.page}")
            return
        cell = Cell(char, modes.bold, modes.wide, modes.tall)
        if sum(1 + c.wide for c in modes.line) + 1 + cell.wide > self.sheet.columns:
            self._line_feed()
        modes.line.append(cell)

    def _line_feed(self) -> None:
        self.sheet.text(self.modes.line, self.modes.align)
        self.modes.line = []

    def _flush(self) -> None:
        if self.modes.line:
            self._line_feed()

    def _code(self, function: int, args: bytes) -> None:
        """``GS ( k`` for QR codes: 65 model, 67 module size, 69 level, 80 store, 81 print."""
        modes = self.modes
        match function:
            case 65 if args == b"2\x00":
                pass
            case 67 if len(args) == 1 and 1 <= args[0] <= 16:
                modes.qr_dots = args[0]
            case 69 if len(args) == 1 and args[0] in LEVELS:
                modes.qr_level = LEVELS[args[0]]
            case 80 if args[:1] == b"0":
                modes.qr_data = args[1:].decode("utf-8", "replace")
            case 81 if args == b"0" and modes.qr_data and not modes.line:
                self._print_code()
            case _:
                self._error(f"GS ( k fn {function} {args[:8].hex(' ')} is not understood here")

    def _print_code(self) -> None:
        """A code wider than the paper is not printed: that is what real printers do, without a word."""
        modes = self.modes
        width = len(qr_matrix(modes.qr_data, modes.qr_level)) * modes.qr_dots
        if width > self.sheet.columns * CELL_W:
            self._error(f"QR code of {width} dots is wider than the paper")
            return
        self.sheet.qr(modes.qr_data, modes.qr_dots, modes.qr_level, modes.align)

    def _raster(self, args: bytes) -> None:
        width, height = 8 * int.from_bytes(args[1:3], "little"), int.from_bytes(args[3:5], "little")
        if args[0] % 48 or width > self.sheet.columns * CELL_W + 7:
            self._error(f"raster of {width} dots, mode {args[0]}, does not fit the paper")
            return
        self.sheet.raster(width, height, args[5:], self.modes.align)
