"""What has been decided. Facts alone enter the journal; each is complete as it was then.

Every class has a dotted ``kind``. Amounts are integer cents; times RFC 3339 with the register's offset.
Reading keeps facts of unknown kinds as :class:`Unknown`, so that they survive a round trip.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, cast

from kassd.core.cards.facts import CardApproved as CardApproved
from kassd.core.cards.facts import CardAsked as CardAsked
from kassd.core.cards.facts import CardDayEnded as CardDayEnded
from kassd.core.cards.facts import CardEnded as CardEnded
from kassd.core.cards.facts import CardJudged as CardJudged
from kassd.core.cards.facts import CardLast as CardLast
from kassd.core.cards.facts import CardReversed as CardReversed
from kassd.core.cards.facts import CardReversedUsed as CardReversedUsed
from kassd.core.cards.facts import CardShown as CardShown
from kassd.core.cards.facts import CardSlipKept as CardSlipKept
from kassd.core.cards.facts import CardSlipPrinted as CardSlipPrinted
from kassd.core.cards.facts import CardStraySettled as CardStraySettled
from kassd.core.cards.facts import CardUnclear as CardUnclear
from kassd.core.cards.facts import CardUndone as CardUndone
from kassd.core.cards.facts import CardUnknown as CardUnknown
from kassd.core.cash.facts import CashCounted as CashCounted
from kassd.core.codec import Json, decode, encode
from kassd.core.corrections.facts import PaperCaptured as PaperCaptured
from kassd.core.corrections.facts import PaperVoided as PaperVoided
from kassd.core.corrections.facts import ReceiptCorrected as ReceiptCorrected
from kassd.core.corrections.facts import ReceiptInvoiced as ReceiptInvoiced
from kassd.core.corrections.facts import RewritePlanned as RewritePlanned
from kassd.core.corrections.facts import SaleReopened as SaleReopened
from kassd.core.credit.facts import ItemClosed as ItemClosed
from kassd.core.credit.facts import ItemOpened as ItemOpened
from kassd.core.credit.facts import ReferenceAdded as ReferenceAdded
from kassd.core.credit.facts import TaxPostponed as TaxPostponed
from kassd.core.document import Document
from kassd.core.drawers.facts import DrawerJammed as DrawerJammed
from kassd.core.drawers.facts import DrawerLeftOpen as DrawerLeftOpen
from kassd.core.drawers.facts import DrawerOpened as DrawerOpened
from kassd.core.drawers.facts import DrawerShut as DrawerShut
from kassd.core.entry import BonType, Customer, Line, Payment, Reference
from kassd.core.fact import Fact as Fact
from kassd.core.facts_print import DrawerAsked as DrawerAsked
from kassd.core.facts_print import DrawerDone as DrawerDone
from kassd.core.facts_print import PrintDone as PrintDone
from kassd.core.facts_print import PrinterTested as PrinterTested
from kassd.core.facts_print import PrintMoved as PrintMoved
from kassd.core.facts_print import PrintReturned as PrintReturned
from kassd.core.facts_print import PrintSending as PrintSending
from kassd.core.facts_till import AccountsHandedOver as AccountsHandedOver
from kassd.core.facts_till import ClosingBegan as ClosingBegan
from kassd.core.facts_till import ClosingReminded as ClosingReminded
from kassd.core.facts_till import DayPassed as DayPassed
from kassd.core.facts_till import ExportMade as ExportMade
from kassd.core.facts_till import MovementsPlanned as MovementsPlanned
from kassd.core.facts_till import ReportMade as ReportMade
from kassd.core.facts_till import TillClosed as TillClosed
from kassd.core.facts_till import TillOpened as TillOpened
from kassd.core.facts_tse import OutageBegan as OutageBegan
from kassd.core.facts_tse import OutageEnded as OutageEnded
from kassd.core.facts_tse import ProbeAsked as ProbeAsked
from kassd.core.facts_tse import TseArchived as TseArchived
from kassd.core.facts_tse import TseArchiveFailed as TseArchiveFailed
from kassd.core.facts_tse import TseBound as TseBound
from kassd.core.facts_tse import TseDropped as TseDropped
from kassd.core.facts_tse import TseFinished as TseFinished
from kassd.core.facts_tse import TseLate as TseLate
from kassd.core.facts_tse import TseReadBack as TseReadBack
from kassd.core.facts_tse import TseReplaced as TseReplaced
from kassd.core.facts_tse import TseSeen as TseSeen
from kassd.core.facts_tse import TseStarted as TseStarted
from kassd.core.facts_tse import TseStepTaken as TseStepTaken
from kassd.core.facts_tse import TseSwapBegan as TseSwapBegan
from kassd.core.facts_tse import TseWarned as TseWarned
from kassd.core.facts_tse import TseWithdrawn as TseWithdrawn
from kassd.core.goods.facts import AgeApproved as AgeApproved
from kassd.core.goods.facts import InHouseSet as InHouseSet
from kassd.core.goods.facts import QuantityNamed as QuantityNamed
from kassd.core.goods.facts import StockWasted as StockWasted
from kassd.core.notification.facts import NotificationSent as NotificationSent
from kassd.core.numbers.facts import CountersSkipped as CountersSkipped
from kassd.core.orders.facts import GroupMoved as GroupMoved
from kassd.core.orders.facts import GroupOpened as GroupOpened
from kassd.core.orders.facts import OrderBilled as OrderBilled
from kassd.core.orders.facts import OrderPlaced as OrderPlaced
from kassd.core.orders.facts import OrderSlipMade as OrderSlipMade
from kassd.core.orders.facts import SaleParked as SaleParked
from kassd.core.orders.facts import WalkedOut as WalkedOut
from kassd.core.people.facts import OperatorApproved as OperatorApproved
from kassd.core.people.facts import OperatorChanged as OperatorChanged
from kassd.core.people.facts import OperatorRefused as OperatorRefused
from kassd.core.people.facts import PlaceChanged as PlaceChanged
from kassd.core.people.facts import StationLocked as StationLocked
from kassd.core.people.facts import StationUsed as StationUsed
from kassd.core.people.facts import TrainingSwitched as TrainingSwitched
from kassd.core.power.facts import PowerChanged as PowerChanged
from kassd.core.power.facts import PowerEnding as PowerEnding
from kassd.core.power.facts import PowerSeen as PowerSeen
from kassd.core.power.facts import PowerWeak as PowerWeak
from kassd.core.receipts.facts import HandOverSet as HandOverSet
from kassd.core.receipts.facts import HospitalitySet as HospitalitySet
from kassd.core.receipts.facts import OfferAsked as OfferAsked
from kassd.core.receipts.facts import OfferEnded as OfferEnded
from kassd.core.receipts.facts import OfferShown as OfferShown
from kassd.core.receipts.facts import ReceiptFetched as ReceiptFetched
from kassd.core.receipts.facts import ReceiptHandedOut as ReceiptHandedOut
from kassd.core.receipts.facts import ReceiptOffered as ReceiptOffered
from kassd.core.receipts.facts import ReceiptUnprinted as ReceiptUnprinted
from kassd.core.receipts.facts import ReceiptWithheld as ReceiptWithheld
from kassd.core.reductions.facts import ReductionEnded as ReductionEnded
from kassd.core.reductions.facts import SaleReduced as SaleReduced
from kassd.core.scale.facts import LineWeighed as LineWeighed
from kassd.core.status import Known
from kassd.core.tender.facts import CustomerIdentified as CustomerIdentified
from kassd.core.transfers.facts import TransferAsked as TransferAsked
from kassd.core.transfers.facts import TransferEnded as TransferEnded
from kassd.core.transfers.facts import TransferPrinted as TransferPrinted
from kassd.core.transfers.facts import TransferShown as TransferShown
from kassd.core.vouchers.facts import VoucherIssued as VoucherIssued
from kassd.core.vouchers.facts import VoucherPrinted as VoucherPrinted
from kassd.core.vouchers.facts import VoucherTakenOver as VoucherTakenOver
from kassd.core.vouchers.facts import VoucherWithdrawn as VoucherWithdrawn
from kassd.deferred import dataclass

# sale: occupies the station's current slot until it is paid; cash: a cash movement; order: lines sent to a
# kitchen (AVBestellung); other: a Vorgang complete in one command (AVRechnung, AVTransfer, AVSonstige, …).
SaleKind = Literal["sale", "cash", "orphan", "check", "order", "other"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unknown(Fact):
    """A fact of a kind this version does not know."""

    name: str
    data: Json


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Started(Fact):
    """A process of this software took over the register."""

    kind = "register.started"
    software: str
    build: str
    config_hash: str
    epoch: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConfigChanged(Fact):
    """One key of the master data in force; ``old`` and ``new`` are JSON values, None = not there."""

    kind = "config.changed"
    key: str
    old: Any
    new: Any
    who: str
    how: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConfigDeferred(Fact):
    """A difference that waits for the next closing."""

    kind = "config.deferred"
    key: str
    old: Any
    new: Any
    who: str
    how: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FileTaken(Fact):
    """A configuration or catalogue file has been compared whole; an unchanged file is not compared again."""

    kind = "config.file_taken"
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConfigAnnex(Fact):
    """SHA-256 of everything configured that is in force from here on
    (:func:`kassd.core.annex.annex_hash`): after each change, and with each closing."""

    kind = "config.annex"
    at: str
    sha256: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleOpened(Fact):
    """A Vorgang begins. ``case`` is the GV_TYP of a cash movement, '' for sales; ``bon_type`` and ``name``:
    what it becomes if it is not aborted (BON_TYP, BON_NAME); ``group`` its ABRECHNUNGSKREIS,
    ``first_order_at`` when that began; ``note``: BON_NOTIZ; ``service``: when the supply was made, as the
    slip shall say it, '' where that follows from the Vorgang itself."""

    kind = "sale.opened"
    sale: str
    kind_of: SaleKind
    station: str
    operator: str
    at: str
    case: str = ""
    reason: str = ""
    person: str = ""
    bon_type: BonType = "Beleg"
    name: str = ""
    group: str = ""
    references: tuple[Reference, ...] = ()
    first_order_at: str = ""
    note: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CustomerSet(Fact):
    """Who the invoice is made out to, or which employee gets a benefit; None takes it back."""

    kind = "sale.customer_set"
    sale: str
    at: str
    customer: Customer | None
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleTyped(Fact):
    """The Vorgang becomes another one than it was opened as (BON_TYP, BON_NAME), e.g. a delivery note."""

    kind = "sale.typed"
    sale: str
    at: str
    bon_type: BonType
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdded(Line, Fact):
    """One line as entered: price, rate and name are frozen here."""

    kind = "sale.line_added"
    sale: str
    at: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LineVoided(Fact):
    """Counter-line ``n`` of line ``voids``. ``why``: '' a person took it back; ``belongs``: with the line it
    belongs to; ``in_house``: it is entered anew under the tax key that follows; ``follows``: the register
    brought a reduction or tip up to the lines that stand."""

    kind = "sale.line_voided"
    sale: str
    n: int
    voids: int
    at: str
    operator: str = ""
    why: Literal["", "belongs", "in_house", "follows"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAdded(Payment, Fact):
    """A payment taken, or with a negative amount given back."""

    kind = "sale.payment_added"
    sale: str
    at: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SalePaid(Fact):
    """Nothing is due any more; the Vorgang has left the station's current slot."""

    kind = "sale.paid"
    sale: str
    at: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AbortAsked(Fact):
    """The Vorgang ends as AVBelegabbruch. ``why``: operator, timeout, closing, parked,
    unread_start."""

    kind = "sale.abort_asked"
    sale: str
    at: str
    why: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleNumbered(Fact):
    """The Vorgang has its number (BON_ID) and the process data that the TSE is asked to finish."""

    kind = "sale.numbered"
    sale: str
    number: int
    at: str
    process_type: str
    process_data: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleFinished(Fact):
    """The Vorgang is over and its slip fixed. ``outage`` is the outage's id, '' when signed."""

    kind = "sale.finished"
    sale: str
    number: int
    bon_type: str
    at: str
    outage: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptCopied(Fact):
    """A receipt was printed again, marked KOPIE; ``why``: operator or unknown."""

    kind = "receipt.copied"
    number: str
    at: str
    why: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClockStepped(Fact):
    """The register's time jumped by ``seconds`` (L-019). ``uncertain``: the system clock is not believed, it
    stands ``refused`` seconds off: negative, before a time already recorded; positive, too far ahead."""

    kind = "clock.stepped"
    at: str
    seconds: int
    uncertain: bool
    refused: int = 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RollbackSeen(Fact):
    """``source`` (tse, broker, mirror, checkpoint) remembers more than the journal: the last numbers it
    knows (None or 0: it does not tell); of the TSE ``receipt`` is what there can be at most."""

    kind = "journal.rollback_seen"
    at: str
    source: str
    message: str
    epoch: int = 0
    receipt: int | None = None
    closing: int | None = None
    transaction: int = 0


