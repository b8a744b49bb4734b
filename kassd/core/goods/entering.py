"""``sale.add``: from an article, a code or a free text to the lines of the current sale."""

from decimal import Decimal

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.entry import Share, SubItem
from kassd.core.goods.age import admit, require_quantity_limit
from kassd.core.goods.args import SaleAdd
from kassd.core.goods.article import MAX_PRICE, MAX_TEXT, Article
from kassd.core.goods.combos import shares_of, sub_items
from kassd.core.goods.deposits import OUT, add_deposits
from kassd.core.goods.lookup import Found, look_up, times
from kassd.core.goods.multibuy import settle
from kassd.core.goods.pricing import PriceNow, price_now, vat_of
from kassd.core.master import agencies, in_house_by_default, rate_of, sales_keys
from kassd.core.money import line_amount
from kassd.core.reductions.coupons import coupons
from kassd.core.reductions.giving import use_coupon
from kassd.core.reductions.settling import settle_reductions
from kassd.core.selling import append_line, current_or_new, require_open_till, require_quantity
from kassd.core.state import Sale

MAX_NOTE = 100
PIECES = ("", "st", "stk", "stück", "piece", "pcs")  # units without parts
ON_BEHALF = "im Namen und für Rechnung von"
BY_HAND, LABEL, BOUND = "Preis von Hand", "Preis vom Etikett", "gebundener Preis"


def add(d: Draft, station: str, args: SaleAdd) -> tuple[Sale, int]:
    """Enter into the current sale, which is opened where there is none; the sale and the number of the line
    (what goes with it follows). The code of a coupon reduces the sale."""
    require_open_till(d.state)
    if args.code is not None and args.code.strip() in coupons(d.state.config):
        sale, _ = use_coupon(d, station, args.code)
        return sale, sale.reductions[-1].after + 1
    sale = current_or_new(d, station)
    n = len(sale.lines) + 1
    return enter(d, sale, args), n


def enter(d: Draft, sale: Sale, args: SaleAdd) -> Sale:
    """Add to a Vorgang what a person or scanner has entered, with what goes with it."""
    if sum(given is not None for given in (args.code, args.article, args.text)) > 1:
        raise bad_args("expected only one of code, article and text")
    if args.text is not None or (args.price is not None and not (args.code or args.article)):
        return _enter_open_item(d, sale, args)
    if args.vat is not None:
        raise bad_args("vat: belongs to the article, expected only with text")
    quantity, found = _named(d, sale, args)
    article = found.article
    admit(d, sale, article)
    quantity = quantity_of(quantity, found)
    require_quantity_limit(d, sale, article, quantity, args.over_limit)
    price = _price_now(d, found, args.price, args.reason)
    n = len(sale.lines) + 1
    sale = enter_article(d, sale, found, quantity, price, args)
    sale = settle_reductions(d, settle(d, add_deposits(d, sale, article, quantity, n), article.id))
    _show(d, sale, found)
    return sale


def _show(d: Draft, sale: Sale, found: Found) -> None:
    """What the operator must know of the line just entered."""
    sentences = list(found.warnings)
    if found.article.needs_age > sale.age_approved:
        sentences.append(f"Ausweis prüfen: ab {found.article.needs_age} Jahren.")
    if sentences:
        warn(d, sale.station, "best_before" if found.warnings else "age_check_required", " ".join(sentences))


def _named(d: Draft, sale: Sale, args: SaleAdd) -> tuple[Decimal | None, Found]:
    """The quantity that was named, if any, and what is sold."""
    quantity = _asked(d, sale, args)
    if args.code is not None and d.state.catalog.find(args.code) is None:
        before, code = times(args.code)
        if before is not None:
            return before if args.quantity is None else args.quantity * before, look_up(
                d, code, args.aim, None
            )
    return quantity, look_up(d, args.code, args.aim, args.article)


def _asked(d: Draft, sale: Sale, args: SaleAdd) -> Decimal | None:
    return args.quantity if args.quantity is not None else d.state.station(sale.station).next_quantity


def quantity_of(named: Decimal | None, found: Found) -> Decimal:
    """Pieces or kilograms: what was named, times what the code says of one piece, unless it says the price of
    the whole piece."""
    if found.measure is not None and found.price is None:
        quantity = require_quantity((Decimal(1) if named is None else named) * found.measure)
        require_pieces(found.article, quantity, in_kg=found.in_kg)
        return quantity
    if named is not None:
        require_pieces(found.article, named)
    if named is None and found.article.weighed and found.price is None:
        raise Rejected("weight_required", {"article": found.article.id}, f"({found.article.name[:40]})")
    return require_quantity(Decimal(1) if named is None else named)


def require_pieces(article: Article, quantity: Decimal, *, in_kg: bool = False) -> None:
    """What is sold by the piece is sold whole: a part of a pack of tobacco, of a book has no price (§ 25
    TabStG, § 5 BuchPrG). A weight (``in_kg``: that its code names), whole or not, is no number of pieces."""
    if article.weighed or article.unit.casefold().rstrip(".") not in PIECES:
        return
    if in_kg:
        raise Rejected("weight_on_pieces", {"article": article.id}, f"({article.name[:40]})")
    if quantity != quantity.to_integral_value():
        raise Rejected("whole_pieces_only", {"article": article.id}, f"({article.name[:40]})")


def is_in_house(d: Draft, station: str, sale: Sale | None, said: bool | None = None) -> bool:
    """Consumed on site: as said, else as said of the whole sale, else as the station is set up."""
    if said is None and sale is not None:
        said = sale.in_house
    return in_house_by_default(d.state.config, station) if said is None else said


