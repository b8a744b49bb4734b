"""Rows of DSFinV-K from journal lines: what every export, report and check of our own reads.

One :class:`ClosingRows` per closing, its receipts with it; streamed, in bounded memory, read-only beside a
running daemon. The mapping is described in ``docs/dsfinvk.md``.
"""

from kassd.fiscal.rows.closing import ClosingRows, Key
from kassd.fiscal.rows.fitting import Cut
from kassd.fiscal.rows.problem import ExportBlocked, Problem
from kassd.fiscal.rows.receipt import ReceiptRows, Row
from kassd.fiscal.rows.stream import ALL, Period, closings

__all__ = [
    "ALL",
    "ClosingRows",
    "Cut",
    "ExportBlocked",
    "Key",
    "Period",
    "Problem",
    "ReceiptRows",
    "Row",
    "closings",
]
