"""What the commands of this room share: finding, numbering, referring, listing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from kassd.core.credit.facts import ItemKind, ItemOpened, ReferenceAdded
from kassd.core.credit.ledger import MAX_ITEMS, SLIP, available, moves_of
from kassd.core.credit.state import LETTERS, WHOLE, Item
from kassd.core.decision import Draft, Rejected, bad_args, one_line, shown
from kassd.core.entry import Line, Reference
from kassd.core.master import register_id
from kassd.core.state import Sale, State

MAX_LISTED = 200


def find(d: Draft, number: str, kind: ItemKind) -> Item:
    """The open item with this number; ``item_unknown`` or ``item_settled``."""
    item = d.state.credit.items.get(number.strip())
    if item is None or item.kind != kind or item.sale:
        raise Rejected("item_unknown", {"number": shown(number)}, f"({shown(number)})")
    if item.settled:
        raise Rejected("item_settled", {"number": item.number}, f"(am {german(item.settled)})")
    return item


def open_item(
    d: Draft, sale: Sale, kind: ItemKind, customer: str, *, what: str = "", pickup: str = ""
) -> str:
    """Begin an item in a sale; its number: a letter, the epoch and the journal's line."""
    if len(d.state.credit.items) >= MAX_ITEMS:
        raise Rejected("items_full")
    number = f"{LETTERS[kind]}{d.state.epoch}-{d.stamp.seq}"
    d.fact(ItemOpened(sale.id, number, kind, customer, d.at, what, pickup, d.operator(sale.station)))
    return number


def customer_of(d: Draft, name: str, sale: Sale | None = None) -> str:
    """Who it is for: the argument, else whom the sale is made out to."""
    customer = one_line(name, "customer", 50)
    if not customer and sale is not None and sale.customer is not None:
        customer = sale.customer.name
    if not customer:
        raise bad_args("customer: must not be empty", "(Der Kunde fehlt.)")
    return customer


def refer(d: Draft, sale: Sale, item: Item, line: int = 0) -> None:
    """Let a sale refer to the receipt that made an item (REF_TYP Transaktion)."""
    reference = Reference(
        "Transaktion",
        str(item.receipt),
        closing=item.closing if item.closed_at else 0,
        closed_at=item.closed_at,
        register=register_id(d.state.config),
        line=line,
    )
    d.fact(ReferenceAdded(sale.id, d.at, reference, d.operator(sale.station)))


def require_reversible(d: Draft, lines: Iterable[Line]) -> None:
    """Whether a receipt with these lines can be cancelled: what it opened must still be open.

    ``item_settled`` if a receivable it made has been paid or a down payment it took has been used.
    """
    whole = tuple(lines)
    for number in dict.fromkeys(line.account for line in whole if line.account and line.case != SLIP):
        item = d.state.credit.items.get(number)
        if item is None:
            raise Rejected("item_unknown", {"number": number}, f"({shown(number)})")
        left = available(d.state, item)
        for vat, share in moves_of(item, whole).items():
            opened = share.amount if item.kind == "downpayment" else -share.amount
            open_now = left[vat].amount if vat in left else 0
            if item.kind not in WHOLE and open_now < opened:
                raise Rejected("item_settled", {"number": number})


def day_of(text: str, what: str) -> str:
    """An ISO date, or ''."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise bad_args(f"{what}: expected YYYY-MM-DD", "(Ein Datum: JJJJ-MM-TT.)") from None


def german(day: str) -> str:
    """``2026-12-24`` → ``24.12.2026``."""
    year, month, number = day[:10].split("-")
    return f"{number}.{month}.{year}"


def listed(state: State, items: Iterable[Item]) -> dict[str, Any]:
    """Items as a reply shows them, the first :data:`MAX_LISTED`; ``count`` and ``total`` are of all."""
    rows = sorted(items, key=lambda item: (item.pickup or "9999", item.at))
    found = [
        {
            "number": item.number,
            "customer": item.customer,
            "what": item.what,
            "pickup": item.pickup,
            "at": item.at,
            "receipt": str(item.receipt),
            "left": sum(share.amount for share in available(state, item).values()),
        }
        for item in rows[:MAX_LISTED]
    ]
    return {"items": found, "count": len(rows), "total": sum(item.balance for item in rows)}


def open_items(state: State, kind: ItemKind) -> Iterable[Item]:
    """Items of a kind with something left."""
    items = state.credit.items.values()
    return (item for item in items if item.kind == kind and not item.settled and not item.sale)
