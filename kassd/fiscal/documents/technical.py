"""The technical side for the documents: programs, TSE and certificates, tax keys, versions, changes, gaps."""

import json
from base64 import b64decode
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from kassd.core.annex import annex, annex_hash
from kassd.core.master import sales_keys
from kassd.core.state import State
from kassd.core.vat import FIRST_INDIVIDUAL, HISTORIC, VatKey
from kassd.fiscal.documents.markup import NONE, code, moment, plain, table, value
from kassd.fiscal.documents.record import Event, Record

WHO = {"operator": "Betreiber", "kassd": "Programm"}
HOW = {
    "file": "Konfigurationsdatei",
    "update": "neue Programmversion",
    "closing": "mit dem Abschluss in Kraft",
    "valid_from": "gesetzlicher Stichtag",
}
TSE_KEYS = (
    ("serial_number", "Seriennummer (SHA-256 des öffentlichen Schlüssels)"),
    ("certification_id", "Zertifizierungs-ID"),
    ("description", "Bauart"),
    ("algorithm", "Signaturverfahren"),
    ("time_format", "Zeitformat der Lognachrichten"),
    ("client_id", "angemeldete Kasse (Client-ID)"),
    ("public_key", "öffentlicher Schlüssel (Base64)"),
)


def values(state: State, record: Record, zone: tzinfo) -> dict[str, str]:
    """Marks of the texts → Markdown."""
    own = [key for key in sales_keys(state.config).values() if key.key >= FIRST_INDIVIDUAL]
    deferred = [(code(key), value(new)) for key, new in sorted(state.pending.items())]
    return {
        "software": plain(state.software) or NONE,
        "build": code(state.build) if state.build else NONE,
        "programs": _programs(record, zone),
        "tse": _tse(record, zone),
        "tse_history": _tse_history(record, zone),
        "outages": _outages(record, zone),
        "tax_keys": _tax_keys(state),
        "own_tax_keys": _own_keys(own) if own else "",
        "former_tax_keys": _former(),
        "skips": _skips(record, zone) if record.skips else "",
        "repairs": _repairs(record, zone),
        "versions": _versions(record, zone),
        "changes": _changes(record, zone),
        "deferred": table(("Schlüssel", "neuer Wert"), deferred) if deferred else "",
        "article_changes": _articles(record),
        "annex_sha256": code(annex_hash(state)),
        "annex_journal": code(state.annex) if state.annex else "",
        "annex": _annex(state),
        "epoch": str(state.epoch),
    }


def _programs(record: Record, zone: tzinfo) -> str:
    rows = ((moment(e.at, zone), plain(e.data["software"]), code(e.data["build"])) for e in record.programs)
    return table(
        ("im Einsatz seit", "Programm", "Prüfsumme der Programmdateien"), rows, "Noch nicht gestartet."
    )


def _tse(record: Record, zone: tzinfo) -> str:
    """The TSE in use, with its certificates."""
    if not record.tses:
        return "*Es ist noch keine TSE in Betrieb genommen; bis dahin verkauft die Kasse nicht.*"
    data = record.tses[-1].data
    rows = [(plain(text), code(data[key])) for key, text in TSE_KEYS if data[key]]
    if data["certificate_expiry"]:
        rows.append(("Zertifikat gültig bis", _day(data["certificate_expiry"], zone)))
    rows.append(("in Betrieb seit", moment(record.tses[-1].at, zone)))
    certificates = table(
        ("Zertifikat", "Inhaber", "Aussteller", "Nummer", "gültig"),
        [_certificate(n, text) for n, text in enumerate(data["certificates"], 1)],
        "Die TSE hat keine Zertifikate geliefert.",
    )
    return f"{table(('Angabe', 'Wert'), rows)}\n\n{certificates}"


def _certificate(number: int, text: str) -> tuple[str, ...]:
    """One row; what cannot be read is said."""
    from kassd.tse.log.certificates import CertificateError, load

    try:
        found = load(b64decode(text)).library
    except (CertificateError, ValueError):
        return str(number), "nicht lesbar", NONE, NONE, NONE
    days = f"{found.not_valid_before_utc:%d.%m.%Y} – {found.not_valid_after_utc:%d.%m.%Y}"
    names = (found.subject.rfc4514_string(), found.issuer.rfc4514_string())
    return str(number), *map(plain, names), code(f"{found.serial_number:x}"), days


def _day(seconds: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(zone):%d.%m.%Y}"


def _tse_history(record: Record, zone: tzinfo) -> str:
    reasons = {e.data["new_serial_number"]: e.data for e in record.replaced}
    rows = []
    for event in record.tses:
        data = event.data
        why = reasons.get(data["serial_number"])
        said = f"Wechsel: {why['reason']} ({why['by']})" if why else "erste TSE"
        rows.append(
            (
                moment(event.at, zone),
                code(data["serial_number"]),
                plain(data["certification_id"]),
                plain(said),
            )
        )
    return table(("seit", "Seriennummer", "Zertifizierungs-ID", "Anlass"), rows, "Noch keine.")


def _outages(record: Record, zone: tzinfo) -> str:
    """Each outage with its end, or that it lasts."""
    ends = {e.data["id"]: e for e in record.outages if "reason" not in e.data}
    rows = []
    for event in record.outages:
        if "reason" not in event.data:
            continue
        end = ends.get(event.data["id"])
        rows.append(
            (
                moment(event.data["at"], zone),
                moment(end.data["at"], zone) if end else "dauert an",
                plain(event.data["message"] or event.data["reason"]),
                str(end.data["unsigned"]) if end else NONE,
            )
        )
    head = ("Beginn", "Ende", "Grund", "Vorgänge ohne Signatur ausgegeben")
    signed = len({e.data["sale"] for e in record.late if e.data["operation"] == "finish"})
    told = (
        f"\n\nNachträglich signiert hat die TSE davon {signed}, weil sie sie schon begonnen hatte."
        if signed
        else ""
    )
    return table(head, rows, "Bisher keiner.") + told


