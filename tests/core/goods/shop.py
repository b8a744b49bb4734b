"""A shop with goods of every kind."""

from typing import Any

from kassd.core.barcodes.check_digit import gtin_check_digit, value_check_digit
from kassd.core.entry import Line
from tests.core.playbook import Playbook, command

THREE_FOR_FIVE = {"quantity": "3", "price": 500}
ARTICLES: tuple[dict[str, Any], ...] = (
    {"id": "brot", "name": "Bauernbrot", "price": 390, "vat": 2, "codes": ["4006381333931"]},
    {"id": "latte", "name": "Latte macchiato", "price": 390, "vat": 1, "vat_take_away": 2},
    {"id": "burger", "name": "Burger", "price": 799, "vat": 2},
    {"id": "cola", "name": "Cola 0,5 l", "price": 299, "vat": 1, "content": "0.5", "content_unit": "l"},
    {"id": "pf25", "name": "Einwegpfand 0,25", "price": 25, "vat": 1, "kind": "deposit"},
    {"id": "pf8", "name": "Mehrwegpfand 0,08", "price": 8, "vat": 2, "kind": "deposit"},
    {"id": "kiste", "name": "Kiste leer", "price": 150, "vat": 1, "kind": "deposit"},
    {
        "id": "limo",
        "name": "Limo",
        "price": 119,
        "vat": 1,
        "codes": ["5449000000996"],
        "deposit": [{"article": "pf25"}],
    },
    {
        "id": "kasten",
        "name": "Kasten Saft",
        "price": 1199,
        "vat": 1,
        "deposit": [{"article": "kiste"}, {"article": "pf8", "quantity": "6"}],
    },
    {
        "id": "menue",
        "name": "Menü",
        "price": 999,
        "vat": 2,
        "parts": [{"article": "burger", "cost": 250}, {"article": "cola", "cost": 50}],
    },
    {"id": "bier", "name": "Pils", "price": 129, "vat": 1, "age": 16, "deposit": [{"article": "pf25"}]},
    {"id": "korn", "name": "Korn", "price": 799, "vat": 1, "age": 18},
    {"id": "kapsel", "name": "Sahnekapsel", "price": 90, "vat": 1, "nitrous_oxide": 1},
    {"id": "kapseln", "name": "Sahnekapseln 10", "price": 690, "vat": 1, "nitrous_oxide": 10},
    {"id": "aktion", "name": "Kaffee 500 g", "price": 399, "vat": 2, "max_per_sale": "3"},
    {"id": "joghurt", "name": "Joghurt", "price": 199, "vat": 2, "bundles": [THREE_FOR_FIVE]},
    {
        "id": "kugel",
        "name": "Kugel Eis",
        "price": 180,
        "vat": 2,
        "steps": [{"quantity": "5", "price": 160}, {"quantity": "10", "price": 150}],
    },
    {"id": "kaese", "name": "Bergkäse", "price": 2490, "vat": 2, "weighed": True, "codes": ["281234"]},
    {"id": "wurst", "name": "Wurst", "price": 0, "vat": 2, "codes": ["221234"]},
    {"id": "blumen", "name": "Blumen", "price": 0, "vat": 2, "open": True},
    {"id": "tabak", "name": "Tabak", "price": 890, "vat": 1, "reducible": False, "category": "tabak"},
    {"id": "stoff", "name": "Stoff", "price": 1500, "vat": 1, "unit": "m", "factor": "1.5"},
)  # fmt: skip


def shop(**config: Any) -> Playbook:
    """An open till with 100 € and these goods."""
    book = Playbook()
    book.config |= {key.replace("__", "."): value for key, value in config.items()}
    book.ready(10_000)
    for article in ARTICLES:
        book >> command("catalog.put", **article)
        book.says("ok")
    return book


def put(book: Playbook, **article: Any) -> Playbook:
    """An article is changed or added."""
    book >> command("catalog.put", **article)
    return book.says("ok")


def sell(article: str, **args: Any) -> Any:
    return command("sale.add", article=article, **args)


def lines(book: Playbook) -> tuple[Line, ...]:
    """The lines that stand."""
    return book.current().standing()


def label(prefix: str, item: str, value: str) -> str:
    """The number that a scale or label printer makes of an item and its value, with both check digits."""
    body = f"{prefix}{item}{value_check_digit(value)}{value}"
    return body + str(gtin_check_digit(body))


def by_vat(book: Playbook) -> dict[int, int]:
    """Gross sums of the newest receipt by tax key."""
    return {row.vat: row.gross for row in book.receipt().document.vat}
