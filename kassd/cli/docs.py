"""``kassd docs``: what the law wants in writing (procedural documentation, data sheet, manual, cashier's
instruction), a sheet of control barcodes to laminate, and numbered paper slips for a register that is down
(``paper.capture`` takes them in later)."""

import argparse
from html import escape
from pathlib import Path

from kassd import settings
from kassd.clock import Clock
from kassd.core.barcodes.control import CONTROL, DEFAULT_PREFIX
from kassd.errors import DataError

PAGE = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Steuercodes</title>
<style>body{{font:16px sans-serif;margin:15mm}}h1{{font-size:22px}}
main{{display:grid;grid-template-columns:1fr 1fr;gap:12mm}}
figure{{margin:0;text-align:center;break-inside:avoid}}
svg{{width:70mm;height:20mm}}figcaption{{font-weight:600;margin-top:2mm}}</style>
<h1>Steuercodes für die Kasse</h1><main>{codes}</main></html>
"""

MAX_SLIPS = 500
FORM = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Papierbelege bei Ausfall</title>
<style>body{{font:13px sans-serif;margin:12mm}}h1{{font-size:20px}}h2{{font-size:16px;margin:0 0 2mm}}
section{{border:1px solid;padding:4mm;margin:0 0 6mm;break-inside:avoid}}
table{{border-collapse:collapse;width:100%;margin:2mm 0}}th,td{{border:1px solid;height:6mm;text-align:left}}
.blank{{display:inline-block;border-bottom:1px solid;min-width:45mm}}</style>
<h1>Papierbelege bei Ausfall der Kasse</h1>
<p>Beginn des Ausfalls: <span class="blank"></span> Ursache: <span class="blank"></span>
Ende: <span class="blank"></span></p>
<p>Jeden Verkauf auf einen eigenen Beleg schreiben, mit Durchschrift für den Kunden. Verschriebene Belege
nicht wegwerfen. Danach Bargeld zählen, jeden Beleg mit seiner Nummer nacherfassen (paper.capture),
verschriebene als ungültig melden (paper.void) und die Belege aufbewahren.</p>
{slips}</html>
"""
SLIP = """<section><h2>Papierbeleg Nr. {number}</h2><p>{issuer}</p>
<p>Datum: <span class="blank"></span> Uhrzeit: <span class="blank"></span></p>
<table><tr><th>Menge</th><th>Bezeichnung</th><th>Preis brutto</th><th>USt-Satz</th></tr>{rows}</table>
<p>Summe: <span class="blank"></span> bezahlt mit: ☐ bar ☐ Karte</p>
<p>Kassiert von: <span class="blank"></span> nacherfasst als Beleg-Nr. <span class="blank"></span></p>
</section>
"""
ROW = "<tr><td></td><td></td><td></td><td></td></tr>"


FORMS = {"annex": "json", "control-codes": "html", "outage-form": "html"}  # what is written in one form only
NONE = "ohne Konfiguration, es gibt noch keine"


def execute(arguments: argparse.Namespace) -> int:
    """Write the document; with a configuration a sheet has its prefix or business."""
    if only := FORMS.get(arguments.what):
        _refuse_other(arguments.format or arguments.out.suffix.removeprefix("."), only, arguments)
    match arguments.what:
        case "outage-form":
            return _outage_form(arguments)
        case "annex":
            return _annex(arguments)
        case "control-codes":
            return _control_codes(arguments)
        case _:
            return _document(arguments)


def _refuse_other(form: str, only: str, arguments: argparse.Namespace) -> None:
    """A file's name must not say what is not in it."""
    if form and form != only:
        raise DataError(
            f"{arguments.what} gibt es nur als {only.upper()}, nicht als {form}. "
            f"Bitte --out {arguments.out.with_suffix(f'.{only}')} angeben, ohne --format."
        )


