"""The commands of DESIGN §6: a name, its arguments, the right it needs.

The argument classes are the single source for parsing (:func:`kassd.core.codec.decode`), for the checks
in :mod:`kassd.core.decide` and for AsyncAPI. Money is integer cents, quantities are decimal strings.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from kassd.core.arguments import Arguments as Arguments
from kassd.core.benefits import args as benefits
from kassd.core.cards import args as cards
from kassd.core.cash import args as cash
from kassd.core.corrections import args as corrections
from kassd.core.credit import args as credit
from kassd.core.goods import args as goods
from kassd.core.notification import args as notification
from kassd.core.numbers import args as numbers
from kassd.core.orders.args import COMMANDS as ORDERS
from kassd.core.people import args as people
from kassd.core.receipts import args as receipts
from kassd.core.reductions import args as reductions
from kassd.core.tender import args as tender
from kassd.core.tips import args as tips
from kassd.core.transfers import args as transfers
from kassd.core.vouchers import args as vouchers
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleVoidLine(Arguments):
    """Void line ``line`` (its ``n``); without it the last line that stands."""

    right = "void"
    compares = "sale"

    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleCustomer(Arguments):
    """Make the receipt out to a customer; without a name it is made out to nobody again. ``country``:
    ISO 3166 alpha-3."""

    compares = "sale"

    name: str = ""
    id: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DEU"
    vat_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleAbort(Arguments):
    """End the current sale without a receipt. Money taken must be given back in the same act:
    ``cash_returned`` is the cash counted out, ``card_reversed`` says that the card payments were reversed;
    what a ``[[terminal]]`` took is reversed there without being said."""

    right = "void"
    compares = "sale"

    cash_returned: int | None = None
    card_reversed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SalePay(Arguments):
    """Take a payment. Without ``amount`` it is what is due; cash without ``given`` is exact; ``given`` below
    the amount is a part payment. ``type``: ``cash``, ``card``, ``cheque``
    or the name of a ``[[tender]]``. ``girocode`` shows a code for a credit transfer and books nothing before
    ``transfer.settle`` says that it is paid. ``currency``: notes of a ``[[currency]]``, ``given`` in its
    hundredths, ``amount`` and change in euro. ``voucher`` with its ``code`` takes as much as it is worth;
    ``account``: ``customer`` pays later (else whom the sale is made out to).
    ``reference``: what terminal, cheque or bank call the payment; ``brand``:
    the card's (``girocard``, ``visa``, …). ``keep_change``: what is ``given`` too much in cash is a tip;
    ``tip`` says to whom it goes (default ``[tips] to``), with it ``amount`` may be above what is due.
    At a station with a ``[[terminal]]`` a card is charged there, its end is seen in ``state/sale`` (result:
    ``charge``); ``manual`` says that a separate terminal took it, as everywhere else.
    Result of the last payment: ``unprintable`` true where no receipt comes by itself (see ``state/sale``)."""

    compares = "sale"

    type: str
    amount: int | None = None
    given: int | None = None
    currency: str = "EUR"
    reference: str = ""
    brand: str = ""
    code: str = ""
    customer: str = ""
    keep_change: bool = False
    tip: tips.TipTo | None = None
    manual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TillOpen(Arguments):
    """Open with the counted float of the station's drawer; ``drawers``: that of other drawers and purses by
    name (not named: what the last closing left). ``source``: where a difference to that comes from."""

    right = "till"
    compares = "till"

    counted: int
    drawers: Mapping[str, int] = field(default_factory=dict)
    source: Literal["transit", "private", "difference"] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TillClose(Arguments):
    """Close the business day. ``count``: the station's drawer, denomination in cents → pieces; ``counts``:
    other drawers and purses by name, other currencies as ``name/CHF``; ``skim``: cents of the station's
    drawer for the safe. ``reason``: for a difference, and for a closing after the business day."""

    right = "till"
    compares = "till"

    count: Mapping[int, int] | None = None
    counts: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    skim: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TillReport(Arguments):
    """X report: print and journal the sums of the open period, reset nothing."""

    right = "report"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ExportRecord(Arguments):
    """Data were exported (``kassd export``): recorded and counted. ``what``: tar, journal, dsfinvk, …;
    ``first`` and ``last``: days YYYY-MM-DD, '' = all. ``sha256``: of the file, or of the list of the
    folder's files with their hashes; ``recipient``: who got it, e.g. the official's name and id."""

    right = "export"

    what: str
    first: str = ""
    last: str = ""
    sha256: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AccountingRecord(Arguments):
    """Closings were handed over to bookkeeping (``target``: ``datev``). ``closings``: their numbers → SHA-256
    of the file of each, at most 400."""

    right = "tse"

    target: Literal["datev"]
    closings: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ExportAudit(Arguments):
    """For an audit on the spot (§ 146b AO): everything an official may ask for to the USB stick, or to
    ``[fiscal] handout``; of the days ``first`` to ``last`` (YYYY-MM-DD, '' = all). ``recipient``: who gets
    it, e.g. the official's name and id. It runs beside the sales; its end is seen in ``state/dev/export``
    and recorded with its hash."""

    right = "export"

    first: str = ""
    last: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DrawerOpen(Arguments):
    """Open the drawer without a sale; journalled and counted."""

    right = "drawer"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PrintSkip(Arguments):
    """Give up the waiting print jobs of ``printer``. The receipts stay in the journal; the original of each
    that no customer has got otherwise can still be asked for, once (`receipt.print`, `receipt.offer`)."""

    printer: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PrinterTest(Arguments):
    """Print a page that shows what ``printer`` can do, now and nowhere else. It is no receipt."""

    printer: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TseSelfTest(Arguments):
    """Run the TSE's self test now; its end is seen in ``state/dev/tse``."""

    right = "tse"


# The rooms of the core add theirs: each names its commands in its module ``args``.
COMMANDS: dict[str, type[Arguments]] = {
    "sale.void_line": SaleVoidLine,
    "sale.customer": SaleCustomer,
    "sale.abort": SaleAbort,
    "sale.pay": SalePay,
    "till.open": TillOpen,
    "till.close": TillClose,
    "till.report": TillReport,
    **cards.COMMANDS,
    **cash.COMMANDS,
    "export.record": ExportRecord,
    "accounting.record": AccountingRecord,
    "export.audit": ExportAudit,
    "drawer.open": DrawerOpen,
    "print.skip": PrintSkip,
    "printer.test": PrinterTest,
    "tse.self_test": TseSelfTest,
    **goods.COMMANDS,
    **notification.COMMANDS,
    **numbers.COMMANDS,
    **benefits.COMMANDS,
    **receipts.COMMANDS,
    **reductions.COMMANDS,
    **tender.COMMANDS,
    **people.COMMANDS,
    **tips.COMMANDS,
    **transfers.COMMANDS,
    **vouchers.COMMANDS,
    **credit.COMMANDS,
    **ORDERS,
    **corrections.COMMANDS,
}
