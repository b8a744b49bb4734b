"""``state/orders``: open orders and parked sales. Pure."""

from kassd.core.orders.state import Group
from kassd.core.state import State
from kassd.mqtt.documents import OrderedLine, OrderGroup, OrdersDocument


def orders_document(state: State) -> OrdersDocument:
    """What is ordered and not billed."""
    billing = {bill.group for bill in state.orders.bills.values()}
    groups = sorted(state.orders.groups.values(), key=lambda group: group.number)
    total = sum(group.total for group in groups)
    return OrdersDocument(tuple(_group(group, group.id in billing) for group in groups), total)


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
