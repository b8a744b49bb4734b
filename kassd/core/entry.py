"""What a Vorgang is made of: lines, payments, references, a customer. Shared by facts and state.

Amounts are integer cents, gross; quantities decimals with at most three places. Everything is frozen as it
was when it was entered: a later change of the catalogue changes nothing here.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

from kassd.core.cards.data import CardData
from kassd.core.goods.article import QuantityTerms
from kassd.core.money import decimal_point, euros
from kassd.core.vat import NOT_TAXABLE
from kassd.deferred import dataclass, replace

BonType = Literal[
    "Beleg",
    "AVRechnung",
    "AVTransfer",
    "AVBestellung",
    "AVTraining",
    "AVBelegabbruch",
    "AVSachbezug",
    "AVSonstige",
]


# GV_TYP of lines that settle what is due without money; the receipt shows them under "Zahlung".
SETTLING = (
    "EinzweckgutscheinEinloesung",
    "MehrzweckgutscheinEinloesung",
    "Forderungsentstehung",
    "Anzahlungsaufloesung",
    "ZuschussEcht",
)


ROUNDING = "Rundung"  # GV_NAME of what rounds a sum in cash


# GV_TYP of lines by which nothing is supplied: what holds only these is no invoice (§ 14c UStG).
NO_SUPPLY = ("MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung", "Forderungsaufloesung", "TrinkgeldAN")


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a line's amount under one tax key (lines_vat): a combo at one price has several."""

    vat: int
    rate: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class SubItem:
    """A component of a combo (subitems). ``price`` is its single price at that moment."""

    text: str
    quantity: Decimal
    vat: int
    price: int
    article: str = ""
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The line of an older receipt that a line cancels or takes back."""

    receipt: str
    line: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a Vorgang. ``voids`` > 0: counter-line of that line.

    ``case`` and ``name`` are GV_TYP and GV_NAME. ``shares``: the tax keys of a line with several (their
    amounts add up to ``amount``; ``vat`` and ``rate`` are then the first one's), else empty. ``of``: the
    line this one belongs to (a deposit, a reduction), 0 if none. ``reducible`` False: no reduction, no bonus
    (tobacco, price-bound books, deposit). ``list_price``: the price it would have had, where another was
    charged, ``price_why`` says why, ``lowest_price`` is the lowest of the 30 days before (None: it is not
    stated). ``account``: number of the open item it makes or settles.
    ``unit`` and ``factor`` are EINHEIT and FAKTOR ('' = piece): amount =
    quantity / factor × unit_price. ``agency``: AGENTUR_ID, 0 = own business. ``in_house``: INHAUS.
    ``origin``: the line of an older receipt that it takes back, None for what is new. ``terms``: prices by
    quantity of the goods, or those that a reduction follows from.
    """

    n: int
    text: str
    quantity: Decimal
    unit_price: int
    amount: int
    vat: int
    rate: Decimal
    case: str = "Umsatz"
    article: str = ""
    code: str = ""
    voids: int = 0
    name: str = ""
    shares: tuple[Share, ...] = ()
    parts: tuple[SubItem, ...] = ()
    of: int = 0
    unit: str = ""
    factor: Decimal = Decimal(1)
    in_house: bool = False
    gtin: str = ""
    group: str = ""
    group_name: str = ""
    agency: int = 0
    voucher: str = ""
    reducible: bool = True
    list_price: int | None = None
    lowest_price: int | None = None
    price_why: str = ""
    age: int = 0
    batch: str = ""
    best_before: str = ""
    note: str = ""
    account: str = ""
    origin: Origin | None = None
    terms: QuantityTerms | None = None

    @property
    def settles(self) -> bool:
        """Whether it settles what is due without money: a voucher, an account, a down payment."""
        return self.case in SETTLING

    @property
    def takes_back(self) -> bool:
        """Whether goods come back by it, or what belongs to such goods."""
        return self.origin is not None or (self.case == "Umsatz" and self.quantity < 0)

    @property
    def contents(self) -> tuple[str, ...]:
        """What a combo holds, a row for each part."""
        return tuple(f"{_comma(part.quantity)} × {part.text}" for part in self.parts)

    @property
    def below(self) -> str:
        """What stands below it on a slip: a combo's parts, why the price is another than usual, the note."""
        if not self.parts and self.list_price is None and self.factor == 1:
            return self.note
        rows = [*self.contents]
        if self.factor != 1:
            rows.append(f"Preis je {_comma(self.factor)} {self.unit}".rstrip())
        if self.list_price is not None and self.list_price > self.unit_price:
            rows.append(f"statt {euros(self.list_price)} €: {self.price_why}")
            if self.lowest_price not in (None, self.list_price):
                rows.append(f"niedrigster Preis der letzten 30 Tage: {euros(self.lowest_price)} €")
        return "\n".join([*rows, self.note] if self.note else rows)

    def by_vat(self) -> Iterator[Share]:
        """The amount by tax key."""
        if self.shares:
            yield from self.shares
        else:
            yield Share(self.vat, self.rate, self.amount)


