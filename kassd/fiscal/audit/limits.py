"""What one change in one row may be without being found: the other side of :mod:`checks`.

``docs/audit.md`` is written from this, and the tests change every column and row of the twenty files and
take no silence that is not named here. What several changes together may hide stands in the page's text.
"""

from dataclasses import dataclass

CHANGES = ("empty", "fill", "other", "wrong", "drop", "double", "swap")


@dataclass(frozen=True, slots=True)
class Limit:
    """``columns`` of ``file`` ("" for whole rows), ``changes`` of :data:`CHANGES`, and ``why`` it is so."""

    file: str
    columns: tuple[str, ...]
    changes: tuple[str, ...]
    why: str

    def names(self, change: str, file: str, column: str) -> bool:
        """Whether it is about this."""
        return file == self.file and column in self.columns and change in self.changes


_CELL = "empty fill other wrong"
_FREE = "free text: nothing in the files fixes it"
_OPEN = "may be empty"
_LATE = "only the journal knows whether there was an outage (G4), and the archive whose row it is (E11)"
_PART = "what a combo is made of is said here alone"
_EDGE = "in the first or last closing, or from a closing on: looks like a change of master data"
_MOVES = "a place of business may move from closing to closing"
_NOTHING = "a row of 0.00 for what the closing did not need"
_ORDER = "rows of a closing have no order of their own"
_WITHIN = "rows of one Vorgang, or one line, have no order of their own"
_TEXT = f"""
cashpointclosing.csv | Z_BUCHUNGSTAG | empty fill | within two days of the closing
cashpointclosing.csv | NAME STRASSE PLZ ORT STNR | other wrong | {_EDGE}
cashpointclosing.csv | USTID | {_CELL} | {_EDGE}
location.csv | LOC_NAME LOC_STRASSE LOC_PLZ LOC_ORT | other wrong | {_MOVES}
location.csv | LOC_USTID | {_CELL} | {_MOVES}
cashregister.csv | KASSE_BRAND KASSE_MODELL KASSE_SW_BRAND KASSE_SW_VERSION | {_CELL} | {_EDGE}
cashregister.csv | KASSE_SERIENNR | wrong | {_EDGE}, where a terminal has the client's name
cashregister.csv | KEINE_UST_ZUORDNUNG | empty | empty means 0
slaves.csv | TERMINAL_BRAND TERMINAL_MODELL TERMINAL_SW_BRAND TERMINAL_SW_VERSION | {_CELL} | {_EDGE}
slaves.csv | TERMINAL_SERIENNR | other wrong | {_EDGE}, where the register has the client's name
slaves.csv | TERMINAL_ID | other wrong | of a terminal that no Vorgang names
slaves.csv | | drop | a terminal that no Vorgang names
pa.csv | AGENTUR_NAME AGENTUR_STRASSE AGENTUR_PLZ AGENTUR_ORT AGENTUR_STNR | {_CELL} | {_EDGE}
pa.csv | AGENTUR_USTID | {_CELL} | {_EDGE}
pa.csv | AGENTUR_ID | other wrong | of an agency that no line names
pa.csv | | drop | an agency that no line names
tse.csv | TSE_ID | wrong | of a TSE that signs nothing in the closing
tse.csv | TSE_PD_ENCODING | other wrong | {_EDGE}, where all data are ASCII
tse.csv | | drop | a TSE that signs nothing in the closing
vat.csv | UST_BESCHR | other wrong | {_EDGE}
vat.csv | | drop | a key that the closing does not use
businesscases.csv | AGENTUR_ID | empty | empty means 0
businesscases.csv | | drop | {_NOTHING}
businesscases.csv | | swap | {_ORDER}
payment.csv | | drop | {_NOTHING}
payment.csv | | swap | {_ORDER}
cash_per_currency.csv | | drop | {_NOTHING}
cash_per_currency.csv | | swap | {_ORDER}
transactions.csv | BON_NAME | {_CELL} | a name; only Storno is compared, AVSonstige needs one
transactions.csv | TERMINAL_ID | empty fill | {_OPEN}
transactions.csv | BON_START | other wrong | within a quarter of an hour of TSE_TA_START, of a table a day
transactions.csv | BON_ENDE | other wrong | within a quarter of an hour of TSE_TA_ENDE
transactions.csv | BEDIENER_ID | other wrong | {_FREE}
transactions.csv | BEDIENER_NAME BON_NOTIZ | {_CELL} | {_FREE}
transactions.csv | KUNDE_NAME KUNDE_ID KUNDE_TYP | other wrong | {_FREE}
transactions.csv | KUNDE_STRASSE KUNDE_PLZ KUNDE_ORT KUNDE_LAND KUNDE_USTID | {_CELL} | {_FREE}
datapayment.csv | ZAHLART_NAME | fill | of an order, which pays nothing
datapayment.csv | ZAHLWAEH_CODE | empty fill | empty means euros
lines.csv | GUTSCHEIN_NR | fill | of a sale or discount, where it may be a coupon's
lines.csv | GUTSCHEIN_NR | other wrong | of a voucher not redeemed, or to one with enough left
lines.csv | ARTIKELTEXT | other wrong | {_FREE}, but in an order, where it is signed
lines.csv | POS_TERMINAL_ID | empty fill | {_OPEN}
lines.csv | GV_TYP | other wrong | of what is no Beleg, as far as D13 goes
lines.csv | GV_NAME | {_CELL} | of what is no Beleg
lines.csv | INHAUS | {_CELL} | whether food was eaten here shows in its key alone
lines.csv | P_STORNO | empty fill | empty means 0
lines.csv | AGENTUR_ID | empty | empty means 0
lines.csv | AGENTUR_ID | other wrong | of what is no Beleg
lines.csv | ART_NR | {_CELL} | {_FREE}; empty where no goods are sold
lines.csv | GTIN WARENGR_ID WARENGR EINHEIT | {_CELL} | {_FREE}
lines.csv | FAKTOR | fill | 1 means nothing
lines.csv | MENGE STK_BR | other wrong | the other one is 0
itemamounts.csv | | drop | the only row of a line's price
subitems.csv | ZI_ART_NR ZI_GTIN ZI_NAME ZI_WARENGR_ID ZI_WARENGR ZI_FAKTOR ZI_EINHEIT | {_CELL} | {_PART}
subitems.csv | ZI_MENGE ZI_UST_SCHLUESSEL | other wrong | {_PART}
subitems.csv | ZI_BASISPREIS_BRUTTO ZI_BASISPREIS_NETTO ZI_BASISPREIS_UST | {_CELL} | {_PART}
subitems.csv | | drop swap | {_PART}
transactions_tse.csv | TSE_ID TSE_TANR TSE_TA_VORGANGSART | fill | of an outage, where it says nothing new
transactions_tse.csv | TSE_TA_START | other wrong | a quarter of an hour, without the archive
transactions_tse.csv | TSE_TA_FEHLER | {_CELL} | {_LATE}
transactions_tse.csv | TSE_VORGANGSDATEN | empty fill | may be empty; what stands there is compared
transactions_vat.csv | | swap | {_WITHIN}
lines_vat.csv | | swap | {_WITHIN}
datapayment.csv | | swap | {_WITHIN}
itemamounts.csv | | swap | {_WITHIN}
transactions_vat.csv | | drop | a key of 0.00, beside another one
allocation_groups.csv | ABRECHNUNGSKREIS | other wrong | an order that nobody bills may be of an open table
allocation_groups.csv | ABRECHNUNGSKREIS | empty | of a bill: its orders may be of an open table
allocation_groups.csv | | drop | of a bill: its orders may be of an open table
references.csv | POS_ZEILE | {_CELL} | where the Vorgang has that line, or means the whole
references.csv | REF_NAME | fill other wrong | {_FREE}
references.csv | REF_BON_ID | other wrong | outside the register, or to a receipt with the same goods
references.csv | | drop | what need not be said: a return, an exchange, something outside
references.csv | | swap | {_WITHIN}
"""


def _limits() -> tuple[Limit, ...]:
    found = []
    for line in _TEXT.strip().splitlines():
        file, columns, changes, why = (part.strip() for part in line.split("|", 3))
        found.append(Limit(file, tuple(columns.split() or [""]), tuple(changes.split()), why))
    return tuple(found)


LIMITS = _limits()
