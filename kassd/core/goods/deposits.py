"""Deposit (Pfand): an own line that goes with its article, and packages that come back (VerpackG § 31).

A deposit class is an article of kind ``deposit``: its price and its tax rate are those of each package, on
the way out and on the way back. Money is paid out only for counted packages, never as a bare amount.
"""

from decimal import Decimal

from kassd.core.decision import Draft, Rejected, bad_args
from kassd.core.entry import Line
from kassd.core.goods.args import DepositReturn
from kassd.core.goods.article import Article
from kassd.core.goods.lookup import look_up
from kassd.core.goods.pricing import vat_of
from kassd.core.master import age_gate
from kassd.core.selling import add_line, append_line, require_open_till, require_quantity
from kassd.core.state import Sale

OUT, BACK = "Pfand", "PfandRueckzahlung"
MAX_NAME = 40  # GV_NAME a40


def is_deposit(line: Line) -> bool:
    """Whether a line is the deposit of another one."""
    return line.case == OUT and line.of > 0


def add_deposits(d: Draft, sale: Sale, article: Article, quantity: Decimal, of: int) -> Sale:
    """The deposit lines of ``quantity`` pieces of an article, whose line is ``of``."""
    for kind, pieces in deposits_of(d, article):
        sale = _append(d, sale, kind, quantity * pieces, of)
    return sale


def deposits_of(d: Draft, article: Article) -> list[tuple[Article, Decimal]]:
    """Deposit classes of one piece, and how many of each: its own, of a combo without one those of its
    parts."""
    known = d.state.catalog.articles
    packages = [(part.article, part.quantity) for part in article.deposit]
    for item in () if packages else article.parts:
        inside = known.get(item.article)
        packages += [(p.article, p.quantity * item.quantity) for p in (inside.deposit if inside else ())]
    pieces: dict[str, Decimal] = {}
    for name, quantity in packages:
        pieces[name] = pieces.get(name, Decimal(0)) + quantity
    return [(deposit_class(d, name), quantity) for name, quantity in pieces.items()]


def deposit_class(d: Draft, article_id: str) -> Article:
    """A deposit class of the catalogue."""
    kind = d.state.catalog.articles.get(article_id)
    if kind is None or kind.kind != "deposit":
        raise Rejected("article_incomplete", {"article": article_id}, f"({article_id[:40]})")
    return kind


def _append(d: Draft, sale: Sale, kind: Article, quantity: Decimal, of: int) -> Sale:
    vat, rate = vat_of(d.state, kind, d.stamp.at.date().isoformat(), False)
    return append_line(
        d,
        sale,
        text=kind.name,
        quantity=quantity,
        unit_price=kind.price,
        vat=vat,
        rate=rate,
        case=OUT,
        name=kind.name[:MAX_NAME],
        article=kind.id,
        of=of,
        group=kind.category,
        group_name=kind.category_name,
        reducible=False,
    )


def _require_taken_back(d: Draft, article: Article) -> None:
    """Who sells on less than 200 m² need only take back packages of the brands on sale, who sells from a
    machine has them taken back nearby (§ 31 Abs. 2 VerpackG)."""
    which = d.state.config.get("deposit.take_back")
    if which == "none" or (which == "sold" and article.kind == "deposit"):
        elsewhere = str(d.state.config.get("deposit.elsewhere") or "")
        raise Rejected("not_taken_back", {"elsewhere": elsewhere}, f"({elsewhere})" if elsewhere else "")


def give_back(d: Draft, station: str, args: DepositReturn) -> Sale:
    """Take packages back: one line per deposit class, at its rate; opens a sale where there is none."""
    require_open_till(d.state)
    quantity = require_quantity(args.quantity)
    if quantity != quantity.to_integral_value():
        raise Rejected("quantity_invalid", detail="(Leergut wird in ganzen Stücken gezählt.)")
    if args.code is None and args.article is None:
        raise bad_args("expected one of code and article", "(Die Pfandart fehlt.)")
    if age_gate(d.state.config, station) != "person":
        d.require("approve")  # nobody else has counted the packages
    article = look_up(d, args.code, "", args.article, comes_back=True).article
    _require_taken_back(d, article)
    classes = [(article, Decimal(1))] if article.kind == "deposit" else deposits_of(d, article)
    if not classes:
        raise Rejected("no_deposit", {"article": article.id}, f"({article.name[:40]})")
    day = d.stamp.at.date().isoformat()
    for kind, pieces in classes:
        vat, rate = vat_of(d.state, kind, day, False)
        sale = add_line(
            d,
            station,
            text=f"{kind.name} zurück",
            quantity=-quantity * pieces,
            unit_price=kind.price,
            vat=vat,
            rate=rate,
            case=BACK,
            name=kind.name[:MAX_NAME],
            article=kind.id,
            code=args.code or "",
            group=kind.category,
            group_name=kind.category_name,
            reducible=False,
        )
    return sale
