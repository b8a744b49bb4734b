"""Money and goods at different times: receivables, down payments, delivery notes, invoices, agencies, slips.

Selling on account and releasing a down payment are lines of the sale with their GV_TYP (DSFinV-K Anhang C),
not payments. What is still open follows from the lines of finished receipts that carry the item's number
(:attr:`kassd.core.entry.Line.account`): void, abort and cancellation undo themselves.
"""

__all__: list[str] = []
