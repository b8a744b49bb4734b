"""``kassd barcode parse``: what a code means to the register, and why it is refused."""

import argparse
import os
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from kassd import settings
from kassd.cli.output import EX_DATAERR, print_json, print_verdict
from kassd.clock import Clock
from kassd.core.barcodes.elements import GS, bracketed, unbracketed
from kassd.core.barcodes.patterns import DEFAULT_PATTERNS, Patterns
from kassd.core.barcodes.read import read_code
from kassd.core.barcodes.reading import Kind, Reading
from kassd.core.codec import encode
from kassd.core.master import barcode_patterns
from kassd.core.verdict import Verdict

KINDS: dict[Kind, str] = {
    "gtin": "Artikelnummer (GTIN)",
    "in_store": "Nummer des Geschäfts",
    "press": "Presse (VDZ)",
    "serial_publication": "Zeitschrift (ISSN)",
    "book": "Buch (ISBN)",
    "music": "Noten (ISMN)",
    "coupon": "Coupon",
    "refund_receipt": "Rückgabebeleg",
    "add_on": "Zusatzcode",
    "element_string": "GS1-Datenfelder",
    "digital_link": "GS1 Digital Link",
    "text": "eigener Code",
}
LABELS = {
    "gtin": "GTIN",
    "item": "Nummer",
    "weight": "Gewicht in kg",
    "count": "Anzahl",
    "price": "Preis",
    "deposit_refund": "Pfandrückgabe",
    "coupon": "Couponwert",
    "vat": "Steuerschlüssel",
    "add_on": "Zusatzcode",
    "batch": "Charge",
    "serial": "Seriennummer",
    "produced": "Hergestellt am",
    "packed": "Verpackt am",
    "best_before": "Mindestens haltbar bis",
    "sell_by": "Zu verkaufen bis",
    "use_by": "Zu verbrauchen bis",
}
AMOUNTS = ("price", "deposit_refund", "coupon")
ESCAPES = ("\\x1d", "\\x1D", "<GS>", "{GS}", "␝")  # how people write GS, which no keyboard has


def execute(arguments: argparse.Namespace) -> int:
    """Read one code as a scan of it would be read now."""
    text: str = arguments.text
    for escape in ESCAPES:
        text = text.replace(escape, GS)
    patterns, now = _circumstances(arguments)
    reading = read_code(text, arguments.aim, patterns, now=now)
    verdict = Verdict("barcode", max(1, len(reading.elements)), reading.problems)
    if arguments.json:
        print_json({**verdict.render(), "reading": rendered(reading)})
        return 0 if verdict.ok else EX_DATAERR
    for label, value in _rows(reading):
        print(f"{label + ': ':29}{value}")
    return print_verdict(verdict, as_json=False, subject="Code")


def rendered(reading: Reading) -> dict[str, Any]:
    """The reading as JSON; elements also in GS1's two notations."""
    values: dict[str, Any] = encode(reading)
    values.pop("problems", None)  # they are the findings
    forms = {"bracketed": bracketed(reading.elements), "unbracketed": unbracketed(reading.elements)}
    return {**values, **(forms if reading.elements else {})}


def _circumstances(arguments: argparse.Namespace) -> tuple[Patterns, datetime]:
    """Patterns and time as the configuration has them; without one the default patterns and UTC."""
    patterns, clock = DEFAULT_PATTERNS, Clock()
    if arguments.config or os.environ.get(settings.ENV_FILE) or settings.DEFAULT_PATH.exists():
        loaded = settings.load(arguments.config)
        patterns, clock = barcode_patterns(settings.flatten(loaded)), Clock(settings.zone(loaded))
    day = arguments.date
    return patterns, clock.now() if day is None else datetime.combine(day, time(), clock.zone)


def _rows(reading: Reading) -> Iterator[tuple[str, object]]:
    yield "Art", f"{KINDS[reading.kind]}{f', {reading.aim}' if reading.aim else ''}"
    for name, label in LABELS.items():
        value = getattr(reading, name)
        if value in ("", None):
            continue
        bound = " (gebunden)" if name == "price" and reading.price_bound else ""
        yield label, f"{value / 100:.2f} €{bound}".replace(".", ",") if name in AMOUNTS else value
    for element in reading.elements:
        yield f"({element.ai}) {element.title}", element.value
    if reading.keys:
        yield "Im Artikelstamm", " oder ".join(reading.keys)
