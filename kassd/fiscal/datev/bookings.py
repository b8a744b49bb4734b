"""A closing's sums as bookings: every business case against the cash account, then every payment that was no
cash out of it. What stays on the cash account is what the period has added to the drawer.

The Anfangsbestand is never posted: it lies on the account already.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kassd.core.cash.state import FLOAT
from kassd.core.money import decimal_point
from kassd.core.vat import NOT_TAXABLE
from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.fiscal.datev.accounts import Account, Chart

Row = Mapping[str, Any]
CASH, NOTHING = "Bar", "Keine"


class Unmapped(DataError):
    """For some of the sums there is no account; ``sums`` names all of them in German."""

    def __init__(self, sums: Sequence[str]) -> None:
        self.sums = tuple(sums)
        super().__init__("; ".join(sums))


@dataclass(frozen=True, slots=True)
class Booking:
    """``amount`` in cents, above 0. ``debit``: ``account`` (always the cash) is debited (S)."""

    amount: int
    debit: bool
    account: str
    counter: str
    bu: str
    text: str


def bookings(tables: Mapping[str, Sequence[Row]], chart: Chart) -> tuple[Booking, ...]:
    """The bookings of one closing (its rows of businesscases, payment, vat, cashpointclosing), in the order
    of its tables.

    Raises :class:`Unmapped`; :class:`~kassd.errors.DataError` where the sums of the closing differ.
    """
    cases = [row for row in tables["businesscases"] if row["GV_TYP"] != FLOAT]
    payments = [row for row in tables["payment"] if row["ZAHLART_TYP"] not in (CASH, NOTHING)]
    gaps = sorted(set(_gaps(cases, payments, chart)))
    if gaps:
        raise Unmapped(gaps)
    rates = {row["UST_SCHLUESSEL"]: row["UST_SATZ"] for row in tables["vat"]}
    sums: dict[tuple[Account, str], int] = {}
    for row in cases:
        account = _of_case(row, chart)
        assert account is not None
        key = (account, _case_text(row, rates))
        sums[key] = sums.get(key, 0) + row["Z_UMS_BRUTTO"]
    for row in payments:
        account = _of_payment(row, chart)
        assert account is not None
        key = (account, _payment_text(row))
        sums[key] = sums.get(key, 0) - row["Z_ZAHLART_BETRAG"]
    found = tuple(
        Booking(abs(amount), amount > 0, chart.cash, account.number, account.bu, text)
        for (account, text), amount in sums.items()
        if amount
    )
    _check(found, tables)
    return found


def posted_to_cash(found: Sequence[Booking]) -> int:
    """What the bookings add to the cash account, in cents."""
    return sum(booking.amount if booking.debit else -booking.amount for booking in found)


def _check(found: Sequence[Booking], tables: Mapping[str, Sequence[Row]]) -> None:
    """What is posted to the cash account is the cash of the closing without its Anfangsbestand."""
    (closing,) = tables["cashpointclosing"]
    float_ = sum(row["Z_UMS_BRUTTO"] for row in tables["businesscases"] if row["GV_TYP"] == FLOAT)
    expected = closing["Z_SE_BARZAHLUNGEN"] - float_
    posted = posted_to_cash(found)
    if posted != expected:
        raise DataError(
            f"Die Buchungen auf der Kasse ergeben {posted} Cent, der Abschluss {expected} Cent Bargeld. So "
            "wird nichts übergeben; bitte das Journal prüfen (kassd verify)."
        )


def _gaps(cases: Sequence[Row], payments: Sequence[Row], chart: Chart) -> Iterator[str]:
    for row in cases:
        if _of_case(row, chart) is None:
            agency = f", Agentur {row['AGENTUR_ID']}" if row["AGENTUR_ID"] else ""
            yield f"{row['GV_TYP']} mit Steuerschlüssel {row['UST_SCHLUESSEL']}{agency}"
    for row in payments:
        if _of_payment(row, chart) is None:
            yield f"Zahlungsart {_payment_text(row)}"


def _of_case(row: Row, chart: Chart) -> Account | None:
    return chart.of_case(row["GV_TYP"], row.get("GV_NAME", ""), row["AGENTUR_ID"], row["UST_SCHLUESSEL"])


def _of_payment(row: Row, chart: Chart) -> Account | None:
    return chart.of_payment(row["ZAHLART_TYP"], row.get("ZAHLART_NAME", ""))


def _case_text(row: Row, rates: Mapping[int, Decimal]) -> str:
    """The case and its rate. GV_NAME is left out: it may be a person's (tips)."""
    if row["UST_SCHLUESSEL"] == NOT_TAXABLE:
        return str(row["GV_TYP"])
    percent = decimal_point(rates[row["UST_SCHLUESSEL"]]).replace(".", ",")
    return f"{row['GV_TYP']} {percent} %"


def _payment_text(row: Row) -> str:
    name, kind = row.get("ZAHLART_NAME", ""), row["ZAHLART_TYP"]
    return kind if name in ("", kind) else f"{kind} {name}"
