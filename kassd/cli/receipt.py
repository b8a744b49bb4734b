"""``kassd receipt show|png``: a slip from the journal again, without the daemon and without a lock."""

import argparse
from pathlib import Path

from kassd import settings
from kassd.core.document import Document
from kassd.core.facts import from_json
from kassd.errors import DataError
from kassd.journal import read_lines

COLUMNS = 42


def execute(arguments: argparse.Namespace) -> int:
    """Find the document and print or draw it, marked as what it is."""
    loaded = settings.load(arguments.config)
    document = find(loaded.journal.dir, arguments.number)
    columns = loaded.printer[0].columns if loaded.printer else COLUMNS
    if arguments.action == "show":
        from kassd.receipt.layout import plain_text

        print(plain_text(document, columns))
        return 0
    from kassd.receipt.png import png

    out: Path = arguments.out or Path(f"{document.id}.png")
    out.write_bytes(png(document, columns))
    print(out)
    return 0


def find(directory: Path, number: str) -> Document:
    """The document with this receipt number, or with this id (``R17``, ``X123``, ``Z4``)."""
    for line in read_lines(directory):
        for value in line.facts:
            document = value["data"].get("document") if isinstance(value["data"], dict) else None
            if document and number in (document.get("id"), document.get("number")):
                found: Document = from_json(value).document  # type: ignore[attr-defined] # it has one
                return found
    raise DataError(f"Beleg {number} steht nicht im Journal {directory}.")
