"""What the register knows: the fold of its facts, bounded, carried over closings.

Everything is frozen; :mod:`kassd.core.evolve` makes the next state. Theory of operation of a sale::

    open ──payment──▶ paying ──fully paid──▶ signing ──signed or outage──▶ done
     │  ◀─money back─┘                        ▲
     └──abort, time-out──▶ aborting ──signed or outage──▶ aborted

``signing`` and ``aborting`` have left the station's current slot. The tables below are literal; the
diagrams in ``docs/architecture.md`` are generated from them.
"""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any, Literal

from kassd.core.cards.state import Cards
from kassd.core.cash.state import EUR, CashState, Count, Movement
from kassd.core.catalog import Catalog
from kassd.core.corrections.state import Corrections, Corrects
from kassd.core.credit.state import Credit
from kassd.core.document import Document
from kassd.core.drawers.state import DrawerState
from kassd.core.entry import BonType, Customer, Line, Payment, Reference, standing_lines, standing_payments
from kassd.core.facts import SaleKind, Wish
from kassd.core.goods.history import Priced
from kassd.core.notification.state import Notice
from kassd.core.numbers.state import Remembered, Skip
from kassd.core.orders.state import Orders
from kassd.core.people.state import People
from kassd.core.power.state import PowerState
from kassd.core.receipts.state import By, Offer
from kassd.core.reductions.state import Granted, Reduction
from kassd.core.status import DeviceStatus
from kassd.core.transfers.state import Transfer
from kassd.core.vouchers.state import Voucher
from kassd.deferred import dataclass

SaleStatus = Literal["open", "paying", "signing", "done", "aborting", "aborted"]
JobStatus = Literal["queued", "sending"]

# Keys of the master data in force that are no keys of the configuration file.
SOFTWARE, BUILD, VAT = "software.version", "software.build", "vat.rate."

