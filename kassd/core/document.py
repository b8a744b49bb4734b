"""Receipt-as-data: everything a slip shows, decided once, rendered many ways.

A document is frozen when it is issued: names, rates, texts, times and the signature are those of that
moment. Paper, PNG and copies are made from this object alone (KassenSichV § 6, AEAO zu § 146a Nr. 2.4;
the matrix of required fields is in ``docs/receipt.md``). Amounts are integer cents, gross unless named
otherwise; times are RFC 3339 with the register's offset, TSE times are UTC ``…fffZ`` as the TSE gave them.
"""

from decimal import Decimal
from typing import Literal

from kassd.core.entry import BonType, Customer, Reference
from kassd.deferred import dataclass

DocumentKind = Literal[
    "sale", "cash", "report", "test", "voucher", "order", "ticket", "interim", "card", "transfer"
]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Supplier as § 14(4) UStG wants it on the slip; ``country`` is ISO 3166 alpha-3."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str = "DEU"
    tax_number: str = ""
    vat_id: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """One line. ``code`` is the letter that links it to its :class:`VatSum`, several for a line of several
    rates (a combo, the owner's tip); ``shares``: what of the amount falls to each of them, empty where it is
    one. ``rates``: theirs in percent, of a receipt's line that is taken back and left one without a sum.

    A void is a position of its own with negative quantity and amount. ``note`` stands below it, one line of
    the slip per line of text. ``case`` is GV_TYP. ``share``: what the slip shows instead of a quantity that
    is a rounded fraction (``1/3``).
    """

    n: int
    text: str
    quantity: Decimal
    unit_price: int
    amount: int
    vat: int
    code: str
    unit: str = ""
    voids: int = 0
    note: str = ""
    case: str = "Umsatz"
    share: str = ""
    shares: tuple[int, ...] = ()
    rates: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class VatSum:
    """Sums of one tax key (UST_SCHLUESSEL). ``rate`` in percent; ``text`` an exemption hint or ''."""

    vat: int
    code: str
    rate: Decimal
    net: int
    tax: int
    gross: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment. ``type`` is DSFinV-K's ZAHLART_TYP (Bar, Unbar, …), ``name`` what the slip says.

    Cash of another ``currency``: ``foreign`` in its hundredths at ``rate`` euro per unit.
    """

    type: str
    name: str
    amount: int
    given: int | None = None
    currency: str = "EUR"
    foreign: int = 0
    rate: Decimal | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """What the TSE returned for this process, and the QR string of DSFinV-K Anhang I made of it.

    ``serial_number`` 64 hex digits; ``signature`` and ``public_key`` base64; ``start``/``finish`` UTC
    ``YYYY-MM-DDThh:mm:ss.fffZ``.
    """

    serial_number: str
    transaction_number: int
    signature_counter: int
    start: str
    finish: str
    signature: str
    algorithm: str
    time_format: str
    public_key: str
    process_type: str
    process_data: str
    qr: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a report: a label, an optional count, an optional amount in cents or a text."""

    label: str
    count: int | None = None
    amount: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled block of report rows."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One slip.

    ``kind`` sale: a receipt to a customer; cash: a cash movement (Eigenbeleg); report: X or Z; test: a
    printer's self test; voucher: what its ``code`` is worth (``total``) until ``valid_until``; card: a
    card terminal's own, ``notes`` to the letter; transfer: a GiroCode (``code``) over ``total``, ``notes``:
    whose account, its IBAN, the reference; order: an order's record; ticket: for kitchen or bar;
    interim: a bill to be looked at. ``id`` is unique in the register's life (``R17``, ``R17-K1``,
    ``X123``); ``number`` is BON_NR, empty for reports. ``register`` is KASSE_SERIENNR = TSE client id.
    ``outage``: the slip says "TSE-Ausfall" and carries no transaction number. ``test``: mode test, the
    slip says "TEST - kein Beleg". ``copy_at`` is set on a KOPIE. ``change`` in cents. ``group``:
    ABRECHNUNGSKREIS; ``customer`` and ``references`` are printed where they are set; ``notes`` are lines
    below the sums; ``form``: labels of what is filled in by hand; ``service``: when the supply is made, ''
    on the day of the receipt (ticket, interim: where the goods go). ``first_order_at``: when the group's
    first order was taken, where it is billed. ``printer``: the one it must be printed on, '' = the
    station's.
    """

    id: str
    kind: DocumentKind
    title: str
    number: str
    register: str
    issuer: Issuer
    issued_at: str
    started_at: str = ""
    station: str = ""
    operator: str = ""
    test: bool = False
    copy_at: str = ""
    positions: tuple[Position, ...] = ()
    vat: tuple[VatSum, ...] = ()
    total: int = 0
    payments: tuple[Tender, ...] = ()
    change: int = 0
    seal: Seal | None = None
    outage: bool = False
    reason: str = ""
    person: str = ""
    sections: tuple[Section, ...] = ()
    bon_type: BonType = "Beleg"
    group: str = ""
    references: tuple[Reference, ...] = ()
    customer: Customer | None = None
    notes: tuple[str, ...] = ()
    service: str = ""
    form: tuple[str, ...] = ()
    code: str = ""
    valid_until: str = ""
    first_order_at: str = ""
    printer: str = ""
