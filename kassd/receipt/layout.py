"""A document becomes a slip: which field stands where. Pure.

The fields are those of the receipt matrix (KassenSichV § 6, AEAO zu § 146a Nr. 2.4, UStDV § 33; the table
is in ``docs/receipt.md``). With the QR code the TSE's values may stand only there; without one all of them
are printed, untruncated. Every word on the slip is German.
"""

from kassd.core.document import Document, Position, Row, Seal, VatSum
from kassd.core.entry import NO_SUPPLY, SETTLING
from kassd.core.newest import newest
from kassd.receipt import qr as qr_code
from kassd.receipt.page import HANG, Cut, Item, Line, Page, Qr, to_text
from kassd.receipt.text import clean, moment, money, number, wrap
from kassd.receipt.ticket import ticket

OUTAGE = "TSE-Ausfall – Vorgang ohne TSE-Signatur"
TEST = "TEST - kein Beleg"
NO_RECEIPT = "kein Beleg"
OFFER, TITLE = "Angebot", "Bewirtungsbeleg"
PERSONS = {"Mitarbeiter": "Mitarbeiter", "Inhaber": "Entnommen von"}  # KUNDE_TYP of who gets goods unpaid
COPY = "KOPIE"
LATE = "nachträglich gedruckt"
SERVICE_DATE = "Leistungsdatum entspricht Belegdatum"
REFERENCES = {
    "ExterneRechnung": "Rechnung",
    "ExternerLieferschein": "Lieferschein",
    "ExterneSonstige": "Vorgang",
}
NAME_MIN = 18  # below that a name has no room beside quantity and amount


def layout(document: Document, columns: int, *, late: bool = False, qr: bool = True) -> tuple[Item, ...]:
    """Lay a document out for paper of ``columns`` characters (32, 42, 48; at least 24).

    ``late``: the original is printed after the sale and says so (L-080). ``qr``: the printer can print a
    QR code; without, or where the content is too large for one, the TSE's values are printed in clear.
    """
    page = Page(columns)
    notices = _notices(document)
    for notice in notices:
        page.banner(notice)
    if notices:
        page.rule(heavy=True)
    if document.copy_at:
        page.banner(COPY)
        page.blank()
    if document.kind == "ticket":
        ticket(page, document)
        return _ended(page, notices)
    if document.kind == "card":
        _card(page, document)
        return _ended(page, notices)
    if document.kind == "transfer":
        _transfer(page, document)
        return _ended(page, notices)
    _issuer(page, document)
    _heading(page, document, late)
    match document.kind:
        case "sale" | "order":
            _sale(page, document)
        case "cash":
            _cash(page, document)
        case "report" | "test":
            _sections(page, document)
        case "voucher":
            _voucher(page, document)
        case "interim":
            _interim(page, document)
    if document.kind in ("sale", "cash", "order"):
        _security(page, document, qr)
    return _ended(page, notices)


def _ended(page: Page, notices: tuple[str, ...]) -> tuple[Item, ...]:
    if notices:
        page.rule(heavy=True)
    for notice in notices:
        page.banner(notice)
    return (*page.items, Cut())


def plain_text(document: Document, columns: int, *, late: bool = False) -> str:
    """Return the slip as text that stands for itself: no QR code, all TSE values in clear."""
    return to_text(layout(document, columns, late=late, qr=False), columns)


def _notices(document: Document) -> tuple[str, ...]:
    """What must be unmistakable above and below: this is no receipt (L-017, L-075, L-077)."""
    test = (TEST,) if document.test or document.kind == "test" else ()
    return (*test, document.title) if NO_RECEIPT in document.title else test


def _issuer(page: Page, document: Document) -> None:
    issuer = document.issuer
    page.banner(issuer.name)
    page.line(issuer.street, "center")
    foreign = "" if issuer.country == "DEU" else f", {issuer.country}"
    page.line(f"{issuer.postal_code} {issuer.city}{foreign}", "center")
    if issuer.tax_number:
        page.line(f"Steuernummer {issuer.tax_number}", "center")
    if issuer.vat_id:
        page.line(f"USt-IdNr. {issuer.vat_id}", "center")
    page.blank()


