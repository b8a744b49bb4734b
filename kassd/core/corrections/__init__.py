"""Finished receipts again: looked up, cancelled, taken back, paid otherwise, copied; paper slips captured."""

__all__: list[str] = []
