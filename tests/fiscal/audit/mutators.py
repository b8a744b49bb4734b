"""Changes to an export and to archives as text: cells, rows, members. Knows nothing of the audit's checks.

A cell is changed only where the norm fixes its value by others (:data:`DETERMINED`), and only to something
that means something else; free texts, which nothing fixes, stay.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

KEY = ("Z_KASSE_ID", "Z_ERSTELLUNG", "Z_NR")
DETERMINED: dict[str, tuple[str, ...]] = {
    "cashpointclosing.csv": (*KEY, "Z_START_ID", "Z_ENDE_ID", "LAND", "Z_SE_ZAHLUNGEN", "Z_SE_BARZAHLUNGEN"),
    "location.csv": (*KEY, "LOC_LAND"),
    "cashregister.csv": (*KEY, "KASSE_SERIENNR", "KASSE_BASISWAEH_CODE", "KEINE_UST_ZUORDNUNG"),
    "tse.csv": (*KEY, "TSE_SERIAL", "TSE_SIG_ALGO", "TSE_PUBLIC_KEY", "TSE_ZERTIFIKAT_I"),
    "vat.csv": (*KEY, "UST_SATZ"),
    "businesscases.csv": (
        *KEY,
        "GV_TYP",
        "AGENTUR_ID",
        "UST_SCHLUESSEL",
        "Z_UMS_BRUTTO",
        "Z_UMS_NETTO",
        "Z_UST",
    ),
    "payment.csv": (*KEY, "ZAHLART_TYP", "Z_ZAHLART_BETRAG"),
    "cash_per_currency.csv": (*KEY, "ZAHLART_WAEH", "ZAHLART_BETRAG_WAEH"),
    "transactions.csv": (*KEY, "BON_ID", "BON_NR", "BON_TYP", "UMS_BRUTTO", "BON_ENDE"),
    "datapayment.csv": (*KEY, "BON_ID", "ZAHLART_TYP", "ZAHLWAEH_BETRAG", "BASISWAEH_BETRAG"),
    "lines.csv": (*KEY, "BON_ID", "POS_ZEILE", "MENGE", "STK_BR"),
    "itemamounts.csv": (*KEY, "BON_ID", "POS_ZEILE"),
    "transactions_tse.csv": (
        *(*KEY, "BON_ID", "TSE_ID", "TSE_TANR", "TSE_TA_START", "TSE_TA_ENDE", "TSE_TA_VORGANGSART"),
        *("TSE_TA_SIGZ", "TSE_TA_SIG", "TSE_VORGANGSDATEN"),
    ),
    "transactions_vat.csv": (*KEY, "BON_ID", "UST_SCHLUESSEL", "BON_BRUTTO", "BON_NETTO", "BON_UST"),
    "lines_vat.csv": (*KEY, "BON_ID", "POS_ZEILE", "UST_SCHLUESSEL", "POS_BRUTTO"),
    "allocation_groups.csv": (*KEY, "BON_ID"),
    "references.csv": (*KEY, "BON_ID", "REF_TYP", "REF_DATUM", "REF_Z_KASSE_ID", "REF_Z_NR", "REF_BON_ID"),
}
# Files whose every row is fixed by rows of others; subitems.csv and free references are not.
ROWS = tuple(file for file in DETERMINED if file not in ("references.csv", "allocation_groups.csv"))
# Files in which the norm gives every row its place; in the others rows of one Vorgang have no order.
PLACED = (
    "transactions.csv",
    "lines.csv",
    "lines_vat.csv",
    "transactions_vat.csv",
    "transactions_tse.csv",
    "tse.csv",
)
OTHERS = {
    "LAND": ("DEX", "Germany"),
    "LOC_LAND": ("DEX", "D"),
    "KASSE_BASISWAEH_CODE": ("EUX", "CHF"),
    "KEINE_UST_ZUORDNUNG": ("1", "2", "0"),
    "GV_TYP": ("Umsatz", "Rabatt", "Geldtransit", "Auszahlung", "Waren"),
    "ZAHLART_TYP": ("Bar", "Unbar", "ECKarte", "Kreditkarte", "Cash"),
    "ZAHLART_WAEH": ("CHF", "USD", "EUR", "XXY"),
    "BON_TYP": ("Beleg", "AVTraining", "AVBestellung", "AVSachbezug", "Bon"),
    "REF_TYP": ("ExterneRechnung", "Transaktion", "Beleg"),
    "TSE_SIG_ALGO": ("ecdsa-plain-SHA384", "ecdsa-plain-SHA512", "rsa"),
    "TSE_TA_VORGANGSART": ("Kassenbeleg-V1", "Bestellung-V1", "SonstigerVorgang", "Kassenbeleg-V2"),
}
_CELL = re.compile(r'"(?:[^"]|"")*"|[^;"]*')


@dataclass(frozen=True)
class Mutation:
    """What was done: ``cell``, ``drop``, ``double``, ``swap``, or to an archive ``tar-…``."""

    what: str
    file: str
    column: str = ""
    row: int = 0
    before: str = ""
    after: str = ""

    @property
    def name(self) -> str:
        return f"{self.what} {self.file} {self.column}".strip()


def cells(line: str) -> list[str]:
    """A line cut at its semicolons; quotation marks stay where they are."""
    found, place = [], 0
    while place <= len(line):
        match = _CELL.match(line, place)
        assert match is not None
        found.append(match[0])
        place = match.end() + 1
    return found


def lines(path: Path) -> list[str]:
    """Records without their end; none of ours has a line feed inside."""
    return path.read_bytes().decode().split("\r\n")[:-1]


def write(path: Path, rows: list[str]) -> None:
    path.write_bytes("".join(f"{row}\r\n" for row in rows).encode())


def mutate(folder: Path, tars: list[Path], seed: int) -> Mutation:
    """Do one change to the copy in ``folder`` (or one of ``tars``) and say which."""
    chance = random.Random(seed)
    operations: list[Callable[[], Mutation | None]] = [
        *(lambda: _cell(folder, chance),) * 6,
        lambda: _drop(folder, chance),
        lambda: _double(folder, chance),
        lambda: _swap(folder, chance),
        lambda: _tar(chance.choice(tars), chance),
    ]
    while True:
        if done := chance.choice(operations)():
            return done


def _cell(folder: Path, chance: random.Random) -> Mutation | None:
    file = chance.choice(sorted(DETERMINED))
    column = chance.choice(DETERMINED[file])
    rows = lines(folder / file)
    place = rows[0].split(";").index(column) if rows else -1
    full = [number for number, row in enumerate(rows) if number and _means(file, column, row, rows[0])]
    if not full:
        return None
    number = chance.choice(full)
    row = cells(rows[number])
    before = row[place]
    after = other(column, before, chance)
    if after == before:
        return None
    row[place] = after
    rows[number] = ";".join(row)
    write(folder / file, rows)
    return Mutation("cell", file, column, number + 1, before, after)


def _means(file: str, column: str, row: str, header: str) -> bool:
    """Whether a cell's value is fixed by others in this row."""
    named = dict(zip(header.split(";"), (cell.strip('"') for cell in cells(row)), strict=True))
    if not named[column]:
        return False
    if file == "lines.csv" and column in ("MENGE", "STK_BR"):
        return bool(set(named["MENGE"]) & set("123456789")) and bool(set(named["STK_BR"]) & set("123456789"))
    if file == "businesscases.csv" and column in ("GV_TYP", "AGENTUR_ID", "UST_SCHLUESSEL"):
        return bool(set(named["Z_UMS_BRUTTO"]) & set("123456789"))
    if file == "payment.csv" and column == "ZAHLART_TYP":
        return bool(set(named["Z_ZAHLART_BETRAG"]) & set("123456789"))
    if file == "cash_per_currency.csv" and column == "ZAHLART_WAEH":
        return bool(set(named["ZAHLART_BETRAG_WAEH"]) & set("123456789"))
    if file == "datapayment.csv" and column == "ZAHLART_TYP":
        return bool(set(named["BASISWAEH_BETRAG"]) & set("123456789"))
    if column == "UST_SCHLUESSEL" and file in ("lines_vat.csv", "transactions_vat.csv"):
        return bool(set(named["POS_BRUTTO" if file == "lines_vat.csv" else "BON_BRUTTO"]) & set("123456789"))
    return True