def _heading(page: Page, document: Document, late: bool) -> None:
    label = f"Beleg-Nr. {document.number}" if document.number else ""
    page.pair(document.title, label, bold=True)
    page.pair("Datum", moment(document.issued_at))
    if document.copy_at:
        page.pair("Kopie", moment(document.copy_at))
    if late:
        page.pair("Original", LATE)


def _sale(page: Page, document: Document) -> None:
    if document.reason:
        says_itself = document.bon_type in ("AVTransfer", "AVRechnung") or document.title.startswith(OFFER)
        page.line(document.reason if says_itself else f"Grund: {document.reason}")
    _ordered(page, document)
    _parties(page, document)
    page.rule()
    settled = tuple(p for p in document.positions if p.case in SETTLING)
    if len(settled) == len(document.positions):
        settled = ()  # a down payment given back settles nothing
    sold = tuple(p for p in document.positions if p not in settled) if settled else document.positions
    page.items += _positions(sold, page.columns)
    page.rule()
    due = document.total - sum(p.amount for p in settled)
    page.pair("Summe", f"{money(due)} €", bold=True, tall=True)
    if document.title.startswith(OFFER):
        page.blank()
        taxed = " einschließlich Umsatzsteuer" if any(not row.text for row in document.vat) else ""
        page.line(f"Angebot{taxed}, nichts verkauft.", "center")
        return
    if document.kind == "order":
        page.blank()
        page.line("Noch nicht abgerechnet.", "center")
        return
    if document.bon_type in ("AVSachbezug", "AVSonstige"):
        _form(page, ("Datum, Unterschrift",))
        return
    if document.bon_type == "AVTransfer":
        page.blank()
        page.line("Kein Kassenbeleg, die Rechnung folgt.", "center")
        return
    if document.bon_type == "AVRechnung":
        page.pair("Noch zu zahlen", f"{money(document.total)} €", bold=True)
    else:
        _settled(page, settled)
        _payments(page, document, bool(settled))
    page.rule()
    _vat(page, document.vat)
    page.blank()
    supplied = document.bon_type != "AVTraining" and any(p.case not in NO_SUPPLY for p in document.positions)
    if document.service or supplied:
        page.line(document.service or SERVICE_DATE, "center")
    for note in document.notes:
        page.line(note)
    if document.form:
        page.blank()
        page.line(TITLE, "center", bold=True)
    _form(page, document.form)


def _form(page: Page, labels: tuple[str, ...]) -> None:
    """Each label with a line to write on."""
    for label in labels:
        page.blank()
        page.line(label)
        page.blank()
        page.line("_" * page.columns)


def _ordered(page: Page, document: Document) -> None:
    """What was ordered before names its group and since when (DSFinV-K 2.7.2)."""
    if document.group:
        page.pair("Bestellung", document.group)
    if document.first_order_at:
        page.line("Beginn der ersten Bestellung")
        page.line(moment(document.first_order_at), "right")


def _interim(page: Page, document: Document) -> None:
    """What is open, to be looked at; no tax (§ 14c UStG)."""
    for note in document.notes:
        page.line(note, bold=True)
    _ordered(page, document)
    page.rule()
    page.items += _positions(document.positions, page.columns)
    page.rule()
    page.pair("Offen", f"{money(document.total)} €", bold=True, tall=True)


def _parties(page: Page, document: Document) -> None:
    """Whom it is made out to, and what it refers to."""
    if document.customer is not None:
        customer = document.customer
        page.blank()
        page.line(PERSONS.get(customer.type, "Leistungsempfänger"), bold=True)
        foreign = "" if customer.country == "DEU" else customer.country
        town = " ".join(part for part in (customer.postal_code, customer.city, foreign) if part)
        for text in (customer.name, customer.street, town):
            if text:
                page.line(text)
        if customer.type in PERSONS and customer.id:
            page.line(f"Nr. {customer.id}")
        if customer.vat_id:
            page.line(f"USt-IdNr. {customer.vat_id}")
    _references(page, document)


def _references(page: Page, document: Document) -> None:
    for reference in document.references:
        where = f" (Abschluss {reference.closing})" if reference.closing else ""
        what = (
            "Beleg-Nr." if reference.type == "Transaktion" else reference.name or REFERENCES[reference.type]
        )
        page.line(f"Zu {what} {reference.number}{where}")


