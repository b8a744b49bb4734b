"""What a voucher or a down payment has settled of a tax key stays covered when a reduction is split anew.

A reduction of the whole sale is split over tax keys in whole cents, so other goods may move a cent of it to
goods that are settled to the last one. That cent is borne by the others: nothing that is entered beside
them is refused for it. What is more than rounding is left to :mod:`kassd.core.judging`.
"""

from collections.abc import Collection, Mapping

from kassd.core.corrections.settled import OF_A_KEY
from kassd.core.former import base_key
from kassd.core.state import Sale

ROUNDED = 2  # cents by which a part may differ from one split to the next
Key = tuple[int, int]  # UST_SCHLUESSEL, AGENTUR_ID
Room = dict[int, int]
"""By tax key, where something of it is settled: cents of own goods that are not, before the reductions."""


def room_beside(sale: Sale, reductions: Collection[str]) -> Room:
    """Of a sale, but for its ``reductions`` of these ids. Keys without anything settled have no limit."""
    standing = sale.standing()
    room = {base_key(one.vat): 0 for one in standing if one.case in OF_A_KEY and one.origin is None}
    for line in standing if room else ():
        bought = (line.voucher and not line.settles) or line.case == "Anzahlungseinstellung"
        if bought or line.agency or line.price_why in reductions:
            continue
        for share in line.by_vat():
            if base_key(share.vat) in room:
                room[base_key(share.vat)] += share.amount
    return room


def spare_settled(parts: dict[Key, int], bases: Mapping[Key, int], room: Room, most: int) -> None:
    """Move up to ``most`` cents of each part that its key has no room for to those that can bear them.
    ``bases``: what each part is taken off; ``parts`` is changed and keeps its sum."""
    for key in sorted(parts):
        over = parts[key] - _limit(key, bases, room)
        if not 0 < over <= most:
            continue
        free = {other: _limit(other, bases, room) - parts[other] for other in parts if other != key}
        for other in sorted(free, key=lambda one: (-free[one], one)):
            moved = max(0, min(over, free[other]))
            parts[key], parts[other], over = parts[key] - moved, parts[other] + moved, over - moved


def take(room: Room, key: Key, cents: int) -> None:
    """``cents`` (with their sign) were added under a key."""
    if not key[1] and base_key(key[0]) in room:
        room[base_key(key[0])] += cents


def _limit(key: Key, bases: Mapping[Key, int], room: Room) -> int:
    own = room.get(base_key(key[0])) if not key[1] else None
    return bases[key] if own is None else min(bases[key], max(0, own))
