"""The commands about vouchers. Redeeming is ``sale.pay {"type": "voucher"}``."""

from typing import Literal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass

VoucherKind = Literal["single", "multi"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class VoucherSell(Arguments):
    """Add a voucher to the current sale. ``value`` cents. ``single``: place and tax are known, with ``vat``
    and ``text`` or an ``article`` (whose price is the default value); ``multi``: for goods of any rate.
    ``code``: the number of a printed card, never one that was used before, else the register makes one;
    ``expiry`` YYYY-MM-DD, default the end of ``[vouchers] years``."""

    compares = "sale"

    kind: VoucherKind
    value: int | None = None
    code: str = ""
    vat: int | None = None
    article: str = ""
    text: str = ""
    expiry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class VoucherBalance(Arguments):
    """What a voucher is worth: kind, value, balance, expiry, whether it can be redeemed."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class VoucherRefund(Arguments):
    """Pay the balance out (where ``[vouchers] refund`` allows it): a negative line of the current sale."""

    right = "refund"
    compares = "sale"

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class VoucherTakeOver(Arguments):
    """Take over a voucher that another register or till software sold and has given up. ``issuer``: who."""

    right = "approve"

    code: str
    kind: VoucherKind
    value: int
    issuer: str
    reason: str
    vat: int | None = None
    text: str = ""
    expiry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class VoucherWithdraw(Arguments):
    """Give a voucher up: it was lost and replaced, or another register takes it over. No money moves."""

    right = "approve"

    code: str
    reason: str


COMMANDS: dict[str, type[Arguments]] = {
    "voucher.sell": VoucherSell,
    "voucher.balance": VoucherBalance,
    "voucher.refund": VoucherRefund,
    "voucher.take_over": VoucherTakeOver,
    "voucher.withdraw": VoucherWithdraw,
}
