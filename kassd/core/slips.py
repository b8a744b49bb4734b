"""Slips as data: from a Vorgang, as it is at this moment, to the frozen document that is issued."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from kassd.core.credit.state import WHOLE, Item
from kassd.core.document import Document, DocumentKind, Position, Seal, Tender, VatSum
from kassd.core.entry import NO_SUPPLY, Line, counter_line, standing_lines, standing_payments
from kassd.core.former import config_then
from kassd.core.inputs import TseAnswered
from kassd.core.master import agencies, is_small_business, is_test, issuer, register_id, vat_keys
from kassd.core.money import euros, net_and_tax
from kassd.core.newest import newest
from kassd.core.process_data import qr_text
from kassd.core.receipts.form import by_default, with_form
from kassd.core.state import Bound, Sale, State
from kassd.core.totals import vat_rows
from kassd.core.vat import HISTORIC, SMALL_BUSINESS, SMALL_BUSINESS_TEXT, VatKey
from kassd.core.wording import day_of
from kassd.deferred import replace

ABORTED = "Belegabbruch - kein Beleg"
ORDER = "Bestellung - kein Beleg"
SLIP_KINDS: dict[str, DocumentKind] = {"sale": "sale", "other": "sale", "order": "order"}
OFFER = "Angebot"  # BON_NAME
NEAR = Decimal("0.0015")  # how far a part's quantity is from the fraction it stands for
UNPAID = "Rechnung – noch nicht bezahlt"
NOT_SOLD = {"AVSachbezug": "Sachbezug", "AVSonstige": "Sonstiger Vorgang"}
GOODS = ("Umsatz", "Pfand", "PfandRueckzahlung")
CASE_TITLES = {
    "Anfangsbestand": "Anfangsbestand",
    "Geldtransit": "Geldtransit",
    "Privateinlage": "Privateinlage",
    "Privatentnahme": "Privatentnahme",
    "TrinkgeldAN": "Auszahlung von Trinkgeld",
    "DifferenzSollIst": "Kassendifferenz (DifferenzSollIst)",
}


def seal_of(bound: Bound, sale: Sale, answer: TseAnswered) -> Seal:
    """The TSE's values, unaltered, with the QR text made of them."""
    assert sale.transaction is not None
    return Seal(
        serial_number=answer.serial_number,
        transaction_number=answer.transaction_number,
        signature_counter=answer.signature_counter,
        start=sale.transaction.log_time,
        finish=answer.log_time,
        signature=answer.signature,
        algorithm=bound.algorithm,
        time_format=bound.time_format,
        public_key=bound.public_key,
        process_type=sale.process_type,
        process_data=sale.process_data,
        qr=qr_text(
            bound.client_id,
            sale.process_type,
            sale.process_data,
            answer.transaction_number,
            answer.signature_counter,
            sale.transaction.log_time,
            answer.log_time,
            bound.algorithm,
            bound.time_format,
            answer.signature,
            bound.public_key,
        ),
    )


def sale_document(state: State, sale: Sale, at: str, seal: Seal | None) -> Document:
    """The slip of a finished sale or cash movement; without ``seal`` it is an outage slip.

    An abort shows each line and its counter-line, sums of 0.00 and no payment (FISCAL 10); it is kept as data
    and given to nobody.
    """
    aborted = sale.status in ("aborting", "aborted")
    if aborted:
        sale = countered(sale)
    bill = state.orders.bills.get(sale.id)
    receipt = sale.bon_type == "Beleg"  # nothing else is paid; what was paid before is undone
    keys, small = vat_keys(state.config), _is_small(state, sale)
    positions, vat = _goods(sale.lines, keys, small, bill.parts if bill else 0)
    document = Document(
        id=f"R{sale.number}",
        kind=SLIP_KINDS.get(sale.kind, "cash"),
        title=ABORTED if aborted else _title(sale),
        number=str(sale.number),
        register=register_id(state.config),
        issuer=issuer(state.config),
        issued_at=at,
        started_at=sale.opened_at,
        station=sale.station,
        operator=sale.operator,
        test=is_test(state.config),
        positions=positions,
        vat=vat,
        total=sale.total,
        payments=_tenders(sale) if receipt else (),
        change=sum(given[0].change for given in standing_payments(sale.payments)) if receipt else 0,
        seal=seal,
        outage=seal is None,
        reason=sale.reason,
        person=sale.person,
        bon_type="AVBelegabbruch" if aborted and sale.bon_type != "AVTraining" else sale.bon_type,
        group=sale.group,
        references=sale.references,
        customer=sale.customer,
        service=_service(state, sale, at),
        first_order_at=sale.first_order_at,
        notes=_notes(state, sale),
    )
    meal = by_default(state.config, sale.station) if sale.hospitality is None else sale.hospitality
    paid = document.kind == "sale" and document.bon_type in ("Beleg", "AVRechnung") and sale.total > 0
    return with_form(document) if meal and paid else document


