"""A receipt as EKaBS 1.0.0, the JSON that a PDF receipt carries for machines. Pure.

EKaBS (elektronischer Kassen-Beleg-Standard, DFKA 14.04.2021) puts a file ``ekabs.json`` into a PDF; an
auditor's tool reads it and verifies the signature. Amounts are euro with two decimals, gross where nothing
else is said; times of the TSE are those it gave. ``docs/ekabs.schema.json`` is our reading of the fields;
``docs/receipt.md`` says where it is not certain.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from kassd.core.document import Document, Position, Seal, Tender, VatSum
from kassd.core.entry import Customer
from kassd.core.vat import NOT_TAXABLE, SMALL_BUSINESS, SMALL_BUSINESS_TEXT

VERSION = "1.0.0"
FILE = "ekabs.json"
ISSUED = ("Beleg", "AVRechnung")
OUTAGE = "TSE-Ausfall"

Json = Mapping[str, object]


def is_receipt(document: Document) -> bool:
    """Whether a slip is a receipt to a customer: nothing else may pass for one, also not to a machine."""
    return document.kind == "sale" and document.bon_type in ISSUED


def ekabs(document: Document) -> bytes:
    """Return ``ekabs.json`` of a receipt: UTF-8, the same bytes for the same document.

    Raises:
        ValueError: the document is no receipt (:func:`is_receipt`).
    """
    if not is_receipt(document):
        raise ValueError(f"{document.id} is no receipt: EKaBS has no form for it")
    return (_text(receipt(document)) + "\n").encode()


def receipt(document: Document) -> Json:
    """The receipt as a tree; numbers that are no integers are :class:`~decimal.Decimal`."""
    rates = {vat.code: vat.rate for vat in document.vat}
    return {
        "version": VERSION,
        "type": "TEST" if document.test else "INVOICE",
        "cash_register": {"serial_number": document.register},
        "head": _head(document),
        "data": {
            "currency": "EUR",
            "full_amount_incl_vat": _euro(document.total),
            "payment_types": [_payment(tender) for tender in document.payments],
            "vat_amounts": [_vat(vat) for vat in document.vat],
            "lines": [_line(position, rates) for position in document.positions],
        },
        "security": {"tse": _tse(document)},
    }


def _head(document: Document) -> Json:
    issuer = document.issuer
    exempt = _exemption(document.vat)
    head: dict[str, object] = {
        "id": f"{document.register}/{document.id}",
        "number": document.number,
        "date": document.issued_at,
        "seller": {
            "name": issuer.name,
            "tax_number": issuer.tax_number or issuer.vat_id,
            "tax_exemption": bool(exempt),
            **({"tax_exemption_note": exempt} if exempt else {}),
            "address": _address(issuer.street, issuer.postal_code, issuer.city, issuer.country),
        },
    }
    if document.customer is not None:
        head["buyer"] = _buyer(document.customer)
    return head


def _exemption(sums: Sequence[VatSum]) -> str:
    """Why the seller owes no tax on a receipt: § 19 UStG, or all that is taxable on it is exempt; '' where he
    does. What is not taxable at all (another's goods, what settles a down payment) exempts nobody."""
    text = next((vat.text for vat in sums if vat.vat == SMALL_BUSINESS), "")
    taxed = any(vat.vat not in (SMALL_BUSINESS, NOT_TAXABLE) for vat in sums)
    return "" if taxed and text != SMALL_BUSINESS_TEXT else text


def _buyer(customer: Customer) -> Json:
    numbers = {"tax_number": customer.vat_id} if customer.vat_id else {}
    address = _address(customer.street, customer.postal_code, customer.city, customer.country)
    return {"name": customer.name, **numbers, "address": address}


def _address(street: str, postal_code: str, city: str, country: str) -> Json:
    return {"street": street, "postal_code": postal_code, "city": city, "country_code": country}


def _payment(tender: Tender) -> Json:
    payment: dict[str, object] = {"name": tender.type, "amount": _euro(tender.amount)}
    if tender.currency != "EUR":
        payment |= {"currency_code": tender.currency, "foreign_amount": _euro(tender.foreign)}
    return payment


def _vat(vat: VatSum) -> Json:
    return {
        "percentage": vat.rate,
        "incl_vat": _euro(vat.gross),
        "excl_vat": _euro(vat.net),
        "vat": _euro(vat.tax),
    }


def _line(position: Position, rates: Mapping[str, Decimal]) -> Json:
    """What of a line falls to each rate: its tax is not rounded for itself, it is that of the receipt's
    sums."""
    taxed = _taxed(position, rates)
    return {
        "text": position.text,
        "vat_amounts": [{"percentage": rate, "incl_vat": _euro(gross)} for rate, gross in taxed],
        "item": {
            "quantity": position.quantity,
            **({"quantity_measure": position.unit} if position.unit else {}),
            "price_per_unit": _euro(position.unit_price),
        },
    }


def _taxed(position: Position, rates: Mapping[str, Decimal]) -> Iterator[tuple[Decimal, int]]:
    """Rate and gross by rate. Slips of a version that did not record it have no row for a line of several
    rates, nor for one that was taken back and left its rate without a sum."""
    amounts = position.shares or (position.amount,)
    known = position.rates or [rates[code] for code in position.code if code in rates]
    if len(known) == len(amounts):
        yield from zip(known, amounts, strict=True)


def _tse(document: Document) -> Json:
    """What the TSE said; in an outage the register's own times, as on the slip."""
    seal, first = document.seal, document.first_order_at
    order = {"first_order": first} if first else {}
    if seal is None or document.outage:
        began = document.started_at or document.issued_at
        times = {"timestamp_start": began, "timestamp_end": document.issued_at}
        return {"error_description": OUTAGE, **times, **order}
    return {**_seal(seal), **order}


def _seal(seal: Seal) -> Json:
    return {
        "serial_number": seal.serial_number,
        "signature_algorithm": seal.algorithm,
        "log_time_format": seal.time_format,
        "public_key": seal.public_key,
        "timestamp_start": seal.start,
        "timestamp_end": seal.finish,
        "transaction_number": seal.transaction_number,
        "signature_number": seal.signature_counter,
        "process_type": seal.process_type,
        "process_data": seal.process_data,
        "signature": seal.signature,
    }


def _euro(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _text(value: object, indent: str = "\n") -> str:
    """JSON with decimals as they are: a float would do for reading, not for money."""
    deeper = indent + "  "
    if isinstance(value, Mapping) and value:
        rows = [f"{json.dumps(key)}: {_text(item, deeper)}" for key, item in value.items()]
        return "{" + deeper + f",{deeper}".join(rows) + indent + "}"
    if isinstance(value, list) and value:
        return "[" + deeper + f",{deeper}".join(_text(item, deeper) for item in value) + indent + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)
