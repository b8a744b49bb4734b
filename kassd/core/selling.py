"""The current sale of a station: lines in, lines voided; a sale that nobody goes on with ends."""

from decimal import Decimal
from typing import NotRequired, Protocol, TypedDict, Unpack

from kassd.core import facts as f
from kassd.core.cards.state import charge_of
from kassd.core.catalog import MAX_PRICE
from kassd.core.commands import SaleCustomer
from kassd.core.credit.ledger import invoice_paid, lacking
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.entry import ROUNDING, SETTLING, BonType, Customer, Line, Origin, Share, SubItem
from kassd.core.former import key_then, share_then
from kassd.core.goods.article import QuantityTerms
from kassd.core.master import own_key, rate_of, sale_timeout_ns
from kassd.core.money import line_amount
from kassd.core.signing import ask_start, line_weight, vouchers_weight
from kassd.core.state import Sale, State
from kassd.core.till import change_rates

LOWERING = ("Rabatt", "ZuschussUnecht", "TrinkgeldAN")  # GV_TYP of what a paid invoice may have beside it
MAX_LINES = 200
MAX_WEIGHT = 48_000  # bytes of a slip's positions, counter-lines included: a journal line has 64 KiB
MAX_QUANTITY, PLACES = Decimal(100_000), Decimal("0.001")


class LineFields(TypedDict):
    """What a caller says of a new line (:class:`kassd.core.entry.Line`). ``amount`` follows from quantity,
    factor and price where it is not given. Given a ``rate``, it and ``vat`` are those of what the line comes
    from, perhaps of old; without it the line is new turnover at the rate in force, or (§ 19 UStG) free."""

    text: str
    quantity: Decimal
    unit_price: int
    vat: int
    amount: NotRequired[int]
    rate: NotRequired[Decimal]
    case: NotRequired[str]
    article: NotRequired[str]
    code: NotRequired[str]
    name: NotRequired[str]
    shares: NotRequired[tuple[Share, ...]]
    parts: NotRequired[tuple[SubItem, ...]]
    of: NotRequired[int]
    unit: NotRequired[str]
    factor: NotRequired[Decimal]
    in_house: NotRequired[bool]
    gtin: NotRequired[str]
    group: NotRequired[str]
    group_name: NotRequired[str]
    agency: NotRequired[int]
    voucher: NotRequired[str]
    reducible: NotRequired[bool]
    list_price: NotRequired[int | None]
    lowest_price: NotRequired[int | None]
    price_why: NotRequired[str]
    age: NotRequired[int]
    batch: NotRequired[str]
    best_before: NotRequired[str]
    note: NotRequired[str]
    account: NotRequired[str]
    origin: NotRequired[Origin | None]
    terms: NotRequired[QuantityTerms | None]


def require_open_till(state: State) -> None:
    """Selling needs an open till that is not being closed."""
    if not state.till.open:
        raise Rejected("till_closed")
    if state.till.procedure is not None and state.till.procedure.kind == "close":
        raise Rejected("till_closing")


def require_quantity(quantity: Decimal) -> Decimal:
    """A quantity as it may be entered: above 0, at most three decimals."""
    if not (0 < quantity <= MAX_QUANTITY and quantity == quantity.quantize(PLACES)):
        raise Rejected("quantity_invalid")
    return quantity


def add_line(d: Draft, station: str, **fields: Unpack[LineFields]) -> Sale:
    """Add a line to the current sale, which is opened where there is none."""
    return append_line(d, current_or_new(d, station), **fields)


def append_line(d: Draft, sale: Sale, *, forced: bool = False, **fields: Unpack[LineFields]) -> Sale:
    """Add a line with everything frozen; sums and the slip's size must stay in bounds, unless it is
    ``forced``: what has happened already.

    The amount follows from quantity, factor and price where it is not given. Shares must add up to it.
    """
    quantity, price = fields["quantity"], fields["unit_price"]
    whole = line_amount(quantity, price, fields.get("factor", Decimal(1)))
    complete: LineFields = {"amount": whole, **fields}
    if "rate" not in fields:
        complete["vat"] = own_key(d.state.config, fields["vat"])
        complete["rate"] = rate_of(d.state.config, d.state.rates, complete["vat"])
    if "rate" in fields or fields.get("shares"):  # perhaps of another day
        complete["vat"] = key_then(d.state, complete["vat"], complete["rate"])
        complete["shares"] = tuple(share_then(d.state, share) for share in fields.get("shares", ()))
    line = Line(n=len(sale.lines) + 1, **complete)
    new = line.text + line.below
    texts = [one.text + one.below for one in sale.lines]
    weight = line_weight([*texts, *(texts[one.n - 1] for one in sale.standing()), new, new])
    weight += vouchers_weight((*sale.standing(), line))
    if not forced and (len(sale.lines) >= MAX_LINES or weight > MAX_WEIGHT):
        raise Rejected("sale_too_long")
    total = sale.total + line.amount
    _require_as_invoiced(sale, line)
    _check_settled(sale, line, total)
    if abs(total) > MAX_PRICE:
        raise Rejected("amount_invalid")
    if line.shares and sum(share.amount for share in line.shares) != line.amount:
        raise ValueError(f"shares of {line.text!r} do not add up to {line.amount}")
    operator = d.operator(sale.station)
    d.fact(f.LineAdded(sale=sale.id, n=line.n, at=d.at, operator=operator, **complete))
    return d.state.sales[sale.id]


