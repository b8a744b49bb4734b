"""All slips of a playbook as text, for the reader, which itself knows nothing of where they come from."""

from collections.abc import Iterator

from kassd.core import facts as f
from kassd.receipt.layout import layout, plain_text
from kassd.receipt.page import to_text
from tests.core.playbook import Playbook


def slips_of(book: Playbook, columns: int = 42, *, qr: bool = False) -> list[str]:
    """Every finished Vorgang, X and Z in the journal's order; with the TSE's values in clear or as code."""
    return [_text(fact, columns, qr) for fact in _documented(book)]


def _documented(book: Playbook) -> Iterator[f.SaleFinished | f.ReportMade | f.TillClosed]:
    for line in book.lines:
        for data in line["facts"]:
            fact = f.from_json(data)
            if isinstance(fact, f.SaleFinished | f.ReportMade | f.TillClosed):
                yield fact


def _text(fact: f.SaleFinished | f.ReportMade | f.TillClosed, columns: int, qr: bool) -> str:
    return to_text(layout(fact.document, columns), columns) if qr else plain_text(fact.document, columns)
