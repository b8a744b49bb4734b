"""``state/orders``: open orders and parked sales."""

from kassd.core.orders.state import Group
from kassd.core.state import State
from kassd.mqtt.documents import OrderedLine, OrderGroup, OrdersDocument


class OrdersView:
    """Keeps the document of each group as long as the group is the same object: an order costs what it
    changes, not what all tables have open."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Group, OrderGroup]] = {}

    def document(self, state: State) -> OrdersDocument:
        """What is ordered and not billed."""
        billing = {bill.group for bill in state.orders.bills.values()}
        groups = sorted(state.orders.groups.values(), key=lambda group: group.number)
        self._known = {group.id: (group, self._shown(group, group.id in billing)) for group in groups}
        shown = tuple(document for _, document in self._known.values())
        return OrdersDocument(shown, sum(document.total for document in shown))

    def _shown(self, group: Group, billing: bool) -> OrderGroup:
        known, document = self._known.get(group.id, (None, None))
        if known is group and document is not None and document.billing == billing:
            return document
        return _group(group, billing)


def orders_document(state: State) -> OrdersDocument:
    """``state/orders`` built once."""
    return OrdersView().document(state)


def _group(group: Group, billing: bool) -> OrderGroup:
    return OrderGroup(
        group=group.id,
        number=group.number,
        table=group.table,
        waiter=group.operator,
        since=group.first_order_at,
        total=group.total,
        lines=tuple(
            OrderedLine(line.n, line.text, line.quantity, line.unit_price, line.amount, line.vat, line.note)
            for line in group.lines
        ),
        billing=billing,
    )