def _notes(state: State, sale: Sale) -> tuple[str, ...]:
    """An invoice is written once (§ 14c Abs. 1 UStG): the receipt that takes its money says so. Nor does
    anybody owe the tax of others: what of the sums is an agency's is told."""
    others = tuple(_of_agencies(state, sale))
    paid = _billed(state, sale)
    if paid is None or paid.kind != "invoice":
        return others
    told = f"Zahlung der Rechnung {paid.number} (Beleg-Nr. {paid.receipt}), keine zweite Rechnung."
    return (*others, told)


def _of_agencies(state: State, sale: Sale) -> Iterator[str]:
    """For each agency (AGENTUR_ID) what of the slip's sums and taxes is its own."""
    sums: dict[int, dict[int, int]] = {}
    rates: dict[int, Decimal] = {}
    for line in sale.lines:
        for share in line.by_vat() if line.agency else ():
            of_agency = sums.setdefault(line.agency, {})
            of_agency[share.vat] = of_agency.get(share.vat, 0) + share.amount
            rates[share.vat] = share.rate
    keys, names = vat_keys(state.config), agencies(state.config)
    for agency, by_key in sorted(sums.items()):
        told = [
            f"{keys[key].code} {euros(gross)} €" + (f", USt {euros(tax)} €" if rates[key] else "")
            for key, gross in sorted(by_key.items())
            if gross
            for _, tax in [net_and_tax(gross, rates[key])]
        ]
        if told:
            who = names.get(agency, f"Agentur {agency}")
            yield f"Davon im Namen und für Rechnung von {who}: {'; '.join(told)}."


def _is_small(state: State, sale: Sale) -> bool:
    """Whether § 19 UStG applies; to a paper receipt as on its day."""
    written = sale.written_at and datetime.fromisoformat(sale.written_at)
    return is_small_business(config_then(state, written) if written else state.config)


@newest
def _goods(
    lines: tuple[Line, ...], keys: Mapping[int, VatKey], small: bool, parts: int
) -> tuple[tuple[Position, ...], tuple[VatSum, ...]]:
    """What stands on the slip of a Vorgang's lines. ``small``: of a small business; ``parts``: in how many
    equal ones a bill was split."""
    rates = {share.vat: share.rate for line in lines for share in line.by_vat()}
    standing = {share.vat for line in standing_lines(lines) for share in line.by_vat()}
    sums = tuple(
        VatSum(key, keys[key].code, rates[key], net, tax, gross, _exempt(keys[key], small))
        for key, gross, net, tax in vat_rows(lines)
        if gross or key in standing
    )
    return _positions(lines, keys, sums, parts), sums


def _exempt(key: VatKey, small: bool) -> str:
    """Why no tax is shown (§ 14 Abs. 4 Nr. 8, § 34a UStDV), '' for taxed keys."""
    return SMALL_BUSINESS_TEXT if small and key.key == SMALL_BUSINESS else key.text


def _positions(
    lines: tuple[Line, ...], keys: Mapping[int, VatKey], sums: tuple[VatSum, ...], parts: int
) -> tuple[Position, ...]:
    told = {row.vat for row in sums}
    return tuple(
        Position(
            n=line.n,
            text=line.text,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            vat=line.vat,
            code="".join(keys[share.vat].code for share in line.by_vat()),
            unit=line.unit,
            voids=line.voids,
            note="" if line.voids else line.below,
            case=line.case,
            share=_share(line, parts),
            shares=tuple(share.amount for share in line.shares),
            rates=_rates(line, told) if sums else (),
        )
        for line in lines
    )


def _rates(line: Line, told: set[int]) -> tuple[Decimal, ...]:
    """Where not each of them has a sum that tells it."""
    shares = tuple(line.by_vat())
    return () if all(share.vat in told for share in shares) else tuple(share.rate for share in shares)


