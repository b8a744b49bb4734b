"""``kassd receipt show|png|pdf|html``: a slip from the journal again, without daemon and without lock."""

import argparse
import sys
from pathlib import Path

from kassd import settings
from kassd.app.finder import FILE
from kassd.core.document import Document
from kassd.core.facts import Fact, from_json
from kassd.errors import DataError, JournalError
from kassd.journal import Index, read_lines

COLUMNS = 42


def execute(arguments: argparse.Namespace) -> int:
    """Find the document and print it or write its file, marked as what it is."""
    loaded = settings.load(arguments.config)
    document = find(loaded.journal.dir, arguments.number)
    columns = arguments.columns or (loaded.printer[0].columns if loaded.printer else COLUMNS)
    if arguments.action == "show":
        from kassd.receipt.layout import plain_text

        print(plain_text(document, columns))
        return 0
    out: Path = arguments.out or Path(f"{document.id}.{arguments.action}")
    out.write_bytes(render(arguments.action, document, columns))
    print(out)
    return 0


def render(form: str, document: Document, columns: int) -> bytes:
    """The slip as ``png``, ``pdf`` or ``html``; only what that form needs is imported."""
    match form:
        case "png":
            from kassd.receipt.png import png

            return png(document, columns)
        case "pdf":
            from kassd.receipt.pdf import pdf

            return pdf(document, columns)
        case _:
            from kassd.receipt.html import html

            return html(document, columns)


def find(directory: Path, number: str) -> Document:
    """The document with this receipt number, or with this id (``R17``, ``R17-K30``, ``X123``, ``Z4``).

    Looked up in the index, which is brought up to date; where it cannot be written (another user's), the
    whole journal is read instead, and that is said.
    """
    subject = f"R{number}" if number.isascii() and number.isdigit() else number
    try:
        with Index(directory.parent / FILE) as index:
            index.refresh(directory)
            fact = index.with_document(subject)
    except (JournalError, OSError) as error:
        print(f"kassd: {error}; das ganze Journal wird gelesen.", file=sys.stderr)
        fact = _scanned(directory, subject)
    document = getattr(fact, "document", None)
    if not isinstance(document, Document):
        raise DataError(f"Beleg {number} steht nicht im Journal {directory}.")
    return document


def _scanned(directory: Path, subject: str) -> Fact | None:
    for line in read_lines(directory):
        for value in line.facts:
            document = value["data"].get("document") if isinstance(value["data"], dict) else None
            if document and subject == document.get("id"):
                return from_json(value)
    return None