def _tax_keys(state: State) -> str:
    keys = [key for key in sales_keys(state.config).values() if key.key < FIRST_INDIVIDUAL]
    return _keys([(key, _percent(state.rates.get(key.key, key.rates[-1][1]))) for key in keys])


def _own_keys(keys: list[VatKey]) -> str:
    rows = ((str(k.key), k.code, _percent(k.rates[0][1]), plain(k.name), plain(k.text or NONE)) for k in keys)
    return table(("UST_SCHLUESSEL", "auf dem Beleg", "Satz", "Bedeutung", "Hinweis auf dem Beleg"), rows)


def _former() -> str:
    return _keys([(key, _percent(key.rates[0][1])) for key in HISTORIC.values()])


def _keys(keys: list[tuple[VatKey, str]]) -> str:
    rows = ((str(key.key), key.code, rate, plain(key.name), str(key.slot)) for key, rate in keys)
    return table(("UST_SCHLUESSEL", "auf dem Beleg", "Satz", "Bedeutung", "Stelle in den Prozessdaten"), rows)


def _percent(rate: Any) -> str:
    return f"{rate:f} %".replace(".", ",")


def _skips(record: Record, zone: tzinfo) -> str:
    def span(data: dict[str, Any], what: str) -> str:
        first, last = data.get(f"first_{what}", 0), data.get(f"last_{what}", 0)
        return f"{first}–{last}" if last else "keine"

    rows = (
        (
            moment(e.at, zone),
            span(e.data, "receipt"),
            span(e.data, "closing"),
            str(e.data["epoch"]),
            plain(e.data["why"]),
            plain(", ".join(e.data["sources"])),
            plain(e.data["operator"] or NONE),
        )
        for e in record.skips
    )
    head = ("entschieden am", "Belege", "Abschlüsse", "neue Epoche", "Grund", "wer sich erinnerte", "durch")
    return table(head, rows)


def _repairs(record: Record, zone: tzinfo) -> str:
    def told(event: Event) -> str:
        match event.kind:
            case "journal.created":
                return f"Journal angelegt, Prüfpunkt-Schlüssel {event.data['public_key']}"
            case "journal.key_changed":
                return f"neuer Prüfpunkt-Schlüssel {event.data['public_key']}"
            case "journal.gap":
                return (
                    f"Zeilen {event.data['first']} bis {event.data['last']} waren verloren und kamen aus "
                    f"{event.data['source']} zurück ({event.data['reason']})"
                )
            case _:
                return f"{event.data['bytes']} unvollständige Bytes nach einem Stromausfall beiseite gelegt"

    return table(
        ("wann", "was"), ((moment(e.at, zone), plain(told(e))) for e in record.repairs), "Noch keine."
    )


def _versions(record: Record, zone: tzinfo) -> str:
    rows = []
    for version in record.versions:
        changes = record.of(version.number)
        keys = ", ".join(code(change.key) for change in changes[:4])
        more = f" und {len(changes) - 4} weitere" if len(changes) > 4 else ""
        what = "erste Einrichtung" if version.number == 1 else (keys + more) or "TSE oder Programm"
        proven = "stimmt" if version.proven else "weicht ab"
        mark = code(version.sha256[:16] + "…")
        rows.append((str(version.number), moment(version.at, zone), what, mark, proven))
    head = ("Fassung", "in Kraft seit", "geändert", "SHA-256 des Anhangs", "nachgerechnet")
    return table(head, rows, "Noch keine.")


def _changes(record: Record, zone: tzinfo) -> str:
    """Every change after the first set-up; what was only noted for the next closing says so."""
    rows = (
        (
            str(c.version),
            moment(c.at, zone),
            code(c.key),
            value(c.old),
            value(c.new),
            plain(WHO.get(c.who, c.who)),
            plain("vorgemerkt bis zum Abschluss" if c.waits else HOW.get(c.how, c.how)),
        )
        for c in record.changes
        if c.version > 1 or c.waits
    )
    head = ("Fassung", "wann", "was", "alt", "neu", "wer", "wie")
    return table(head, rows, "Seit der ersten Einrichtung wurde nichts geändert.")


def _articles(record: Record) -> str:
    rows = (
        (
            f"{date.fromisoformat(day):%d.%m.%Y}",
            str(count),
            plain(WHO.get(who, who)),
            plain(HOW.get(how, how)),
        )
        for (day, who, how), count in record.articles.items()
    )
    return table(("Tag (UTC)", "geänderte Artikel", "wer", "wie"), rows, "Noch keine.")


def _annex(state: State) -> str:
    """The annex as its hash is made: each part, the configuration key by key."""
    whole = annex(state)
    rows = [(code(key), value(item)) for key, item in whole["config"].items()]
    rates = [(code(f"rates.{key}"), value(rate)) for key, rate in whole["rates"].items()]
    program = [(code(key), value(whole[key])) for key in ("software", "build")]
    tse = [(code(f"tse.{key}"), _short(item)) for key, item in (whole["tse"] or {}).items()]
    return table(("Schlüssel", "Wert"), [*rows, *rates, *program, *tse])


def _short(item: Any) -> str:
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    return code(text if len(text) <= 100 else f"{text[:90]}… ({len(text)} Zeichen)")
