"""A voucher as the register knows it."""

from decimal import Decimal

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Voucher:
    """``balance`` follows from finished receipts. ``sale``: the unfinished sale that sells it, '' once valid;
    ``settled``: the day it was used up or withdrawn, '' before; ``receipt``: number of the receipt that sold
    it, '' if it was taken over."""

    number: str
    kind: str
    value: int
    vat: int
    rate: Decimal
    text: str
    expiry: str
    balance: int = 0
    sale: str = ""
    settled: str = ""
    receipt: str = ""
