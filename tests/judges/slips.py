"""A slip with a genuine signature, made by the core and the soft TSE together."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from kassd.core.document import Document
from kassd.core.inputs import TseAnswered
from kassd.core.process_data import RECEIPT, receipt_process_data
from kassd.core.slips import sale_document, seal_of
from kassd.core.state import Bound, Line, Payment, Sale, State, Transaction
from kassd.tse.soft import SoftTse, default_secrets
from tests.tse import unnoted

CONFIG = {
    "register.id": "KASSE-1",
    "register.mode": "production",
    "business.name": "Backhaus Muster",
    "business.street": "Marktplatz 1",
    "business.postal_code": "01067",
    "business.city": "Dresden",
    "business.tax_number": "203/123/12345",
}


async def prepare(tse: SoftTse) -> None:
    """Self test and time, as after every power-up."""
    if not tse.tests_itself:
        await tse.self_test("KASSE-1")
    await tse.set_time(1_795_000_000)


async def signed_sale(folder: Path) -> Document:
    """One loaf of bread for 3.50 €, paid in cash, signed by a TSE of its own."""
    tse = SoftTse(folder / "tse", latency_s=0)
    await tse.open()
    info = await tse.provision(default_secrets(folder / "tse"), "KASSE-1", unnoted)
    await prepare(tse)
    started = await tse.start("KASSE-1")
    data = receipt_process_data("Beleg", [(2, 350)], [("Bar", 350)])
    number = started.transaction_number
    finished = await tse.finish(number, "KASSE-1", RECEIPT, data.encode())
    await tse.close()
    sale = Sale(
        id="1-1",
        kind="sale",
        station="main",
        operator="",
        opened_at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC).isoformat(),
        status="signing",
        lines=(Line(1, "Roggenbrot", Decimal(1), 350, 350, 2, Decimal(7), "Umsatz"),),
        payments=(Payment("Bar", "Bar", 350),),
        transaction=Transaction(number, started.log_time, started.signature_counter, started.serial_number),
        number=17,
        process_type=RECEIPT,
        process_data=data,
    )
    bound = Bound(
        info.serial_number,
        info.public_key,
        info.signature_algorithm,
        info.time_format,
        "KASSE-1",
        info.certificate_expiry,
    )
    answer = TseAnswered(
        "1.0",
        number,
        finished.signature_counter,
        finished.log_time,
        finished.serial_number,
        finished.signature,
    )
    at = datetime(2026, 11, 21, 10, 1, tzinfo=UTC).isoformat()
    return sale_document(State(config=CONFIG), sale, at, seal_of(bound, sale, answer))
