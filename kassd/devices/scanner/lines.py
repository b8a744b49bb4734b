"""Decodes the bytes of a serial scanner into codes. Pure; times are nanoseconds of one clock."""

from kassd.devices.config import CodeEnd
from kassd.devices.scanner.assembler import Assembler, Token, Whole


class TextDecoder:
    """What decoders of bytes have in common. What they are fed may have waited, so no pause in it is known;
    only that nothing waits is, and :meth:`expire` says so."""

    def __init__(self, end: CodeEnd, gap_ns: int, strip: str = "") -> None:
        self._code = Assembler(end, gap_ns)
        self._strip = strip

    @property
    def waits_ns(self) -> int:
        """After how long without anything :meth:`expire` must follow; 0: never."""
        return self._code.waits_ns

    def opened(self, now: int) -> None:
        """The device has been opened: nobody knows what came before."""
        self._code.doubt("opened", now)

    def expire(self) -> list[Token]:
        """Nothing has come for ``waits_ns``, and nothing waits."""
        self._code.expire()
        return self._take()

    def overrun(self, now: int) -> list[Token]:
        """More has come than the kernel keeps: what follows may be missing, the beginning of a code too."""
        self._code.doubt("dropped", now)
        return self._take()

    def stop(self, reason: str) -> list[Token]:
        """The device is gone."""
        self._code.stop(reason)
        return self._take()

    def _take(self) -> list[Token]:
        return read_texts(self._code.take(), self._strip)


class LineDecoder(TextDecoder):
    """One scanner's stream of bytes: codes ended by CR, LF or CRLF, or by a pause (see ``end``)."""

    def feed(self, data: bytes, now: int) -> list[Token]:
        """Decode the next bytes, which came by ``now``."""
        self._code.resume(now)
        self._code.touch(now)
        first, *others = data.replace(b"\r", b"\n").split(b"\n")
        if first:
            self._code.put(first.decode("latin-1"), now)
        for part in others:
            self._code.end(now)
            if part:
                self._code.put(part.decode("latin-1"), now)
        return self._take()


def read_texts(tokens: list[Token], strip: str) -> list[Token]:
    """Codes collected one character a byte, as the text they are; ``strip`` is taken off their ends."""
    return [Whole(_text(t.text.rstrip(strip)), t.at) if isinstance(t, Whole) else t for t in tokens]


def _text(raw: str) -> str:
    """Bytes are collected one character each; scanners send UTF-8 or, when older, Windows' code page."""
    data = raw.encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
