"""Vouchers of the shop (§ 3 Abs. 13–15 UStG): sold, redeemed in parts, valid in one register only.

A single-purpose voucher is taxed when it is sold; its redemption takes the goods' turnover back at the same
tax key. A multi-purpose voucher is not taxable when it is sold (key 5) and its redemption is a line at
key 5. What only reduces a price is no voucher but a discount. A balance follows from the lines of finished
receipts alone (:mod:`kassd.core.vouchers.ledger`): void, abort and cancellation give it back by themselves.

Registers may be offline, so a voucher is known to exactly one of them: the one that sold it, or that took it
over (``voucher.take_over``) after another gave it up (``voucher.withdraw``). A number that this register does
not know is refused; nothing can be redeemed twice.
"""

__all__: list[str] = []
