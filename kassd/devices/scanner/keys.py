"""Decodes what a keyboard-type scanner sends (``struct input_event`` of linux/input.h) into codes. Pure.

The bytes may be cut anywhere, and may hold notes of the reader's own (:func:`note`): fed once more they give
the same. Whatever shows that events are missing loses the whole code, never a part of it: SYN_DROPPED, a key
that goes up without having gone down, a key that goes down twice, a key no layout knows in the middle of a
code.
"""

import struct
import unicodedata

from kassd.devices.config import CodeEnd, Layout
from kassd.devices.scanner import layouts as k
from kassd.devices.scanner.assembler import Assembler, Token

EVENT = struct.Struct("@llHHi")  # seconds, microseconds, type, code, value
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
UP, DOWN = 0, 1
FAST_NS = 4_000_000
NOTE = 0xFFFF  # no type of the kernel's
OPENED, QUIET = 1, 2


def note(what: int, now: int) -> bytes:
    """What happened at ``now`` beside the keys, as an event: the device was ``OPENED``, or it has been
    ``QUIET`` for ``waits_ns``."""
    micros = now // 1000
    return EVENT.pack(micros // 1_000_000, micros % 1_000_000, NOTE, what, 0)


class KeyDecoder:
    """One scanner's stream of events. Times are those in the events, as nanoseconds."""

    def __init__(self, layout: Layout, end: CodeEnd, gap_ns: int) -> None:
        self._layout = k.LAYOUTS[layout]
        self._code = Assembler(end, gap_ns)
        self._gap_ns = gap_ns
        self._rest = b""
        self._last = 0
        self._pace = FAST_NS
        self._held: set[int] = set()
        self._caps = False
        self._dead = ""
        self._alt_digits = ""
        self._dropping = False

    @property
    def waits_ns(self) -> int:
        """After how long without anything a note of ``QUIET`` must follow; 0: never."""
        if self._rest:
            return 0
        return self._code.waits_ns or (self._gap_ns if self._alt_digits or self._dead else 0)

    @property
    def is_fast(self) -> bool:
        """Whether a code is under way whose keys follow each other in less than ``FAST_NS``, as is to be
        expected of one that has just begun."""
        return self._pace < FAST_NS and self._code.collecting

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way: what comes next means the same to a decoder that has just begun."""
        under_way = self.waits_ns or self._dropping or self._caps
        return not (under_way or self._held or self._rest)

    def feed(self, data: bytes) -> list[Token]:
        """Decode the next bytes of the stream."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        for seconds, micros, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_KEY:
                if value in (UP, DOWN) and not self._dropping:
                    self._key(code, value == DOWN, (seconds * 1_000_000 + micros) * 1000)
            elif kind == EV_SYN:
                if code == SYN_DROPPED:
                    self._drop((seconds * 1_000_000 + micros) * 1000)
                elif code == SYN_REPORT:
                    self._dropping = False
            elif kind == NOTE and code == OPENED:
                self._code.doubt("opened", (seconds * 1_000_000 + micros) * 1000)
            elif kind == NOTE:
                self._quiet()
        return self._code.take()

    def stop(self, reason: str) -> list[Token]:
        """The device is gone."""
        self._code.stop(reason)
        return self._code.take()

    def missed(self, now: int) -> list[Token]:
        """Nobody knows what has been typed before."""
        self._code.lose("opened", now)
        return self._code.take()

    def _quiet(self) -> None:
        losing = self._code.losing
        self._code.expire()
        self._pause()
        if losing:
            self._forget()

    def _pass_time(self, now: int) -> None:
        losing = self._code.losing
        if self._code.pass_time(now):
            self._pause()
        if losing and not self._code.losing:
            self._forget()

    def _forget(self) -> None:
        """A lost code is over. What is said to be down may be what we missed."""
        self._held &= k.SILENT | k.SUFFIXES

    def _pause(self) -> None:
        """A gap has gone by: what was half typed of a character is lost with its code."""
        if self._alt_digits or self._dead:
            self._code.lose("timeout", self._last)
        self._reset()

    def _drop(self, now: int) -> None:
        self._dropping = True
        self._reset()
        self._held.clear()
        self._code.lose("dropped", now)

    def _reset(self) -> None:
        self._caps = False
        self._dead = ""
        self._alt_digits = ""

    def _key(self, code: int, down: bool, now: int) -> None:
        self._pass_time(now)
        self._pace = now - self._last if self._code.collecting else 0
        self._last = now
        self._code.touch(now)
        if down == (code in self._held) and not self._code.losing:
            self._code.lose("gap", now)  # the kernel reports changes only: the opposite one was lost
        if not down:
            self._held.discard(code)
            if code == k.LEFT_ALT and self._alt_digits:
                self._alt(now)
            return
        self._held.add(code)
        if code == k.CAPS_LOCK:
            self._caps = not self._caps
        elif code in k.SUFFIXES:
            self._finish(now)
        elif code not in k.SILENT:
            self._type(code, now)

    def _finish(self, now: int) -> None:
        if self._dead:
            self._code.put(k.DEAD[self._dead], now)
        if self._code.losing:
            self._forget()
        self._reset()
        self._code.end(now)

    def _type(self, code: int, now: int) -> None:
        if k.LEFT_ALT in self._held and code in k.KEYPAD_DIGITS:
            self._alt_digits += k.KEYPAD_DIGITS[code]
            return
        control = bool(self._held & k.CTRLS) and not self._third_level(code)
        char = self._control(code) if control else self._char(code)
        if char:
            self._put(char, now)
        elif self._code.collecting:
            self._code.lose("unknown_key", now)
        # Before the first character an unknown key is a preamble that means nothing to us.

    def _third_level(self, code: int) -> bool:
        altgr = k.ALT_GR in self._held or (k.LEFT_ALT in self._held and bool(self._held & k.CTRLS))
        return altgr and code in self._layout.altgr

    def _char(self, code: int) -> str:
        if code in k.KEYPAD:
            return k.KEYPAD[code]
        if code == k.F8:
            return "\x1d"  # the usual stand-in for GS
        if self._third_level(code):
            return self._layout.altgr[code]
        shifted = bool(self._held & k.SHIFTS)
        char = (self._layout.shift if shifted else self._layout.plain).get(code, "")
        if self._caps and len(char.swapcase()) == 1:
            return char.swapcase()
        return char

    def _control(self, code: int) -> str:
        """Ctrl and a key: the control character. Keys for @ [ \\ ] ^ _ may be meant as on the US layout."""
        tables = (self._layout.plain, self._layout.shift, k.US.plain, k.US.shift)
        for char in (table.get(code, "").upper() for table in tables):
            if len(char) == 1 and "@" <= char <= "_":
                return chr(ord(char) & 0x1F)
        return ""

    def _alt(self, now: int) -> None:
        """Alt and keypad digits: code page 1252 with a leading 0, else 437."""
        digits, self._alt_digits = self._alt_digits, ""
        number = int(digits)
        if number > 255:
            self._code.lose("alt_code", now)
            return
        page = "cp1252" if digits.startswith("0") else "cp437"
        self._put(bytes([number]).decode(page, errors="ignore") or chr(number), now)

    def _put(self, char: str, now: int) -> None:
        dead, self._dead = self._dead, ""
        if dead:
            composed = unicodedata.normalize("NFC", char + dead)
            if char == " ":
                char = k.DEAD[dead]
            elif len(composed) == 1:
                char = composed
            else:
                char = k.DEAD[dead] + k.DEAD.get(char, char)
        elif char in k.DEAD:
            self._dead = char
            return
        self._code.put(char, now)
