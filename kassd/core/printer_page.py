"""The self-test page of a printer as data: what is configured. What its encoder tries stands in
:mod:`kassd.receipt.selftest`."""

from kassd.core.document import Document, Row, Section
from kassd.core.master import DEFAULT_STATION, Config, is_test, issuer, items, register_id

TITLE = "Druckertest"
ROWS = {
    "station": "Kassenplatz",
    "driver": "Anschluss",
    "host": "Adresse",
    "path": "Gerät",
    "profile": "Profil",
    "code_page": "Zeichensatz",
    "columns": "Zeichen je Zeile",
    "confirm": "Bestätigung",
    "fallback": "Ersatz",
}


def self_test_page(config: Config, printer: str, id: str, at: str) -> Document:
    """The page of a ``[[printer]]`` of the flat configuration; ``at`` RFC 3339."""
    own = items(config, "printer")[printer]
    rows = [Row(label, text=str(own[key])) for key, label in ROWS.items() if own.get(key)]
    return Document(
        id=id,
        kind="test",
        title=TITLE,
        number="",
        register=register_id(config),
        issuer=issuer(config),
        issued_at=at,
        test=is_test(config),
        sections=(Section(printer, tuple(rows)),),
        printer=printer,
        station=str(own.get("station", DEFAULT_STATION)),
    )
