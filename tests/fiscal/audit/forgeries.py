"""Consistent forgeries: somebody without the TSE's key changes an export everywhere at once.

Each works on the text of a folder, changes every sum that follows, and leaves what only the TSE can make.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.fiscal.audit.mutators import cells, lines, write

AMOUNTS = {
    "transactions.csv": ("UMS_BRUTTO",),
    "lines.csv": ("STK_BR",),
    "lines_vat.csv": ("POS_BRUTTO",),
    "datapayment.csv": ("BASISWAEH_BETRAG",),
}
Row = dict[str, str]


class Folder:
    """The export as tables of text, written back by :meth:`save`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tables = {file.name: self._read(file) for file in sorted(path.glob("*.csv"))}
        self.headers = {file.name: lines(file)[0].split(";") for file in path.glob("*.csv")}

    @staticmethod
    def _read(file: Path) -> list[Row]:
        header, *rows = lines(file)
        return [dict(zip(header.split(";"), cells(row), strict=True)) for row in rows]

    def save(self) -> None:
        for file, rows in self.tables.items():
            header = self.headers[file]
            write(
                self.path / file,
                [";".join(header), *(";".join(row[name] for name in header) for row in rows)],
            )

    def of(self, file: str, bon: str) -> list[Row]:
        return [row for row in self.tables[file] if row["BON_ID"] == bon]

    def sums_again(self) -> None:
        """Every sum of every closing, from the rows as they are now."""
        for head in self.tables["cashpointclosing.csv"]:
            of = [r["BON_ID"] for r in self.tables["transactions.csv"] if r["Z_NR"] == head["Z_NR"]]
            head["Z_START_ID"], head["Z_ENDE_ID"] = min(of, key=int), max(of, key=int)
            belege = {
                row["BON_ID"]
                for row in self.tables["transactions.csv"]
                if row["Z_NR"] == head["Z_NR"] and row["BON_TYP"] == "Beleg"
            }
            paid = [row for row in self.tables["datapayment.csv"] if row["BON_ID"] in belege]
            for row in self._of_closing("payment.csv", head):
                kind = row["ZAHLART_TYP"]
                row["Z_ZAHLART_BETRAG"] = _sum(
                    r["BASISWAEH_BETRAG"] for r in paid if r["ZAHLART_TYP"] == kind
                )
            cash = [row for row in paid if row["ZAHLART_TYP"] == "Bar"]
            for row in self._of_closing("cash_per_currency.csv", head):
                if row["ZAHLART_WAEH"] == "EUR":
                    euros = (r["BASISWAEH_BETRAG"] for r in cash if r["ZAHLWAEH_CODE"] in ("", "EUR"))
                    row["ZAHLART_BETRAG_WAEH"] = _sum(euros)
            head["Z_SE_ZAHLUNGEN"] = _sum(r["BASISWAEH_BETRAG"] for r in paid)
            head["Z_SE_BARZAHLUNGEN"] = _sum(r["BASISWAEH_BETRAG"] for r in cash)
            self._cases(head, belege)

    def _of_closing(self, file: str, head: Row) -> list[Row]:
        return [row for row in self.tables[file] if row["Z_NR"] == head["Z_NR"]]

    def _cases(self, head: Row, belege: set[str]) -> None:
        cases = {
            (row["BON_ID"], row["POS_ZEILE"]): (row["GV_TYP"], row["GV_NAME"], row["AGENTUR_ID"] or "0")
            for row in self.tables["lines.csv"]
        }
        for row in self._of_closing("businesscases.csv", head):
            case = (row["GV_TYP"], row["GV_NAME"], row["AGENTUR_ID"] or "0")
            total = sum(
                _cents(each["POS_BRUTTO"])
                for each in self.tables["lines_vat.csv"]
                if each["BON_ID"] in belege
                and cases[each["BON_ID"], each["POS_ZEILE"]] == case
                and each["UST_SCHLUESSEL"] == row["UST_SCHLUESSEL"]
            )
            netto = _net(total, row["UST_SCHLUESSEL"])
            row["Z_UMS_BRUTTO"], row["Z_UMS_NETTO"] = _text(total, 5), _text(netto, 5)
            row["Z_UST"] = _text(total - netto, 5)


def _cents(text: str) -> int:
    whole, _, fraction = text.partition(",")
    cents = abs(int(whole)) * 100 + int(fraction[:2] or "0")
    return -cents if text.startswith("-") else cents


def _text(cents: int, decimals: int = 2) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02d}" + "0" * (decimals - 2)


def _sum(texts: Iterable[str]) -> str:
    return _text(sum(map(_cents, texts)))


def _net(cents: int, key: str) -> int:
    rate = {"1": 19, "2": 7}.get(key, 0)
    return round(cents * 100 / (100 + rate))


