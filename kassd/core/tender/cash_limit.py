"""Much cash at once: from a sum on the customer is identified, above another one it is not taken.

Goods dealers identify from 10,000 € on, in one or in linked payments (§ 4 Abs. 5, § 10 Abs. 6a GwG); from
10 July 2027 on from 3,000 €, and more than 10,000 € is not taken at all (Verordnung (EU) 2024/1624, Art. 80).
``[cash] identify_from`` sets another sum (2,000 € for precious metals). Linked are the payments of one sale,
those towards one claim, the down payments of one order with its bill, whenever they were made, and those of
one customer (``sale.customer`` with an id) since the till was opened.
"""

from collections.abc import Mapping
from typing import Any

from kassd.core.credit.ledger import linked_items
from kassd.core.decision import Draft, Rejected, one_line
from kassd.core.perform import Answer, performs
from kassd.core.selling import current, require_open_till
from kassd.core.state import Sale, State
from kassd.core.tender.args import SaleIdentify
from kassd.core.tender.facts import CustomerIdentified
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In cents: identify from this sum on; take no more than ``cap`` (None: no such rule)."""

    first_day: str
    identify_from: int
    cap: int | None


LIMITS = (Limits("2017-06-26", 1_000_000, None), Limits("2027-07-10", 300_000, 1_000_000))


def limits_on(config: Mapping[str, Any], day: str) -> Limits:
    """The rule of a day (ISO date), with the shop's own sum where it has one."""
    rule = [limits for limits in LIMITS if limits.first_day <= day][-1:] or [LIMITS[0]]
    own = config.get("cash.identify_from")
    return rule[0] if own is None else Limits(rule[0].first_day, int(own), rule[0].cap)


def check_cash(d: Draft, sale: Sale, amount: int) -> None:
    """Whether ``amount`` cents may be paid in cash now; ``identify_required`` or ``cash_limit`` if not."""
    limits = limits_on(d.state.config, d.stamp.at.date().isoformat())
    total = abs(cash_of(sale) + amount) + linked_cash(d.state, sale)
    if limits.cap is not None and total > limits.cap:
        raise Rejected("cash_limit", {"limit": limits.cap, "cash": total})
    _require_identified(limits, sale, total)


def _require_identified(limits: Limits, sale: Sale, cash: int) -> None:
    if cash >= limits.identify_from and not sale.identified:
        raise Rejected("identify_required", {"from": limits.identify_from, "cash": cash})


def check_taken(d: Draft, sale: Sale, amount: int, reference: str) -> None:
    """The same for cash that was taken already and is only recorded now: whatever the sum, it is recorded,
    with the ``reference`` of who paid it where that is asked for."""
    if told := one_line(reference, "identified", 50):
        d.fact(CustomerIdentified(sale.id, d.at, d.operator(sale.station), told))
    limits = limits_on(d.state.config, d.stamp.at.date().isoformat())
    now = d.state.sales[sale.id]
    _require_identified(limits, now, abs(cash_of(now) + amount) + linked_cash(d.state, now))


def cash_of(sale: Sale) -> int:
    """Cents paid in cash, of any currency."""
    return sum(payment.amount for payment in sale.payments if payment.type == "Bar")


def linked_cash(state: State, sale: Sale) -> int:
    """What the same customer, or anybody for the same, has paid in cash before, in cents."""
    customer = state.linked_cash.get(sale.customer.id, 0) if sale.customer and sale.customer.id else 0
    return max(customer, sum(item.cash for item in linked_items(state.credit.items, sale)))


@performs(SaleIdentify)
def _identify(d: Draft, station: str, args: SaleIdentify) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    reference = one_line(args.reference, "reference", 50)
    if not reference:
        raise Rejected("reason_required")
    d.fact(CustomerIdentified(sale.id, d.at, d.operator(station), reference))
    return "ok", {"sale": sale.id}
