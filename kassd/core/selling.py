"""The current sale of a station: lines in, lines voided, abort."""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.barcode import has_wrong_check_digit
from kassd.core.catalog import MAX_PRICE, Article
from kassd.core.commands import SaleAbort, SaleAdd, SaleVoidLine
from kassd.core.decision import Draft, Rejected, bad_args, one_line, shown
from kassd.core.master import sale_timeout_ns
from kassd.core.money import line_amount
from kassd.core.printing import kick_drawer
from kassd.core.signing import ask_start, line_weight
from kassd.core.state import Sale, State
from kassd.core.till import change_rates
from kassd.core.vat import KEYS

MAX_LINES = 200
MAX_WEIGHT = 48_000  # bytes of a slip's positions, counter-lines included: a journal line has 64 KiB
MAX_TEXT = 255
MAX_QUANTITY, PLACES = Decimal(100_000), Decimal("0.001")


def require_open_till(state: State) -> None:
    """Selling needs an open till that is not being closed."""
    if not state.till.open:
        raise Rejected("till_closed")
    if state.till.procedure is not None and state.till.procedure.kind == "close":
        raise Rejected("till_closing")


def add(d: Draft, station: str, args: SaleAdd) -> Sale:
    """Add one line; opens the sale and starts its TSE transaction where none is open."""
    require_open_till(d.state)
    quantity = _quantity(args.quantity)
    if sum(given is not None for given in (args.code, args.article, args.text)) > 1:
        raise bad_args("expected only one of code, article and text")
    if args.text is not None or (args.price is not None and not (args.code or args.article)):
        return _add_open_item(d, station, args, quantity)
    if args.vat is not None:
        raise bad_args("vat: belongs to the article, expected only with text")
    article = find_article(d.state, d.stamp.at.date().isoformat(), args.code, args.article)
    price = article.price if args.price is None else _price(args.price)
    return add_line(d, station, article.name, quantity, price, article.vat, article.id, args.code or "")


def _quantity(quantity: Decimal) -> Decimal:
    if not (0 < quantity <= MAX_QUANTITY and quantity == quantity.quantize(PLACES)):
        raise Rejected("quantity_invalid")
    return quantity


def _price(price: int) -> int:
    if not 0 <= price <= MAX_PRICE:
        raise Rejected("amount_invalid")
    return price


def _add_open_item(d: Draft, station: str, args: SaleAdd, quantity: Decimal) -> Sale:
    if args.price is None:
        raise Rejected("price_required")
    if args.vat is None or args.vat not in KEYS:
        raise Rejected("unknown_vat")
    text = one_line(args.text or "", "text", MAX_TEXT)
    if not text:
        raise bad_args("text: must not be empty", "(Eine handelsübliche Bezeichnung fehlt.)")
    return add_line(d, station, text, quantity, _price(args.price), args.vat)


def find_article(state: State, today: str, code: str | None, article_id: str | None) -> Article:
    """Article by scanned code or id; the reply names what could not be found."""
    if article_id is not None:
        article = state.catalog.articles.get(article_id)
    elif code:
        article = state.catalog.find(code)
        if article is None and has_wrong_check_digit(code):
            raise Rejected("bad_check_digit", {"code": code}, f"({code})")
    else:
        raise bad_args("expected one of code, article and text, not empty")
    if article is None or article.valid_from > today:
        asked = shown(code if article_id is None and code else article_id or "")
        raise Rejected("unknown_article", {"code": asked}, f"({asked})")
    return article


def add_line(
    d: Draft,
    station: str,
    text: str,
    quantity: Decimal,
    price: int,
    vat: int,
    article: str = "",
    code: str = "",
) -> Sale:
    """Add a line with everything frozen; the amount must stay in bounds."""
    sale = d.state.current(station) or open_sale(d, station)
    texts = [line.text for line in (*sale.lines, *sale.standing())]
    if len(sale.lines) >= MAX_LINES or line_weight([*texts, text, text]) > MAX_WEIGHT:
        raise Rejected("sale_too_long")
    amount = line_amount(quantity, price)
    if abs(sale.total + amount) > MAX_PRICE:
        raise Rejected("amount_invalid")
    d.fact(
        f.LineAdded(
            sale=sale.id,
            n=len(sale.lines) + 1,
            at=d.at,
            text=text,
            quantity=quantity,
            unit_price=price,
            amount=amount,
            vat=vat,
            rate=d.state.rates[vat],
            article=article,
            code=code,
            operator=d.operator(station),
        )
    )
    return d.state.sales[sale.id]


def open_sale(d: Draft, station: str) -> Sale:
    """Begin a Vorgang: the first line is also the TSE's start (L-030)."""
    change_rates(d, station)
    sale = d.new_sale_id()
    d.fact(f.SaleOpened(sale, "sale", station, d.operator(station), d.at))
    ask_start(d, sale)
    return d.state.sales[sale]


def current(state: State, station: str) -> Sale:
    """The sale being entered, or ``no_sale``."""
    sale = state.current(station)
    if sale is None:
        raise Rejected("no_sale")
    return sale


def void_line(d: Draft, station: str, args: SaleVoidLine) -> Sale:
    """Void a line by a negative counter-line; what was entered stays recorded."""
    require_open_till(d.state)
    sale = current(d.state, station)
    standing = sale.standing()
    if args.line is None:
        if not standing:
            raise Rejected("line_not_found")
        line = standing[-1]
    else:
        found = [line for line in sale.lines if line.n == args.line and not line.voids]
        if not found:
            raise Rejected("line_not_found")
        line = found[0]
        if line not in standing:
            raise Rejected("already_voided")
    if sale.total - line.amount < sale.paid:
        raise Rejected("sale_part_paid")
    d.fact(f.LineVoided(sale.id, len(sale.lines) + 1, line.n, d.at, d.operator(station)))
    changed = d.state.sales[sale.id]
    if changed.payments and changed.due == 0:
        d.fact(f.SalePaid(sale.id, d.at))
    return changed


def abort(d: Draft, station: str, args: SaleAbort) -> Sale:
    """End the current sale as AVBelegabbruch; money taken must be given back first (FISCAL 10)."""
    sale = current(d.state, station)
    _give_back(d, station, sale, args)
    d.fact(f.AbortAsked(sale.id, d.at, "operator", d.operator(station)))
    return d.state.sales[sale.id]


def _give_back(d: Draft, station: str, sale: Sale, args: SaleAbort) -> None:
    cash = sum(p.amount for p in sale.payments if p.type == "Bar")
    card = sale.paid - cash
    if cash != (args.cash_returned or 0) or (card and not args.card_reversed):
        raise Rejected("sale_part_paid", {"cash": cash, "card": card})
    if cash > d.state.till.cash:
        raise Rejected("cash_negative", {"expected": d.state.till.cash})
    operator = d.operator(station)
    if cash:
        d.fact(f.PaymentAdded(sale.id, d.at, "Bar", "Bar zurück", -cash, operator=operator))
        kick_drawer(d, station, "sale")
    if card:
        d.fact(f.PaymentAdded(sale.id, d.at, "Unbar", "Karte storniert", -card, operator=operator))


def abort_timed_out(d: Draft) -> None:
    """Unpaid sales that nobody touched for ``register.sale_timeout_s`` end (FISCAL 3)."""
    limit = sale_timeout_ns(d.state.config)
    for sale in tuple(d.state.sales.values()):
        idle = d.stamp.mono - sale.touched
        if sale.kind == "sale" and sale.status == "open" and idle >= limit:
            d.fact(f.AbortAsked(sale.id, d.at, "timeout"))