SALE_TABLE: dict[tuple[str, str], SaleStatus] = {
    ("open", "sale.line_added"): "open",
    ("open", "sale.line_voided"): "open",
    ("open", "sale.customer_set"): "open",
    ("open", "sale.age_approved"): "open",
    ("open", "sale.in_house_set"): "open",
    ("open", "sale.reduced"): "open",
    ("open", "sale.reduction_ended"): "open",
    ("open", "sale.typed"): "open",
    ("open", "receipt.corrected"): "open",
    ("open", "sale.hospitality_set"): "open",
    ("open", "sale.hand_over_set"): "open",
    ("open", "card.asked"): "paying",
    ("open", "transfer.asked"): "paying",
    ("open", "sale.payment_added"): "paying",
    ("open", "sale.paid"): "signing",
    ("open", "sale.abort_asked"): "aborting",
    ("open", "sale.parked"): "signing",
    ("paying", "sale.line_added"): "paying",
    ("paying", "sale.line_voided"): "paying",
    ("paying", "sale.customer_set"): "paying",
    ("paying", "sale.age_approved"): "paying",
    ("paying", "sale.in_house_set"): "paying",
    ("paying", "sale.reduced"): "paying",
    ("paying", "sale.reduction_ended"): "paying",
    ("paying", "receipt.corrected"): "paying",
    ("paying", "sale.hospitality_set"): "paying",
    ("paying", "sale.hand_over_set"): "paying",
    ("paying", "card.asked"): "paying",
    ("paying", "transfer.asked"): "paying",
    ("paying", "transfer.ended"): "paying",
    ("paying", "sale.payment_added"): "paying",
    ("paying", "sale.reopened"): "open",
    ("paying", "sale.paid"): "signing",
    ("paying", "sale.abort_asked"): "aborting",
    ("signing", "sale.numbered"): "signing",
    ("signing", "sale.finished"): "done",
    ("aborting", "sale.numbered"): "aborting",
    ("aborting", "sale.finished"): "aborted",
}
TRANSACTION_TABLE: dict[tuple[str, str], str] = {
    ("none", "tse.start"): "starting",
    ("none", "tse.started"): "started",
    ("none", "sale.finished"): "none",
    ("starting", "tse.started"): "started",
    ("starting", "tse.dropped"): "none",
    ("starting", "sale.finished"): "late starting",
    ("started", "tse.finish"): "finishing",
    ("started", "sale.finished"): "late",
    ("finishing", "tse.finished"): "finished",
    ("finishing", "tse.dropped"): "started",
    ("finishing", "sale.finished"): "late finishing",
    ("finished", "sale.finished"): "finished",
    ("late starting", "tse.late"): "late",
    ("late starting", "tse.dropped"): "none",
    ("late", "tse.finish"): "late finishing",
    ("late", "tse.dropped"): "none",
    ("late finishing", "tse.late"): "finished",
    ("late finishing", "tse.dropped"): "late",
}
PRINT_TABLE: dict[tuple[str, str], str] = {
    ("none", "print"): "queued",
    ("queued", "print.moved"): "queued",
    ("queued", "print.sending"): "sending",
    ("queued", "print.done"): "skipped",
    ("sending", "print.done"): "confirmed or unknown",
    ("sending", "print.returned"): "queued",
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """What the TSE said to start: enough to finish it and to print it."""

    number: int
    log_time: str
    signature_counter: int
    serial_number: str


@dataclass(frozen=True, slots=True)
class Sale:
    """One Vorgang from its first line to its slip: a sale, a cash movement, an orphan of the TSE
    (begun and never read), or the check of a new one. ``age_approved``: the customer is at least that old;
    ``in_house``: what was said of the whole sale, None if nothing; ``newest``: what was entered last;
    ``corrects``: what it corrects; ``slip``: the paper slip it captures, ``written_at`` the time on it;
    ``reductions``: what holds for all of it; ``hospitality``: whether its slip is for a business meal;
    ``note``: BON_NOTIZ; ``service``: when the supply was made, '' where that follows from the rest;
    ``hand_over``: how its receipt is taken, '' on paper, ``consent``: how that was
    chosen; ``weighed``: a coupled scale weighed some of it; ``transfer``: the GiroCode that
    it waits for."""

    id: str
    kind: SaleKind
    station: str
    operator: str
    opened_at: str
    status: SaleStatus = "open"
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    case: str = ""
    reason: str = ""
    person: str = ""
    operator_name: str = ""
    why: str = ""
    transaction: Transaction | None = None
    number: int = 0
    process_type: str = ""
    process_data: str = ""
    touched: int = 0
    deadline: int = 0
    ended_at: str = ""
    bon_type: BonType = "Beleg"
    name: str = ""
    group: str = ""
    references: tuple[Reference, ...] = ()
    customer: Customer | None = None
    identified: str = ""
    first_order_at: str = ""
    age_approved: int = 0
    in_house: bool | None = None
    newest: Literal["", "line", "payment"] = ""
    corrects: tuple[Corrects, ...] = ()
    slip: str = ""
    written_at: str = ""
    reductions: tuple[Reduction, ...] = ()
    hospitality: bool | None = None
    note: str = ""
    service: str = ""
    hand_over: By | Literal[""] = ""
    consent: str = ""
    weighed: bool = False
    transfer: Transfer | None = None

    @property
    def total(self) -> int:
        """Gross sum of all lines in cents."""
        return sum(line.amount for line in self.lines)

    @property
    def paid(self) -> int:
        """Sum of payments in cents; 0 if all of them have been undone."""
        return sum(payment.amount for payment in self.payments)

    @property
    def due(self) -> int:
        """What is still to be paid, in cents."""
        return self.total - self.paid

    @property
    def change(self) -> int:
        """Change given, in cents; not for what was undone."""
        return sum(payment.change for given in standing_payments(self.payments) for payment in given)

    @property
    def settled(self) -> bool:
        """Whether something of it is settled without money; what comes back of an older receipt is not."""
        return any(line.settles and line.origin is None for line in self.standing())

    def standing(self) -> tuple[Line, ...]:
        """Lines that have not been voided and are no counter-lines."""
        return standing_lines(self.lines)


@dataclass(frozen=True, slots=True)
class LateTransaction:
    """A Vorgang issued as outage whose TSE transaction is not known to be finished. ``number`` 0: nor is
    its start; ``refused``: the TSE would not finish it, this process does not ask again."""

    sale: str
    number: int
    process_type: str
    process_data: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Station:
    """``current``: id of the sale being entered, '' if none; ``last``: the newest finished one;
    ``misreads``: codes of this process that sold nothing; ``next_quantity``: of the next article (both
    volatile); ``operator`` and ``operator_name``: who works here; ``used``: mono ns of the last entry (where
    idle time counts); ``withheld``: number of the last receipt, while its original is neither printed
    nor offered."""

    name: str
    current: str = ""
    last: Sale | None = None
    document: Document | None = None
    operator: str = ""
    sale_rev: int = 0
    till_rev: int = 0
    message: str = ""
    misreads: int = 0
    next_quantity: Decimal | None = None
    operator_name: str = ""
    locked: bool = False
    training: bool = False
    used: int = 0
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """The commissioned TSE. ``since``: ISO day from which it has signed here, '' in older journals."""

    serial_number: str
    public_key: str
    algorithm: str
    time_format: str
    client_id: str
    certificate_expiry: int
    certificates: tuple[str, ...] = ()
    certification_id: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """The TSE comes to an end: ``level`` days (at most) or percent (at least)."""

    level: int
    message: str
    since: str


@dataclass(frozen=True, slots=True)
class Swap:
    """The TSE is being replaced; ``serial_number`` is the old one's."""

    serial_number: str
    since: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage, ``until`` '' while it lasts. ``probe_at`` mono ns of the next probe, ``pause_s`` the pause
    before it."""

    id: str
    since: str
    reason: str
    message: str
    unsigned: int = 0
    unsigned_sum: int = 0
    probe_at: int = 0
    pause_s: int = 0
    until: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """What of the bound TSE's log lies in the archive: signature counters up to ``last`` (-1: nothing),
    compared with the journal up to line ``seq``. ``first``, ``file``, ``size``, ``sha256``: the newest part,
    which ends with ``last``; ``findings``: what contradicted in it; ``failed``, ``unread``: German, why the
    newest export or reading back failed; ``read_at``: when it was last read back."""

    last: int = -1
    seq: int = -1
    first: int = 0
    file: str = ""
    size: int = 0
    sha256: str = ""
    findings: tuple[str, ...] = ()
    failed: str = ""
    unread: str = ""
    read_at: str = ""


@dataclass(frozen=True, slots=True)
class TseState:
    """``ready``: the device answered in this process (volatile); ``newest``: highest transaction number
    known of it; ``heard``: mono ns of its last answer (volatile); ``warnings`` by expiry, signatures, memory;
    ``swap``: it is being replaced; ``fresh``: it replaced another, signed its check and nothing since."""

    bound: Bound | None = None
    outage: Outage | None = None
    late: tuple[LateTransaction, ...] = ()
    withdrawn: tuple[str, ...] = ()
    ready: bool = False
    surveyed: bool = False
    newest: int = 0
    heard: int = 0
    warnings: Mapping[str, Warned] = field(default_factory=dict)
    swap: Swap | None = None
    fresh: bool = False
    archive: Archive = field(default_factory=Archive)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of the open period for X and Z. Keys of ``cases`` and ``payments``:
    :func:`kassd.core.totals.case_key`, :func:`kassd.core.totals.payment_key`. ``operators``: gross of the
    sales of each, only if that is configured."""

    cases: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    payments: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, int] = field(default_factory=dict)
    outages: tuple[Outage, ...] = ()
    operators: Mapping[str, int] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """Opening or closing on its way: cash movements that still must be signed. ``account``: where ``skim``
    is taken from; ``touched``: mono ns of its last step."""

    kind: Literal["open", "close"]
    station: str
    movements: tuple[Movement, ...]
    operator: str = ""
    at: str = ""
    counts: tuple[Count, ...] = ()
    account: str = ""
    skim: int = 0
    reason: str = ""
    automatic: bool = False
    drained: bool = False
    touched: int = 0