def _require_as_invoiced(sale: Sale, line: Line) -> None:
    """What is written on an invoice is paid as it is: it may become less, or be settled otherwise. Goods
    beside it would stand on a receipt that is no invoice of them (§ 14, § 14c UStG)."""
    number = invoice_paid(sale)
    lowers = line.settles or line.case in LOWERING or line.name == ROUNDING
    if number and line.account != number and not (lowers and line.origin is None):
        raise Rejected("invoice_only", {"number": number}, f"({number})")


def _check_settled(sale: Sale, line: Line, total: int) -> None:
    """What a voucher, account or down payment has settled never becomes money by later taking goods back;
    ``total``: of the sale with ``line``."""
    into_money = line.amount < 0 and line.case not in SETTLING and total < sale.paid
    if into_money and sale.settled:
        raise Rejected("settled_first")


def require_no_return(sale: Sale) -> None:
    """Goods are back once money, or other goods, went out for them: by a receipt."""
    if any(line.takes_back for line in sale.standing()):
        raise Rejected("takes_back")


def open_sale(d: Draft, station: str) -> Sale:
    """Begin a Vorgang: the first line is also the TSE's start (L-030)."""
    change_rates(d, station)
    sale = d.new_sale_id()
    bon_type: BonType = "AVTraining" if d.state.station(station).training else "Beleg"
    d.fact(f.SaleOpened(sale, "sale", station, d.operator(station), d.at, bon_type=bon_type))
    ask_start(d, sale)
    return d.state.sales[sale]


def current_or_new(d: Draft, station: str) -> Sale:
    """The sale being entered, which is opened where there is none."""
    return open_sale(d, station) if d.state.current(station) is None else current(d.state, station)


def current(state: State, station: str) -> Sale:
    """The sale being entered, or ``no_sale``; ``busy`` while the lines of a long bill are still copied,
    ``sale_paying`` or ``payment_unknown`` while a card terminal has it, ``transfer_open`` while a GiroCode is
    shown."""
    sale = state.current(station)
    if sale is None:
        raise Rejected("no_sale")
    if lacking(state, sale):
        raise Rejected("busy")
    charge = charge_of(state.cards, sale.id)
    if charge is not None:
        raise Rejected("payment_unknown" if charge.in_doubt else "sale_paying", {"charge": charge.id})
    if sale.transfer is not None:
        raise Rejected("transfer_open", {"amount": sale.transfer.amount})
    return sale


def set_customer(d: Draft, station: str, args: SaleCustomer) -> Sale:
    """Make the receipt out to somebody (an invoice above 250 €, § 14 Abs. 4 UStG), or take that back."""
    require_open_till(d.state)
    sale, customer = current(d.state, station), customer_of(args)
    if customer is not None and (number := invoice_paid(sale)):  # it is made out to somebody
        raise Rejected("invoice_only", {"number": number}, f"({number})")
    d.fact(f.CustomerSet(sale.id, d.at, customer, d.operator(station)))
    return d.state.sales[sale.id]


class Recipient(Protocol):
    """What commands say of a customer."""

    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str: ...


def customer_of(args: Recipient) -> Customer | None:
    """The customer a command names, as there is room in KUNDE_*; None if it names none."""
    limits = {"name": 50, "id": 50, "street": 60, "postal_code": 10, "city": 62, "vat_id": 15}
    values = {key: one_line(getattr(args, key), key, limit) for key, limit in limits.items()}
    if any(values.values()) and not values["name"]:
        raise bad_args("name: must not be empty", "(Der Name fehlt.)")
    if not (len(args.country) == 3 and args.country.isascii() and args.country.isupper()):
        raise bad_args("country: expected ISO 3166 alpha-3, e.g. DEU", "(Land: drei Buchstaben, z. B. DEU)")
    return Customer(**values, country=args.country) if values["name"] else None


def abort_timed_out(d: Draft) -> None:
    """Unpaid sales that nobody touched for ``register.sale_timeout_s`` end (FISCAL 3)."""
    limit = sale_timeout_ns(d.state.config)
    for sale in tuple(d.state.sales.values()):
        idle = d.stamp.mono - sale.touched
        if sale.kind == "sale" and sale.status == "open" and idle >= limit:
            d.fact(f.AbortAsked(sale.id, d.at, "timeout"))
