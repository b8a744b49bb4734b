"""Positions of a Vorgang as rows: lines, lines_vat, itemamounts, subitems."""

from decimal import Decimal
from typing import Any

from kassd.core.money import split
from kassd.fiscal.rows.bon import Json

Rows = list[dict[str, Any]]
Case = tuple[str, str, int, int]  # GV_TYP, GV_NAME, AGENTUR_ID, UST_SCHLUESSEL
# GV_TYP of what has a price of its own: the official examples have its base amount, others' not.
PRICED = {"Umsatz", "Pfand", "EinzweckgutscheinKauf", "MehrzweckgutscheinKauf"}
# fact's key → column, where it is set
TEXTS = (
    ("voucher", "GUTSCHEIN_NR"),
    ("name", "GV_NAME"),
    ("gtin", "GTIN"),
    ("group", "WARENGR_ID"),
    ("group_name", "WARENGR"),
    ("unit", "EINHEIT"),
)


def line_rows(
    lines: list[Json], station: str, tables: dict[str, Rows]
) -> tuple[dict[int, int], dict[Case, int]]:
    """Fill ``tables`` with the rows of ``lines`` (data of ``sale.line_added``, counter-lines spelt out).

    Returns the gross sums by UST_SCHLUESSEL, and by business case. Gross method: of lines_vat POS_BRUTTO
    alone.
    """
    heads: Rows = []
    by_vat: Rows = []
    sums: dict[int, int] = {}
    cases: dict[Case, int] = {}
    for line in lines:
        place, case = str(line["n"]), line.get("case", "Umsatz")
        name, agency = line.get("name", ""), line.get("agency", 0)
        heads.append(_head(line, place, case, agency, station))
        for share in line.get("shares") or (line,):
            vat, amount = share["vat"], share["amount"]
            by_vat.append({"POS_ZEILE": place, "UST_SCHLUESSEL": vat, "POS_BRUTTO": amount})
            sums[vat] = sums.get(vat, 0) + amount
            key = (case, name, agency, vat)
            cases[key] = cases.get(key, 0) + amount
        if line.get("list_price", line["unit_price"]) != line["unit_price"]:
            tables.setdefault("itemamounts", []).extend(_price(line, place))
        elif case in PRICED:
            tables.setdefault("itemamounts", []).extend(
                _amounts(line, place, "base_amount", abs(line["unit_price"]))
            )
        if "parts" in line:
            tables.setdefault("subitems", []).extend(_part(part, place) for part in line["parts"])
    if heads:
        tables["lines"], tables["lines_vat"] = heads, by_vat
    return sums, cases


def _head(line: Json, place: str, case: str, agency: int, station: str) -> dict[str, Any]:
    quantity, price = Decimal(line["quantity"]), line["unit_price"]
    if price < 0:  # money out; Annex E has the sign at the quantity
        quantity, price = -quantity, -price
    row = {
        "POS_ZEILE": place,
        "ARTIKELTEXT": line["text"],
        "POS_TERMINAL_ID": station,
        "GV_TYP": case,
        "INHAUS": "1" if line.get("in_house") else "0",
        "P_STORNO": "0",
        "AGENTUR_ID": agency,
        "ART_NR": line.get("article") or case,  # a Mussfeld: what is no article is known by its business case
        "MENGE": quantity,
        "STK_BR": price,
    }
    for key, column in TEXTS:
        if value := line.get(key):
            row[column] = value
    if factor := line.get("factor"):
        row["FAKTOR"] = Decimal(factor)
    return row


def _price(line: Json, place: str) -> Rows:
    """How the unit price came about: what it would have been, and the difference to it, by tax key."""
    base, paid = line["list_price"], line["unit_price"]
    kind = "discount" if paid < base else "extra_amount"
    both = zip(
        _amounts(line, place, "base_amount", base), _amounts(line, place, kind, abs(base - paid)), strict=True
    )
    return [row for pair in both for row in pair]


def _amounts(line: Json, place: str, kind: str, price: int) -> Rows:
    """``price`` cents a piece, by tax key."""
    shares = line.get("shares")
    if not shares:
        return [{"POS_ZEILE": place, "TYP": kind, "UST_SCHLUESSEL": line["vat"], "PF_BRUTTO": price}]
    weights = [abs(share["amount"]) for share in shares]
    parts = split(price, weights if any(weights) else [1] * len(shares))
    return [
        {"POS_ZEILE": place, "TYP": kind, "UST_SCHLUESSEL": share["vat"], "PF_BRUTTO": part}
        for share, part in zip(shares, parts, strict=True)
    ]


def _part(part: Json, place: str) -> dict[str, Any]:
    """A component of a combo: ZI_MENGE of it is in one piece of the combo."""
    row = {
        "POS_ZEILE": place,
        "ZI_ART_NR": part.get("article") or part["text"],
        "ZI_NAME": part["text"],
        "ZI_MENGE": Decimal(part["quantity"]),
        "ZI_UST_SCHLUESSEL": part["vat"],
        "ZI_BASISPREIS_BRUTTO": part["price"],
    }
    if gtin := part.get("gtin"):
        row["ZI_GTIN"] = gtin
    return row
