"""The audit as one HTML page that a tax adviser reads: the result first, then what it rests on.

A single static file: no script, no picture, nothing from elsewhere; prints on A4.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from kassd.core.verdict import Finding, Severity
from kassd.fiscal.audit.checks import CHECKS, GROUPS, Check
from kassd.fiscal.audit.rows import amount
from kassd.fiscal.audit.run import Audit, Summary

WORDS: dict[Severity, str] = {"error": "Fehler", "warning": "Warnung", "info": "Hinweis"}
OUTAGES_SHOWN = 200
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #1c2430; background: #fff;
  max-width: 62rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.55rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; } p { margin: .4rem 0; } .dim { color: #5b6573; }
.result { border-left: .5rem solid #2c7a4b; background: #eef7f1; padding: .9rem 1.1rem; margin: 1.2rem 0; }
.result.bad { border-color: #b3261e; background: #fdeeed; } .result.warn { border-color: #b7791f;
  background: #fdf6e7; } .result strong { font-size: 1.15rem; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .32rem .55rem; border-bottom: 1px solid #d9dee5; }
th { font-weight: 600; background: #f4f6f9; } td.n { text-align: right; white-space: nowrap; }
td.id { white-space: nowrap; font-weight: 600; } td { overflow-wrap: anywhere; }
table.findings { table-layout: fixed; } table.findings td:first-child { width: 5.2rem; }
table.findings td:nth-child(2) { width: 15rem; } dl { display: grid;
  grid-template-columns: 15rem 1fr; gap: .25rem 1rem; margin: 0; } dt { color: #5b6573; } dd { margin: 0;
  overflow-wrap: anywhere; }
.error { color: #b3261e; font-weight: 600; } .warning { color: #8a5a10; font-weight: 600; }
.ok { color: #2c7a4b; } .where { color: #3b4552; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; } }
"""


