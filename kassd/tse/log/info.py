"""``info.csv`` of a TSE archive (TR-03153 ch. 5.2, TR-03151-1 v1.1): what the TSE says of itself, unsigned.

Version 1 is one line of ``"name:","value"`` pairs; version 1.1 has a line for each component and one for the
description. Field archives leave out quotes, put blanks around commas and end without a newline.
"""

import csv
from collections.abc import Iterator

from kassd.core.verdict import Finding

NAME = "info.csv"
SHOWN = 2000


def check_info(data: bytes) -> Iterator[Finding]:
    """Name a description that is missing, and always what stands there, since no signature covers it."""
    text = data.decode("utf-8", "backslashreplace")
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(text.splitlines(), skipinitialspace=True)
        ]
    except csv.Error:
        rows = []
    if not any(cell.startswith("description") for row in rows for cell in row):
        yield Finding("info_malformed", "warning", NAME, "info.csv enthält keine Beschreibung")
    shown = "; ".join(", ".join(row) for row in rows)[:SHOWN]
    yield Finding("info_unsigned", "info", NAME, f"nicht signiert ist: {shown}")
