"""Slips of an order that are no receipts: tickets for kitchen and bar, interim bills (L-077)."""

from kassd.core.decision import Draft, Rejected
from kassd.core.document import Document, Position
from kassd.core.entry import Line
from kassd.core.master import is_test, issuer, printers_of, register_id, tickets_of
from kassd.core.orders.args import OrderInterim
from kassd.core.orders.facts import OrderSlipMade
from kassd.core.orders.groups import asked, require_fit
from kassd.core.orders.state import Group
from kassd.core.perform import Answer, performs
from kassd.core.printing import print_document
from kassd.core.state import Sale

INTERIM = "Zwischenrechnung - kein Beleg"


def place_name(group: Group) -> str:
    """Where the goods go: the table, or the group's name."""
    return f"Tisch {group.table}" if group.table else group.id


def for_kitchen(d: Draft, group: Group, sale: Sale) -> None:
    """Print what was ordered or taken back where it is prepared: each ticket has its categories."""
    for ticket in tickets_of(d.state.config):
        lines = [
            line
            for line in sale.lines
            if line.case == "Umsatz" and (not ticket.categories or line.group in ticket.categories)
        ]
        if lines:
            _slip(d, group, sale, lines, ticket.title, ticket.printer)


def _slip(d: Draft, group: Group, sale: Sale, lines: list[Line], title: str, printer: str) -> None:
    n = sum(isinstance(fact, OrderSlipMade) for fact in d.facts)
    document = Document(
        id=f"K{d.stamp.seq}" + (f".{n}" if n else ""),
        kind="ticket",
        title=title,
        number="",
        register=register_id(d.state.config),
        issuer=issuer(d.state.config),
        issued_at=d.at,
        station=sale.station,
        operator=sale.operator,
        test=is_test(d.state.config),
        positions=tuple(_bare(line) for line in lines),
        reason=sale.reason,
        group=group.id,
        notes=(place_name(group),),
        printer=printer,
    )
    d.fact(OrderSlipMade(group.id, d.at, sale.operator, document))
    print_document(d, document)


def _asked(line: Line) -> str:
    """What a kitchen must know: a combo's parts, and what was noted."""
    return "\n".join([*line.contents, *([line.note] if line.note else [])])


def _bare(line: Line) -> Position:
    """A line without its price."""
    return Position(line.n, line.text, line.quantity, 0, 0, line.vat, "", unit=line.unit, note=_asked(line))


@performs(OrderInterim)
def _interim(d: Draft, station: str, args: OrderInterim) -> Answer:
    """What is open, for the guests to look at. No tax is shown: it is no invoice (§ 14c UStG). The goods have
    been secured by their orders; the slip is journalled and counted."""
    group = asked(d.state, args)
    if not group.lines:
        raise Rejected("nothing_open")
    if not printers_of(d.state.config, station):
        raise Rejected("printer_absent")
    operator = d.operator(station)
    document = Document(
        id=f"I{d.stamp.seq}",
        kind="interim",
        title=INTERIM,
        number="",
        register=register_id(d.state.config),
        issuer=issuer(d.state.config),
        issued_at=d.at,
        station=station,
        operator=operator,
        test=is_test(d.state.config),
        positions=tuple(_priced(line) for line in group.lines),
        total=group.total,
        group=group.id,
        first_order_at=group.first_order_at,
        notes=(place_name(group),),
    )
    d.fact(OrderSlipMade(group.id, d.at, operator, document))
    print_document(d, document)
    require_fit(d)
    return "ok", {"group": group.id, "total": group.total}


def _priced(line: Line) -> Position:
    return Position(
        line.n,
        line.text,
        line.quantity,
        line.unit_price,
        line.amount,
        line.vat,
        "",
        unit=line.unit,
        note=line.below,
    )
