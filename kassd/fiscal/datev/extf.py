"""The bytes of an EXTF Buchungsstapel: header, titles, bookings; Windows-1252, CRLF, ``;``.

The same closing gives the same bytes: the time of the header is the closing's. What Windows-1252 does not
know is refused, not replaced.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.fiscal.datev.bookings import Booking
from kassd.fiscal.datev.columns import COLUMNS, TEXTS

FORMAT, CATEGORY, NAME, VERSION = 700, 21, "Buchungsstapel", 13
MAX_ROWS = 99_999
MAX_AMOUNT = 10**12 - 1  # cents: ten digits before the comma
MAX_TEXT, MAX_TITLE = 60, 30
CURRENCY = "EUR"
# Positions from 1.
AMOUNT, SIDE, CURRENCY_CODE, ACCOUNT, COUNTER, BU, DAY, DOCUMENT, TEXT = 1, 2, 3, 7, 8, 9, 10, 11, 14
INFO, LOCKED = 21, 114


@dataclass(frozen=True, slots=True)
class Client:
    """Whose books: ``consultant`` (Beraternummer) and ``client`` (Mandantennummer) of the tax adviser,
    ``account_length`` (Sachkontenlänge), ``chart`` (Sachkontenrahmen, ``03``, ``04`` or ''), ``year_begins``
    month and day (``01-01``). ``locked``: the bookings arrive unchangeable (Festschreibung). ``prefix``:
    begins Belegfeld 1 where several registers hand over to the same books."""

    consultant: int
    client: int
    account_length: int = 4
    chart: str = ""
    year_begins: str = "01-01"
    locked: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """Which closing: ``register`` (Z_KASSE_ID), ``created`` (Z_ERSTELLUNG, RFC 3339), ``number`` (Z_NR) and
    the business ``day`` it is posted on."""

    register: str
    created: str
    number: int
    day: date


def document_of(closing: Closing, client: Client) -> str:
    """Belegfeld 1: the closing, the same whenever it is handed over."""
    return f"{client.prefix}Z{closing.number}"


def file_name(closing: Closing) -> str:
    """DATEV finds ``EXTF_….csv`` only."""
    return f"EXTF_Buchungsstapel_{closing.register}_Z{closing.number:06}.csv"


def extf(closing: Closing, found: Sequence[Booking], client: Client) -> bytes:
    """The file of one closing. Raises :class:`DataError` for what the format cannot hold."""
    if len(found) > MAX_ROWS:
        raise DataError(f"Abschluss {closing.number}: mehr als {MAX_ROWS} Buchungen in einer Datei.")
    rows = [_header(closing, client), ";".join(f'"{name}"' for name in COLUMNS)]
    rows += [_row(booking, closing, client) for booking in found]
    text = "".join(f"{row}\r\n" for row in rows)
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError as error:
        row = text[: error.start].count("\r\n") + 1
        raise DataError(
            f"Abschluss {closing.number}: das Zeichen {text[error.start]!r} (Zeile {row}) kennt DATEV nicht. "
            "Bitte den Namen der Zahlungsart ohne dieses Zeichen schreiben."
        ) from None


def year_of(day: date, begins: str) -> date:
    """First day of the business year ``day`` lies in."""
    month, first = map(int, begins.split("-"))
    start = date(day.year, month, first)
    return start if start <= day else date(day.year - 1, month, first)


def _header(closing: Closing, client: Client) -> str:
    """The 31 fields; 7, 23, 25, 26 and 29 are empty, 24 and 30 an empty text."""
    day = f"{closing.day:%Y%m%d}"
    title = re.sub(r"[^\w.\-/ ]", "-", f"Z{closing.number} {closing.register}")[:MAX_TITLE]
    return ";".join(
        (
            *(_text("EXTF"), str(FORMAT), str(CATEGORY), _text(NAME), str(VERSION)),
            *(re.sub(r"\D", "", closing.created[:19]) + "000", "", _text(""), _text("kassd"), _text("")),
            *(
                str(client.consultant),
                str(client.client),
                f"{year_of(closing.day, client.year_begins):%Y%m%d}",
            ),
            *(str(client.account_length), day, day, _text(title), _text(""), "1", "0"),
            *(str(int(client.locked)), _text(CURRENCY), "", _text(""), "", "", _text(client.chart)),
            *("", "", _text(""), _text("")),
        )
    )


def _row(booking: Booking, closing: Closing, client: Client) -> str:
    if booking.amount > MAX_AMOUNT:
        raise DataError(f"Abschluss {closing.number}: {booking.text} ist für DATEV zu groß.")
    euros, cents = divmod(booking.amount, 100)
    infos = {"Kasse": closing.register, "Kassenabschluss": str(closing.number), "Erstellt": closing.created}
    values = {
        AMOUNT: f"{euros},{cents:02}",
        SIDE: "S" if booking.debit else "H",
        CURRENCY_CODE: CURRENCY,
        ACCOUNT: booking.account,
        COUNTER: booking.counter,
        BU: booking.bu,
        DAY: f"{closing.day:%d%m}",
        DOCUMENT: document_of(closing, client),
        TEXT: booking.text[:MAX_TEXT],
        **_infos(infos),
        LOCKED: str(int(client.locked)),
    }
    return ";".join(_cell(n, values.get(n, "")) for n in range(1, len(COLUMNS) + 1))


def _infos(infos: Mapping[str, str]) -> dict[int, str]:
    """Pairs of Beleginfo from the first on."""
    found = {}
    for n, (kind, content) in enumerate(infos.items()):
        found[INFO + 2 * n], found[INFO + 2 * n + 1] = kind, content
    return found


def _cell(position: int, value: str) -> str:
    return _text(value) if position in TEXTS else value


def _text(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'
