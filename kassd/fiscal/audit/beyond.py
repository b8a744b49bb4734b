"""What only the whole export can answer, asked of the ledger: ids, references, vouchers, tables
(B5, D3, D4, D8, D9, D11)."""

from typing import NamedTuple

from kassd.core.verdict import Severity
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.ledger import Ledger
from kassd.fiscal.audit.logic import ARTICLE, value_text
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.rows import amount
from kassd.fiscal.audit.rows import number as whole

HEADS, LINES, GROUPS = "transactions.csv", "lines.csv", "allocation_groups.csv"
REFERENCES = "references.csv"


def check_beyond(ledger: Ledger, found: Findings) -> None:
    """Every check over all closings of an export."""
    _check_ids(ledger, found)
    _check_references(ledger, found)
    _check_mirrors(ledger, found)
    _check_vouchers(ledger, found)
    _check_groups(ledger, found)
    _check_unused(ledger, found)


def _check_unused(ledger: Ledger, found: Findings) -> None:
    """A TSE that came between two others and signed nothing: its closings may be gone (E2)."""
    query = """WITH listed AS (SELECT c.register AS register, m.serial AS serial, min(c.id) AS since,
        min(m.place) AS place, m.row AS row FROM module m JOIN closing c ON c.id = m.closing
        GROUP BY c.register, m.serial),
      used AS (SELECT DISTINCT serial FROM tse WHERE counter >= 0)
      SELECT s.row, s.serial FROM listed s WHERE s.serial NOT IN used
      AND s.since > (SELECT min(id) FROM closing WHERE register = s.register)
      AND EXISTS (SELECT 1 FROM listed t WHERE t.register = s.register AND t.since = s.since
        AND t.place > s.place AND t.serial IN used)"""
    for row, serial in ledger.ask(query):
        text = f"die TSE {serial[:16]}… kommt zugleich mit ihrer Nachfolgerin hinzu und unterschrieb nichts"
        found.add("E2", "tse.csv", row, text, "warning")


def _check_ids(ledger: Ledger, found: Findings) -> None:
    """BON_ID over the whole period (B5)."""
    twice = """SELECT b.row, b.bon_id, min(o.row) FROM bon b JOIN closing c ON c.id = b.closing
      JOIN bon o ON o.bon_id = b.bon_id AND o.row < b.row JOIN closing d ON d.id = o.closing
      WHERE c.register = d.register GROUP BY b.row ORDER BY b.row"""
    for row, bon_id, first in ledger.ask(twice):
        found.add("B5", HEADS, row, f"BON_ID {shown(bon_id)} steht schon in Zeile {first}")
    gaps = """SELECT g.row, g.before, g.number, EXISTS (SELECT 1 FROM skipped s WHERE s.register = g.register
      AND s.first_receipt = g.before + 1 AND s.last_receipt = g.number - 1)
      FROM (SELECT b.row, b.number, c.register, lag(b.number) OVER
      (PARTITION BY c.register ORDER BY b.number) AS before FROM bon b JOIN closing c ON c.id = b.closing
      WHERE b.number >= 0) g WHERE g.number > g.before + 1 ORDER BY g.row"""
    for row, before, number, explained in ledger.ask(gaps):
        text = f"vor BON_ID {number} fehlen {number - before - 1} Nummern ab {before + 1}"
        text += ", ausgelassen, wie das Journal sagt" if explained else ""
        found.add("B5", HEADS, row, text, "info" if explained else "warning")
    for row, bon_id in ledger.ask("SELECT row, bon_id FROM bon WHERE number < 0 ORDER BY row LIMIT 1"):
        text = f"BON_ID {shown(bon_id)} ist keine Zahl: Lücken lassen sich nicht erkennen"
        found.add("B5", HEADS, row, text, "warning")


class _Pointer(NamedTuple):
    """A reference, what it points at (``target``: the closing, ``ref_…``: the Vorgang, None where there is
    none), and whose it is (``own_…``); ``here``: of the same register."""

    row: int
    bon_id: str
    total: int
    reverses: bool
    articles: bytes
    wants: str
    to_closing: str
    to_date: str
    to_bon: str
    target: int | None
    created: str
    ref_total: int
    ref_row: int | None
    ref_number: int
    ref_articles: bytes
    ref_opens: str
    own_bon: int | None
    own_id: int
    own_number: int
    own_created: str
    here: bool


