"""Balances: the sum of a voucher's lines on finished receipts; what open sales use up is held back."""

from collections.abc import Iterable

from kassd.core.entry import Line
from kassd.core.state import Sale, State
from kassd.core.vouchers.state import Voucher
from kassd.deferred import replace

KEEP_DAYS = 90  # a used-up voucher stays known so long (goods may come back), then its number alone
MAX_VOUCHERS = 5_000  # known at once, used-up ones included


def sums_of(lines: Iterable[Line]) -> dict[str, int]:
    """What lines do to each voucher: sales add, redemptions take away; counter-lines undo both."""
    sums: dict[str, int] = {}
    for line in lines:
        if line.voucher:
            sums[line.voucher] = sums.get(line.voucher, 0) + line.amount
    return sums


def available(state: State, voucher: Voucher) -> int:
    """What can still be redeemed: the balance less what unfinished sales take from it."""
    if voucher.sale:
        return 0
    held = 0
    for sale in state.sales.values():
        if sale.status in ("open", "paying", "signing") and sale.bon_type == "Beleg":
            held += min(0, sums_of(sale.lines).get(voucher.number, 0))
    return voucher.balance + held


def booked(state: State, sale: Sale, day: str) -> State:
    """The vouchers after a Vorgang has ended; an abort leaves no trace of it."""
    sums = sums_of(sale.lines)
    if not sums:
        return state
    vouchers = dict(state.vouchers)
    counts = sale.status == "done" and sale.bon_type == "Beleg"
    for number, amount in sums.items():
        voucher = vouchers.get(number)
        if voucher is None:
            continue
        born = voucher.sale == sale.id
        if born and (not counts or amount == 0):
            del vouchers[number]
        elif counts and amount:
            vouchers[number] = _moved(voucher, amount, day, str(sale.number) if born else voucher.receipt)
    return replace(state, vouchers=vouchers)


def _moved(voucher: Voucher, amount: int, day: str, receipt: str) -> Voucher:
    balance = voucher.balance + amount
    return replace(voucher, balance=balance, sale="", settled="" if balance else day, receipt=receipt)
