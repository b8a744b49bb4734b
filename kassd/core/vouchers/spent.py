"""Numbers of vouchers that were used up long ago: they stay used for as long as the voucher would have been
valid, so that nobody sells one, or takes it over, a second time.

The state must stay small, so each is six characters (36 bits of its SHA-256) under the year of its last day:
50,000 of them have 300 kB. That another number has the same six is as likely as 1 in 1.4 million then; it is
refused, which costs a card, never money.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping

from kassd.core.vouchers.state import Voucher

LENGTH = 6
MAX_SPENT = 50_000

Spent = Mapping[str, str]  # year → the numbers' digests in a row


def _digest(number: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(number.upper().encode()).digest())[:LENGTH].decode()


def is_spent(spent: Spent, number: str) -> bool:
    """Whether a voucher of this number was used up and has left the ones that are known."""
    wanted = _digest(number)
    for digests in spent.values():
        at = digests.find(wanted)
        while at >= 0:
            if at % LENGTH == 0:
                return True
            at = digests.find(wanted, at + 1)
    return False


def with_spent(spent: Spent, gone: Iterable[Voucher], today: str) -> Spent:
    """``spent`` with these used-up vouchers, without those that would no longer be valid ``today``."""
    kept = {year: digests for year, digests in spent.items() if year >= today[:4]}
    for voucher in gone:
        year = voucher.expiry[:4]
        if year >= today[:4]:
            kept[year] = kept.get(year, "") + _digest(voucher.number)
    return kept


def is_full(spent: Spent) -> bool:
    """Whether no more can be remembered: then none may come into use."""
    return sum(map(len, spent.values())) >= MAX_SPENT * LENGTH