def other(column: str, before: str, chance: random.Random) -> str:
    """Another value of the same kind."""
    if column in OTHERS:
        return chance.choice([each for each in OTHERS[column] if each != before.strip('"')])
    if match := re.fullmatch(r'("?)(\d{4}-\d\d-)(\d\d)(T.*)', before):
        day = (int(match[3]) + chance.randrange(1, 27)) % 28 + 1
        return f"{match[1]}{match[2]}{day:02d}{match[4]}"
    digits = [place for place, char in enumerate(before) if char.isdigit()]
    if re.fullmatch(r"-?\d+,\d+", before):  # not beyond the cents, which is where meaning ends
        whole = before.partition(",")[0]
        digits = [place for place in digits if place <= len(whole) + 2]
        if "MENGE" in column or "STK" in column:
            digits = [place for place in digits if place < len(whole)]
    if digits:
        place = chance.choice(digits)
        new = chance.choice([d for d in "123456789" if d != before[place]])
        return before[:place] + new + before[place + 1 :]
    place = chance.randrange(len(before)) if before else 0
    return (
        before[:place]
        + chance.choice([c for c in "ABCDXYZ" if c != before[place : place + 1]])
        + before[place + 1 :]
    )


def _row_of(
    folder: Path, chance: random.Random, files: tuple[str, ...], least: int
) -> tuple[str, list[str]] | None:
    file = chance.choice(files)
    rows = lines(folder / file)
    return (file, rows) if len(rows) > least else None


