"""Tax (C4): what a row states beside its gross follows from the rate, as exactly as rounding allows.

A register may come to a sum's tax in three ways: from the sum itself (to the cent), by adding up what its
receipts say (to a cent for each receipt that shares a key's tax out among business cases), or by adding up
the tax of the lines, each rounded. Anything else is a finding: a warning up to a cent for every line that was
added up (some round the tax of one piece and multiply it), an error beyond.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kassd.fiscal.audit.book import Book
from kassd.fiscal.audit.findings import Findings
from kassd.fiscal.audit.rows import CENT, UNIT, Receipt, Row, amount, number, units

Case = tuple[str, str, str, int]  # GV_TYP, GV_NAME, AGENTUR_ID, UST_SCHLUESSEL


def tax_of(gross: int, rate: int) -> int:
    """The tax in a gross amount, in units, cut off; ``rate`` in 1/100,000 percent."""
    return gross * rate // (100 * UNIT + rate)


def rounded(tax: int) -> int:
    """Units to whole cents, half away from zero."""
    cents = (abs(tax) + CENT // 2) // CENT * CENT
    return -cents if tax < 0 else cents


@dataclass(slots=True)
class Taxes:
    """Tax of a closing's Belege. ``printed``: sum of BON_UST by key; ``shared``: the same by business case,
    ``mixed`` times shared out among several; ``lines``: sum of the lines' tax, each rounded; ``parts``: how
    many there were."""

    printed: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    shared: defaultdict[Case, int] = field(default_factory=lambda: defaultdict(int))
    mixed: defaultdict[Case, int] = field(default_factory=lambda: defaultdict(int))
    lines: defaultdict[Case, int] = field(default_factory=lambda: defaultdict(int))
    parts: defaultdict[Case, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, receipt: Receipt, amounts: Iterable[tuple[Case, int, int]], book: Book) -> None:
        """Add a Beleg; ``amounts``: business case, gross and tax of each row of lines_vat.csv."""
        cases: defaultdict[int, defaultdict[Case, int]] = defaultdict(lambda: defaultdict(int))
        for case, value, tax in amounts:
            cases[case[3]][case] += value
            self.lines[case] += tax
            self.parts[case] += 1
        for row in receipt["transactions_vat.csv"]:
            key, tax = number(row.UST_SCHLUESSEL), units(row.BON_UST)
            self.printed[key] += tax
            for case, value in cases[key].items():
                self.mixed[case] += len(cases[key]) > 1
                single = len(cases[key]) == 1
                self.shared[case] += tax if single else rounded(tax_of(value, book.rates.get(key, 0)))

    def check(self, rows: Mapping[Case, Row], book: Book, found: Findings) -> None:
        """The rows of businesscases.csv, by what each is for; then all rows of a key together."""
        by_key: defaultdict[int, list[Case]] = defaultdict(list)
        for case, row in rows.items():
            rate = book.rates.get(case[3], 0)
            exact = tax_of(units(row.Z_UMS_BRUTTO), rate)
            ways = [(exact, CENT), (self.lines.get(case, exact), 0)]
            ways.append((self.shared.get(case, exact), CENT * self.mixed.get(case, 0)))
            _judge(row, "Z_UST", units(row.Z_UST), ways, CENT * self.parts.get(case, 1), found)
            by_key[case[3]].append(case)
        for key, cases in by_key.items():
            stated = sum(units(rows[case].Z_UST) for case in cases)
            exact = tax_of(sum(units(rows[case].Z_UMS_BRUTTO) for case in cases), book.rates.get(key, 0))
            ways = [(exact, CENT * len(cases)), (sum(self.lines.get(case, 0) for case in cases), 0)]
            ways.append((self.printed.get(key, 0), CENT * sum(self.mixed.get(case, 0) for case in cases)))
            most = CENT * sum(self.parts.get(case, 1) for case in cases)
            _judge(rows[cases[0]], f"Z_UST zu Schlüssel {key}", stated, ways, most, found)


def _judge(
    row: Row, what: str, stated: int, ways: Iterable[tuple[int, int]], most: int, found: Findings
) -> None:
    """``ways``: what is right, and how far from it; up to ``most`` from the nearest is a warning."""
    nearest, room = min(ways, key=lambda way: abs(stated - way[0]) - way[1])
    off = abs(stated - nearest)
    if off > room:
        where = f"{what} (BON_ID {row.BON_ID})" if "BON_ID" in row._fields else what
        text = f"{where}: erwartet {amount(rounded(nearest))}, dort steht {amount(stated)}"
        found.add("C4", row.FILE, row.ROW, text, "warning" if off <= most else "error")


def check_tax(row: Row, name: str, gross: int, lines: int, parts: int, rate: int, found: Findings) -> None:
    """Tax of a Vorgang's key. ``lines``: sum of its ``parts`` lines' tax, each rounded."""
    tax = units(getattr(row, name))
    ways = [(tax_of(gross, rate), CENT), *([(lines, 0)] if parts else [])]
    _judge(row, f"{name} zu Schlüssel {row.UST_SCHLUESSEL}", tax, ways, CENT * max(1, parts), found)


def check_beside(row: Row, name: str, book: Book, found: Findings) -> None:
    """Net and tax, where they stand beside the gross."""
    brutto, netto, tax = (getattr(row, f"{name}_{part}") for part in ("BRUTTO", "NETTO", "UST"))
    if not brutto:
        if not (netto and tax):
            text = f"{name}_BRUTTO (oder {name}_NETTO und {name}_UST): das Mussfeld ist leer"
            found.add("A10", row.FILE, row.ROW, f"{text} (BON_ID {row.BON_ID})")
        return
    if not (netto or tax):
        return
    value, rate = units(brutto), book.rates.get(number(row.UST_SCHLUESSEL), 0)
    stated = units(tax) if tax else value - units(netto)
    if netto and tax and value != units(netto) + stated:
        text = f"{name}_NETTO + {name}_UST (BON_ID {row.BON_ID})"
        found.differs("C4", row.FILE, row.ROW, text, amount(value), amount(units(netto) + stated))
        return
    _judge(row, f"{name}_UST", stated, [(tax_of(value, rate), CENT)], CENT, found)
