"""Reductions given by hand, judged by what they come to: how much is free to everybody who sells, and what is
given away for a reason only (``[discount]``)."""

from decimal import Decimal

from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Line
from kassd.core.money import euros
from kassd.core.reductions.counting import FREE
from kassd.core.reductions.settling import can_be_reduced, is_of_sale, what_is_left
from kassd.core.state import Sale


def require_right(d: Draft, sale: Sale, n: int | None) -> None:
    """Small reductions are free to everybody who sells, all of a sale taken together, and those of line
    ``n``."""
    manual, goods = _by_hand(sale), _goods(sale)
    if not _is_free(d, manual, goods):
        d.require("discount")
    if n is not None and not _is_free(d, [one for one in manual if one.of == n], sale.lines[n - 1].amount):
        d.require("discount")


def judge_reductions(d: Draft, before: Sale, after: Sale) -> None:
    """Another change of the sale must neither make a reduction weigh more than it may without the right, nor
    give the goods that stand away without a reason."""
    if not _of_sale(after):
        return
    given = _amounts(after)
    goods, reduced = _goods(after), _sum(given)
    bearable = _sum(_amounts(before)) * goods // max(1, _goods(before)) + len(given)  # but for rounding
    if reduced > bearable and not _is_free(d, _by_hand(after), goods):
        d.require("discount", f"(Rabatt {euros(reduced)} € auf {euros(goods)} €)")
    if goods and _is_without_reason(after) and _left(after) <= 0 < _left(before):
        raise Rejected("discount_takes_all")


def _by_hand(sale: Sale) -> list[Line]:
    """What reduces it and came from no coupon, quantity price or rounding."""
    return [line for line in sale.standing() if line.case == "Rabatt" and line.name in ("", FREE)]


def _of_sale(sale: Sale) -> list[Line]:
    """Of these, what reduces all of it: a line's own weighs the same whatever becomes of others."""
    return [line for line in _by_hand(sale) if is_of_sale(line)]


def _amounts(sale: Sale) -> list[Line]:
    """Of these, what is given in cents: percents weigh the same whatever becomes of the goods."""
    percents = {one.id for one in sale.reductions if one.percent is not None}
    return [line for line in _of_sale(sale) if line.price_why not in percents]


def _sum(manual: list[Line]) -> int:
    return -sum(line.amount for line in manual)


def _goods(sale: Sale) -> int:
    return sum(line.amount for line in sale.standing() if can_be_reduced(line))


def _is_free(d: Draft, manual: list[Line], base: int) -> bool:
    """Whether it needs no right; each reduction in percent may have been rounded up by half a cent."""
    config, reduced = d.state.config, _sum(manual)
    percent = Decimal(str(config.get("discount.free_percent") or 0))
    rounded = 50 * len({line.price_why or line.n for line in manual})
    free_amount = int(config.get("discount.free_amount") or 0)
    return reduced <= free_amount or (percent > 0 and reduced * 100 <= percent * base + rounded)


def _is_without_reason(sale: Sale) -> bool:
    given = {line.price_why for line in _of_sale(sale)}
    return any(one.id in given and not one.reason for one in sale.reductions)


def _left(sale: Sale) -> int:
    """Cents of what can be reduced that are not given away by hand."""
    return what_is_left(sale).total - _sum(_of_sale(sale))
