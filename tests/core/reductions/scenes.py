"""One way to each code of this room (tests/core/test_codes.py)."""

from collections.abc import Callable

from tests.core.playbook import Playbook, add, command

TIGER = {"code": "TIGER", "name": "tiger", "amount": 100, "min_total": 300, "last_day": "2026-11-21"}


def _with_coupon(book: Playbook) -> None:
    for key, value in TIGER.items():
        book.config[f"coupon.tiger.{key}"] = value
    book.restart().tse_opens()


def _tiger(book: Playbook) -> None:
    book >> command("sale.discount", coupon="TIGER")


def not_reducible(book: Playbook) -> None:
    book >> command("catalog.put", id="tabak", name="Tabak", price=890, vat=1, reducible=False)
    book >> command("sale.add", article="tabak") >> command("sale.discount", percent="10")


def discount_too_high(book: Playbook) -> None:
    book >> add(price=100) >> command("sale.discount", line=1, amount=101)


def discount_takes_all(book: Playbook) -> None:
    book >> add(price=200) >> add(price=100) >> command("sale.discount", amount=200)
    book >> command("sale.void_line", line=1)


def coupon_unknown(book: Playbook) -> None:
    book >> add()
    _tiger(book)


def coupon_invalid(book: Playbook) -> None:
    _with_coupon(book)
    book.wait(86_400) >> add()
    _tiger(book)


def coupon_used(book: Playbook) -> None:
    _with_coupon(book)
    book >> add()
    _tiger(book)
    _tiger(book)


def coupon_min_total(book: Playbook) -> None:
    _with_coupon(book)
    book >> add(price=299)
    _tiger(book)


def coupon_not_for_these(book: Playbook) -> None:
    book.config["coupon.tiger.articles"] = ["eis"]
    _with_coupon(book)
    book >> add()
    _tiger(book)


def tip_without_goods(book: Playbook) -> None:
    book >> command("voucher.sell", kind="multi", value=1000)
    book >> command("sale.tip", to="owner", amount=100)


def tips_too_low(book: Playbook) -> None:
    book >> command("tip.payout", operator="Anna", amount=1)


def not_a_benefit(book: Playbook) -> None:
    book >> command("voucher.sell", kind="multi", value=1000)
    book >> command("sale.benefit", owner="Max Muster")


REDUCTION_SCENES: tuple[Callable[[Playbook], None], ...] = (
    not_reducible, discount_too_high, discount_takes_all, coupon_unknown, coupon_invalid, coupon_used,
    coupon_min_total, coupon_not_for_these, tip_without_goods, tips_too_low, not_a_benefit,
)  # fmt: skip
