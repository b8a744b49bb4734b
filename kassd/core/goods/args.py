"""Commands about goods."""

from decimal import Decimal

from kassd.core.arguments import Arguments
from kassd.core.goods.article import Article
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleAdd(Arguments):
    """Add a line by scanned ``code`` (``aim``: its AIM id), by ``article`` id, or as open item (``text``,
    ``price``, ``vat``). A ``price`` for an article that has one needs the right price. ``in_house``: consumed
    on site; ``over_limit``: more than an article's ``max_per_sale``, which needs the right approve. Without
    ``quantity`` it is the one named before (``sale.quantity``), else what the code says, else 1; a code may
    begin with it (``3*4006381333931``). ``note`` stands below the line. ``reason``: why the price is another;
    required for what is given away. ``tare``: grams that the station's coupled scale takes off: it is asked
    for goods by weight that come without one, and the line follows (``accepted``)."""

    compares = "sale"

    code: str | None = None
    aim: str = ""
    article: str | None = None
    text: str | None = None
    price: int | None = None
    vat: int | None = None
    quantity: Decimal | None = None
    in_house: bool | None = None
    over_limit: bool = False
    note: str = ""
    reason: str = ""
    tare: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleQuantity(Arguments):
    """The quantity of the next article added at this station; '0' takes it back. Not journalled."""

    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleSetInHouse(Arguments):
    """Consumed on site or taken away: line ``line`` of the current sale, else all of it and what is still to
    come. The tax rate follows; a line that changes is taken back and entered anew."""

    compares = "sale"

    in_house: bool
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleApproveAge(Arguments):
    """The customer of the current sale of ``station`` is old enough: for ``age`` (16, 18), else for whatever
    the sale holds. An attendant may do so from a client of another station. No date of birth is kept."""

    right = "approve"

    age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DepositReturn(Arguments):
    """The customer gives back ``quantity`` packages: of a deposit class, or of an article with deposit
    (``article`` or scanned ``code``). What is due then is paid out by ``sale.pay``."""

    quantity: Decimal
    article: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ArticlePrice(Arguments):
    """What an article costs now; shown at the station, nothing is sold. ``lowest_price`` of the result: the
    lowest price of the 30 days before this one applied, which a label that announces a reduction must state
    (§ 11 PAngV); there where the price has changed in these days or a price list makes it lower."""

    code: str | None = None
    aim: str = ""
    article: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class StockWaste(Arguments):
    """Goods were spoilt, broken or stolen: a fact for the stock, no Vorgang."""

    right = "void"

    article: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CatalogPut(Article, Arguments):
    """Add or change one article at once (price changes need no closing). The whole article as the catalogue's
    file has it; ``price`` cents gross."""

    right = "catalog"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CatalogReload(Arguments):
    """Read ``[catalog] file`` again (``kassd catalog import``): ``accepted``, and ``ok`` once the file with
    this ``sha256`` is in force. ``source``: the file the articles came from; ``by``: who brought it; both
    stand with every change in the journal. A faulty file changes nothing (alert ``catalog-refused``). With
    ``ask`` nothing is read: the reply says whether it would be."""

    right = "catalog"

    ask: bool = False
    sha256: str = ""
    source: str = ""
    by: str = ""


COMMANDS: dict[str, type[Arguments]] = {
    "sale.add": SaleAdd,
    "sale.quantity": SaleQuantity,
    "sale.set_in_house": SaleSetInHouse,
    "sale.approve_age": SaleApproveAge,
    "deposit.return": DepositReturn,
    "article.price": ArticlePrice,
    "stock.waste": StockWaste,
    "catalog.put": CatalogPut,
    "catalog.reload": CatalogReload,
}
