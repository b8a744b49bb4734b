"""Slips of the machine for empties: each is taken once, and never again while it is remembered.

The machine's slip has no memory of its own and registers may be offline: a slip's number is remembered for
:data:`kassd.core.credit.ledger.KEEP_SLIPS_DAYS` days; who has several registers lets one of them take slips.
"""

from decimal import Decimal

from kassd.core.barcodes.check_digit import has_wrong_check_digit
from kassd.core.credit.args import EmptiesRedeem
from kassd.core.credit.ledger import SLIP
from kassd.core.decision import Draft, Rejected, shown
from kassd.core.perform import Answer, performs
from kassd.core.selling import add_line, require_open_till
from kassd.core.state import Sale, State


def value_of(state: State, code: str) -> int | None:
    """Cents that a code is worth if it is a slip of the machine (``[empties] pattern``), else None."""
    pattern = str(state.config.get("empties.pattern") or "")
    fixed = pattern.rstrip("NPC")
    fits = len(code) == len(pattern) and code.isascii() and code.isdigit() and code.startswith(fixed)
    if not pattern or not fits:
        return None
    return int(code[pattern.index("P") : pattern.rindex("P") + 1])


def take(d: Draft, station: str, code: str) -> Sale:
    """A slip reduces what is due, or is paid out (PfandRueckzahlung)."""
    require_open_till(d.state)
    value = value_of(d.state, code)
    if value is None:
        raise Rejected("slip_unknown", detail=f"({shown(code)})")
    if has_wrong_check_digit(code):
        raise Rejected("bad_check_digit", {"code": code}, f"({code})")
    if value == 0:
        raise Rejected("amount_invalid")
    receipt = next((codes[code] for codes in d.state.credit.slips.values() if code in codes), 0)
    held = any(
        line.account == code
        for sale in d.state.sales.values()
        if sale.status not in ("aborting", "aborted")
        for line in sale.standing()
    )
    if receipt or held:
        raise Rejected("slip_taken", {"code": code}, f"(Beleg-Nr. {receipt})" if receipt else "")
    return add_line(
        d,
        station,
        text="Leergutbon",
        quantity=Decimal(-1),
        unit_price=value,
        vat=int(d.state.config.get("empties.vat") or 1),
        case=SLIP,
        account=code,
        reducible=False,
        note=f"Nr. {code}",
    )


@performs(EmptiesRedeem)
def _redeem(d: Draft, station: str, args: EmptiesRedeem) -> Answer:
    sale = take(d, station, args.code.strip())
    return "ok", {"sale": sale.id, "line": len(sale.lines), "total": sale.total}
