"""Cash sums rounded to five or ten cents (``[cash] round_to``, off by default).

The difference changes what is paid for the goods (§ 10 Abs. 1 UStG), so it is a line of its own, Rabatt or
Aufschlag with GV_NAME ``Rundung``, divided by the tax keys of the sale. Only cash that pays all that is due,
in or out, is rounded: cards, vouchers and part payments are not.
"""

from decimal import Decimal

from kassd.core.decision import Draft
from kassd.core.entry import ROUNDING, SETTLING, Share
from kassd.core.money import split
from kassd.core.selling import append_line
from kassd.core.state import Sale

GOODS = ("Umsatz", "Rabatt", "Aufschlag")
PAID_FOR = (*GOODS, "Pfand", *SETTLING)  # at each key less what a voucher has paid there: cash pays the rest


def round_cash(d: Draft, sale: Sale, given: int | None) -> Sale:
    """Add the line that makes what is due a rounded sum, where ``given`` (None: exactly) pays all of it."""
    step = int(d.state.config.get("cash.round_to") or 0)
    difference = -(sale.due % step) if step else 0
    if step and -2 * difference >= step:
        difference += step
    if not difference or (given is not None and given < sale.due + difference):
        return sale
    shares = _shares(sale, difference)
    if not shares:
        return sale
    down = difference < 0
    return append_line(
        d,
        sale,
        text=f"Rundung auf {step} Cent",
        quantity=Decimal(-1 if down else 1),
        unit_price=abs(difference),
        vat=shares[0].vat,
        rate=shares[0].rate,
        shares=shares if len(shares) > 1 else (),
        case="Rabatt" if down else "Aufschlag",
        name=ROUNDING,
        reducible=False,
    )


def _shares(sale: Sale, difference: int) -> tuple[Share, ...]:
    """The difference divided by what the goods cost at each tax key, or those that came back were worth."""
    sums: dict[int, Share] = {}
    back = sale.due < 0
    cases = GOODS if back or not sale.settled else PAID_FOR
    for line in sale.lines:
        if line.case in cases:
            for share in line.by_vat():
                known = sums.get(share.vat)
                amount = share.amount + (known.amount if known else 0)
                sums[share.vat] = Share(share.vat, share.rate, amount)
    goods = [share for _, share in sorted(sums.items()) if share.amount and (share.amount < 0) is back]
    if not goods:
        return ()
    parts = split(difference, [abs(share.amount) for share in goods])
    found = (Share(s.vat, s.rate, part) for s, part in zip(goods, parts, strict=True))
    return tuple(share for share in found if share.amount)