_POINTERS = """SELECT r.row, r.bon_id, r.total, r.reverses, r.articles, r.wants, r.to_closing, r.to_date,
    r.to_bon_id, c.id, c.created, b.total, b.row, b.number, b.articles, b.opens, o.number,
    d.id, d.number, d.created, c.register = d.register
  FROM ref r LEFT JOIN closing c ON c.register = r.to_register AND CAST(c.number AS TEXT) = r.to_closing
  LEFT JOIN bon b ON b.closing = c.id AND b.bon_id = r.to_bon_id
  JOIN closing d ON d.id = r.closing LEFT JOIN bon o ON o.closing = d.id AND o.bon_id = r.bon_id
  ORDER BY r.row"""


def _check_references(ledger: Ledger, found: Findings) -> None:
    """References that point into the export (D3, D4, D11)."""
    lowest_of = "SELECT register, min(number) FROM closing GROUP BY register"
    first: dict[str, int] = {str(register): number for register, number in ledger.ask(lowest_of)}
    reversed_by: dict[tuple[int | None, str], int] = {}
    met: dict[tuple[int, str, str], tuple[int, str, bool]] = {}
    for values in ledger.ask(_POINTERS):
        at = _Pointer(*values)
        if not _is_there(at, first, found):
            continue
        if at.wants:
            _met(met, at, "D11", at.wants in at.ref_opens)
        if at.articles:
            _met(met, at, "D3", _share(at.articles, at.ref_articles))
        if not at.reverses:
            continue
        if at.ref_total != -at.total:
            what = f"Summe des Stornos {at.bon_id} von {at.to_bon}"
            found.differs("D3", REFERENCES, at.row, what, amount(-at.ref_total), amount(at.total))
        if (other := reversed_by.setdefault((at.target, at.to_bon), at.row)) != at.row:
            text = f"{at.to_bon} ist schon durch den Storno in Zeile {other} aufgehoben"
            found.add("D3", REFERENCES, at.row, text)
    for (_, bon_id, id_), (row, to_bon, good) in met.items():
        what = "steht nichts von dem, was zurückgenommen wird" if id_ == "D3" else "entstand nichts davon"
        if not good:
            text = f"BON_ID {bon_id} verweist auf {to_bon}, dort {what}"
            found.add(id_, REFERENCES, row, text, "warning")


def _is_there(at: _Pointer, first: dict[str, int], found: Findings) -> bool:
    """Whether what a reference names is in the export, before it; what should be and is not, is found."""
    if at.target is None:
        lowest = min(first.values(), default=0)
        if (nr := whole(at.to_closing)) >= 0 and (nr > at.own_number or (len(first) == 1 and nr >= lowest)):
            text = f"BON_ID {at.bon_id} verweist auf den Abschluss Z_NR {nr}, den es nicht gibt"
            found.add("D4", REFERENCES, at.row, text)
        elif at.to_date and instant(at.to_date) > instant(at.own_created):
            found.differs("D4", REFERENCES, at.row, "REF_DATUM", f"nicht nach {at.own_created}", at.to_date)
        return False
    if instant(at.to_date) != instant(at.created) and at.to_date[:10] != at.created:
        what = f"REF_DATUM (Z_ERSTELLUNG von Z_NR {at.to_closing})"
        found.differs("D4", REFERENCES, at.row, what, at.created, at.to_date)
    if at.ref_row is None:
        text = f"verweist auf {shown(at.to_bon)} in Z_NR {at.to_closing}, das es dort nicht gibt"
        found.add("D4", REFERENCES, at.row, f"BON_ID {at.bon_id} {text}")
        return False
    if at.here and at.own_bon is not None and 0 <= at.own_bon <= at.ref_number:
        which = "sich selbst" if at.ref_number == at.own_bon else f"den späteren Vorgang {at.to_bon}"
        found.add("D4", REFERENCES, at.row, f"BON_ID {at.bon_id} verweist auf {which}")
        return False
    return True


def _met(met: dict[tuple[int, str, str], tuple[int, str, bool]], at: _Pointer, id_: str, good: bool) -> None:
    """One of a Vorgang's references must have it."""
    key = (at.own_id, at.bon_id, id_)
    before = met.get(key, (at.row, at.to_bon, False))
    met[key] = (before[0], before[1], before[2] or good)


def _share(one: bytes, two: bytes) -> bool:
    """Whether two Vorgänge have an article in common."""
    cut = [{each[i : i + ARTICLE] for i in range(0, len(each), ARTICLE)} for each in (one, two)]
    return bool(cut[0] & cut[1])


