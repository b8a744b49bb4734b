"""Redeeming: a negative line of the sale (DSFinV-K Anhang C), as much as voucher and goods allow."""

from decimal import Decimal

from kassd.core.decision import Draft, Rejected, shown
from kassd.core.entry import Line
from kassd.core.master import own_key
from kassd.core.money import euros
from kassd.core.selling import append_line
from kassd.core.state import Sale, State
from kassd.core.vouchers.ledger import available
from kassd.core.vouchers.number import misread
from kassd.core.vouchers.spent import is_spent
from kassd.core.vouchers.state import Voucher

# GV_TYP of selling and of redeeming.
CASES = {
    "single": ("EinzweckgutscheinKauf", "EinzweckgutscheinEinloesung"),
    "multi": ("MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung"),
}


def find(d: Draft, code: str) -> Voucher:
    """The voucher with this number, or ``voucher_unknown``."""
    number = code.strip()
    voucher = d.state.vouchers.get(number) or d.state.vouchers.get(number.upper())
    if voucher is None and is_spent(d.state.spent, number):
        raise Rejected("voucher_used", {"code": shown(number)})
    if voucher is None:
        typo = " (Prüfzeichen falsch: bitte neu scannen)" if misread(d, number.upper()) else ""
        raise Rejected("voucher_unknown", {"code": shown(number)}, f"({shown(number)}){typo}")
    return voucher


def require_worth(state: State, voucher: Voucher) -> int:
    """What can be taken from it now, in cents; ``voucher_unpaid``, ``voucher_used`` if nothing."""
    if voucher.sale:
        raise Rejected("voucher_unpaid")
    left = available(state, voucher)
    if left <= 0:
        detail = f"(seit {voucher.settled})" if voucher.settled else ""
        raise Rejected("voucher_used", {"code": voucher.number}, detail)
    return left


def require_valid(state: State, voucher: Voucher, today: str) -> int:
    """As :func:`require_worth`, on a day (ISO date); ``voucher_expired`` after its last one."""
    left = require_worth(state, voucher)
    if today > voucher.expiry:
        raise Rejected("voucher_expired", {"code": voucher.number, "expiry": voucher.expiry})
    return left


def redeem(d: Draft, sale: Sale, code: str, amount: int | None) -> None:
    """Take ``amount`` cents, else as much as possible, from a voucher and from what is due.

    Selling a single-purpose voucher was the supply and was taxed then (§ 3 Abs. 14 UStG). Its line takes the
    goods off under the key and rate they have now, so that they are no turnover a second time; what was taxed
    or not, before or after a change to § 19 UStG, stays with the voucher's sale.
    """
    voucher = find(d, code)
    left = require_valid(d.state, voucher, d.stamp.at.date().isoformat())
    vat = own_key(d.state.config, voucher.vat)
    fitting = _fitting(sale, voucher, vat)
    if fitting <= 0:
        raise Rejected("voucher_not_for_these")
    most = min(left, fitting, sale.due)
    wanted = most if amount is None else amount
    if wanted <= 0:
        raise Rejected("amount_invalid")
    if wanted > left:
        raise Rejected("voucher_too_low", {"balance": left})
    if wanted > most:
        raise Rejected("amount_too_high", {"due": most})
    append_line(
        d,
        sale,
        text="Gutschein eingelöst",
        quantity=Decimal(-1),
        unit_price=wanted,
        vat=vat,
        case=CASES[voucher.kind][1],
        voucher=voucher.number,
        reducible=False,
        note=f"Nr. {voucher.number}, Restwert {euros(left - wanted)} €",
    )


def left_beside(state: State, sale: Sale, line: Line) -> int:
    """Cents of what the voucher of a redemption can pay that are left beside it."""
    voucher = state.vouchers.get(line.voucher)
    return 0 if voucher is None else _fitting(sale, voucher, line.vat)


def _fitting(sale: Sale, voucher: Voucher, vat: int) -> int:
    """What of the sale it can pay: a single-purpose one own goods of its tax key (those of an agency were not
    taxed with it), none another voucher."""
    bought = sum(line.amount for line in sale.lines if line.voucher and not line.settles)
    if voucher.kind == "multi":
        return sale.total - bought
    goods = (line for line in sale.lines if line.settles or not (line.voucher or line.agency))
    return sum(share.amount for line in goods for share in line.by_vat() if share.vat == vat)
