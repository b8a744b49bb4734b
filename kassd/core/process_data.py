"""Process data of DSFinV-K Anhang I: one pure function from the rows that are exported.

TSE, receipt, QR code and DSFinV-K all use these bytes (UTF-8, no BOM).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from kassd.core.money import decimal_point, point
from kassd.core.vat import HISTORIC, KEYS, VatKey

RECEIPT = "Kassenbeleg-V1"
ORDER = "Bestellung-V1"
ALL_KEYS: Mapping[int, VatKey] = {**KEYS, **HISTORIC}


def receipt_process_data(
    bon_type: str,
    vat_rows: Iterable[tuple[int, int]],
    payment_rows: Iterable[tuple[str, int] | tuple[str, int, str]],
    keys: Mapping[int, VatKey] = ALL_KEYS,
) -> str:
    """``Kassenbeleg-V1``: type ^ gross sums of the five rate slots ^ payments.

    ``vat_rows`` are (UST_SCHLUESSEL, gross cents) as in transactions_vat, ``payment_rows`` are
    (ZAHLART_TYP, cents[, currency]) as in datapayment, the amount in that currency, EUR if none is named.
    Sums of zero and kind ``Keine`` are left out; every kind but ``Bar`` counts as ``Unbar``. Order: cash
    before the rest, in each EUR first, then by currency. ``keys``: where there are keys of one's own.
    """
    slots = [0, 0, 0, 0, 0]
    for key, gross in vat_rows:
        slots[keys[key].slot - 1] += gross
    sums: dict[tuple[str, str], int] = {}
    for row in payment_rows:
        kind, currency = row[0], row[2] if len(row) == 3 else "EUR"
        if kind != "Keine":
            name = ("Bar" if kind == "Bar" else "Unbar", "" if currency == "EUR" else f":{currency}")
            sums[name] = sums.get(name, 0) + row[1]
    payments = "_".join(
        f"{point(amount)}:{kind}{currency}" for (kind, currency), amount in sorted(sums.items()) if amount
    )
    return f"{bon_type}^{'_'.join(point(s) for s in slots)}^{payments}"


def order_process_data(lines: Iterable[tuple[Decimal, str, int]]) -> str:
    """``Bestellung-V1``: one line each of quantity;"text";gross unit price, separated by CR.

    Quantities have no more digits than they need; a quotation mark in a text is doubled; a negative quantity
    takes an earlier order back.
    """
    return "\r".join(
        f'{decimal_point(quantity)};"{text.replace(chr(34), chr(34) * 2)}";{point(price)}'
        for quantity, text, price in lines
    )


def qr_text(
    client_id: str,
    process_type: str,
    process_data: str,
    transaction_number: int,
    signature_counter: int,
    start: str,
    finish: str,
    algorithm: str,
    time_format: str,
    signature: str,
    public_key: str,
) -> str:
    """The QR string of Anhang I.2: twelve fields, separated by semicolons."""
    return ";".join(
        (
            "V0",
            client_id,
            process_type,
            process_data,
            str(transaction_number),
            str(signature_counter),
            start,
            finish,
            algorithm,
            time_format,
            signature,
            public_key,
        )
    )
