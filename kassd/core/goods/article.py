"""An article of the catalogue: what it is, and everything that can be wrong with one by itself."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from kassd.core.barcodes.check_digit import has_wrong_check_digit
from kassd.core.barcodes.control import DEFAULT_PREFIX
from kassd.core.lettering import unprintable
from kassd.core.vat import KEYS

MAX_PRICE = 99_999_999  # cents; more is a typing error
MAX_TEXT = 255
MAX_CODES = 40
MAX_PARTS = 20
MAX_ROWS = 40  # of steps, bundles, vat_changes
MAX_LETTERS = 6_000  # of all texts: a journal line of 64 KiB has room for the old and the new article
MAX_CATEGORY, MAX_UNIT = 40, 20  # WARENGR_ID a40; EINHEIT a50, as much of it as a slip has room for
NITROUS_OXIDE_LIMIT = 10  # chargers of at most 8.4 g in one sale (NpSG, Anlage 2)
# Splits in fixed parts of a hundred by tax key: food and drinks at one price (UStAE 10.1 (12)); a hotel's
# night and its business package of breakfast drinks, internet, parking and the like (UStAE 12.16 (12)).
FLAT_SHARES = {"70/30": {2: 70, 1: 30}, "85/15": {2: 85, 1: 15}}

Kind = Literal["goods", "deposit"]
Split = Literal["prices", "70/30", "85/15", "costs"]
ContentUnit = Literal["", "g", "kg", "ml", "l", "cm", "m", "m2", "piece"]


@dataclass(frozen=True, slots=True)
class Part:
    """``quantity`` of another ``article`` per piece. ``cost``: purchase price in cents (``split`` costs)."""

    article: str
    quantity: Decimal = Decimal(1)
    cost: int = 0


@dataclass(frozen=True, slots=True)
class VatChange:
    """From ``day`` (ISO date) on these tax keys apply instead of the article's."""

    day: str
    vat: int
    vat_in_house: int | None = None
    vat_take_away: int | None = None


@dataclass(frozen=True, slots=True)
class QuantityPrice:
    """``quantity`` and a price in cents: of all together (``bundles``), or of each from it on (``steps``)."""

    quantity: Decimal
    price: int


@dataclass(frozen=True, slots=True)
class QuantityTerms:
    """Prices by quantity as they were when goods were entered: ``key`` (mix or article) counts together."""

    key: str
    steps: tuple[QuantityPrice, ...] = ()
    bundles: tuple[QuantityPrice, ...] = ()
    factor: Decimal = Decimal(1)


@dataclass(frozen=True)  # no slots: catalog.put inherits from it and from Arguments
class Article:
    """One article. ``what`` of each key is its line in docs/catalog.md."""

    id: str = field(metadata={"what": "article number, unique in the file; `sale.add` takes it as `article`"})
    name: str = field(metadata={"what": "text of the receipt's line (handelsübliche Bezeichnung)"})
    price: int = field(metadata={"what": "gross price in cents, from 0"})
    vat: int = field(metadata={"what": "tax key (UST_SCHLUESSEL), see below"})
    codes: tuple[str, ...] = field(default=(), metadata={"what": "what a scanner reads for it, see below"})
    valid_from: str = field(
        default="", metadata={"what": "first day of sale, `2026-12-01`; before it unknown"}
    )
    kind: Kind = field(
        default="goods",
        metadata={"what": "`deposit`: a deposit class; price and tax key are those of each package"},
    )
    vat_in_house: int | None = field(
        default=None, metadata={"what": "tax key where it is consumed on site, if another"}
    )
    vat_take_away: int | None = field(
        default=None, metadata={"what": "tax key where it is taken away, if another"}
    )
    vat_changes: tuple[VatChange, ...] = field(
        default=(),
        metadata={
            "what": "tax keys of the article that change: each with its first `day`, `vat` and perhaps "
            "`vat_in_house`, `vat_take_away`"
        },
    )
    unit: str = field(default="", metadata={"what": "unit of the quantity, `kg` (EINHEIT); piece if empty"})
    factor: Decimal = field(
        default=Decimal(1), metadata={"what": "the price is for this many units (FAKTOR), `1.5`"}
    )
    weighed: bool = field(
        default=False,
        metadata={"what": "sold by weight, price per kg; the quantity must be given or be in the code"},
    )
    content: Decimal | None = field(
        default=None, metadata={"what": "content of a package for the base price (PAngV), `0.75`"}
    )
    content_unit: ContentUnit = field(
        default="", metadata={"what": "unit of `content`: g, kg, ml, l, cm, m, m2, piece"}
    )
    category: str = field(default="", metadata={"what": "category's id (WARENGR_ID), at most 40 characters"})
    category_name: str = field(default="", metadata={"what": "category's name (WARENGR)"})
    gtin: str = field(default="", metadata={"what": "GTIN for the records; else the first code that is one"})
    open: bool = field(
        default=False,
        metadata={"what": "open price: it is given with `sale.add`, `price` is only a proposal"},
    )
    deposit: tuple[Part, ...] = field(
        default=(),
        metadata={
            "what": "deposit classes that go with a piece: each with its `article` and perhaps `quantity`"
        },
    )
    parts: tuple[Part, ...] = field(
        default=(),
        metadata={"what": "what a combo at one price consists of: `article`, perhaps `quantity` and `cost`"},
    )
    split: Split = field(
        default="prices",
        metadata={
            "what": "how a combo's price is split over tax keys: `prices`, `70/30` (food, drinks), "
            "`85/15` (night, business package), `costs`"
        },
    )
    steps: tuple[QuantityPrice, ...] = field(
        default=(), metadata={"what": "from `quantity` pieces on each costs `price`"}
    )
    bundles: tuple[QuantityPrice, ...] = field(
        default=(), metadata={"what": "`quantity` pieces together cost `price`"}
    )
    mix: str = field(
        default="", metadata={"what": "articles with the same word count together for `steps` and `bundles`"}
    )
    age: int = field(default=0, metadata={"what": "0, 16 or 18: an authorised person must approve (JuSchG)"})
    nitrous_oxide: int = field(
        default=0,
        metadata={
            "what": "chargers of at most 8.4 g in a piece (NpSG): 18 years, 10 in a sale, never unattended"
        },
    )
    max_per_sale: Decimal | None = field(
        default=None, metadata={"what": "more in one sale needs `over_limit` and the right approve"}
    )
    reducible: bool = field(
        default=True,
        metadata={"what": "false: no reduction and no other price (tobacco, price-bound books, press)"},
    )
    agency: int = field(default=0, metadata={"what": "AGENTUR_ID of goods sold for somebody else; 0 = own"})

    @property
    def needs_age(self) -> int:
        """Age class: 0, 16 or 18."""
        return 18 if self.nitrous_oxide else self.age

    def quantity_terms(self) -> QuantityTerms | None:
        """What its quantity makes cheaper, None if nothing."""
        if not (self.steps or self.bundles):
            return None
        return QuantityTerms(self.mix or self.id, self.steps, self.bundles, self.factor)

    def known_gtin(self) -> str:
        """GTIN, '' if it has none."""
        return self.gtin or next((code for code in self.codes if is_gtin(code)), "")


