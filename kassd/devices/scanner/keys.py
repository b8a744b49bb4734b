"""Decodes what a keyboard-type scanner sends (``struct input_event`` of linux/input.h) into codes. Pure.

The bytes may be cut anywhere. Whatever shows that events are missing loses the whole code, never a part
of it: SYN_DROPPED, a key that goes up without having gone down, a key that goes down twice, a key no
layout knows in the middle of a code.
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


class KeyDecoder:
    """One scanner's stream of events. Times are those in the events, as nanoseconds."""

    def __init__(self, layout: Layout, end: CodeEnd, gap_ns: int) -> None:
        self._layout = k.LAYOUTS[layout]
        self._code = Assembler(end, gap_ns)
        self._rest = b""
        self._last = 0
        self._pace = FAST_NS
        self._held: set[int] = set()
        self._caps = False
        self._dead = ""
        self._alt_digits = ""
        self._dropping = False
        self.resync_wanted = False

    @property
    def collecting(self) -> bool:
        """Whether a code is under way, so that :meth:`expire` must follow if nothing comes for a gap."""
        return self._code.collecting or bool(self._alt_digits or self._dead)

    @property
    def is_fast(self) -> bool:
        """Whether a code is under way whose keys follow each other in less than ``FAST_NS``, as is to be
        expected of one that has just begun."""
        return self._pace < FAST_NS and self._code.collecting

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way: what comes next means the same to a decoder that has just begun."""
        under_way = self.collecting or self._code.losing or self._dropping or self._caps
        unknown = self._code.in_doubt or self.resync_wanted
        return not (under_way or unknown or self._held or self._rest)

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
        return self._code.take()

    def expire(self) -> list[Token]:
        """Nothing has come for the length of a gap."""
        self._code.expire()
        self._pause()
        return self._code.take()

    def stop(self, reason: str) -> list[Token]:
        """The device is gone."""
        self._code.stop(reason)
        return self._code.take()

    def resync(self, held: frozenset[int], now: int) -> list[Token]:
        """Keys that the kernel says are down ``now``, after SYN_DROPPED. To say so it has dropped what was
        waiting: the beginning of the next code, perhaps."""
        self._held = set(held)
        return self.unsure(now)

    def unsure(self, now: int) -> list[Token]:
        """There was a SYN_DROPPED, and what has come since, up to ``now``, may be missing as well."""
        self.resync_wanted = False
        self._code.doubt("dropped", now)
        return self._code.take()

    def opened(self, held: frozenset[int], now: int) -> list[Token]:
        """The device has been opened. Keys that are down then belong to a code whose beginning we missed, and
        so does what follows at once."""
        self._held = set(held)
        self._code.doubt("opened", now)
        return self.missed(now) if held else []

    def missed(self, now: int) -> list[Token]:
        """Nobody knows what has been typed before."""
        self._code.lose("opened", now)
        return self._code.take()

    def _pause(self) -> None:
        """A gap has gone by: what was half typed of a character is lost with its code."""
        if self._alt_digits or self._dead:
            self._code.lose("timeout", self._last)
        self._reset()

    def _drop(self, now: int) -> None:
        self._dropping = True
        self.resync_wanted = True
        self._reset()
        self._held.clear()
        self._code.lose("dropped", now)

    def _reset(self) -> None:
        self._caps = False
        self._dead = ""
        self._alt_digits = ""

    def _key(self, code: int, down: bool, now: int) -> None:
        if self._code.pass_time(now):
            self._pause()
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
            self._held &= k.SILENT | k.SUFFIXES  # what is said to be down may be what we missed
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