def _cash(page: Page, document: Document) -> None:
    page.line("Eigenbeleg")
    _references(page, document)
    page.rule()
    texts = dict.fromkeys(clean(p.text) for p in document.positions)
    for text in texts:
        if text not in clean(document.title):
            page.line(text)
    page.pair("Grund", document.reason or "-")
    page.pair("Person", document.person or document.operator or "-")
    page.rule()
    page.pair("Betrag", f"{money(document.total)} €", bold=True, tall=True)
    for tender in document.payments:
        page.pair(tender.name, f"{money(tender.amount)} €")
    for _ in range(3):
        page.blank()
    page.rule()
    page.line("Datum, Unterschrift")


def _card(page: Page, document: Document) -> None:
    """A card terminal's own receipt, to the letter: so nobody here answers for what must stand on it."""
    for text in document.notes:
        if len(text) <= page.columns:
            page.items.append(Line(text))
        else:
            page.line(text)


def _transfer(page: Page, document: Document) -> None:
    """A GiroCode, and the same in clear for whoever types it in. Nothing is paid by this slip."""
    page.pair("Überweisung", moment(document.issued_at), bold=True)
    page.rule()
    page.banner(f"{money(document.total)} €")
    page.blank()
    page.items.append(Qr(document.code))
    for label, text in zip(("Empfänger", "IBAN", "Verwendungszweck"), document.notes, strict=True):
        page.pair(label, text)
    page.line("Mit der App der Bank scannen und hier zeigen; den Kassenbeleg gibt es danach.")


def _voucher(page: Page, document: Document) -> None:
    """What the customer gives away: value, last day, number in clear and to be scanned."""
    page.rule()
    page.banner(f"{money(document.total)} €")
    page.blank()
    page.items.append(Qr(document.code))
    page.line(document.code, "center", bold=True)
    page.blank()
    year, month, day = document.valid_until.split("-")
    page.pair("Gültig bis", f"{day}.{month}.{year}")
    page.pair("Einlösbar an Kasse", document.register)
    page.line("Teilbeträge sind möglich; der Restwert steht auf dem Kassenbon.")
    page.line("Dies ist kein Kassenbeleg.", "center")


def _sections(page: Page, document: Document) -> None:
    page.pair("Kasse", document.register)
    if document.operator:
        page.pair("Bediener", document.operator)
    if document.reason:
        page.line(document.reason)
    for section in document.sections:
        page.rule()
        page.line(section.title, bold=True)
        for row in section.rows:
            indent = len(row.label) - len(row.label.lstrip())
            page.pair(_label(row), _figure(row, "" if row.count is None else str(row.count)), indent=indent)
    page.rule()
    if document.kind == "test":
        page.line("äöüÄÖÜß € § é × – „Gans“")
        page.line("".join(str(n % 10) for n in range(1, page.columns + 1)))


def _label(row: Row) -> str:
    return row.label if row.count is None or not _figure(row, "") else f"{row.label} ({row.count})"


def _figure(row: Row, count: str) -> str:
    amount = "" if row.amount is None else money(row.amount)
    return " ".join(part for part in (row.text, amount) if part) or count


@newest
def _positions(positions: tuple[Position, ...], columns: int) -> tuple[Item, ...]:
    """Name, quantity × unit price, amount and tax letter; in one row where every name has room."""
    rows = [(p, _name(p), _quantity(p), f"{money(p.amount)} {p.code}".rstrip()) for p in positions]
    if not rows:
        return ()
    page = Page(columns)
    amount = max(len(row[3]) for row in rows)
    quantity = max(len(row[2]) for row in rows)
    room = columns - amount - quantity - 4
    for position, name, times, price in rows:
        if room < NAME_MIN:
            page.line(name)
            page.pair(times, price, indent=2)
        else:
            first, *rest = wrap(name, room)
            page.items.append(Line(f"{first:<{room}}  {times:>{quantity}}  {price:>{amount}}"))
            page.items += [Line(part) for part in rest]
        for note in position.note.splitlines():
            page.line(note, indent=HANG)
    return tuple(page.items)


def _name(position: Position) -> str:
    name = clean(position.text)
    return name if not position.voids or name.startswith("Storno") else f"Storno {name}"


def _quantity(position: Position) -> str:
    unit = f" {clean(position.unit)}" if position.unit else ""
    quantity = position.share or number(position.quantity)
    return f"{quantity}{unit} × {money(position.unit_price)}"