def is_gtin(code: str) -> bool:
    """Whether ``code`` is a GTIN-8/12/13/14 by length, digits and check digit; in-store ranges are none."""
    digits = len(code) in (8, 12, 13, 14) and code.isascii() and code.isdigit()
    in_store = code.startswith("2") and len(code) in (8, 13)
    return digits and not in_store and not has_wrong_check_digit(code)


def problems_of(
    article: Article, control_prefix: str = DEFAULT_PREFIX, keys: Collection[int] = KEYS
) -> Iterator[str]:
    """German sentences for everything wrong with one article. ``keys``: tax keys that may be sold with."""
    if not article.id:
        yield "die Artikelnummer (id) fehlt"
    for sentence in (
        *_texts(article),
        *_prices(article),
        *_tax_keys(article, keys),
        *_limits(article),
        *_compositions(article),
        *_codes(article, control_prefix),
    ):
        yield f"Artikel {article.id[:40]}: {sentence}"


def _texts(article: Article) -> Iterator[str]:
    if not article.name.strip():
        yield "der Name fehlt"
    texts = (article.id, article.name, article.mix, article.category_name, *article.codes)
    if not all(len(text) <= MAX_TEXT for text in texts):
        yield f"nur eine Zeile mit höchstens {MAX_TEXT} Zeichen je Angabe"
    for name, value in (
        *(("id", article.id), ("name", article.name), ("mix", article.mix), ("unit", article.unit)),
        *(("category", article.category), ("category_name", article.category_name)),
        *(("codes", code) for code in article.codes),
    ):
        if odd := unprintable(value):
            yield f"in {name} steht {odd}; erwartet wird eine Zeile ohne Steuerzeichen"
    together = (*texts, *(part.article for part in (*article.parts, *article.deposit)))
    if sum(map(len, together)) > MAX_LETTERS:
        yield f"alle Texte und Codes zusammen haben höchstens {MAX_LETTERS} Zeichen"
    for name, text, limit in (
        ("category", article.category, MAX_CATEGORY),
        ("unit", article.unit, MAX_UNIT),
    ):
        if len(text) > limit:
            yield f"{name} hat höchstens {limit} Zeichen"
    if article.gtin and not is_gtin(article.gtin):
        yield f"{article.gtin[:40]} ist keine GTIN (Länge oder Prüfziffer)"
    if article.valid_from and not is_day(article.valid_from):
        yield "valid_from ist kein Tag, z. B. 2026-12-01"


