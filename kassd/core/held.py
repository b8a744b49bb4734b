"""Tax keys of one's own (``[[vat]]``) that open business still needs: a change of one waits for its end.

What was ordered, delivered, promised or sold on a voucher keeps key and rate of its day; a key that is gone
or means another rate would leave it without.
"""

from collections.abc import Iterator
from typing import Any

from kassd.core.entry import Line
from kassd.core.master import VAT_ITEMS
from kassd.core.state import State
from kassd.core.totals import read_key


def keys_in_use(state: State) -> frozenset[int]:
    """Tax keys of everything that is open. O(what is open): asked at a start and at a closing only."""
    found = {share.vat for line in _open_lines(state) for share in line.by_vat()}
    for item in state.credit.items.values():
        found.update(share.vat for share in item.left)
    found.update(voucher.vat for voucher in state.vouchers.values() if not voucher.settled)
    found.update(read_key(key)[1] for key in state.till.totals.cases)
    return frozenset(found)


def _open_lines(state: State) -> Iterator[Line]:
    for sale in state.sales.values():
        yield from sale.lines
    for group in state.orders.groups.values():
        yield from group.lines
    for bill in state.orders.bills.values():
        yield from bill.lines
    for item in state.credit.items.values():
        if not item.settled:
            yield from item.lines


def is_held(state: State, key: str, in_use: frozenset[int], new: Any = None) -> bool:
    """Whether the setting ``key`` is of a ``[[vat]]`` whose tax key, in force or to come, is ``in_use``."""
    if not key.startswith(VAT_ITEMS):
        return False
    number = f"{VAT_ITEMS}{key.split('.')[1]}.key"
    numbers = [state.config.get(number), state.pending.get(number), new if key == number else None]
    return any(found in in_use for found in numbers)


def held(state: State) -> tuple[str, ...]:
    """Changes that wait for more than the next closing."""
    if not any(key.startswith(VAT_ITEMS) for key in state.pending):
        return ()
    in_use = keys_in_use(state)
    return tuple(sorted(key for key in state.pending if is_held(state, key, in_use)))
