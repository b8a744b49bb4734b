"""The master data of one closing, as its Vorgänge refer to them."""

from dataclasses import dataclass
from decimal import Decimal

from kassd.fiscal.audit.norm import FIRST_INDIVIDUAL, SLOT_OF_RATE, VAT_KEYS
from kassd.fiscal.audit.rows import Closing, Row, number, units


@dataclass(frozen=True, slots=True)
class Book:
    """``head`` and ``register`` are the closing's rows, or None where there is none; ``rates``: by
    UST_SCHLUESSEL in 1/100,000 percent."""

    head: Row | None
    register: Row | None
    currency: str
    rates: dict[int, int]
    agencies: frozenset[str]
    terminals: dict[str, str]
    modules: dict[str, Row]

    @property
    def day(self) -> str:
        """The day whose rates hold: of booking, else of the closing."""
        if self.head is None:
            return ""
        return str(self.head.Z_BUCHUNGSTAG or self.head.Z_ERSTELLUNG)[:10]

    def slot(self, key: int) -> int:
        """Where a tax key is added up in the process data, 1 to 5."""
        if key in VAT_KEYS:
            return VAT_KEYS[key][0]
        rate = Decimal(self.rates.get(key, 0)).scaleb(-5).normalize()
        return SLOT_OF_RATE.get(f"{rate:f}", 5)


def book_of(closing: Closing) -> Book:
    """Gather the master data."""
    heads, registers = closing["cashpointclosing.csv"], closing["cashregister.csv"]
    register = registers[0] if registers else None
    return Book(
        head=heads[0] if heads else None,
        register=register,
        currency=(register.KASSE_BASISWAEH_CODE if register else "") or "EUR",
        rates={number(row.UST_SCHLUESSEL): units(row.UST_SATZ) for row in closing["vat.csv"]},
        agencies=frozenset(row.AGENTUR_ID for row in closing["pa.csv"]),
        terminals={row.TERMINAL_ID: row.TERMINAL_SERIENNR for row in closing["slaves.csv"]},
        modules={row.TSE_ID: row for row in closing["tse.csv"]},
    )


def expected_rate(key: int, day: str) -> str | None:
    """Percent of a key of Anlage 2 on a day; None for a reserved key or one of the register's own."""
    if key >= FIRST_INDIVIDUAL or key not in VAT_KEYS:
        return None
    found = ""
    for first, rate in VAT_KEYS[key][1]:
        if not found or first <= day:
            found = rate
    return found
