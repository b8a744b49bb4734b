"""The documents of the window: what displays draw and other systems read (DESIGN §6).

Each class is one topic's payload below the common envelope (:class:`Envelope`), which :mod:`publisher
<kassd.mqtt.publisher>` adds. Amounts are integer cents, quantities decimal strings, ``vat`` is DSFinV-K's
UST_SCHLUESSEL, times are RFC 3339. Keys without a default are always there; the others are left out while
they have it. A receiver ignores keys it does not know. Texts are German and ready to be shown.
"""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import ClassVar, Literal

from kassd.core.status import DeviceState, Known
from kassd.deferred import dataclass

SaleView = Literal["none", "open", "paying", "signing", "done", "aborted"]
Severity = Literal["info", "warning", "critical"]
Mode = Literal["normal", "training", "locked"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Common to all documents but ``online``, commands and replies.

    ``n`` counts this process's publications on the topic: drop what has the same ``boot`` and not a higher
    ``n``. ``rev`` is the journal line the document shows; in ``state/sale`` and ``state/till`` the one that
    last changed it. ``ts`` is when it was made. ``cur`` stands in documents with amounts.
    """

    v: int
    boot: str
    n: int
    rev: int
    ts: str
    cur: str = ""


@dataclass(frozen=True, slots=True)
class Online:
    """Birth and death of the daemon; the Last Will says ``online: false``, ``why: "lost"``.

    A death whose ``boot`` is not that of the last birth is to be ignored. ``why``: ``start``, ``again`` (a
    new connection of the same process), ``stop`` and other reasons of an orderly end, ``lost``.
    """

    v: int
    online: bool
    boot: str
    why: str


class Document:
    """Base of the documents that get an :class:`Envelope`. ``money``: the envelope carries ``cur``."""

    __slots__ = ()
    money: ClassVar[bool] = False

    def parts(self) -> tuple[object, ...]:
        """Dataclasses of it that often stay the same object: each is encoded once."""
        return ()


@dataclass(frozen=True, slots=True)
class Info(Document):
    """What this register is: software, hardware, serial numbers. ``mode`` is ``test`` or ``production``;
    ``api`` counts additions to these documents; ``tse_serial_number`` is empty until a TSE is bound."""

    register: str
    mode: Literal["test", "production"]
    software: str
    build: str
    api: int
    hardware: str
    business: str
    tse_serial_number: str
    stations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line. ``voids`` > 0: counter-line of that line; ``voided``: a counter-line has taken it back.
    ``case``: GV_TYP, where it is not Umsatz; ``voucher``: number of a voucher sold or redeemed. ``of``: the
    line it belongs to (deposit, reduction); ``age``: its age limit; ``list_price``: what it costs otherwise,
    ``price_why`` why not now (of a reduction of the whole sale: its id), ``lowest_price`` the lowest of the
    30 days before, to be shown beside it (§ 11 PAngV); ``base_price`` in cents per ``base_unit`` (PAngV)."""

    n: int
    text: str
    quantity: Decimal
    unit_price: int
    amount: int
    vat: int
    voids: int = 0
    voided: bool = False
    case: str = "Umsatz"
    voucher: str = ""
    of: int = 0
    unit: str = ""
    in_house: bool = False
    age: int = 0
    list_price: int | None = None
    lowest_price: int | None = None
    price_why: str = ""
    base_price: int | None = None
    base_unit: str = ""


@dataclass(frozen=True, slots=True)
class SalePayment:
    """One payment. ``name`` is what the receipt says; ``given`` what the customer handed over. Cash of
    another ``currency``: ``foreign`` in its hundredths (and ``given`` too), ``amount`` in euro."""

    type: str
    name: str
    amount: int
    given: int | None = None
    currency: str = "EUR"
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class AgeCheck:
    """Before the sale can be paid somebody must see that the customer is ``age``: born on ``born_before``
    (ISO date) or earlier. ``sale.approve_age`` says so."""

    age: int
    born_before: str


@dataclass(frozen=True, slots=True)
class ReceiptOffer:
    """An electronic receipt to be shown as a QR code, until the next sale begins. ``by``: ``link`` or ``qr``
    (all of it in the code); ``status``: ``asked`` (it is being made), ``offered``, ``fetched`` (the customer
    has it). ``content`` of the code; ``bits``: its modules without the quiet zone, ``edge`` × ``edge``, row
    by row, the highest bit first, 1 is dark, packed without padding between rows, base64. A quiet zone of
    four light modules belongs around it. ``expires_at``: when the link ends."""

    receipt: str
    by: Literal["link", "qr"]
    status: Literal["asked", "offered", "fetched"]
    content: str = ""
    edge: int = 0
    bits: str = ""
    expires_at: str = ""


@dataclass(frozen=True, slots=True)
class TransferCode:
    """A GiroCode over ``amount`` cents that the current sale waits for; no money is known to have come, and
    nothing is booked. ``reference``: what the bank's statement will say; ``content``, ``edge`` and ``bits``
    as of :class:`ReceiptOffer`. ``message``: German, what is not certain and what to do."""

    amount: int
    reference: str
    content: str
    status: Literal["unconfirmed"]
    edge: int = 0
    bits: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class CardCharge:
    """What a card terminal does for the current sale. ``operation``: ``payment``, ``reversal`` or
    ``refund`` of ``amount`` cents; ``status``: ``asked`` and ``approved`` (it works), ``unclear`` (it
    broke off, the terminal is being asked), ``unknown`` (its answer does not decide: ``card.settle``).
    ``message``: German, what it does or what to do."""

    charge: str
    terminal: str
    operation: str
    amount: int
    status: Literal["asked", "approved", "unclear", "unknown"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class SaleDocument(Document):
    """The station's current sale, whole. ``status`` ``none``: no sale; after the end it shows the finished
    one until the next begins. ``receipt`` is the receipt's number once done, else empty. ``message`` is what
    the operator should know. ``outage``: the receipt was issued without the TSE. ``next_quantity``: of the
    next article (``sale.quantity``); ``group``: the order it bills;
    ``hospitality``: its receipt gets the lines for a business meal; ``withheld``: the original of the
    finished one is printed on demand (``receipt.print``). ``unprintable``: no receipt comes by itself here,
    neither printed nor by a link: ask the customer and send ``receipt.offer`` (or ``sale.hand_over`` before
    the end), or ``receipt.print`` with a ``station`` that has a printer. ``hand_over``: how the
    current sale's receipt is taken, '' on paper; ``offer``: an electronic receipt to be fetched; ``card``: a
    card terminal works on it, and nothing else is taken meanwhile; ``transfer``: it waits for a credit
    transfer (``transfer.settle``, or pay otherwise)."""

    money = True

    id: str
    status: SaleView
    lines: tuple[SaleLine, ...]
    total: int
    paid: int
    due: int
    change: int
    receipt: str
    message: str
    payments: tuple[SalePayment, ...] = ()
    operator: str = ""
    outage: bool = False
    age_check: AgeCheck | None = None
    next_quantity: Decimal | None = None
    group: str = ""
    hospitality: bool = False
    withheld: bool = False
    unprintable: bool = False
    hand_over: Literal["", "link", "qr"] = ""
    offer: ReceiptOffer | None = None
    card: CardCharge | None = None
    transfer: TransferCode | None = None


@dataclass(frozen=True, slots=True)
class CashStock:
    """What a drawer or purse should hold: ``expected`` hundredths of ``currency``; ``value``: of other
    currencies what they are booked with, in euro cents."""

    drawer: str
    currency: str
    expected: int
    value: int | None = None


@dataclass(frozen=True, slots=True)
class CountPlace:
    """A drawer or purse and a currency that can be counted, as ``till.count`` and ``till.close`` name them.
    ``due``: a closing at this station must count it."""

    drawer: str
    currency: str
    due: bool


@dataclass(frozen=True, slots=True)
class TillDocument(Document):
    """The till as a station sees it. ``business_day`` YYYY-MM-DD, empty while closed; ``last_receipt`` and
    ``last_closing`` are numbers as text, empty before the first. ``cash_expected``: what all drawers and
    purses should hold in euro, ``cash``: each of them (both not told with ``[cash] blind``);
    ``float_expected``: what the last closing left in the station's drawer, to be counted at the opening.
    ``counting``: what can be counted, the station's own drawer first.
    ``rights``: of who is logged in, where operators are configured; a display hides what they may not do."""

    money = True

    open: bool
    closing: bool
    operator: str
    mode: Mode
    business_day: str
    last_receipt: str
    last_closing: str
    message: str
    cash_expected: int | None = None
    float_expected: int | None = None
    cash: tuple[CashStock, ...] = ()
    operator_name: str = ""
    rights: tuple[str, ...] = ()
    counting: tuple[CountPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """What is ordered and not billed. ``n`` is its number for ``order.bill``, ``order.cancel``, …"""

    n: int
    text: str
    quantity: Decimal
    unit_price: int
    amount: int
    vat: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """An open group (ABRECHNUNGSKREIS). ``since``: its first order; ``billing``: a bill of it is being made;
    ``table`` is empty for a parked sale; ``lines_left_out``: how many lines are not shown, because the
    document would be too long (``order.list`` of the group has them)."""

    group: str
    number: int
    table: str
    waiter: str
    since: str
    total: int
    lines: tuple[OrderedLine, ...]
    billing: bool = False
    lines_left_out: int = 0


@dataclass(frozen=True, slots=True)
class OrdersDocument(Document):
    """All open orders and parked sales, the oldest first. Its groups take at most 96 KiB: those that
    do not fit with their lines are shown without, the newest may be missing (``groups_left_out``: how many).
    ``total`` is that of all."""

    money = True

    groups: tuple[OrderGroup, ...]
    total: int
    groups_left_out: int = 0

    def parts(self) -> tuple[OrderGroup, ...]:
        """The groups: few of them change at a time."""
        return self.groups


@dataclass(frozen=True, slots=True)
class DeviceDocument(Document):
    """One device. ``reason`` is a short code, empty when ready; ``message`` a German sentence with the next
    step, empty when none is needed; ``since`` the last change of ``state`` or ``reason``. ``conditions``:
    what the device has said of itself (of a printer ``cover_open``, ``paper_end``, ``near_end``, …); what it
    has not said is ``unknown``. Of ``journal`` also: ``free`` bytes on its disk, and for how many
    business ``days`` they are expected to suffice. Of ``power``: ``percent`` of the battery and for how many
    ``minutes`` it is said to last."""

    name: str
    state: DeviceState
    reason: str
    message: str
    since: str
    conditions: Mapping[str, Known] = field(default_factory=dict)
    free: int | None = None
    days: int | None = None
    percent: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """One line as the customer reads it; voided lines and their counter-lines are left out. ``base_price`` in
    cents per ``base_unit`` (PAngV)."""

    text: str
    quantity: Decimal
    unit_price: int
    amount: int
    unit: str = ""
    base_price: int | None = None
    base_unit: str = ""


@dataclass(frozen=True, slots=True)
class CustomerView(Document):
    """What a customer may see. ``headline`` and ``message`` are German; ``receipt_code`` is the content of a
    QR code to be shown (the electronic receipt), empty if there is none; ``offer`` says more of it.
    ``transfer``: a GiroCode to pay with."""

    money = True

    status: SaleView
    headline: str
    message: str
    lines: tuple[CustomerLine, ...]
    total: int
    paid: int
    due: int
    change: int
    receipt_code: str = ""
    test: bool = False
    offer: ReceiptOffer | None = None
    transfer: TransferCode | None = None


@dataclass(frozen=True, slots=True)
class AlertDocument(Document):
    """Something a person must know or do. Over when its topic is cleared (empty payload)."""

    severity: Severity
    text_de: str
    text_en: str
    since: str


@dataclass(frozen=True, slots=True)
class VatTotal:
    """Sum of one tax key of a receipt."""

    vat: int
    rate: Decimal
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class ReceiptFinished(Document):
    """A receipt was issued."""

    money = True

    receipt: str
    sale: str
    station: str
    operator: str
    at: str
    total: int
    vat: tuple[VatTotal, ...]
    payments: tuple[SalePayment, ...]
    outage: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class StockMoved(Document):
    """Goods left (negative ``quantity``) or came back: with a receipt, or without one for a ``reason``
    (spoilt, broken). A combo moves its parts, too."""

    article: str
    text: str
    quantity: Decimal
    receipt: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DrawerOpened(Document):
    """A drawer was opened. ``why``: ``sale`` or ``command``; of one with a sensor, which tells it, also
    ``hand`` (nobody asked the register) or ``unseen`` (while the sensor could not be read)."""

    drawer: str
    station: str
    operator: str
    why: str


@dataclass(frozen=True, slots=True)
class CodeUnknown(Document):
    """A code was read that is no article. Nothing was sold."""

    station: str
    code: str


@dataclass(frozen=True, slots=True)
class ClosingFinished(Document):
    """A business day was closed (Kassenabschluss)."""

    money = True

    closing: str
    business_day: str
    at: str
    total: int
    cash: int


@dataclass(frozen=True, slots=True)
class CheckpointDocument(Document):
    """The end of the journal, for whoever keeps it outside the register's disk: a journal that is set back
    knows less than this. ``size`` counts lines, ``root`` is the Merkle root in hex, ``note`` the signed
    checkpoint (C2SP tlog-checkpoint); the others are the register's counters, ``transaction`` that of the
    TSE ``tse`` (serial number)."""

    size: int
    root: str
    epoch: int
    receipt: int
    closing: int
    transaction: int
    tse: str
    note: str


STATES: dict[str, type[Document]] = {
    "info": Info,
    "sale": SaleDocument,
    "till": TillDocument,
    "orders": OrdersDocument,
    "device": DeviceDocument,
    "customer": CustomerView,
    "alert": AlertDocument,
    "checkpoint": CheckpointDocument,
}
"""Key of :data:`kassd.mqtt.topics.TOPICS` → the retained document there."""

EVENTS: dict[str, type[Document]] = {
    "receipt.finished": ReceiptFinished,
    "stock.moved": StockMoved,
    "drawer.opened": DrawerOpened,
    "code.unknown": CodeUnknown,
    "till.closed": ClosingFinished,
}
"""Kind of an event → its document."""
