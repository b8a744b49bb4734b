"""Numbers of vouchers that were used up long ago."""

from dataclasses import replace
from decimal import Decimal

from kassd.core.vouchers.spent import MAX_SPENT, is_full, is_spent, with_spent
from kassd.core.vouchers.state import Voucher
from tests.core.playbook import command
from tests.core.vouchers.test_vouchers import shop


def used(number: str, expiry: str = "2029-12-31") -> Voucher:
    return Voucher(number, "multi", 100, 5, Decimal(0), "x", expiry, settled="2026-01-01")


def test_fifty_thousand_used_up_numbers_have_300_kb_and_no_more_are_taken() -> None:
    numbers = [f"GS{n:011d}" for n in range(MAX_SPENT)]
    spent = with_spent({}, map(used, numbers), "2026-06-01")
    assert len(spent["2029"]) == 300_000
    assert is_full(spent)
    assert all(is_spent(spent, number) for number in numbers[::500])
    assert not any(is_spent(spent, f"GT{n:011d}") for n in range(100))
    assert with_spent(spent, [used("a", "2025-12-31")], "2030-01-01") == {}
    book = shop()
    book.state = replace(book.state, spent=spent)
    (book >> command("voucher.sell", kind="multi", value=500)).says("vouchers_full")
