"""A whole receipt as text for one QR code: what a phone's camera shows without any network. Pure.

The lines of the slip without blank lines, rules and the blanks of the columns, and the TSE's values as the
string of DSFinV-K Anhang I in the last line. Plain UTF-8: every reader shows it, and it can be copied.
"""

import re

from kassd.core.document import Document
from kassd.receipt.layout import layout
from kassd.receipt.page import Line, Qr

LEVEL = "l"  # a display is no thermal paper: what counts is that the modules are large
LIMIT = 1732  # bytes of version 30 at level L: 137 modules, read by phones from a screen
COLUMNS = 32


def text_for_code(document: Document) -> str:
    """The receipt as text.

    Raises:
        ValueError: it is too long to be read from a screen.
    """
    rows = []
    for item in layout(document, COLUMNS):
        if isinstance(item, Qr):
            rows.append(item.text)
        elif isinstance(item, Line) and item.text.strip():
            rows.append(re.sub(r" {2,}", "  ", item.text.strip()))
    text = "\n".join(rows)
    if len(text.encode()) > LIMIT:
        raise ValueError(f"{document.id}: {len(text.encode())} bytes do not fit a code of {LIMIT}")
    return text
