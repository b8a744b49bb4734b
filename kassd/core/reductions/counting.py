"""How often and by how much prices were reduced, for X and Z (L-152)."""

from dataclasses import replace

from kassd.core.entry import Line
from kassd.core.goods.multibuy import NAME as QUANTITY
from kassd.core.reductions.coupons import coupons
from kassd.core.state import Sale, State, Totals
from kassd.core.tender.rounding import NAME as ROUNDING

COUPON, FREE = "Coupon", "Gratis"
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
        return "tips.paid" if line.case == "TrinkgeldAN" else ""
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
    """Codes that are good only once are used up by the receipt, or by an order that is reduced by them."""
    used = {reduction.coupon: day for reduction in sale.reductions if reduction.once}
    ordered = sale.bon_type == "AVBestellung" or sale.why == "parked"
    if not used or not (ordered or (sale.status == "done" and sale.bon_type == "Beleg")):
        return state
    return replace(state, coupons={**state.coupons, **used})


def without_gone(state: State) -> State:
    """A closing forgets used codes that the configuration has no more."""
    kept = {code: day for code, day in state.coupons.items() if code in coupons(state.config)}
    return replace(state, coupons=kept) if len(kept) != len(state.coupons) else state