def _simple_sale(folder: Folder) -> str:
    """The last signed cash sale of one line at 19 % that nothing refers to: what the drawer should hold is
    then not signed any more by a later Anfangsbestand."""
    referred = {row["REF_BON_ID"] for row in folder.tables["references.csv"]}
    grouped = {row["BON_ID"] for row in folder.tables["allocation_groups.csv"]}
    for head in reversed(folder.tables["transactions.csv"]):
        bon = head["BON_ID"]
        sold = folder.of("lines.csv", bon)
        paid = folder.of("datapayment.csv", bon)
        signed = folder.of("transactions_tse.csv", bon)[0]["TSE_TA_SIG"]
        plain = head["BON_TYP"] == "Beleg" and len(sold) == len(paid) == 1 and sold[0]["GV_TYP"] == "Umsatz"
        paid_in_cash = plain and paid[0]["ZAHLART_TYP"] == "Bar" and "-" not in head["UMS_BRUTTO"]
        if paid_in_cash and signed and bon not in referred | grouped:
            return bon
    raise LookupError("no such sale")


def price(path: Path) -> str:
    """One price lower, through all files, sums and the stated process data."""
    folder = Folder(path)
    bon = _simple_sale(folder)
    before = _cents(folder.of("transactions.csv", bon)[0]["UMS_BRUTTO"])
    after = before - 50
    for file, names in AMOUNTS.items():
        for row in folder.of(file, bon):
            for name in names:
                row[name] = _text(after, 5 if name in ("STK_BR", "POS_BRUTTO") else 2)
    for row in folder.of("transactions_vat.csv", bon):
        netto = _net(after, row["UST_SCHLUESSEL"])
        row["BON_BRUTTO"], row["BON_NETTO"], row["BON_UST"] = _text(after), _text(netto), _text(after - netto)
    for row in folder.of("transactions_tse.csv", bon):
        old, new = (_text(cents).replace(",", ".") for cents in (before, after))
        row["TSE_VORGANGSDATEN"] = row["TSE_VORGANGSDATEN"].replace(old, new)
    folder.sums_again()
    folder.save()
    return bon


def removed(path: Path) -> str:
    """A receipt is gone, every later one has a number less."""
    folder = Folder(path)
    bon = _simple_sale(folder)
    for file, rows in folder.tables.items():
        if "BON_ID" in folder.headers[file]:
            folder.tables[file] = [row for row in rows if row["BON_ID"] != bon]
        for row in folder.tables[file]:
            for name in ("BON_ID", "BON_NR", "REF_BON_ID"):
                if row.get(name, "").isdigit() and int(row[name]) > int(bon):
                    row[name] = str(int(row[name]) - 1)
    folder.sums_again()
    folder.save()
    return bon


def training(path: Path) -> str:
    """A sale becomes training: no payment, out of all sums, the process data say so."""
    folder = Folder(path)
    bon = _simple_sale(folder)
    folder.of("transactions.csv", bon)[0]["BON_TYP"] = "AVTraining"
    paid = folder.tables["datapayment.csv"]
    folder.tables["datapayment.csv"] = [row for row in paid if row["BON_ID"] != bon]
    for row in folder.of("transactions_tse.csv", bon):
        stated = row["TSE_VORGANGSDATEN"].replace("Beleg^", "AVTraining^")
        row["TSE_VORGANGSDATEN"] = re.sub(r"\^[^^]*$", "^", stated)
    folder.sums_again()
    folder.save()
    return bon


def card(path: Path) -> str:
    """Cash becomes card: the drawer's money is free to go."""
    folder = Folder(path)
    bon = _simple_sale(folder)
    closing = folder.of("transactions.csv", bon)[0]["Z_NR"]
    kinds = [row["ZAHLART_TYP"] for row in folder.tables["payment.csv"] if row["Z_NR"] == closing]
    kind = next(each for each in kinds if each not in ("Bar", "Keine"))
    for row in folder.of("datapayment.csv", bon):
        row["ZAHLART_TYP"] = kind
    for row in folder.of("transactions_tse.csv", bon):
        row["TSE_VORGANGSDATEN"] = row["TSE_VORGANGSDATEN"].replace(":Bar", ":Unbar")
    folder.sums_again()
    folder.save()
    return bon


def outage(path: Path) -> str:
    """A changed sale hides behind an outage of the TSE that never was."""
    bon = price(path)
    folder = Folder(path)
    for row in folder.of("transactions_tse.csv", bon):
        for name in folder.headers["transactions_tse.csv"][4:]:
            row[name] = ""
        row["TSE_TA_FEHLER"] = "TSE antwortet nicht"
    folder.save()
    return bon


FORGERIES: dict[str, Callable[[Path], str]] = {
    each.__name__: each for each in (price, removed, training, card, outage)
}