def _comma(quantity: Decimal) -> str:
    return decimal_point(quantity).replace(".", ",")


def counter_line(line: Line, n: int) -> Line:
    """Line ``n``, which takes ``line`` back: a negative line of its own (P_STORNO stays 0)."""
    shares = tuple(replace(share, amount=-share.amount) for share in line.shares)
    return replace(line, n=n, quantity=-line.quantity, amount=-line.amount, shares=shares, voids=line.n)


def standing_lines(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines that have not been voided and are no counter-lines."""
    voided = {line.voids for line in lines if line.voids}
    if not voided:
        return lines
    return tuple(line for line in lines if not line.voids and line.n not in voided)


def untaxed(line: Line) -> Line:
    """``line`` without tax, which arises later (Istversteuerung)."""
    return replace(line, vat=NOT_TAXABLE, rate=Decimal(0), shares=())


@dataclass(frozen=True, slots=True)
class Payment:
    """``type`` ZAHLART_TYP, ``name`` ZAHLART_NAME; ``amount`` in the register's currency, negative gives
    money back. ``given``: what the customer handed over. Foreign cash: ``currency`` ISO 4217, ``foreign`` in
    its hundredths, ``rate`` euro per unit. ``drawer``: the drawer or purse whose cash it moves ('' = main).
    ``reference``: what a terminal, cheque or bank calls it; ``card``: what a terminal said that the register
    has charged through."""

    type: str
    name: str
    amount: int
    given: int | None = None
    change: int = 0
    currency: str = "EUR"
    foreign: int = 0
    rate: Decimal | None = None
    drawer: str = ""
    reference: str = ""
    card: CardData | None = None


def money_of(payments: Iterable[Payment]) -> dict[str, Any]:
    """What comes in with these payments, in cents: ``cash``, ``card`` (all that is no cash), and of the cash
    what is really handed over: ``currencies`` → hundredths of each (paid in francs, change in euro)."""
    cash, card, currencies = 0, 0, dict[str, int]()
    for payment in payments:
        if payment.type != "Bar":
            card += payment.amount
            continue
        cash += payment.amount
        currencies[payment.currency] = currencies.get(payment.currency, 0) + units_of(payment)
    return {"cash": cash, "card": card, "currencies": currencies}


def units_of(payment: Payment) -> int:
    """Hundredths of its own currency."""
    return payment.amount if payment.currency == "EUR" else payment.foreign


def standing_payments(payments: Iterable[Payment]) -> list[tuple[Payment, ...]]:
    """Part payments that have not been given back, each with its change in another currency."""
    found: list[tuple[Payment, ...]] = []
    undone = 0  # payments to come that give back the change of one that was undone
    for payment in payments:
        if undone:
            undone -= 1
        elif payment.amount > 0:
            found.append((payment,))
        elif payment.change and found:
            found[-1] = (*found[-1], payment)
        elif found and found[-1][0].amount == -payment.amount:
            undone = len(found.pop()) - 1
    return found


def standing_charges(payments: Iterable[Payment]) -> list[Payment]:
    """What terminals took or gave and have not undone."""
    found: list[Payment] = []
    for payment in payments:
        if payment.card is None:
            continue
        undone = [n for n, one in enumerate(found) if one.amount == -payment.amount]
        if undone:
            del found[undone[-1]]
        else:
            found.append(payment)
    return found


class PaymentFields(TypedDict):
    """What a caller says of a payment besides its tender (:class:`Payment`)."""

    amount: int
    given: NotRequired[int | None]
    change: NotRequired[int]
    currency: NotRequired[str]
    foreign: NotRequired[int]
    rate: NotRequired[Decimal | None]
    drawer: NotRequired[str]
    reference: NotRequired[str]
    card: NotRequired[CardData | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """A row of Bon_Referenzen. ``type``: REF_TYP; with ``Transaktion`` the receipt's number, the closing it
    belongs to (0: still open) and the register; ``name`` for everything else."""

    type: Literal["Transaktion", "ExterneRechnung", "ExternerLieferschein", "ExterneSonstige"]
    number: str
    closing: int = 0
    closed_at: str = ""
    register: str = ""
    name: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer or employee of a Vorgang (KUNDE_*); stands on invoices and staff benefits only."""

    name: str
    id: str = ""
    type: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DEU"
    vat_id: str = ""