def page(audit: Audit, subject: str, made: str, given: Iterable[str] = ()) -> str:
    """The page. ``subject``: what was audited; ``made``: when and with what, in words; ``given``: of "tar",
    "journal", "log" what was there for the checks that need it."""
    body = "".join(
        (
            f"<h1>Prüfung einer DSFinV-K-Ausgabe</h1><p class=dim>{_e(subject)}<br>geprüft {_e(made)} "
            "nach DSFinV-K 2.4</p>",
            _result(audit),
            _facts(audit.summary),
            _groups(audit, frozenset(given)),
            _findings(audit.verdict.findings),
            _outages(audit.summary),
            _open_groups(audit.summary),
            _method(),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Prüfung DSFinV-K</title><style>{STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


def _e(text: object) -> str:
    return escape(str(text))


def _counted(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(1 for each in findings if each.severity == severity)


def _result(audit: Audit) -> str:
    findings = audit.verdict.findings
    errors, warnings = _counted(findings, "error"), _counted(findings, "warning")
    signed = audit.summary.signatures
    if errors:
        kind, head = "bad", f"Nicht in Ordnung: {errors} Fehler"
        text = "Die Ausgabe widerspricht sich, der TSE oder der Norm. Die Stellen stehen unten."
    elif warnings:
        kind, head = "warn", "In Ordnung, mit Warnungen"
        text = "Was auffällt, sollte erklärt werden können; ein Widerspruch ist es nicht."
    else:
        kind, head = "good", "In Ordnung"
        text = "Kein Befund: die Dateien sind vollständig, stimmen in sich und mit den Signaturen überein."
    if signed is None:
        text += " Die Signaturen wurden nicht geprüft."
    return f'<div class="result {kind}"><strong>{_e(head)}</strong><p>{_e(text)}</p></div>'


def _facts(summary: Summary) -> str:
    rows: list[tuple[str, str]] = []
    if summary.company:
        rows.append(("Unternehmen", ", ".join(part for part in summary.company if part.strip())))
    for register, (first, last, began, ended) in summary.registers.items():
        text = f"Abschluss {first} bis {last}, {_moment(began)} bis {_moment(ended)}"
        rows.append((f"Kasse {register}", text))
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(summary.kinds.items()))
    rows += [
        ("Vorgänge", f"{summary.receipts} in {summary.closings} Abschlüssen ({kinds})"),
        ("Zeilen", f"{summary.rows} in allen Dateien"),
        ("Umsätze der Belege", f"{_euros(summary.turnover)} €"),
    ]
    rows += [
        (f"TSE {place}", f"{serial} ({module.algorithm}, {module.time_format})")
        for place, (serial, module) in enumerate(summary.modules.items(), 1)
    ]
    signed = (
        "nicht geprüft" if summary.signatures is None else f"{summary.signatures} aus den CSV allein geprüft"
    )
    rows.append(("Signaturen", signed))
    rows += [("TSE-Archiv", f"{name}, {count} Lognachrichten") for name, count in summary.archives]
    items = "".join(f"<dt>{_e(name)}</dt><dd>{_e(text)}</dd>" for name, text in rows)
    return f"<h2>Was geprüft wurde</h2><dl>{items}</dl>"


def _groups(audit: Audit, given: frozenset[str]) -> str:
    rows = []
    for letter, name in GROUPS.items():
        checks = [check for check in CHECKS.values() if check.group == letter]
        found = [each for each in audit.verdict.findings if each.id[0] == letter]
        made = [check for check in checks if not check.needs or check.needs in given]
        rows.append(
            f"<tr><td class=id>{letter}</td><td>{_e(name)}</td><td>{_e(_made(len(made), len(checks)))}</td>"
            f"<td>{_state(found, bool(made))}</td></tr>"
        )
    head = "<tr><th></th><th>Bereich</th><th>Prüfungen</th><th>Ergebnis</th></tr>"
    lacking = sorted({check.needs for check in CHECKS.values() if check.needs} - given)
    return f"<h2>Ergebnis nach Bereichen</h2><table>{head}{''.join(rows)}</table>{_lacking(lacking)}"


def _made(made: int, of: int) -> str:
    return f"{made}" if made == of else f"{made} von {of}"


def _state(found: Sequence[Finding], made: bool) -> str:
    if not made:
        return "<span class=dim>nicht geprüft</span>"
    errors, warnings = _counted(found, "error"), _counted(found, "warning")
    parts = [f"<span class=error>{errors} Fehler</span>"] if errors else []
    many = "Warnung" if warnings == 1 else "Warnungen"
    parts += [f"<span class=warning>{warnings} {many}</span>"] if warnings else []
    return ", ".join(parts) or "<span class=ok>ohne Befund</span>"


def _lacking(lacking: Sequence[str]) -> str:
    names = {
        "tar": "das TSE-Archiv (--tar): ob Vorgänge fehlen, zeigt erst der Vergleich mit ihm",
        "journal": "das Journal der Kasse (--journal)",
        "log": "das Exportprotokoll mit den Prüfsummen (--log)",
    }
    text = "; ".join(names[each] for each in lacking)
    return f"<p class=dim>Nicht gegeben war {_e(text)}.</p>" if text else ""


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    parts = ["<h2>Befunde</h2>"]
    for id_, group in groupby(sorted(findings, key=_by_check), key=lambda each: each.id):
        check = CHECKS[id_]
        parts.append(f"<h3>{_e(id_)}: {_e(_must(check))}</h3><table class=findings>")
        parts += [
            f"<tr><td class={each.severity}>{WORDS[each.severity]}</td>"
            f"<td class=where>{_e(each.where)}</td><td>{_e(each.message)}</td></tr>"
            for each in group
        ]
        parts.append("</table>")
    return "".join(parts)


def _by_check(finding: Finding) -> tuple[int, int]:
    severe = {"error": 0, "warning": 1, "info": 2}
    return list(CHECKS).index(finding.id), severe[finding.severity]


def _must(check: Check) -> str:
    """Its title as a sentence begins; names of files stay as they are."""
    first = check.title.split(" ", 1)[0]
    return check.title if "." in first else check.title[0].upper() + check.title[1:]


def _moment(text: str) -> str:
    """``2026-03-02T18:00:30+01:00`` → ``02.03.2026 18:00``."""
    day, _, time = text.partition("T")
    return f"{'.'.join(reversed(day.split('-')))} {time[:5]}"


def _euros(value: int) -> str:
    whole, _, cents = amount(abs(value)).partition(",")
    return f"{'-' if value < 0 else ''}{int(whole):,}".replace(",", ".") + f",{cents}"


def _outages(summary: Summary) -> str:
    if not summary.outage_count:
        return ""
    rows = "".join(
        f"<tr><td class=where>{_e(_moment(moment))}</td><td>{_e(bon)}</td><td>{_e(fault)}</td></tr>"
        for moment, bon, fault in summary.outages[:OUTAGES_SHOWN]
    )
    more = summary.outage_count - min(summary.outage_count, OUTAGES_SHOWN)
    return (
        f"<h2>Ausfälle der TSE</h2><p>{summary.outage_count} Vorgänge nennen einen Ausfall oder eine "
        "späte Antwort der TSE. Das ist zulässig, wenn Beginn, Ende und Grund dokumentiert sind "
        "(AEAO zu § 146a Nr. 1.14).</p>"
        f"<table><tr><th>Ende des Vorgangs</th><th>BON_ID</th><th>Angabe</th></tr>{rows}</table>"
        + (f"<p class=dim>und {more} weitere</p>" if more else "")
    )


def _open_groups(summary: Summary) -> str:
    if not summary.open_groups:
        return ""
    rows = "".join(
        f"<tr><td>{_e(name)}</td><td class=n>{_e(_euros(value))} €</td></tr>"
        for name, value in summary.open_groups[:OUTAGES_SHOWN]
    )
    return (
        "<h2>Bestellungen ohne Rechnung</h2><p>Diese Abrechnungskreise sind im geprüften Zeitraum bestellt "
        "und nicht abgerechnet worden. Offene Tische und geparkte Vorgänge gehören dazu.</p><table><tr>"
        f"<th>Abrechnungskreis</th><th>Bestellt</th></tr>{rows}</table>"
    )


def _method() -> str:
    rows = "".join(
        f"<tr><td class=id>{_e(check.id)}</td><td>{_e(_must(check))}</td></tr>" for check in _shown()
    )
    return (
        "<h2>Was jede Prüfung verlangt</h2><p class=dim>Gelesen wurden nur die Dateien. Beträge sind auf den "
        "Cent genau gerechnet; die Vorgangsdaten jeder Transaktion wurden aus den Zeilen neu gebildet.</p>"
        f"<table>{rows}</table>"
    )


def _shown() -> Iterator[Check]:
    yield from CHECKS.values()