def _prices(article: Article) -> Iterator[str]:
    prices = [("Preis", article.price)]
    prices += [("Preis in steps", step.price) for step in article.steps]
    prices += [("Preis in bundles", bundle.price) for bundle in article.bundles]
    prices += [("cost in parts", part.cost) for part in article.parts]
    for name, price in prices:
        if not 0 <= price <= MAX_PRICE:
            yield f"der {name} {price} ist kein Betrag in Cent ab 0"
    if max(len(article.steps), len(article.bundles), len(article.vat_changes)) > MAX_ROWS:
        yield f"höchstens {MAX_ROWS} Zeilen in steps, bundles und vat_changes"
    if article.steps and article.bundles:
        yield "nur eines von steps und bundles ist möglich"
    if not article.reducible and (article.steps or article.bundles):
        yield "mit reducible false gibt es keine Mengenpreise"
    for row in (*article.steps, *article.bundles):
        if not (row.quantity > 1 and _has_three_places(row.quantity)):
            yield "ein Mengenpreis gilt ab einer Menge über 1"
    if any(bundle.quantity != bundle.quantity.to_integral_value() for bundle in article.bundles):
        yield "bundles zählen ganze Stücke"
    if article.factor <= 0 or not _has_three_places(article.factor):
        yield "factor ist eine Menge über 0 mit höchstens drei Nachkommastellen"
    if article.content is not None and (article.content <= 0 or not article.content_unit):
        yield "content ist eine Menge über 0 und braucht content_unit"
    if article.weighed and article.unit not in ("", "kg"):
        yield "gewogen wird in kg"
    if article.weighed and article.open:
        yield "weighed und open schließen sich aus"


def _has_three_places(quantity: Decimal) -> bool:
    return quantity.is_finite() and quantity < 10**9 and quantity == quantity.quantize(Decimal("0.001"))


def _tax_keys(article: Article, keys: Collection[int]) -> Iterator[str]:
    used = [article.vat, article.vat_in_house, article.vat_take_away]
    for change in article.vat_changes:
        used += [change.vat, change.vat_in_house, change.vat_take_away]
        if not is_day(change.day):
            yield "day in vat_changes ist kein Tag, z. B. 2027-01-01"
    allowed = "1 bis 8" if set(keys) <= set(KEYS) else "1 bis 8 und die aus [[vat]]"
    for key in dict.fromkeys(used):
        if key is not None and key not in keys:
            yield f"unbekannter Steuerschlüssel {key} (erlaubt: {allowed})"
    if article.kind == "deposit" and (len(set(used)) > 2 or article.vat_changes):
        yield "der Steuersatz einer Pfandart ist fest"


def _limits(article: Article) -> Iterator[str]:
    if article.age not in (0, 16, 18):
        yield "age ist 0, 16 oder 18"
    if not 0 <= article.nitrous_oxide <= NITROUS_OXIDE_LIMIT:
        yield f"nitrous_oxide ist eine Zahl von 0 bis {NITROUS_OXIDE_LIMIT} Kapseln"
    if article.max_per_sale is not None and article.max_per_sale <= 0:
        yield "max_per_sale ist eine Menge über 0"
    if not 0 <= article.agency <= 999_999_999:
        yield "agency ist eine Zahl ab 0"


def _compositions(article: Article) -> Iterator[str]:
    if len(article.parts) > MAX_PARTS or len(article.deposit) > MAX_PARTS:
        yield f"höchstens {MAX_PARTS} Bestandteile"
    if len(article.parts) == 1:
        yield "ein Menü hat mindestens zwei Bestandteile (parts)"
    for part in (*article.parts, *article.deposit):
        if not (part.quantity > 0 and _has_three_places(part.quantity)):
            yield f"die Menge von {part.article[:40]} ist keine Menge über 0"
        if part.article == article.id:
            yield "der Artikel enthält sich selbst"
    if article.split == "costs" and not all(part.cost > 0 for part in article.parts):
        yield 'mit split "costs" braucht jeder Bestandteil cost über 0'
    if article.parts and (article.weighed or article.open or article.steps or article.bundles):
        yield "ein Menü hat einen festen Preis"
    if article.deposit and article.weighed:
        yield "zu gewogener Ware gibt es kein Pfand"
    if article.kind == "deposit" and (
        article.parts
        or article.deposit
        or article.weighed
        or article.open
        or article.steps
        or article.bundles
    ):
        yield "eine Pfandart hat nur einen Preis und einen Steuersatz"


def _codes(article: Article, control_prefix: str) -> Iterator[str]:
    if len(article.codes) > MAX_CODES:
        yield f"mehr als {MAX_CODES} Codes"
    if any(not code for code in article.codes):
        yield "ein Code ist leer"
    for code in article.codes:
        if code.startswith(control_prefix):
            yield f"mit {control_prefix} beginnen nur Steuercodes, nicht {code[:40]}"
        if has_wrong_check_digit(code):
            yield f"die Prüfziffer von {code} ist falsch; so wird er nie gelesen"


def is_day(text: str) -> bool:
    """Whether ``text`` is an ISO date."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
