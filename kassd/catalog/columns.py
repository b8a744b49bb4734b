"""The columns of a table of articles: one for each field of :class:`Article`, derived from it.

A field that is not named here has a column of its own name and is read by its type, so that a new field needs
nothing but its definition. What is named here has a German title, what shops call it, and how it is meant.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from kassd.catalog import cells
from kassd.catalog.cells import TaxKeys, Unclear, Value
from kassd.catalog.nested import list_of, text_of_list
from kassd.core.catalog import Article
from kassd.core.codec import encode

Kind = Literal[
    "text",
    "identifier",
    "gtin",
    "codes",
    "money",
    "tax",
    "day",
    "truth",
    "whole",
    "quantity",
    "choice",
    "list",
]

# field: (German title, what else such a column is called; written as `plain` makes it)
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "id": ("Artikelnummer", "artikelnr artnr nr nummer sku itemnumber articlenumber artikelid"),
    "name": (
        "Bezeichnung",
        "artikel artikelbezeichnung artikelname artikeltext produkt produktname titel text description",
    ),
    "price": (
        "Preis",
        "verkaufspreis vk vkpreis vkbrutto bruttopreis preisbrutto bruttovk einzelpreis ladenpreis preiseur "
        "preisineur preisineuro preiseuro verkaufspreiseur pricegross grossprice unitprice endpreis",
    ),
    "vat": (
        "Steuerschlüssel",
        "ustschluessel mwstschluessel mwstcode steuercode steuerkennzeichen steuerklasse steuergruppe vatkey",
    ),
    "codes": (
        "Codes",
        "code ean eancode barcode barcodes strichcode ean13 ean8 upc eangtin gtinean scancode",
    ),
    "gtin": ("GTIN", "gtincode"),
    "valid_from": ("Gültig ab", "gueltigab gueltigvon verkaufab validfrom"),
    "kind": ("Art", "artikelart"),
    "vat_in_house": ("Steuerschlüssel im Haus", "steuerschluesselimhaus mwstimhaus"),
    "vat_take_away": ("Steuerschlüssel außer Haus", "steuerschluesselausserhaus mwstausserhaus"),
    "vat_changes": ("Steueränderungen", ""),
    "unit": ("Einheit", "mengeneinheit me verkaufseinheit"),
    "factor": ("Preis je Menge", "preisjemenge preiseinheit"),
    "weighed": ("Waage", "wiegeartikel gewogen waagenartikel"),
    "content": ("Inhalt", "inhaltsmenge fuellmenge"),
    "content_unit": ("Inhaltseinheit", "einheitinhalt"),
    "category": ("Warengruppe", "wg wgnr warengruppennummer warengruppennr kategorie"),
    "category_name": ("Warengruppenname", "wgname warengruppenbezeichnung kategoriename"),
    "open": ("Preis offen", "offenerpreis freierpreis"),
    "deposit": ("Pfand", "pfandart pfandarten"),
    "parts": ("Bestandteile", "menueteile"),
    "split": ("Aufteilung", ""),
    "steps": ("Staffelpreise", "staffel"),
    "bundles": ("Mengenpreise", "bundpreise"),
    "mix": ("Mengenpreis-Gruppe", ""),
    "age": ("Altersgrenze", "alter mindestalter jugendschutz fsk"),
    "nitrous_oxide": ("Lachgaskapseln", ""),
    "max_per_sale": ("Höchstmenge", "hoechstmenge maxmenge maxprokauf"),
    "reducible": ("Rabattfähig", "rabattfaehig rabatterlaubt"),
    "agency": ("Agentur", "agenturid agenturnummer"),
}
_KINDS: Final[Mapping[str, Kind]] = {
    "id": "identifier", "codes": "codes", "gtin": "gtin", "price": "money", "valid_from": "day",
    "vat": "tax", "vat_in_house": "tax", "vat_take_away": "tax", "category": "identifier",
}  # fmt: skip
# A bare number below these is a rate in percent; below the others a tax key.
_RATES: Final = "steuersatz mwst mwstsatz mehrwertsteuer ust umsatzsteuer steuer ustsatz taxrate vatrate tax"
_CENTS: Final = "preisincent preiscent cent pricecents"
_GTINS: Final = frozenset(
    ("ean", "eancode", "ean13", "ean8", "upc", "gtin", "eangtin", "gtinean", "gtincode")
)
NET: Final = frozenset(("nettopreis", "preisnetto", "vknetto", "nettovk", "pricenet", "netprice"))
_CHOICES: Final[Mapping[str, str]] = {
    "ware": "goods", "artikel": "goods", "pfand": "deposit", "preise": "prices", "kosten": "costs",
    "stück": "piece", "stk": "piece", "m²": "m2",
}  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Column:
    """A field of an article as a column. ``hint``: its type; ``default``: of an empty cell, MISSING if one
    must not be empty. ``is_rate``, ``in_cents``, ``is_gtin``: what the title above it says of numbers."""

    field: str
    title: str
    kind: Kind
    hint: Any
    default: Any
    is_rate: bool = False
    in_cents: bool = False
    is_gtin: bool = False

    @property
    def is_text(self) -> bool:
        """Whether spreadsheets must not take its values for numbers."""
        return self.kind in ("text", "identifier", "gtin", "codes", "list", "choice")


def plain(title: str) -> str:
    """A title without case, blanks, signs and umlauts: ``MwSt.-Satz (%)`` → ``mwstsatz``."""
    return re.sub(r"[^a-z0-9]", "", title.casefold().translate(_UMLAUTS))


def _inner(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(option for option in get_args(hint) if option is not NoneType)
    return hint


def _kind(name: str, hint: Any) -> Kind:
    if name in _KINDS:
        return _KINDS[name]
    if get_origin(hint) is Literal:
        return "choice"
    if get_origin(hint) is tuple:
        return "list"
    kinds: dict[Any, Kind] = {bool: "truth", int: "whole", Decimal: "quantity"}
    return kinds.get(hint, "text")


def _columns() -> dict[str, Column]:
    hints = get_type_hints(Article)
    found = {}
    for field in fields(Article):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        hint = _inner(hints[field.name])
        title = _NAMES.get(field.name, (field.name, ""))[0]
        found[field.name] = Column(field.name, title, _kind(field.name, hint), hint, default)
    return found


COLUMNS: Final[Mapping[str, Column]] = _columns()


def _by_title() -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in COLUMNS.values():
        aliases = _NAMES.get(column.field, ("", ""))[1].split()
        for name in (column.field, column.title, *aliases):
            gtin = plain(name) in _GTINS
            found[plain(name)] = _like(column, is_gtin=gtin)
    found |= {name: _like(COLUMNS["vat"], is_rate=True) for name in _RATES.split()}
    found |= {name: _like(COLUMNS["price"], in_cents=True) for name in _CENTS.split()}
    return found


def _like(column: Column, is_rate: bool = False, in_cents: bool = False, is_gtin: bool = False) -> Column:
    c = column
    return Column(c.field, c.title, c.kind, c.hint, c.default, is_rate, in_cents, is_gtin)


_TITLES: Final[Mapping[str, Column]] = _by_title()


def column_of(title: str) -> Column | None:
    """The column that a title names, None for any other. ``EAN 2`` is another ``EAN``."""
    name = plain(title)
    found = _TITLES.get(name)
    if found is None and (several := _TITLES.get(name.rstrip("0123456789"))) is not None:
        found = several if several.kind == "codes" else None
    return found


def names_of(field: str) -> list[str]:
    """All plain titles that mean a field."""
    return [name for name, column in _TITLES.items() if column.field == field]


# -- cells ---------------------------------------------------------------------------------------------


def read_cell(column: Column, value: Value, keys: TaxKeys) -> Any:
    """The field's value of a cell that is not empty; raises :class:`Unclear`."""
    match column.kind:
        case "tax":
            return cells.tax_key(value, keys, column.is_rate)
        case "money":
            return cells.whole(value) if column.in_cents else cells.money(value)
        case "truth":
            return cells.truth(value, marks=column.default is not True)
        case "codes":
            return _codes(value)
        case "choice":
            return _choice(column, cells.text(value))
        case "list":
            lines = (
                value
                if isinstance(value, str) and not isinstance(value, cells.Damaged)
                else cells.text(value)
            )
            return list_of(get_args(column.hint)[0], lines.strip())
        case kind:
            return _READERS[kind](value)


