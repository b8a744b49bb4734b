"""The cash book: every movement of cash with the stock it leaves, from the rows of DSFinV-K.

Each cash movement (transit, private, wages, differences, …) is a row of its own with its receipt; what sales
brought in cash stands in one row before it, so that the stock of each row is what the drawers held then, and
one more at the end of the period. Amounts are those booked in euro, other currencies too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from kassd.core.cash.state import FLOAT
from kassd.core.money import euros, point
from kassd.deferred import dataclass
from kassd.errors import DataError

Row = Mapping[str, Any]
CASH, BELEG, MOVEMENT = "Bar", "Beleg", "cash"
TITLES = ("Datum", "Uhrzeit", "Abschluss", "Beleg", "Vorgang", "Text", "Einnahme", "Ausgabe", "Bestand")


class Receipt(Protocol):
    """A Vorgang: ``kind`` ``cash`` is a cash movement, ``transaction`` its Bonkopf."""

    @property
    def kind(self) -> str:
        """SaleKind."""

    @property
    def transaction(self) -> Row:
        """Bonkopf."""

    @property
    def tables(self) -> Mapping[str, Sequence[Row]]:
        """File stem → rows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: ``amount`` and ``stock`` in cents; ``at`` RFC 3339; None: it moves nothing."""

    at: str
    closing: int
    receipt: str
    what: str
    text: str
    amount: int | None
    stock: int

    def cells(self) -> tuple[str, ...]:
        """The row as German text."""
        moved = self.amount
        into = _comma(moved) if moved is not None and moved >= 0 else ""
        out = _comma(-moved) if moved is not None and moved < 0 else ""
        day = f"{self.at[8:10]}.{self.at[5:7]}.{self.at[:4]}"
        key = (day, self.at[11:16], str(self.closing), self.receipt)
        return (*key, self.what, self.text, into, out, _comma(self.stock))


def _comma(cents: int) -> str:
    """``1234,56``: programs read it, so there are no points."""
    return point(cents).replace(".", ",")


def entries(number: int, created: str, cash: int, receipts: Iterable[Receipt]) -> Iterator[Entry]:
    """The rows of one closing. ``cash``: its Z_SE_BARZAHLUNGEN, which must be the stock at its end.

    Raises :class:`DataError` where it is not.
    """
    opening = stock = 0
    takings, book = _Takings(number), list[Entry]()  # of a day: few rows, whatever is sold
    for receipt in receipts:
        moved = _cash_of(receipt)
        if receipt.transaction["BON_TYP"] != BELEG or moved is None:
            continue
        if receipt.kind != MOVEMENT:
            takings.add(receipt.transaction, moved)
            continue
        stock += takings.amount
        book += takings.closed(stock)
        if receipt.tables["lines"][0]["GV_TYP"] == FLOAT:
            opening += moved  # of one drawer, purse or currency: together they are what the last closing left
        else:
            stock += moved
        if moved:
            book.append(_movement(number, receipt, moved, stock))
    stock += takings.amount
    book += takings.closed(stock)
    yield from (replace(entry, stock=opening + entry.stock) for entry in book)
    stock += opening
    if stock != cash:
        raise DataError(
            f"Abschluss {number}: das Kassenbuch ergibt {euros(stock)} €, der Abschluss {euros(cash)} € "
            "Bargeld. Bitte das Journal prüfen (kassd verify)."
        )
    yield Entry(created, number, "", "Kassenabschluss", f"Endbestand Z {number}", None, stock)


class _Takings:
    """What sales have brought in cash since the last row."""

    def __init__(self, number: int) -> None:
        self._number, self._receipts = number, list[Row]()
        self.amount = 0

    def add(self, transaction: Row, moved: int) -> None:
        self._receipts.append(transaction)
        self.amount += moved

    def closed(self, stock: int) -> Iterator[Entry]:
        """Its row, after which it is empty."""
        if self._receipts:
            first, last = self._receipts[0], self._receipts[-1]
            ids = first["BON_ID"] if first is last else f"{first['BON_ID']}-{last['BON_ID']}"
            count = len(self._receipts)
            text = "1 Beleg" if count == 1 else f"{count} Belege"
            yield Entry(last["BON_ENDE"], self._number, ids, "Bareinnahmen", text, self.amount, stock)
        self._receipts, self.amount = [], 0


def _cash_of(receipt: Receipt) -> int | None:
    """Cents of cash it moved, None if it moved none."""
    amounts = [
        r["BASISWAEH_BETRAG"] for r in receipt.tables.get("datapayment", ()) if r["ZAHLART_TYP"] == CASH
    ]
    return sum(amounts) if amounts else None


def _movement(number: int, receipt: Receipt, moved: int, stock: int) -> Entry:
    head, tables = receipt.transaction, receipt.tables
    line = tables["lines"][0]
    case = line["GV_TYP"]
    parts = [line.get("GV_NAME", ""), head.get("BON_NOTIZ", "")]
    parts += [f"Fremdbeleg {row['REF_BON_ID']}" for row in tables.get("references", ())]
    parts += [f"davon {euros(moved)} €"] if case == FLOAT and line.get("GV_NAME") else []
    text = "; ".join(part for part in parts if part)
    amount = None if case == FLOAT else moved
    return Entry(head["BON_ENDE"], number, head["BON_ID"], case, text, amount, stock)
