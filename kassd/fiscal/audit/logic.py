"""The logic of Vorgänge inside one closing (D, C17, F2), and what of it goes beyond: references, orders,
vouchers."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from kassd.fiscal.audit.book import Book
from kassd.fiscal.audit.cases import check_cases
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.norm import VERSION
from kassd.fiscal.audit.rows import Closing, Receipt, Row, amount, number, units
from kassd.fiscal.audit.sums import gross

GOODS = frozenset({"Umsatz", "Pfand", "PfandRueckzahlung"})
REFERRING = frozenset({"Forderungsaufloesung", "Anzahlungsaufloesung"})
BOUGHT = {"EinzweckgutscheinKauf": "E", "MehrzweckgutscheinKauf": "M"}
REDEEMED = {"EinzweckgutscheinEinloesung": "E", "MehrzweckgutscheinEinloesung": "M"}


ORDERED = GOODS | {"Rabatt", "Aufschlag"}  # what a table's bill has of its orders
OPENS = {"Forderungsentstehung": "F", "Anzahlungseinstellung": "A"}
CLOSES = {"Forderungsaufloesung": "F", "Anzahlungsaufloesung": "A"}
ARTICLE = 4  # octets that stand for an article


class Traits(NamedTuple):
    """By what a Vorgang is known elsewhere. ``articles``: of what was sold, joined; ``opens``: letters of
    the claims and down payments that arose; ``mirror``: the same for a receipt of several lines and for the
    one that takes all of it back; ``refers``: it has references."""

    articles: bytes
    opens: str
    mirror: bytes | None
    refers: bool


class Reference(NamedTuple):
    """A row of references.csv of type Transaktion; ``reverses``: the receipt says it is a Storno;
    ``articles``: what it takes back; ``wants``: the letter of what must have arisen there."""

    row: int
    bon_id: str
    total: int
    reverses: bool
    articles: bytes
    wants: str
    to_register: str
    to_closing: str
    to_date: str
    to_bon_id: str


class Voucher(NamedTuple):
    """A line that sells (positive) or redeems (negative) a numbered voucher."""

    row: int
    bon: int
    number: str
    kind: str
    value: int
    vat: int
    sold: bool


class Group(NamedTuple):
    """One Vorgang in an allocation group: goods of an order, or of what bills it (``ordered`` False)."""

    row: int
    name: str
    value: int
    ordered: bool
    reverses: bool


@dataclass(slots=True)
class Logic:
    """What goes beyond the closing; ``traits`` of its Vorgänge in their order."""

    traits: list[Traits] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def check_logic(closing: Closing, book: Book, found: Findings) -> Logic:
    """Every D check that one closing can answer."""
    logic = Logic()
    uses_seven = False
    for receipt in closing.receipts:
        _check_head(receipt, bool(book.modules), found)
        by_line = _by_line(receipt)
        _check_lines(receipt, found)
        check_cases(receipt, by_line, _reverses(receipt), found)
        logic.traits.append(_traits(receipt))
        _check_references(receipt, logic, found)
        _gather(receipt, by_line, logic, found)
        uses_seven = uses_seven or any(row.UST_SCHLUESSEL == "7" for row in receipt["lines_vat.csv"])
    register = book.register
    if register is not None and (register.KEINE_UST_ZUORDNUNG == "1") != uses_seven:
        stands = register.KEINE_UST_ZUORDNUNG
        found.differs("D10", register.FILE, register.ROW, "KEINE_UST_ZUORDNUNG", int(uses_seven), stands)
    _check_duties(closing, found)
    return logic


def _check_head(receipt: Receipt, has_tse: bool, found: Findings) -> None:
    head = receipt.head
    if head.BON_TYP == "AVSonstige" and not head.BON_NAME:
        found.add("D1", head.FILE, head.ROW, f"AVSonstige {head.BON_ID} hat keinen BON_NAME")
    if head.BON_STORNO not in ("0", "1"):
        found.differs("D2", head.FILE, head.ROW, f"BON_STORNO von {head.BON_ID}", "0 oder 1", head.BON_STORNO)
    if head.BON_TYP == "AVBelegstorno" and has_tse:
        found.add("D5", head.FILE, head.ROW, f"AVBelegstorno {head.BON_ID}, obwohl eine TSE unterschreibt")
    if "training" in head.BON_NAME.lower() and head.BON_TYP != "AVTraining":
        found.add("D7", head.FILE, head.ROW, f"{shown(head.BON_NAME)} ist als {head.BON_TYP} gebucht")
    customer = (head.KUNDE_NAME, head.KUNDE_ID, head.KUNDE_TYP)
    block = (*customer, head.KUNDE_STRASSE, head.KUNDE_PLZ, head.KUNDE_ORT, head.KUNDE_LAND, head.KUNDE_USTID)
    if any(block) and not all(customer):
        text = f"KUNDE_NAME, KUNDE_ID und KUNDE_TYP von {head.BON_ID} sind nicht alle gefüllt"
        found.add("A10", head.FILE, head.ROW, text, "warning")
    elif head.BON_TYP == "AVSachbezug" and not any(customer):
        text = f"der Sachbezug {head.BON_ID} nennt niemanden, der ihn erhielt (KUNDE_NAME oder KUNDE_ID)"
        found.add("A10", head.FILE, head.ROW, text, "warning")


def _check_lines(receipt: Receipt, found: Findings) -> None:
    signed = any(row.TSE_TA_SIG for row in receipt["transactions_tse.csv"])
    drinks: set[str] = set()
    deposits: list[tuple[Row, str]] = []
    keys: dict[str, str] = {}
    for row in receipt["lines_vat.csv"]:
        keys.setdefault(row.POS_ZEILE, row.UST_SCHLUESSEL)
    for row in receipt["lines.csv"]:
        if row.P_STORNO == "1" and signed:
            found.add("D6", row.FILE, row.ROW, f"P_STORNO = 1 in Position {row.POS_ZEILE} von {row.BON_ID}")
        if row.GV_TYP in GOODS and not row.ART_NR:
            text = f"ART_NR: das Mussfeld ist leer (Position {row.POS_ZEILE} von {row.BON_ID}, {row.GV_TYP})"
            found.add("A10", row.FILE, row.ROW, text)
        if row.GV_TYP == "Umsatz":
            drinks.add(keys.get(row.POS_ZEILE, ""))
        elif row.GV_TYP == "Pfand":
            deposits.append((row, keys.get(row.POS_ZEILE, "")))
        elif row.GV_TYP in REFERRING and not receipt["references.csv"]:
            found.add("D11", row.FILE, row.ROW, f"{row.GV_TYP} in {row.BON_ID} ohne Verweis")
    for row, key in deposits:
        if drinks and key not in drinks:
            found.add(
                "C17", row.FILE, row.ROW, f"Pfand mit Schlüssel {key}, Waren mit {', '.join(sorted(drinks))}"
            )


def _check_references(receipt: Receipt, logic: Logic, found: Findings) -> None:
    head, targets = receipt.head, 0
    reverses = head.BON_NAME.lower() == "storno" or head.BON_STORNO == "1"
    for row in receipt["references.csv"]:
        own = (row.REF_DATUM, row.REF_Z_KASSE_ID, row.REF_Z_NR)
        if row.REF_TYP == "Transaktion":
            targets += 1
            if not all((*own, row.REF_BON_ID)):
                text = (
                    f"Verweis von {row.BON_ID} auf eine Transaktion: es fehlt Datum, Kasse, Z_NR oder BON_ID"
                )
                found.add("D4", row.FILE, row.ROW, text)
            reference = Reference(
                row.ROW,
                row.BON_ID,
                units(head.UMS_BRUTTO),
                reverses and not row.POS_ZEILE,
                _articles(receipt, -1),
                "" if reverses else _wanted(row, receipt),
                row.REF_Z_KASSE_ID,
                row.REF_Z_NR,
                row.REF_DATUM,
                row.REF_BON_ID,
            )
            logic.references.append(reference)
        else:
            if any(own):
                text = "REF_DATUM, REF_Z_KASSE_ID und REF_Z_NR gehören nur zu Transaktion"
                found.add("D4", row.FILE, row.ROW, f"{text}, nicht zu {shown(row.REF_TYP)}")
            if row.REF_TYP == "ExterneSonstige" and not row.REF_NAME:
                found.add("D4", row.FILE, row.ROW, "ExterneSonstige ohne REF_NAME")
    if reverses and not targets and head.BON_TYP == "Beleg":
        found.add("D3", head.FILE, head.ROW, f"der Storno {head.BON_ID} verweist auf keinen Beleg")


def _wanted(reference: Row, receipt: Receipt) -> str:
    """What must have arisen where a reference points: of its line, else of the only such line."""
    lines = [row for row in receipt["lines.csv"] if row.POS_ZEILE == reference.POS_ZEILE]
    found = {CLOSES.get(row.GV_TYP, "") for row in lines or receipt["lines.csv"]} - {""}
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=1 << 14)
def _article(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=ARTICLE).digest()


def _articles(receipt: Receipt, sign: int) -> bytes:
    """The goods of one sign, in octets of fixed length, joined."""
    found = {
        _article(row.ART_NR or row.ARTIKELTEXT)
        for row in receipt["lines.csv"]
        if row.GV_TYP in GOODS and units(row.MENGE) * sign > 0
    }
    return b"".join(sorted(found))


def _traits(receipt: Receipt) -> Traits:
    head, lines = receipt.head, receipt["lines.csv"]
    mirror = None
    if head.BON_TYP == "Beleg" and len(lines) > 1 and all(row.GV_TYP in ORDERED for row in lines):
        sign = -1 if units(head.UMS_BRUTTO) < 0 else 1
        parts = sorted(
            f"{row.ART_NR}|{row.ARTIKELTEXT}|{sign * units(row.MENGE)}|{row.STK_BR}" for row in lines
        )
        mirror = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest()
    opens = "".join(sorted({OPENS.get(row.GV_TYP, "") for row in lines}))
    return Traits(_articles(receipt, 1), opens, mirror, bool(receipt["references.csv"]))


def _gather(receipt: Receipt, by_line: dict[str, list[Row]], logic: Logic, found: Findings) -> None:
    head = receipt.head
    groups = [row for row in receipt["allocation_groups.csv"] if row.ABRECHNUNGSKREIS]
    if head.BON_TYP == "AVBestellung" and not groups:
        found.add("D8", head.FILE, head.ROW, f"die Bestellung {head.BON_ID} hat keinen Abrechnungskreis")
    ordered, value = head.BON_TYP == "AVBestellung", 0
    if groups and (ordered or head.BON_TYP == "Beleg"):
        goods = (row.POS_ZEILE for row in receipt["lines.csv"] if row.GV_TYP in ORDERED)
        value = sum(gross(part, "POS") for place in goods for part in by_line.get(place, []))
    for row in groups:
        logic.groups.append(Group(row.ROW, row.ABRECHNUNGSKREIS, value, ordered, _reverses(receipt)))
    if head.BON_TYP != "Beleg":
        return
    for row in receipt["lines.csv"]:
        kind = BOUGHT.get(row.GV_TYP) or REDEEMED.get(row.GV_TYP)
        if kind:
            parts = by_line.get(row.POS_ZEILE, [])
            value = sum(gross(part, "POS") for part in parts)
            vat = number(parts[0].UST_SCHLUESSEL) if parts else -1
            sold = row.GV_TYP in BOUGHT
            logic.vouchers.append(
                Voucher(row.ROW, number(row.BON_ID), row.GUTSCHEIN_NR, kind, value, vat, sold)
            )


def _reverses(receipt: Receipt) -> bool:
    """Whether it says that it takes something back: as a Storno, or with a reference to what it was."""
    head = receipt.head
    named = head.BON_STORNO == "1" or head.BON_NAME.lower() == "storno"
    return named or (units(head.UMS_BRUTTO) < 0 and bool(receipt["references.csv"]))


def _by_line(receipt: Receipt) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in receipt["lines_vat.csv"]:
        found.setdefault(row.POS_ZEILE, []).append(row)
    return found


def _check_duties(closing: Closing, found: Findings) -> None:
    """What a receipt must say, as far as master data say it (F2, § 6 KassenSichV)."""
    for row in closing["cashpointclosing.csv"][:1]:
        if row.TAXONOMIE_VERSION != VERSION:
            text = f"geprüft wird nach {VERSION}, TAXONOMIE_VERSION ist {shown(row.TAXONOMIE_VERSION)}"
            found.add("A9", row.FILE, row.ROW, text, "warning")
        if not row.STNR and not row.USTID:
            found.add("F2", row.FILE, row.ROW, "weder STNR noch USTID des Unternehmens")
    for row in closing["pa.csv"]:
        if not row.AGENTUR_STNR and not row.AGENTUR_USTID:
            found.add("F2", row.FILE, row.ROW, f"weder STNR noch USTID der Agentur {row.AGENTUR_NAME}")
    for receipt in closing.receipts:
        for row in receipt["lines.csv"]:
            if not row.ARTIKELTEXT or not row.MENGE:
                found.add(
                    "F2", row.FILE, row.ROW, f"Position {row.POS_ZEILE} von {row.BON_ID} ohne Art oder Menge"
                )


def value_text(value: int) -> str:
    """An amount in a sentence."""
    return f"{amount(value)} €"
