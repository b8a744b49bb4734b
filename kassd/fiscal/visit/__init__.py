"""For the audit on the spot (Kassen-Nachschau, § 146b AO): everything an official may ask for, in one folder.

``standing`` says how things stand at this moment, ``write_bundle`` makes the folder of ``Part`` after part.
"""

from kassd.fiscal.visit.bundle import Bundle, Part, Unavailable, write_bundle
from kassd.fiscal.visit.pages import count_sheet, cover_page
from kassd.fiscal.visit.standing import Standing, standing
from kassd.fiscal.visit.tables import write_tables

__all__ = [
    "Bundle",
    "Part",
    "Standing",
    "Unavailable",
    "count_sheet",
    "cover_page",
    "standing",
    "write_bundle",
    "write_tables",
]