def _drop(folder: Path, chance: random.Random) -> Mutation | None:
    if (chosen := _row_of(folder, chance, ROWS, 1)) is None:
        return None
    file, rows = chosen
    number = chance.randrange(1, len(rows))
    if not _counts(file, rows[number], rows[0]):
        return None
    gone = rows.pop(number)
    write(folder / file, rows)
    return Mutation("drop", file, row=number + 1, before=gone)


def _counts(file: str, row: str, header: str) -> bool:
    """Whether others can tell that a row is gone: its amount is not nothing."""
    named = dict(zip(header.split(";"), cells(row), strict=True))
    amounts = (
        "Z_UMS_BRUTTO",
        "Z_ZAHLART_BETRAG",
        "ZAHLART_BETRAG_WAEH",
        "BASISWAEH_BETRAG",
        "BON_BRUTTO",
        "POS_BRUTTO",
    )
    stated = [named[name] for name in amounts if name in named]
    if file == "vat.csv":  # a key that nothing uses may be there or not
        return named["UST_SCHLUESSEL"] in ("1", "2", "5")
    return not stated or any(set(each) & set("123456789") for each in stated)


def _double(folder: Path, chance: random.Random) -> Mutation | None:
    if (chosen := _row_of(folder, chance, tuple(DETERMINED), 1)) is None:
        return None
    file, rows = chosen
    number = chance.randrange(1, len(rows))
    rows.insert(number, rows[number])
    write(folder / file, rows)
    return Mutation("double", file, row=number + 2, after=rows[number])


def _swap(folder: Path, chance: random.Random) -> Mutation | None:
    if (chosen := _row_of(folder, chance, PLACED, 2)) is None:
        return None
    file, rows = chosen
    one, two = sorted(chance.sample(range(1, len(rows)), 2))
    places = [
        rows[0].split(";").index(name)
        for name in ("Z_NR", "BON_ID", "POS_ZEILE", "TSE_ID")
        if name in rows[0]
    ]
    if [cells(rows[one])[place] for place in places] == [cells(rows[two])[place] for place in places]:
        return None
    rows[one], rows[two] = rows[two], rows[one]
    write(folder / file, rows)
    return Mutation("swap", file, row=two + 1)


def members(data: bytes) -> list[tuple[str, int, int]]:
    """Name, begin and end of each member of a ustar archive."""
    found, place = [], 0
    while place < len(data) and data[place]:
        size = int(data[place + 124 : place + 136].rstrip(b"\0 ") or b"0", 8)
        end = place + 512 + (size + 511) // 512 * 512
        found.append((data[place : place + 100].rstrip(b"\0").decode(), place, end))
        place = end
    return found


def _tar(path: Path, chance: random.Random) -> Mutation | None:
    data = path.read_bytes()
    logs = [each for each in members(data) if "_Log-Tra_" in each[0]]
    name, begin, end = chance.choice(logs)
    match chance.choice(("octet", "drop", "double", "swap")):
        case "octet":
            size = int(data[begin + 124 : begin + 135], 8)
            place = begin + 512 + chance.randrange(size)
            data = data[:place] + bytes((data[place] ^ 1 << chance.randrange(8),)) + data[place + 1 :]
            what = "tar-octet"
        case "drop":
            data, what = data[:begin] + data[end:], "tar-drop"
        case "double":
            data, what = data[:end] + data[begin:end] + data[end:], "tar-double"
        case _:
            other_name, start, stop = chance.choice(logs)
            if other_name == name or stop - start != end - begin:
                return None
            one, two = data[begin + 512 : end], data[start + 512 : stop]
            if data[begin + 124 : begin + 136] != data[start + 124 : start + 136]:
                return None
            copy = bytearray(data)
            copy[begin + 512 : end], copy[start + 512 : stop] = two, one
            data, what = bytes(copy), "tar-swap"
    path.write_bytes(data)
    return Mutation(what, path.name, before=name)
