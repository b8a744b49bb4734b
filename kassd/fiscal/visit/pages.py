"""The first page of what is handed out, and a sheet to count the cash on. Static HTML, German."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from kassd.core.cash.state import EUR
from kassd.core.document import Issuer
from kassd.core.money import euros
from kassd.fiscal.visit.bundle import SUMS, Made
from kassd.fiscal.visit.standing import Standing, total_cash

STYLE = """body{font:15px/1.45 sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#111}
h1{font-size:1.6em}h2{font-size:1.2em;margin-top:1.8em;border-bottom:1px solid #999}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25em .6em .25em 0;
border-bottom:1px solid #ddd}th{font-weight:600}.n{text-align:right;white-space:nowrap}
code{font-size:.85em;overflow-wrap:anywhere}.miss{background:#fff3cd;padding:.6em;border:1px solid #c90}
.line{display:inline-block;border-bottom:1px solid #111;min-width:16em}
@media print{body{margin:0;max-width:none}section{break-inside:avoid}}"""
NOTES = (50000, 20000, 10000, 5000, 2000, 1000, 500)
COINS = (200, 100, 50, 20, 10, 5, 2, 1)


def cover_page(found: Standing, recipient: str, period: str, parts: Sequence[Made]) -> str:
    """Who, which register, how things stand, and what each part of the folder is."""
    missing = [part for part in parts if part.missing]
    body = [
        "<h1>Kassen-Nachschau (§ 146b AO)</h1>",
        f"<p>Stand <b>{_time(found.at)}</b>, Kasse <b>{escape(found.register)}</b>."
        + (f" Herausgegeben an: {escape(recipient)}." if recipient else "")
        + f" Zeitraum der Daten: {escape(period)}.</p>",
    ]
    if found.test:
        body.append("<p class='miss'><b>TEST – kein Beleg.</b> Diese Kasse läuft im Testbetrieb.</p>")
    if missing:
        items = "".join(f"<li><b>{escape(p.title)}</b>: {escape(p.missing)}</li>" for p in missing)
        body.append(f"<div class='miss'>Nicht dabei:<ul>{items}</ul></div>")
    body += [
        _section("Was in diesem Ordner liegt", _contents(parts)),
        _section("Unternehmen und Kasse", _master(found)),
        _section("Bargeld, das jetzt da sein muss (Soll)", _cash(found)),
        _section("Kassenabschluss", _closing(found)),
        _section("Technische Sicherheitseinrichtungen (TSE)", _tses(found)),
        _section("Ausfälle der TSE", _outages(found)),
        _section("Ausgelassene Nummern", _skipped(found)),
        _section("Bisherige Datenexporte (die letzten 20)", _exports(found)),
    ]
    return _page(f"Kassen-Nachschau {found.register}", body)


def count_sheet(found: Standing) -> str:
    """One Zählprotokoll to fill in for each drawer and purse, with what must be there."""
    body = [f"<h1>Zählprotokoll, Kasse {escape(found.register)}</h1><p>{_issuer(found.issuer)}</p>"]
    for cash in found.cash:
        money = f"{euros(cash.expected)} {'€' if cash.currency == EUR else escape(cash.currency)}"
        values = (*NOTES, *COINS) if cash.currency == EUR else (None,) * 12
        rows = [
            ["" if value is None else f"{euros(value)} €", "<span class='line'></span>", ""]
            for value in values
        ]
        blank = "<span class='line'></span>"
        body += [
            f"<section><h2>{escape(cash.drawer)}, {escape(cash.currency)}</h2>",
            _table(("Schein oder Münze", "Stück", "Betrag"), rows, numbers=(0,)),
            f"<p>Gezählt (Ist): {blank} Soll laut Kasse am {_time(found.at)}: <b>{money}</b> "
            f"Differenz: {blank}</p>",
            f"<p>Gezählt am: {blank} von: {blank}</p><p>Unterschriften: {blank} {blank}</p></section>",
        ]
    return _page(f"Zählprotokoll {found.register}", body)


def _contents(parts: Sequence[Made]) -> str:
    rows = [
        [
            f"<a href='{escape(p.name)}'>{escape(p.name)}</a>",
            escape(p.title) + (f"<br>{escape(p.remark)}" if p.remark else ""),
            str(p.files),
            _size(p.size),
        ]
        for p in parts
        if not p.missing
    ]
    told = (
        f"<p>Die Datei <code>{SUMS}</code> enthält die SHA-256-Prüfsumme jeder Datei "
        f"(prüfen: <code>sha256sum -c {SUMS}</code>); ihre eigene Prüfsumme steht im Journal der Kasse.</p>"
    )
    return _table(("Name", "Was es ist", "Dateien", "Größe"), rows, numbers=(2, 3)) + told


def _master(found: Standing) -> str:
    who = found.issuer
    rows = [
        ("Unternehmen", _issuer(who)),
        ("Steuernummer", escape(who.tax_number)),
        ("USt-IdNr.", escape(who.vat_id)),
        ("Betriebsstätte", escape(found.site)),
        ("Einsatzort", escape(found.place)),
        ("Seriennummer der Kasse", f"<code>{escape(found.register)}</code>"),
        ("Modell", escape(found.model)),
        ("Programm", f"{escape(found.software)} <code>{escape(found.build)}</code>"),
        ("Letzte Beleg-Nr.", str(found.receipts) if found.receipts else "noch keine"),
    ]
    return _pairs(rows)


def _issuer(who: Issuer) -> str:
    return escape(f"{who.name}, {who.street}, {who.postal_code} {who.city}")


def _cash(found: Standing) -> str:
    rows = [
        [escape(cash.drawer), euros(cash.expected), "€" if cash.currency == EUR else escape(cash.currency)]
        for cash in found.cash
    ]
    total = f"<p>Bargeld in Euro gesamt: <b>{euros(total_cash(found))} €</b></p>"
    return _table(("Lade", "Soll", "Währung"), rows, numbers=(1,)) + total


def _closing(found: Standing) -> str:
    state = "geschlossen"
    if found.open:
        state = f"offen, Geschäftstag {_day(found.business_day)}"
    rows = [("Kasse", state)]
    if found.closing is None:
        rows.append(("Letzter Abschluss", "noch keiner"))
    else:
        z = found.closing
        rows += [
            ("Letzter Abschluss", f"Z {z.number}, {_time(z.at)}, Geschäftstag {_day(z.business_day)}"),
            ("Summe der Zahlungen", f"{euros(z.total)} €"),
            ("Bargeld danach", f"{euros(z.cash)} €"),
        ]
    return _pairs(rows)


def _tses(found: Standing) -> str:
    if not found.tses:
        return "<p>Es ist keine TSE in Betrieb genommen.</p>"
    parts = []
    for tse in found.tses:
        prints = "<br>".join(f"<code>{c.fingerprint}</code>" for c in tse.certificates)
        parts.append(
            _pairs(
                [
                    ("Seriennummer", f"<code>{escape(tse.serial_number)}</code>"),
                    ("Stand", "in Betrieb" if tse.in_use else "nicht mehr in Betrieb"),
                    ("In Betrieb seit", _time(tse.since)),
                    ("Zertifizierung (BSI)", escape(tse.certification_id)),
                    ("Beschreibung", escape(tse.description)),
                    ("Zertifikat gültig bis", _day(tse.expiry)),
                    ("Zertifikate (SHA-256)", prints),
                ]
            )
        )
    return "<br>".join(parts)


def _outages(found: Standing) -> str:
    rows = [
        [
            _time(str(row["beginn"])),
            _time(str(row["ende"])) if row["ende"] else "dauert an",
            escape(str(row["meldung"] or row["grund"])),
            str(row["ohne_signatur"] if row["ohne_signatur"] is not None else ""),
            str(row["nachsigniert"]),
            euros(row["summe"]) if row["summe"] is not None else "",
        ]
        for row in found.outages
    ]
    head = ("Beginn", "Ende", "Grund", "Ohne Signatur ausgegeben", "Davon nachträglich signiert", "Summe €")
    return _table(head, rows, numbers=(3, 4, 5)) if rows else "<p>keine</p>"


def _skipped(found: Standing) -> str:
    items = "".join(f"<li><code>{escape(text)}</code></li>" for text in found.skipped)
    return f"<ul>{items}</ul>" if items else "<p>keine</p>"


def _exports(found: Standing) -> str:
    rows = [
        [
            _time(str(row["zeitpunkt"])),
            escape(_who(str(row["bediener_id"]), str(row["anzeige"]))),
            escape(str(row["was"])),
            f"{_day(str(row['von']))} – {_day(str(row['bis']))}",
            escape(str(row["empfaenger"])),
            f"<code>{escape(str(row['sha256']))}</code>",
        ]
        for row in found.exports
    ]
    return _table(("Zeit", "Wer", "Was", "Zeitraum", "An", "SHA-256"), rows) if rows else "<p>keine</p>"


def _who(operator: str, client: str) -> str:
    """Who handed data out, and from which display or program."""
    return operator if client in ("", operator) else f"{operator}, von {client}"


def _page(title: str, body: Iterable[str]) -> str:
    return (
        f"<!doctype html><html lang='de'><meta charset='utf-8'><title>{escape(title)}</title>\n"
        f"<meta name='viewport' content='width=device-width'><style>{STYLE}</style>\n"
        + "\n".join(body)
        + "\n</html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows if value)
    return f"<table>{cells}</table>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    marks = [" class='n'" if n in numbers else "" for n in range(len(head))]
    top = "".join(f"<th{mark}>{escape(name)}</th>" for name, mark in zip(head, marks, strict=True))
    lines = (
        "<tr>" + "".join(f"<td{m}>{cell}</td>" for cell, m in zip(row, marks, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{top}</tr>{''.join(lines)}</table>"


def _time(at: str) -> str:
    """``21.11.2026 20:45:10`` of an RFC 3339 time, as the register's clock said it."""
    return f"{datetime.fromisoformat(at):%d.%m.%Y %H:%M:%S}" if at else ""


def _day(iso: str) -> str:
    return f"{iso[8:10]}.{iso[5:7]}.{iso[:4]}" if iso else ""


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB".replace(".", ",") if size >= 100_000 else f"{(size + 999) // 1000} kB"
