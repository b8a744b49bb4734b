"""How long what is kept must be kept (§ 147 Abs. 3 and 4 AO). Pure.

Single records, journal, TSE log, exports, master data and organisation documents: ten years. The period
begins with the end of the calendar year in which the last entry was made or the document came into being.
Receipts alone would be eight years; they cannot be told apart from the records, so all is kept for ten.
"""

from datetime import date

YEARS = 10


def keep_until(year: int) -> date:
    """Last day on which something of ``year`` must be there."""
    return date(year + YEARS, 12, 31)