_READERS: Final[Mapping[str, Callable[[Value], Any]]] = {
    "text": cells.text,
    "identifier": cells.identifier,
    "gtin": cells.identifier,
    "day": cells.day,
    "whole": cells.whole,
    "quantity": cells.quantity,
}


def _choice(column: Column, said: str) -> str:
    options = [str(option) for option in get_args(column.hint)]
    found = said if said in options else _CHOICES.get(said.casefold(), said.casefold())
    if found not in options:
        raise Unclear(f"möglich ist {', '.join(option for option in options if option)}")
    return found


def _codes(value: Value) -> tuple[str, ...]:
    """Several codes stand in lines of their own or behind ``,`` ``;`` ``|``; numbers also behind a blank."""
    if isinstance(value, str) and value.strip().startswith("["):
        found: tuple[str, ...] = list_of(str, value.strip())
        return found
    lines = value.splitlines() if isinstance(value, str) and not isinstance(value, cells.Damaged) else [value]
    parts: list[str] = []
    for line in lines:
        pieces = [piece.strip() for piece in re.split(r"[,;|]", cells.identifier(line))]
        for piece in pieces:
            words = piece.split()
            parts += words if all(word.isdigit() for word in words) else [piece]
    return tuple(cells.identifier(part) for part in parts if part)


def write_cell(column: Column, value: Any) -> Any:
    """What :func:`read_cell` reads as ``value``: text, ``bool``, ``int`` or ``Decimal`` (money: euros).
    None for an empty cell."""
    if value is None or value == column.default:
        return None
    match column.kind:
        case "money":
            return Decimal(value).scaleb(-2)
        case "tax":
            return "G" if value == 7 else value  # a bare 7 would be refused
        case "codes":
            joined = ", ".join(value)
            plain = not joined.startswith("[") and _codes(joined) == value
            return joined if plain else text_of_list(value, json_only=True)
        case "list":
            return text_of_list(value)
        case "truth" | "whole" | "quantity":
            return value
        case _:
            return str(encode(value))
