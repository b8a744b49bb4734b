"""The documents that the law wants from the owner, written from configuration and journal: procedural
documentation (Verfahrensdokumentation, GoBD 151–155), data sheet, user manual, cashier's instruction.

The same journal and configuration give the same bytes. A text is Markdown with marks (``text/*.md``); what
the register knows of itself is put in; HTML and PDF are made from the result.
"""

from kassd.fiscal.documents.compose import DOCUMENTS, Composed, compose
from kassd.fiscal.documents.html import to_html
from kassd.fiscal.documents.pdf import to_pdf
from kassd.fiscal.documents.record import Record, read_record

__all__ = ["DOCUMENTS", "Composed", "Record", "compose", "read_record", "to_html", "to_pdf"]