def _price_now(d: Draft, found: Found, said: int | None, reason: str) -> PriceNow:
    """The price of one unit; another than the catalogue's needs the right price and keeps the catalogue's,
    none at all a reason."""
    article = found.article
    if found.price is not None:
        if said is not None and said != found.price:
            raise Rejected("price_fixed", detail=f"({article.name[:40]})")
        return price_of_label(found)
    now = price_now(d.state, article, d.stamp.at)
    if article.open:
        if said is None:
            raise Rejected("price_required", {"article": article.id})
        _require_reason(said, reason, article.id)
        return PriceNow(require_price(said))
    if said is None or require_price(said) == now.unit_price:
        return now
    if not article.reducible or article.kind == "deposit":
        raise Rejected("price_fixed", {"price": now.unit_price}, f"({article.name[:40]})")
    d.require("price")
    _require_reason(said, reason, article.id)
    why = one_line(reason, "reason", MAX_NOTE)
    return PriceNow(said, article.price, f"{BY_HAND}: {why}" if why else BY_HAND)


def price_of_label(found: Found) -> PriceNow:
    """The price that the code of the piece names (``found.price`` is one)."""
    assert found.price is not None
    return PriceNow(found.price, None, BOUND if found.bound else LABEL)


def _require_reason(said: int, reason: str, article: str = "") -> None:
    """What a person gives away needs one, as a reduction of all of it would."""
    if said == 0 and not reason.strip():
        raise Rejected("reason_required", {"article": article} if article else None)


def _note(args: SaleAdd, price: int) -> str:
    """What stands below a line without a list price: what was said of it, and why it is given away."""
    note, reason = one_line(args.note, "note", MAX_NOTE), one_line(args.reason, "reason", MAX_NOTE)
    return "\n".join(filter(None, (note, f"Grund: {reason}" if reason and not price else "")))


def require_price(price: int) -> int:
    """A price as it may be entered."""
    if not 0 <= price <= MAX_PRICE:
        raise Rejected("amount_invalid")
    return price


def enter_article(
    d: Draft, sale: Sale, found: Found, quantity: Decimal, price: PriceNow, args: SaleAdd
) -> Sale:
    """The line of an article; a negative quantity takes it back."""
    article, day = found.article, d.stamp.at.date().isoformat()
    in_house = is_in_house(d, sale.station, sale, args.in_house)
    vat, rate = vat_of(d.state, article, day, in_house and article.kind == "goods")
    by_label = found.price is not None  # of the whole piece, whatever is paid for it
    factor = Decimal(1) if by_label else article.factor
    amount = line_amount(quantity, price.unit_price, factor)
    parts, shares = combo(d, article, amount, day, in_house)
    if shares:
        vat, rate = shares[0].vat, shares[0].rate
    elif parts:
        vat, rate = parts[0].vat, rate_of(d.state.config, d.state.rates, parts[0].vat)
    return append_line(
        d,
        sale,
        text=article.name,
        quantity=quantity,
        unit_price=price.unit_price,
        vat=vat,
        rate=rate,
        amount=amount,
        case=OUT if article.kind == "deposit" else "Umsatz",
        name=article.name[:40] if article.kind == "deposit" else "",
        article=article.id,
        code=found.code,
        shares=shares,
        parts=parts,
        unit="" if by_label else "kg" if article.weighed else article.unit,
        factor=factor,
        in_house=in_house,
        gtin=found.gtin or article.known_gtin(),
        group=article.category,
        group_name=article.category_name,
        agency=article.agency,
        reducible=article.reducible and article.kind == "goods" and not found.bound,
        list_price=price.list_price,
        lowest_price=price.lowest if price.list_price is not None else None,
        price_why=price.why,
        age=article.needs_age,
        batch=found.batch,
        best_before=found.best_before,
        note=_for_agency(d, article, _note(args, price.unit_price if price.list_price is None else -1)),
        terms=article.quantity_terms() if quantity > 0 and not price.why else None,
    )


def _for_agency(d: Draft, article: Article, note: str) -> str:
    """The note of a line, which names in whose name and for whose account it is sold."""
    if not article.agency:
        return note
    who = agencies(d.state.config).get(article.agency)
    if who is None:
        raise Rejected("agency_unknown", {"agency": article.agency}, f"(Nr. {article.agency})")
    return "\n".join(filter(None, (f"{ON_BEHALF} {who}", note)))


def combo(
    d: Draft, article: Article, amount: int, day: str, in_house: bool
) -> tuple[tuple[SubItem, ...], tuple[Share, ...]]:
    """Parts and shares of a combo; nothing for everything else."""
    if not article.parts:
        return (), ()
    parts = sub_items(d.state, article, day, in_house)
    rates = {item.vat: rate_of(d.state.config, d.state.rates, item.vat) for item in parts}
    return parts, shares_of(article, parts, amount, rates)


def _enter_open_item(d: Draft, sale: Sale, args: SaleAdd) -> Sale:
    quantity = _asked(d, sale, args)
    if args.price is None:
        raise Rejected("price_required")
    _require_reason(args.price, args.reason)
    if args.vat is None or args.vat not in sales_keys(d.state.config):
        raise Rejected("unknown_vat")
    text = one_line(args.text or "", "text", MAX_TEXT)
    if not text:
        raise bad_args("text: must not be empty", "(Eine handelsübliche Bezeichnung fehlt.)")
    sale = append_line(
        d,
        sale,
        text=text,
        quantity=require_quantity(Decimal(1) if quantity is None else quantity),
        unit_price=require_price(args.price),
        vat=args.vat,
        in_house=is_in_house(d, sale.station, sale, args.in_house),
        note=_note(args, args.price),
    )
    return settle_reductions(d, sale)


def warn(d: Draft, station: str, code: str, sentence: str) -> None:
    """Show a sentence at the station beside what was done; it is gone with the next line."""
    d.fact(f.MessageShown(station, sentence, code))
