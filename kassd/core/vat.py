"""VAT keys as DSFinV-K numbers them (UST_SCHLUESSEL, Anlage 2), each with dated rates.

Rates are master data with a first day; which of them is in force is decided by the register's journal
(a change waits for a closing), not by this table alone.
"""

from datetime import date
from decimal import Decimal

from kassd.deferred import dataclass

NOT_DETERMINABLE = 7  # UmsatzsteuerNichtErmittelbar: claims whose tax the register cannot tell
NOT_TAXABLE = 5  # cash movements sit here (nicht steuerbar)
SMALL_BUSINESS = 6  # umsatzsteuerfrei, also § 19 UStG
SMALL_BUSINESS_TEXT = "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"


@dataclass(frozen=True, slots=True)
class VatKey:
    """One key: ``code`` is the letter on the receipt, ``slot`` (1–5) its sum in the process data,
    ``rates`` (first day ISO, percent) ascending, ``text`` what an exempt line must say."""

    key: int
    code: str
    slot: int
    name: str
    rates: tuple[tuple[str, Decimal], ...]
    text: str = ""

    def rate(self, day: str) -> Decimal:
        """Rate in percent on ``day`` (ISO date)."""
        found = self.rates[0][1]
        for first, rate in self.rates:
            if first <= day:
                found = rate
        return found


def _key(key: int, code: str, slot: int, name: str, *rates: tuple[str, str], text: str = "") -> VatKey:
    return VatKey(key, code, slot, name, tuple((day, Decimal(rate)) for day, rate in rates), text)


KEYS: dict[int, VatKey] = {
    k.key: k
    for k in (
        _key(
            1,
            "A",
            1,
            "Allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
            ("2007-01-01", "19"),
            ("2020-07-01", "16"),
            ("2021-01-01", "19"),
        ),
        _key(
            2,
            "B",
            2,
            "Ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
            ("1983-07-01", "7"),
            ("2020-07-01", "5"),
            ("2021-01-01", "7"),
        ),
        _key(
            3,
            "C",
            3,
            "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG)",
            ("2007-01-01", "10.7"),
            ("2022-01-01", "9.5"),
            ("2023-01-01", "9"),
            ("2024-12-06", "8.4"),
            ("2025-01-01", "7.8"),
        ),
        _key(4, "D", 4, "Durchschnittsatz (§ 24 Abs. 1 Nr. 1 UStG)", ("2007-01-01", "5.5")),
        _key(5, "E", 5, "Nicht steuerbar", ("1968-01-01", "0"), text="Nicht steuerbar"),
        _key(6, "F", 5, "Umsatzsteuerfrei", ("1968-01-01", "0"), text="Umsatzsteuerfrei"),
        _key(
            7,
            "G",
            5,
            "Umsatzsteuer nicht ermittelbar",
            ("1968-01-01", "0"),
            text="Umsatzsteuer nicht ermittelbar",
        ),
        _key(
            8,
            "H",
            5,
            "Steuersatz 0 % (§ 12 Abs. 3 UStG)",
            ("2023-01-01", "0"),
            text="Steuersatz 0 % (§ 12 Abs. 3 UStG)",
        ),
    )
}


# Keys of former rates (Anlage 2): what is taken back from those days; nothing new is sold with them.
_HISTORIC = (
    (11, "I", 1, "Allgemeiner Steuersatz bis 30.06.2020", "19"),
    (12, "J", 2, "Ermäßigter Steuersatz bis 30.06.2020", "7"),
    (13, "K", 3, "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG) bis 31.12.2021", "10.7"),
    (21, "L", 1, "Allgemeiner Steuersatz 01.07. bis 31.12.2020", "16"),
    (22, "M", 2, "Ermäßigter Steuersatz 01.07. bis 31.12.2020", "5"),
    (23, "N", 3, "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG) 2022", "9.5"),
    (33, "O", 3, "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG) 01.01.2023 bis 05.12.2024", "9"),
    (43, "P", 3, "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG) 06. bis 31.12.2024", "8.4"),
)
HISTORIC: dict[int, VatKey] = {
    key: _key(key, code, slot, name, ("1968-01-01", rate)) for key, code, slot, name, rate in _HISTORIC
}
FIRST_INDIVIDUAL = 1000
INDIVIDUAL_CODES = "QRSTUVWXYZ"
_SLOTS = {"19": 1, "16": 1, "7": 2, "5": 2, "10.7": 3, "9.5": 3, "9": 3, "8.4": 3, "7.8": 3, "5.5": 4}


def slot_of(rate: Decimal) -> int:
    """Where a rate is added up in the process data: an individual key goes by its rate (Anhang I)."""
    return _SLOTS.get(f"{rate.normalize():f}", 5)


def rates_on(day: str | date) -> dict[int, Decimal]:
    """Rates in percent of the eight keys in use on a day."""
    text = day if isinstance(day, str) else day.isoformat()
    return {key: vat.rate(text) for key, vat in KEYS.items()}


def individual_key(key: int, rate: str, code: str, name: str, text: str) -> VatKey:
    """A key of one's own (from 1000 on), e.g. for § 25a UStG."""
    return _key(key, code, slot_of(Decimal(rate)), name, ("1968-01-01", rate), text=text)
