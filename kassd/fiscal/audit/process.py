"""Process data built again from the exported rows (DSFinV-K Anhang I), apart from the register's function.

Kassenbeleg-V1 comes from Bonkopf_USt and Bonkopf_Zahlarten, Bestellung-V1 from Bonpos; of
SonstigerVorgang the text itself is all there is.
"""

from collections import defaultdict
from collections.abc import Iterator

from kassd.fiscal.audit.book import Book
from kassd.fiscal.audit.norm import CASH_MOVEMENTS
from kassd.fiscal.audit.rows import CENT, Receipt, number, units

RECEIPT, ORDER, OTHER = "Kassenbeleg-V1", "Bestellung-V1", "SonstigerVorgang"


def _point(value: int) -> str:
    """Two decimals with a point, the rest cut off (Anhang I)."""
    cents = abs(value) // CENT
    return f"{'-' if value < 0 and cents else ''}{cents // 100}.{cents % 100:02d}"


def rebuilt(process_type: str, receipt: Receipt, book: Book) -> Iterator[str]:
    """What should have been signed, the literal reading first; nothing where the rows do not say it."""
    match process_type.strip().lower():
        case "kassenbeleg-v1":
            yield from _receipt(receipt, book)
        case "bestellung-v1":
            yield _order(receipt)


def _receipt(receipt: Receipt, book: Book) -> Iterator[str]:
    slots = [0, 0, 0, 0, 0]
    for row in receipt["transactions_vat.csv"]:
        slots[book.slot(number(row.UST_SCHLUESSEL)) - 1] += units(row.BON_BRUTTO)
    paid: defaultdict[tuple[int, str], int] = defaultdict(int)
    for row in receipt["datapayment.csv"]:
        if row.ZAHLART_TYP == "Keine":
            continue
        currency = "" if row.ZAHLWAEH_CODE in ("", "EUR") else row.ZAHLWAEH_CODE
        value = units(row.ZAHLWAEH_BETRAG) if currency else units(row.BASISWAEH_BETRAG)
        paid[(0 if row.ZAHLART_TYP == "Bar" else 1, currency)] += value
    payments = "_".join(
        f"{_point(value)}:{('Bar', 'Unbar')[kind]}{f':{currency}' if currency else ''}"
        for (kind, currency), value in sorted(paid.items())
        if value
    )
    kind = receipt.head.BON_TYP
    yield f"{kind}^{'_'.join(map(_point, slots))}^{payments}"
    lines = receipt["lines.csv"]
    if slots[4] and lines and all(row.GV_TYP in CASH_MOVEMENTS for row in lines):
        # The norm leaves open whether cash movements count in the slot of 0 %; others send 0.00.
        yield f"{kind}^{'_'.join(map(_point, [*slots[:4], 0]))}^{payments}"


def _order(receipt: Receipt) -> str:
    return "\r".join(
        f'{_plain(row.MENGE)};"{_doubled(row.ARTIKELTEXT)}";{_point(units(row.STK_BR))}'
        for row in sorted(receipt["lines.csv"], key=lambda row: number(row.POS_ZEILE))
    )


def _plain(text: str) -> str:
    """``2,000`` → ``2``, ``-1,500`` → ``-1.5``."""
    whole, _, rest = text.partition(",")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}" if rest else whole


def _doubled(text: str) -> str:
    return text.replace('"', '""')