def _settled(page: Page, positions: tuple[Position, ...]) -> None:
    """What was settled without money, where the payments stand: voucher, account, down payment."""
    for position in positions:
        page.pair(_name(position), f"{money(-position.amount)} €")
        for note in position.note.splitlines():
            page.line(note, indent=HANG)


def _payments(page: Page, document: Document, settled: bool) -> None:
    for tender in document.payments:
        if tender.currency != "EUR" and tender.rate is not None:
            page.pair(f"{tender.name} {money(tender.foreign)} {tender.currency}", f"{money(tender.amount)} €")
            page.line(f"1 {tender.currency} = {number(tender.rate)} €", indent=HANG)
            continue
        page.pair(tender.name, f"{money(tender.amount)} €")
        if tender.reference:
            page.line(tender.reference, indent=HANG)
        if tender.given is not None and tender.given != tender.amount:
            page.pair("Gegeben", f"{money(tender.given)} €", indent=2)
    if document.change:
        page.pair("Rückgeld", f"{money(document.change)} €", indent=2)
    if not document.payments and not settled:
        page.line("keine Zahlung")


def _vat(page: Page, sums: tuple[VatSum, ...]) -> None:
    """Net, tax and gross per rate. An exempt sum shows its text and gross, never a rate (L-067)."""
    taxed = [s for s in sums if not s.text]
    table = [("MwSt", "Netto", "Steuer", "Brutto")] if taxed else []
    table += [(f"{s.code} {number(s.rate)} %", money(s.net), money(s.tax), money(s.gross)) for s in taxed]
    widths = [max((len(row[i]) for row in table), default=0) for i in range(4)]
    spare = page.columns - sum(widths)
    if spare >= 3:  # a blank at least between any two; the paper's rest is shared out
        gap, rest = divmod(spare, 3)
        widths = [widths[0], widths[1] + gap + rest, *(width + gap for width in widths[2:])]
        for rate, *amounts in table:
            cells = (f"{cell:>{width}}" for cell, width in zip(amounts, widths[1:], strict=True))
            page.items.append(Line(f"{rate:<{widths[0]}}{''.join(cells)}"))
    else:
        for rate, *amounts in table[1:]:
            page.pair("MwSt", rate)
            for label, value in zip(table[0][1:], amounts, strict=True):
                page.pair(label, value, indent=2)
    for exempt in (s for s in sums if s.text):
        page.pair(f"{exempt.code} {exempt.text}", money(exempt.gross))


def _security(page: Page, document: Document, qr: bool) -> None:
    """What the TSE said, or plainly that it said nothing. A slip without a seal is never silent about it."""
    seal = document.seal
    if document.outage or seal is None:
        page.blank()
        page.line(OUTAGE, "center", bold=True)
        page.pair("Beginn", moment(document.started_at or document.issued_at))
        page.pair("Ende", moment(document.issued_at))
        page.pair("Seriennummer Kasse", document.register)
    elif qr and qr_code.fits(seal.qr):
        facts = (f"Kasse {document.register}", f"TSE-Transaktion {seal.transaction_number}")
        joined = " · ".join(facts)
        last = page.items[-1]
        if isinstance(last, Line) and last.align == "left":
            page.blank()
        for text in (joined,) if len(joined) <= page.columns else facts:
            page.line(text, "center")
        page.blank()
        page.items.append(Qr(seal.qr))
    else:
        page.blank()
        _clear(page, document.register, seal)


def _clear(page: Page, register: str, seal: Seal) -> None:
    """All values of the QR code and the TSE's serial number, as the TSE gave them (L-065)."""
    page.line("Angaben der technischen Sicherheitseinrichtung (TSE)", bold=True)
    for label, value in (
        ("Seriennummer Kasse", register),
        ("Seriennummer TSE", seal.serial_number),
        ("TSE-Transaktion", str(seal.transaction_number)),
        ("Signaturzähler", str(seal.signature_counter)),
        ("Start", seal.start),
        ("Ende", seal.finish),
        ("Prozesstyp", seal.process_type),
        ("Prozessdaten", seal.process_data),
        ("Signaturalgorithmus", seal.algorithm),
        ("Zeitformat", seal.time_format),
        ("Prüfwert", seal.signature),
        ("Öffentlicher Schlüssel", seal.public_key),
    ):
        page.verbatim(label, value)
