"""What a full disk still allows: what was begun is ended, nothing else is begun (DESIGN §4, §9).

The journal's lines go into room that was laid out beforehand; a closing and the next segment need new files.
"""

from kassd.core.decision import Draft, Rejected
from kassd.core.inputs import Stamp

# What ends a sale that is being entered, paid or handed over.
ENDING = (
    *(
        "sale.pay",
        "sale.tip",
        "sale.abort",
        "sale.void_line",
        "sale.undo",
        "sale.approve_age",
        "sale.identify",
    ),
    *("sale.customer", "sale.hospitality", "sale.hand_over", "receipt.print", "receipt.take", "print.skip"),
    *("operator.login", "operator.logout", "operator.lock"),
)


def require_room(d: Draft, name: str) -> None:
    """After command ``name`` has been decided: :class:`Rejected` (``disk_full``) where it would write a line
    that begins something the room might not suffice for."""
    if d.stamp.room == "rest" and (d.facts or d.wishes) and name not in ENDING:
        raise Rejected("disk_full")


def require_room_to_close(d: Draft) -> None:
    """A closing is not begun where it could not be ended."""
    if d.stamp.room != "ample":
        raise Rejected("disk_full")


def reason(rejection: Rejected, stamp: Stamp) -> Rejected:
    """Why really: a closing that does not come to its end waits for room."""
    if rejection.code == "till_closing" and stamp.room != "ample":
        return Rejected("disk_full", detail="(Der Kassenabschluss wartet auf Platz.)")
    return rejection
