"""What X and Z say of orders that are still open: they are carried into the next period (L-156)."""

from kassd.core.document import Row, Section
from kassd.core.state import State

SHOWN = 20


def open_orders(state: State) -> Section:
    """Open groups with their sums, the oldest by name; the rest in one row."""
    groups = [group for group in state.orders.groups.values() if group.lines]
    rows = [
        Row(f"{group.id} seit {_moment(group.first_order_at)}", amount=group.total)
        for group in groups[:SHOWN]
    ]
    rest = groups[SHOWN:]
    if rest:
        rows.append(Row("weitere", count=len(rest), amount=sum(group.total for group in rest)))
    if len(groups) > 1:
        total = sum(group.total for group in groups)
        rows.append(Row("Offen, kein Umsatz", count=len(groups), amount=total))
    return Section("Offene Bestellungen", tuple(rows))


def _moment(at: str) -> str:
    return f"{at[8:10]}.{at[5:7]}. {at[11:16]}"