def _share(line: Line, parts: int) -> str:
    """Of pieces that are billed in equal ``parts``: ``1/3``, where three decimals only come near it."""
    pieces = round(line.quantity * parts)
    near = abs(Decimal(pieces) / parts - line.quantity) < NEAR if parts else False
    if not near or not pieces or line.unit or line.quantity == line.quantity.to_integral_value():
        return ""
    return str(Fraction(pieces, parts))


def _tenders(sale: Sale) -> tuple[Tender, ...]:
    return tuple(
        Tender(
            p.type,
            "Rückgeld" if p.change and p.amount < 0 else p.name,  # of cash of another currency
            p.amount,
            p.given,
            p.currency,
            p.foreign,
            p.rate,
            p.reference,
        )
        for p in sale.payments
    )


def _service(state: State, sale: Sale, at: str) -> str:
    """When the supply is made, where that is not the day of the receipt (§ 14 Abs. 4 Nr. 6 UStG)."""
    if any(line.case == "Anzahlungseinstellung" for line in sale.standing()):
        return "Anzahlung, die Leistung folgt"
    if sale.service:
        return sale.service
    if sale.written_at and sale.written_at[:10] != at[:10]:
        return f"{supplied_on(sale.written_at)} (Papierbeleg)"
    billed = _billed(state, sale)
    if billed is not None:
        return f"{supplied_on(billed.at)} ({'Lieferschein' if billed.kind == 'delivery' else 'Rechnung'})"
    if sale.first_order_at and sale.first_order_at[:10] != at[:10] and _is_served(state, sale):
        return f"Leistungszeitraum {day_of(sale.first_order_at)} bis {day_of(at)} (ab der ersten Bestellung)"
    return ""


def _is_served(state: State, sale: Sale) -> bool:
    """Whether what was ordered was supplied from then on: at a table, consumed on site, or at a rate that has
    ended since. Goods that were parked or ordered in advance are supplied when they are handed over, which is
    when they are paid (§ 3 Abs. 1 UStG; UStAE 14.5)."""
    group = state.orders.groups.get(sale.group)
    return (group is not None and group.table != "") or any(
        line.in_house or any(share.vat in HISTORIC for share in line.by_vat()) for line in sale.standing()
    )


def supplied_on(at: str) -> str:
    """``Leistungsdatum 21.11.2026`` of an RFC 3339 time."""
    return f"Leistungsdatum {day_of(at)}"


def _billed(state: State, sale: Sale) -> Item | None:
    """The delivery note or unpaid invoice that a receipt bills."""
    items = (state.credit.items.get(line.account) for line in sale.lines if line.account)
    return next((item for item in items if item is not None and item.kind in WHOLE), None)


def countered(sale: Sale) -> Sale:
    """The Vorgang with a counter-line for each line that stands, and without its payments."""
    n, lines = len(sale.lines), list(sale.lines)
    for offset, line in enumerate(sale.standing(), 1):
        lines.append(counter_line(line, n + offset))
    return replace(sale, lines=tuple(lines), payments=())


def _title(sale: Sale) -> str:
    if sale.kind == "order":
        return ORDER
    if sale.bon_type in NOT_SOLD:
        return f"{sale.name or NOT_SOLD[sale.bon_type]} - kein Beleg"
    if sale.bon_type == "AVTransfer":
        return sale.name
    if sale.bon_type == "AVRechnung":
        return UNPAID
    if sale.bon_type == "AVTraining":
        return "TRAINING – kein Beleg"
    title = CASE_TITLES.get(sale.case, sale.case)
    if any(one.how == "cancel" for one in sale.corrects):
        return f"Stornobeleg {title}".strip()
    return _sold(sale) if sale.kind in ("sale", "other") else title


def _sold(sale: Sale) -> str:
    """What a receipt to a customer is: money for a voucher or an older invoice makes no invoice."""
    cases = {line.case for line in sale.standing()}
    if sale.total < 0 or sum(line.amount for line in sale.lines if not line.settles) < 0:
        return (
            "Rückgabe"
            if any(line.quantity < 0 and line.case in GOODS for line in sale.lines)
            else "Erstattung"
        )
    if cases and cases <= set(NO_SUPPLY):
        return "Quittung"
    return "Anzahlungsrechnung" if cases == {"Anzahlungseinstellung"} else "Rechnung"


def copy_of(document: Document, seq: int, at: str) -> Document:
    """The same slip marked KOPIE; it shows what the original showed (L-073). ``seq``: the copy's line."""
    return replace(document, id=f"{document.id.split('-K')[0]}-K{seq}", copy_at=at)
