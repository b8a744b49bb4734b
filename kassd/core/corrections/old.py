"""The receipt a command names: is it there, and may it be corrected?"""

from collections.abc import Callable

from kassd.core.corrections.found import Found, Recalled, is_stale, standing
from kassd.core.corrections.state import Correction
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Reference
from kassd.core.master import register_id

# Movements that a mistake can have booked; what was counted is corrected by counting again.
MOVEMENTS = (
    "Privateinlage", "Privatentnahme", "Geldtransit", "Einzahlung", "Auszahlung", "Lohnzahlung",
    "TrinkgeldAN",
)  # fmt: skip

# A room whose lines must not be taken back at any time (a voucher that has been redeemed) adds its check;
# it raises Rejected. What comes back is seen by the folds of LineAdded: ``origin`` set, quantity negative.
Check = Callable[[Draft, Recalled], None]
CHECKS: list[Check] = []


def checks(function: Check) -> Check:
    """Ask ``function`` before a receipt is cancelled or replaced."""
    CHECKS.append(function)
    return function


def looked_up(d: Draft) -> Found:
    """What the command names, as it stands in the journal; ``busy`` where it could not be read in time,
    ``disk_full`` where it cannot be read for want of room."""
    found = d.found
    if found is not None and found.full:
        raise Rejected("disk_full")
    if found is None or is_stale(d.state, found):
        raise Rejected("busy")
    return found


def receipt_of(d: Draft) -> tuple[Recalled, tuple[Correction, ...]]:
    """The receipt a command names, and what has been done to it."""
    found = looked_up(d)
    if found.receipt is None or found.receipt.sale.status != "done":
        raise Rejected("no_receipt", {"receipt": found.subject})
    return found.receipt, standing(d.state, found)


def whole_receipt(d: Draft) -> Recalled:
    """A receipt that may be cancelled or replaced: a Beleg nothing of which has been taken back."""
    receipt, done = receipt_of(d)
    sale = receipt.sale
    if any(c.how == "cancel" for c in done):
        raise Rejected("already_cancelled")
    is_movement = sale.kind == "cash" and sale.case not in MOVEMENTS
    if sale.bon_type != "Beleg" or is_movement or any(one.how == "cancel" for one in sale.corrects):
        raise Rejected("not_cancellable")
    if any(c.how == "return" for c in done):
        raise Rejected("already_returned")
    for check in CHECKS:
        check(d, receipt)
    return receipt


def reference_to(d: Draft, receipt: Recalled, line: int = 0) -> Reference:
    """The row of Bon_Referenzen that names a receipt; closing 0: its period is still open."""
    closing, closed_at = receipt.closing, receipt.closed_at
    if not closing and not 0 < d.state.till.first_receipt <= receipt.sale.number:
        closing, closed_at = d.state.closing, d.at  # new tax rates: closed in this very decision
    return Reference(
        "Transaktion",
        str(receipt.sale.number),
        closing=closing,
        closed_at=closed_at,
        register=register_id(d.state.config),
        line=line,
    )