# Not journalled: what a display should show and a power cut may forget.
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeviceSeen(Fact):
    """A device told its status."""

    kind = "device.seen"
    name: str
    state: str
    reason: str = ""
    message: str = ""
    since: str = ""
    conditions: Mapping[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MessageShown(Fact):
    """What the operator should read now; ``scanned``: the code that was no article."""

    kind = "station.message"
    station: str
    message: str
    code: str = ""
    scanned: str = ""


VOLATILE: tuple[type[Fact], ...] = (
    CardShown,
    DeviceSeen,
    MessageShown,
    OfferShown,
    PowerSeen,
    QuantityNamed,
    StationUsed,
    TransferShown,
    TseSeen,
    ProbeAsked,
)
# Every class above that has a kind and is journalled.
KINDS: dict[str, type[Fact]] = {
    cls.kind: cls
    for cls in tuple(globals().values())
    if isinstance(cls, type) and issubclass(cls, Fact) and cls.kind and cls not in VOLATILE
}


def to_json(fact: Fact) -> Json:
    """``{"kind", "data"}`` as it stands in a line."""
    if isinstance(fact, Unknown):
        return {"kind": fact.name, "data": fact.data}
    return {"kind": fact.kind, "data": encode(fact)}


def from_json(value: Json) -> Fact:
    """The fact of ``{"kind", "data"}``; unknown kinds are kept, unknown keys of known kinds ignored."""
    cls = KINDS.get(value["kind"])
    if cls is None:
        return Unknown(value["kind"], value["data"])
    return cast(Fact, decode(cls, value["data"], value["kind"], lenient=True))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the world shall do because of a line. ``id`` is ``<seq>.<i>``; the outcome fact names it.

    kinds: ``tse.start`` {sale}, ``tse.finish`` {sale, transaction, process_type, process_data},
    ``tse.self_test`` {}, ``print`` {printer, document, late?, copy_of?},
    ``offer`` {document, by}: show it to be fetched, ``drawer`` {drawer, station, why},
    ``card`` {terminal, operation, amount?, receipt?}: done at a card terminal, once,
    ``archive`` {serial_number, after}: export what the TSE has signed above this counter.
    """

    id: str
    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> Json:
        """``{"id", "kind", …}`` as it stands in a line."""
        return {"id": self.id, "kind": self.kind, **self.args}

    @classmethod
    def from_json(cls, value: Json) -> "Wish":
        """Inverse of :meth:`to_json`."""
        return cls(value["id"], value["kind"], {k: v for k, v in value.items() if k not in ("id", "kind")})
