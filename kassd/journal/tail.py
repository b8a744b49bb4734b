"""What the bytes behind the last good line are: the rest of a batch that was cut off, or damage. Pure."""

import re

from kassd.journal.line import MAX_LINE

# The padded end of a batch, then the beginning of another one: the first of them had been acknowledged.
_TWO_BATCHES = re.compile(rb' \n\{"v":1,"seq":\d')
_BEGINS, _ENDS = re.compile(rb'\{"v":1,"seq":\d'), re.compile(rb',"h":"[0-9a-f]{64}"\}\Z')
FLIPPED = 8  # characters that rot makes of a line; a lost sector makes hundreds


def is_torn(rest: bytes) -> bool:
    """Whether ``rest``, up to the NUL, is no more than what a power cut may leave of a batch."""
    return len(rest) <= MAX_LINE and not _TWO_BATCHES.search(rest)


def is_altered(rest: bytes) -> bool:
    """Whether a line stands there whole, newline and all, and only its content is not what was written: a cut
    write lacks its end, or whole sectors."""
    first, newline, _ = rest.partition(b"\n")
    line = first.rstrip(b" ")
    if not newline or not (_BEGINS.match(line) or _ENDS.search(line)):
        return False
    return sum(not c.isprintable() or c == "\ufffd" for c in line.decode("utf-8", "replace")) <= FLIPPED
