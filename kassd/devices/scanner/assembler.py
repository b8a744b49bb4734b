"""From characters to whole codes. Pure; time comes in as nanoseconds of one clock.

Theory of operation. Characters are collected until the code ends. Whatever makes it doubtful (events
dropped, a key nobody can read, a pause in the middle) loses the *whole* code: one :class:`Lost` is given
at once, and all that follows is discarded until a suffix has passed or the scanner has been quiet for
``QUIET_NS``, so that the tail of a broken code is never taken for a code. Where nobody knows whether one is
under way (:meth:`Assembler.doubt`), what follows within :func:`doubt_ns` is the tail of one.

    state      | character       | suffix                | pause >= gap                  | doubt
    -----------+-----------------+-----------------------+-------------------------------+----------
    empty      | collecting      | empty                 | empty                         | lost; Lost
    in doubt   | lost; Lost      | empty; Lost           | empty                         | lost; Lost
    collecting | collecting      | empty; Whole          | gap ends a code: empty; Whole | lost; Lost
               |                 |                       | else: lost; Lost              |
    lost       | lost            | empty                 | lost; empty after QUIET_NS    | lost
"""

import re
from dataclasses import dataclass, field

from kassd.devices.config import CodeEnd

QUIET_NS = 500_000_000  # nobody hears a beep, aims and scans again faster
LONGEST = 7_089  # digits of the largest QR code: longer is noise
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Whole:
    """A complete code as it was sent, without its end; ``at``: nanoseconds when that came."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """A code that was begun and must not be sold; ``reason`` is a short code."""

    reason: str


Token = Whole | Lost


def doubt_ns(gap_ns: int) -> int:
    """How long nothing must have come before what does is the beginning of a code."""
    return min(gap_ns, QUIET_NS)


class Assembler:
    """Collects one code.

    Where it is known when something came, call :meth:`pass_time` before it; where it may have waited,
    :meth:`resume`. Call :meth:`expire` when nothing has come for ``waits_ns``.
    """

    def __init__(self, end: CodeEnd, gap_ns: int) -> None:
        self._gap_ends = end != "suffix"
        self._learns = end == "auto"
        self._gap_ns = gap_ns
        self._chars: list[str] = []
        self._length = 0
        self._lost = False
        self._doubt = ""
        self._last = 0
        self._tokens: list[Token] = []

    @property
    def collecting(self) -> bool:
        """Whether a code is under way and a pause would mean something."""
        return bool(self._chars)

    @property
    def waits_ns(self) -> int:
        """How long nothing must come to mean something; 0: that means nothing."""
        if self._chars:
            return self._gap_ns
        if self._lost:
            return QUIET_NS
        return doubt_ns(self._gap_ns) if self._doubt else 0

    @property
    def losing(self) -> bool:
        """Whether what comes is being discarded."""
        return self._lost

    def pass_time(self, now: int) -> bool:
        """Say that it is ``now``, before the next character. Returns whether a pause has gone by."""
        pause = now - self._last
        if pause >= self._gap_ns and self._chars:
            if self._gap_ends:
                self._emit()
            else:
                self.lose("timeout", self._last)
        if pause >= QUIET_NS:
            self._lost = False
        if pause >= doubt_ns(self._gap_ns):
            self._doubt = ""
        return pause >= self._gap_ns

    def resume(self, now: int) -> None:
        """Say that what comes next came by ``now``, and may have waited: nobody knows of a pause before it.
        In ``QUIET_NS`` it may even be of another scan."""
        if self._chars and now - self._last >= QUIET_NS:
            self.lose("timeout", now)

    def expire(self) -> None:
        """Nothing has come for ``waits_ns``."""
        self.pass_time(self._last + self.waits_ns)

    def put(self, text: str, now: int) -> None:
        """Add decoded characters."""
        self._last = now
        if self._doubt:
            self.lose(self._doubt, now)
        if self._lost:
            return
        self._chars.append(text)
        self._length += len(text)
        if self._length > LONGEST:
            self.lose("too_long", now)

    def end(self, now: int) -> None:
        """A suffix came. Ends the code, or the discarding of a lost one."""
        self._last = now
        if self._learns:
            self._gap_ends = False
        if self._doubt:
            self.lose(self._doubt, now)
        if self._lost:
            self._lost = False
        elif self._chars:
            self._emit()

    def lose(self, reason: str, now: int) -> None:
        """The code under way, or about to come, cannot be trusted."""
        self._last = now
        self._doubt = ""
        self._clear()
        if not self._lost:
            self._lost = True
            self._tokens.append(Lost(reason))

    def doubt(self, reason: str, now: int) -> None:
        """What has come up to ``now`` may be missing: so may the beginning of what follows
        within :func:`doubt_ns`."""
        if self._chars:
            self.lose(reason, now)
        self._last = now
        self._doubt = reason

    def stop(self, reason: str) -> None:
        """The device is gone; a code under way is lost, and nothing of it will follow."""
        if self._chars:
            self._tokens.append(Lost(reason))
        self._clear()
        self._lost = False
        self._doubt = ""

    def touch(self, now: int) -> None:
        """Something came that is no character (a modifier, a key going up)."""
        self._last = now

    def take(self) -> list[Token]:
        """What has been completed or lost since the last call."""
        tokens, self._tokens = self._tokens, []
        return tokens

    def _emit(self) -> None:
        self._tokens.append(Whole("".join(self._chars), self._last))
        self._clear()

    def _clear(self) -> None:
        self._chars.clear()
        self._length = 0


def split(text: str, prefix: str = "", suffix: str = "", gs_substitutes: str = "") -> tuple[str, str]:
    """(code, AIM id or ''): takes off configured texts and the AIM symbology id (ISO/IEC 15424: ``]cm``),
    and puts GS where this scanner sends something else for it."""
    text = text.removeprefix(prefix)
    aim = ""
    if AIM.match(text):
        aim, text = text[:3], text[3:].removeprefix(prefix)
    text = text.removesuffix(suffix)
    return text.translate({ord(char): "\x1d" for char in gs_substitutes}), aim