@dataclass(frozen=True, slots=True)
class Till:
    """``cash``: euro cash of the open period, all accounts; ``carried``: what the last closing left.
    ``day_ends``: mono ns when the business day is over (volatile); ``day_over``: when that was noticed.
    ``remind_at``, ``reminded``: the same of the hour at which it should be closed. ``contradictions``: what
    did not add up at the last closing, ``contradicted``: when that was."""

    open: bool = False
    opened_at: str = ""
    business_day: str = ""
    cash: int = 0
    carried: int = 0
    first_receipt: int = 0
    day_ends: int = 0
    day_over: str = ""
    remind_at: int = 0
    reminded: str = ""
    procedure: Procedure | None = None
    totals: Totals = field(default_factory=Totals)
    contradictions: tuple[str, ...] = ()
    contradicted: str = ""

    @property
    def expected_cash(self) -> int:
        """Soll-Bestand in cents at this moment (L-130): the period's cash, or what a closed till holds.

        The float of an opening counts from the first moment, though its Vorgänge are signed one by one.
        """
        if not self.open:
            return self.carried
        coming = self.procedure.movements if self.procedure and self.procedure.kind == "open" else ()
        return self.cash + sum(m.amount for m in coming if m.currency == EUR and m.to is None)


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A slip on its way to paper. ``id`` is the print wish's; ``late``: printed after the customer left;
    ``rest_until``: mono ns before which it is not tried again."""

    id: str
    printer: str
    document: Document
    status: JobStatus = "queued"
    late: bool = False
    rest_until: int = 0


def is_original(document: Document) -> bool:
    """Whether a slip printed after its time must say so (FISCAL 15): not so copies and reports."""
    return document.kind in ("sale", "cash") and not document.copy_at


def shown_offer(state: "State", station: str) -> Offer | None:
    """The newest electronic receipt of a station, until its next sale begins."""
    if state.current(station) is not None:
        return None
    return next((one for one in reversed(tuple(state.offers.values())) if one.station == station), None)


@dataclass(frozen=True, slots=True)
class State:
    """The register. ``seq`` is the last line folded in; ``rollback_seen`` is source → when it first told,
    ``remembered`` the highest numbers they told: selling waits until it is decided how these go on;
    ``drawers``: those with a sensor; ``offers``: id of a slip → its electronic hand-over;
    ``linked_cash``: customer's id → cents of cash since the opening; ``vouchers`` by number;
    ``spent``: used-up ones that are no more among them (:mod:`kassd.core.vouchers.spent`);
    ``coupons``: code that is good only once → day it was used; ``granted``: id of the reduction → what of
    it; ``prices``: article → what it cost in the last 30 days, where that has changed;
    ``regimes``: moment (RFC 3339, '' = from the beginning) → whether § 19 UStG has applied since;
    ``tips``: operator → cents the register keeps for them; ``notices``: what the tax office was told."""

    epoch: int = 1
    seq: int = -1
    receipt: int = 0
    closing: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    pending: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[int, Decimal] = field(default_factory=dict)
    software: str = ""
    build: str = ""
    annex: str = ""
    rollbacks: tuple[str, ...] = ()
    rollback_seen: Mapping[str, str] = field(default_factory=dict)
    remembered: Remembered | None = None
    tse: TseState = field(default_factory=TseState)
    till: Till = field(default_factory=Till)
    cash: CashState = field(default_factory=CashState)
    stations: Mapping[str, Station] = field(default_factory=dict)
    sales: Mapping[str, Sale] = field(default_factory=dict)
    outbox: Mapping[str, Wish] = field(default_factory=dict)
    jobs: Mapping[str, PrintJob] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    devices: Mapping[str, DeviceStatus] = field(default_factory=dict)
    drawers: Mapping[str, DrawerState] = field(default_factory=dict)
    power: PowerState = field(default_factory=PowerState)
    catalog: Catalog = field(default_factory=Catalog)
    linked_cash: Mapping[str, int] = field(default_factory=dict)
    vouchers: Mapping[str, Voucher] = field(default_factory=dict)
    spent: Mapping[str, str] = field(default_factory=dict)
    credit: Credit = field(default_factory=Credit)
    people: People = field(default_factory=People)
    orders: Orders = field(default_factory=Orders)
    corrections: Corrections = field(default_factory=Corrections)
    coupons: Mapping[str, str] = field(default_factory=dict)
    granted: Mapping[str, Granted] = field(default_factory=dict)
    prices: Mapping[str, Priced] = field(default_factory=dict)
    regimes: Mapping[str, bool] = field(default_factory=dict)
    tips: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    cards: Cards = field(default_factory=Cards)

    def station(self, name: str) -> Station:
        """The station, fresh if nothing has happened there yet."""
        return self.stations.get(name) or Station(name)

    def in_force(self, key: str) -> Any:
        """Value of one key of the master data in force, None if there is none."""
        if key in (SOFTWARE, BUILD):
            return (self.software if key == SOFTWARE else self.build) or None
        if key.startswith(VAT):
            rate = self.rates.get(int(key.removeprefix(VAT)))
            return None if rate is None else f"{rate:f}"
        return self.config.get(key)

    def current(self, station: str) -> Sale | None:
        """The sale being entered at a station."""
        return self.sales.get(self.station(station).current)