def _control_codes(arguments: argparse.Namespace) -> int:
    loaded = settings.load_if_any(arguments.config)
    prefix = loaded.register.control_prefix if loaded else DEFAULT_PREFIX
    codes = "".join(_figure(prefix + c, t) for c, (_, _, t) in CONTROL.items())
    arguments.out.write_text(PAGE.format(codes=codes), "utf-8")
    print(f"{arguments.out}: {f'Präfix {prefix}' if loaded else NONE}")
    return 0


def _annex(arguments: argparse.Namespace) -> int:
    """What was configured in a version, as the text whose SHA-256 is in the journal."""
    from kassd.fiscal.documents import read_record

    versions = read_record(settings.load(arguments.config).journal.dir).versions
    number = arguments.version or len(versions)
    if not 0 < number <= len(versions):
        raise DataError(f"Fassung {number} gibt es nicht; das Journal hat {len(versions)}.")
    version = versions[number - 1]
    if not version.proven:
        raise DataError(
            f"Fassung {number} lässt sich aus den aufgezeichneten Änderungen nicht nachbilden. "
            "Bitte das Journal prüfen (kassd verify)."
        )
    arguments.out.write_text(version.annex, "utf-8")
    print(f"{arguments.out}: Fassung {number}, SHA-256 {version.sha256}")
    return 0


def _document(arguments: argparse.Namespace) -> int:
    """From journal and configuration; before the first start from the configuration alone."""
    from kassd.app.boot import in_force
    from kassd.core.state import State
    from kassd.core.vat import rates_on
    from kassd.fiscal import documents

    loaded = settings.load(arguments.config)
    state = in_force(loaded)
    if state is None:
        today = Clock(settings.zone(loaded)).now().date()
        state = State(config=settings.flatten(loaded), rates=rates_on(today))
    composed = documents.compose(arguments.what, state, documents.read_record(loaded.journal.dir))
    out: Path = arguments.out
    form = arguments.format or out.suffix.removeprefix(".")
    match form:
        case "md":
            data = composed.markdown.encode()
        case "html":
            data = documents.to_html(composed)
        case "pdf":
            data = documents.to_pdf(composed)
        case _:
            raise DataError(f"{out}: bitte --format md, html oder pdf angeben (oder eine solche Endung).")
    out.write_bytes(data)
    print(f"{out}: {composed.title}, {composed.stand}")
    return 0


def _outage_form(arguments: argparse.Namespace) -> int:
    """Numbered slips with room for what a receipt must say (§ 33 UStDV), each with a stub that stays."""
    first, count = arguments.first, arguments.slips
    if not (0 < count <= MAX_SLIPS and first > 0):
        raise DataError(f"--first ab 1, --slips von 1 bis {MAX_SLIPS}.")
    issuer = "<span class='blank'></span>"
    loaded = settings.load_if_any(arguments.config)
    if loaded is not None:
        business = loaded.business
        tax = business.tax_number or business.vat_id
        address = f"{business.street}, {business.postal_code} {business.city}"
        issuer = escape(f"{business.name}, {address} · St.-Nr./USt-IdNr. {tax}")
    slips = "".join(SLIP.format(number=n, issuer=issuer, rows=ROW * 6) for n in range(first, first + count))
    arguments.out.write_text(FORM.format(slips=slips), "utf-8")
    print(f"{arguments.out}: {f'Nr. {first} bis {first + count - 1}' if loaded else NONE}")
    return 0


def _figure(code: str, title: str) -> str:
    return f"<figure>{_code128(code)}<figcaption>{escape(title)}</figcaption></figure>"


def _code128(text: str) -> str:
    """Code 128 as SVG, by python-barcode (a dependency of python-escpos)."""
    from barcode import Code128

    modules: str = Code128(text).build()[0]
    bars, x = [], 0
    while x < len(modules):
        width = 1
        while x + width < len(modules) and modules[x + width] == modules[x]:
            width += 1
        if modules[x] == "1":
            bars.append(f'<rect x="{x + 10}" width="{width}" height="40"/>')
        x += width
    return f'<svg viewBox="0 0 {len(modules) + 20} 40" preserveAspectRatio="none">{"".join(bars)}</svg>'
