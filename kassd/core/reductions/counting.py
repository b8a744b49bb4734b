"""How often and by how much prices were reduced, for X and Z (L-152)."""

from kassd.core.credit.state import WHOLE
from kassd.core.entry import ROUNDING, Line
from kassd.core.goods.multibuy import NAME as QUANTITY
from kassd.core.reductions.coupons import coupons
from kassd.core.state import Sale, State, Totals
from kassd.deferred import replace

COUPON, FREE = "Coupon", "Gratis"
SUPPLYING = ("Beleg", "AVBestellung", "AVTransfer", "AVRechnung")  # by which goods leave, or come back
OF_NAME = {QUANTITY: "discounts.quantity", COUPON: "discounts.coupon", FREE: "free"}
OF_CASE = {
    "Aufschlag": "surcharges",
    "ZuschussEcht": "subsidies",
    "ZuschussUnecht": "subsidies",
    "TrinkgeldAN": "tips.staff",
    "TrinkgeldAG": "tips.owner",
}


def _key(sale: Sale, line: Line) -> str:
    """Counter of a line, '' if it is nothing to be counted here."""
    if line.name == ROUNDING and line.case in ("Rabatt", "Aufschlag"):
        return "rounding"
    if sale.kind == "cash":
        return ""  # a tip that is paid out is a movement
    return OF_NAME.get(line.name, "discounts") if line.case == "Rabatt" else OF_CASE.get(line.case, "")


def with_reductions(totals: Totals, sale: Sale) -> Totals:
    """Add a finished Beleg's reductions and tips. One of the whole sale counts once, however many lines;
    what takes an older receipt's back counts for nothing and lowers the sum."""
    found: dict[str, tuple[set[object], int]] = {}
    for line in sale.standing():
        if key := _key(sale, line):
            seen, amount = found.get(key, (set(), 0))
            given = set() if line.origin else {line.price_why or line.n}
            found[key] = (seen | given, amount + line.amount)
    if not found:
        return totals
    counts, sums = dict(totals.counts), dict(totals.sums)
    for key, (seen, amount) in found.items():
        counts[key] = counts.get(key, 0) + len(seen)
        sums[key] = sums.get(key, 0) + amount
    return replace(totals, counts=counts, sums=sums)


def with_coupons(state: State, sale: Sale, day: str) -> State:
    """A code that is good only once is used as long as its reduction stands on what was ordered, delivered or
    sold, by the lines of all of these: once they are cancelled or have come back it is good again."""
    cents: dict[str, int] = {}
    if state.granted and sale.status == "done" and sale.bon_type in SUPPLYING:
        for line in sale.lines:
            if line.price_why in state.granted and not _again(state, sale, line):
                cents[line.price_why] = cents.get(line.price_why, 0) + line.amount
    if not cents:
        return state
    granted, used = dict(state.granted), dict(state.coupons)
    for reduction, more in cents.items():
        granted[reduction] = replace(granted[reduction], cents=granted[reduction].cents + more)
        coupon = granted[reduction].coupon
        if any(one.coupon == coupon and one.cents for one in granted.values()):
            used.setdefault(coupon, day)
        else:
            used.pop(coupon, None)
    return replace(state, coupons=used, granted=granted)


def _again(state: State, sale: Sale, line: Line) -> bool:
    """Whether a line stood on an order, a delivery note or an invoice before that is billed by it."""
    item = state.credit.items.get(line.account)
    return sale.bon_type == "Beleg" and (sale.group != "" or (item is not None and item.kind in WHOLE))


def without_gone(state: State) -> State:
    """A closing forgets used codes that the configuration has no more, and what came to nothing."""
    kept = {code: day for code, day in state.coupons.items() if code in coupons(state.config)}
    granted = {key: one for key, one in state.granted.items() if one.cents and one.coupon in kept}
    if (len(kept), len(granted)) == (len(state.coupons), len(state.granted)):
        return state
    return replace(state, coupons=kept, granted=granted)
