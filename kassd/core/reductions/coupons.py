"""Coupons of the configuration: they grant a reduction and are no vouchers (§ 3 Abs. 13 Satz 2 UStG)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kassd.core.decision import Draft, Rejected
from kassd.core.master import Config, items
from kassd.core.money import euros
from kassd.core.newest import newest
from kassd.core.state import Sale, State
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Coupon:
    """``percent`` or ``amount`` cents off the goods it is for; valid from ``first_day`` to ``last_day`` (ISO
    dates, '' = unlimited), on sales from ``min_total`` cents of such goods as can be reduced at all."""

    code: str
    title: str
    percent: Decimal | None = None
    amount: int = 0
    first_day: str = ""
    last_day: str = ""
    once: bool = False
    articles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    min_total: int = 0


@newest
def coupons(config: Config) -> Mapping[str, Coupon]:
    """Coupons by what a scanner reads."""
    found = (_coupon(name, item) for name, item in items(config, "coupon").items())
    return {coupon.code: coupon for coupon in found}


def _coupon(name: str, item: Mapping[str, Any]) -> Coupon:
    percent = item.get("percent")
    return Coupon(
        code=str(item["code"]),
        title=str(item.get("title") or name),
        percent=None if percent is None else Decimal(str(percent)),
        amount=int(item.get("amount") or 0),
        first_day=str(item.get("first_day") or ""),
        last_day=str(item.get("last_day") or ""),
        once=bool(item.get("once")),
        articles=tuple(item.get("articles") or ()),
        categories=tuple(item.get("categories") or ()),
        min_total=int(item.get("min_total") or 0),
    )


def require_coupon(d: Draft, sale: Sale, code: str, reducible: int) -> Coupon:
    """The coupon with this code, if it can be used in ``sale`` now, of which ``reducible`` cents can be
    reduced."""
    coupon = coupons(d.state.config).get(code.strip())
    if coupon is None:
        raise Rejected("coupon_unknown")
    today = d.stamp.at.date().isoformat()
    if today < coupon.first_day or (coupon.last_day and today > coupon.last_day):
        days = {"first_day": coupon.first_day, "last_day": coupon.last_day}
        raise Rejected("coupon_invalid", days, f"({coupon.title})")
    here = any(r.coupon == coupon.code for r in sale.reductions)
    if here or (coupon.once and (coupon.code in d.state.coupons or _is_being_used(d.state, coupon.code))):
        raise Rejected("coupon_used", detail=f"({coupon.title})")
    if reducible < coupon.min_total:
        german = f"({coupon.title}: ab {euros(coupon.min_total)} €)"
        raise Rejected("coupon_min_total", {"min_total": coupon.min_total}, german)
    return coupon


def _is_being_used(state: State, code: str) -> bool:
    """Whether a Vorgang that is not over yet is reduced by a coupon, or takes such a one to another bill."""
    ids = {key for key, one in state.granted.items() if one.coupon == code}
    return any(
        any(reduction.coupon == code for reduction in sale.reductions)
        or any(line.price_why in ids for line in sale.standing() if line.amount < 0)
        for sale in state.sales.values()
    )