def _check_mirrors(ledger: Ledger, found: Findings) -> None:
    """Who takes back a whole receipt says which (D3)."""
    query = """SELECT n.row, n.bon_id, o.bon_id, max(o.number) FROM bon n JOIN closing c ON c.id = n.closing
      JOIN bon o ON o.mirror = n.mirror AND o.total > 0 AND o.number < n.number
      JOIN closing d ON d.id = o.closing AND d.register = c.register
      WHERE n.mirror IS NOT NULL AND n.total < 0 AND NOT n.refers GROUP BY n.row ORDER BY n.row"""
    for row, bon_id, of, _ in ledger.ask(query):
        text = f"{bon_id} hebt {of} ganz auf und verweist nicht darauf"
        found.add("D3", HEADS, row, text, "warning")


def _check_vouchers(ledger: Ledger, found: Findings) -> None:
    """Vouchers by number (D9): sold before they are redeemed, and for no less."""
    registers = list(ledger.ask("SELECT min(number) FROM closing GROUP BY register"))
    since_one: Severity = "warning" if all(number == 1 for (number,) in registers) else "info"
    query = """SELECT v.number, v.row, v.kind, v.value, v.vat, v.sold,
      EXISTS (SELECT 1 FROM told_voucher t WHERE t.number = v.number) FROM voucher v
      WHERE v.number != '' ORDER BY v.number, v.closing, v.bon, v.row"""
    number, left, kind, vat = "", 0, "", -1
    for each, row, of_kind, value, of_vat, sold, taken_over in ledger.ask(query):
        what = f"Gutschein {shown(each)}"
        if each != number:
            number, left, kind, vat = each, value, of_kind, of_vat
            if not sold:
                text = f"{what} ist eingelöst, aber bis dahin von keiner Kasse dieser Ausgabe verkauft"
                text += "; wie das Journal sagt, ist er übernommen" if taken_over else ""
                found.add("D9", LINES, row, text, "info" if taken_over else since_one)
                kind = ""
            continue
        left += value
        if not kind:
            continue
        if of_kind != kind:
            found.add("D9", LINES, row, f"{what} ist als anderer verkauft als eingelöst")
        elif left < 0:
            found.add("D9", LINES, row, f"vom {what} ist {value_text(-left)} zu viel eingelöst")
        elif kind == "E" and of_vat != vat:
            found.differs("D9", LINES, row, f"Schlüssel des Einzweckgutscheins {each}", vat, of_vat)
    if number:  # a register that numbers its vouchers
        for (row,) in ledger.ask("SELECT row FROM voucher WHERE number = '' ORDER BY row"):
            found.add("D9", LINES, row, "der Gutschein hat keine GUTSCHEIN_NR, andere haben eine")


_SUMS = """SELECT d.register AS register, g.name AS name, min(g.row) AS row, min(d.number) AS number,
  sum(CASE WHEN g.ordered THEN g.value ELSE 0 END) AS ordered,
  sum(CASE WHEN g.ordered THEN 0 ELSE g.value END) AS billed,
  sum(CASE WHEN g.ordered OR g.reverses THEN 0 ELSE g.value END) AS plain,
  min(g.ordered) AS only_orders, max(g.ordered) AS has_orders
  FROM groups g JOIN closing d ON d.id = g.closing GROUP BY d.register, g.name"""


def _check_groups(ledger: Ledger, found: Findings) -> None:
    """What a table's bill has was ordered (D8), where that is how the register works: more of its groups are
    billed as they were ordered than are not. Orders from before the export excuse the first two closings."""
    whole_ones = f"""SELECT register, count(*) FROM ({_SUMS}) WHERE only_orders = 0 AND has_orders
      AND ordered IN (billed, plain) GROUP BY register"""
    usual = dict(ledger.ask(whole_ones))
    first = dict(ledger.ask("SELECT register, min(number) FROM closing GROUP BY register"))
    odd: dict[str, list[tuple[int, str, int, int]]] = {}
    query = f"""SELECT register, name, row, number, ordered, billed FROM ({_SUMS})
      WHERE billed > ordered AND plain > ordered ORDER BY row"""
    for register, name, row, number, ordered, billed in ledger.ask(query):
        if first[register] == 1 or number > first[register] + 1:
            odd.setdefault(register, []).append((row, name, ordered, billed))
    for register, groups in odd.items():
        for row, name, ordered, billed in groups if len(groups) < usual.get(register, 0) else ():
            text = f"{shown(name)}: bestellt {value_text(ordered)}, abgerechnet {value_text(billed)}"
            found.add("D8", GROUPS, row, text)


def open_groups(ledger: Ledger) -> list[tuple[str, int]]:
    """Allocation groups with orders that nothing of the export bills, and what was ordered: tables may be
    open and parked sales wait, so that they are told and are no finding."""
    query = f"SELECT name, ordered FROM ({_SUMS}) WHERE only_orders = 1 AND ordered != 0 ORDER BY row"
    return [(name, value) for name, value in ledger.ask(query)]
