"""``state/orders``: open orders and parked sales, as far as one document holds them."""

from dataclasses import replace

from kassd.core.codec import encode
from kassd.core.orders.state import Group
from kassd.core.state import State
from kassd.deferred import dataclass
from kassd.mqtt.documents import OrderedLine, OrderGroup, OrdersDocument
from kassd.mqtt.link import MAX_PACKET
from kassd.mqtt.session import pack

MAX_GROUPS_BYTES = MAX_PACKET * 3 // 4  # JSON of all groups; the rest is room for topic and envelope


@dataclass(frozen=True, slots=True)
class _Known:
    """A group, its document with and without lines, and the bytes of both as JSON."""

    group: Group
    whole: OrderGroup
    bare: OrderGroup
    bytes_whole: int
    bytes_bare: int


class OrdersView:
    """Keeps the document of each group as long as the group is the same object: an order costs what it
    changes, not what all tables have open."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def document(self, state: State) -> OrdersDocument:
        """What is ordered and not billed. First the groups get their room, then the lines of the oldest."""
        billing = {bill.group for bill in state.orders.bills.values()}
        groups = sorted(state.orders.groups.values(), key=lambda group: group.number)
        self._known = {group.id: self._of(group, group.id in billing) for group in groups}
        room, fitting = MAX_GROUPS_BYTES, list[_Known]()
        for known in self._known.values():
            if known.bytes_bare > room:
                break
            room -= known.bytes_bare
            fitting.append(known)
        shown: list[OrderGroup] = []
        for known in fitting:
            lines = known.bytes_whole - known.bytes_bare
            shown.append(known.whole if lines <= room else known.bare)
            room -= lines if lines <= room else 0
        total = sum(known.whole.total for known in self._known.values())
        return OrdersDocument(tuple(shown), total, len(groups) - len(shown))

    def _of(self, group: Group, billing: bool) -> _Known:
        known = self._known.get(group.id)
        if known is not None and known.group is group and known.whole.billing == billing:
            return known
        whole = _group(group, billing)
        bare = replace(whole, lines=(), lines_left_out=len(whole.lines)) if whole.lines else whole
        return _Known(group, whole, bare, _size(whole), _size(bare))


def _size(group: OrderGroup) -> int:
    return len(pack(encode(group))) + 1  # and a comma


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
