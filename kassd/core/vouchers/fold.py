"""The fold of what is decided about vouchers."""

from datetime import date, timedelta

from kassd.core.fold import on
from kassd.core.inputs import Stamp
from kassd.core.state import State
from kassd.core.vouchers.facts import VoucherIssued, VoucherTakenOver, VoucherWithdrawn
from kassd.core.vouchers.ledger import KEEP_DAYS
from kassd.core.vouchers.spent import with_spent
from kassd.core.vouchers.state import Voucher
from kassd.deferred import replace


def _with(state: State, voucher: Voucher) -> State:
    return replace(state, vouchers={**state.vouchers, voucher.number: voucher})


@on(VoucherIssued)
def _issued(state: State, fact: VoucherIssued, stamp: Stamp) -> State:
    voucher = Voucher(
        fact.number, fact.kind_of, fact.value, fact.vat, fact.rate, fact.text, fact.expiry, sale=fact.sale
    )
    return _with(state, voucher)


@on(VoucherTakenOver)
def _taken_over(state: State, fact: VoucherTakenOver, stamp: Stamp) -> State:
    voucher = Voucher(
        fact.number, fact.kind_of, fact.value, fact.vat, fact.rate, fact.text, fact.expiry, balance=fact.value
    )
    return _with(state, voucher)


@on(VoucherWithdrawn)
def _withdrawn(state: State, fact: VoucherWithdrawn, stamp: Stamp) -> State:
    voucher = state.vouchers[fact.number]
    return _with(state, replace(voucher, balance=0, settled=fact.at[:10]))


def without_settled(state: State, day: str) -> State:
    """Of what was used up long ago a closing keeps the number alone."""
    limit = (date.fromisoformat(day) - timedelta(days=KEEP_DAYS)).isoformat()
    gone = {n: v for n, v in state.vouchers.items() if v.settled and v.settled < limit}
    kept = {n: v for n, v in state.vouchers.items() if n not in gone} if gone else state.vouchers
    return replace(state, vouchers=kept, spent=with_spent(state.spent, gone.values(), day))
