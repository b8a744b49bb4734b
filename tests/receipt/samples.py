"""Believable slips of a Dresden bakery; ``python -m tests.receipt.goldens`` writes the files made of them.

Keys and signatures have the size of a brainpoolP384r1 TSE and are pseudo-random: no TSE made them.
"""

import base64
import hashlib
from dataclasses import replace
from decimal import Decimal

from kassd.core.document import Document, Issuer, Position, Row, Seal, Section, Tender, VatSum
from kassd.core.entry import Customer, Reference

ISSUER = Issuer("Backhaus Muster", "Marktplatz 1", "01067", "Dresden", tax_number="203/123/12345")
REGISTER = "KASSE-0007"


def _bytes(seed: str, size: int) -> bytes:
    stream = b""
    while len(stream) < size:
        stream += hashlib.sha384(seed.encode() + len(stream).to_bytes(2, "big")).digest()
    return stream[:size]


def seal(
    process_data: str, number: int = 1017, counter: int = 2078, process_type: str = "Kassenbeleg-V1"
) -> Seal:
    """A TSE's answer with the lengths of brainpoolP384r1."""
    point = b"\x04" + _bytes("point", 96)
    key = base64.b64encode(point).decode()
    signature = base64.b64encode(_bytes(f"signature {number}", 96)).decode()
    start, finish = "2026-11-21T09:41:07.000Z", "2026-11-21T09:42:30.000Z"
    algorithm, time_format = "ecdsa-plain-SHA384", "unixTime"
    fields = (
        *("V0", REGISTER, process_type, process_data, str(number), str(counter)),
        *(start, finish, algorithm, time_format, signature, key),
    )
    return Seal(
        hashlib.sha256(point).hexdigest(), number, counter, start, finish, signature, algorithm,
        time_format, key, process_type, process_data, ";".join(fields),
    )  # fmt: skip


def position(
    n: int, text: str, quantity: str, price: int, amount: int, code: str = "B", **more: object
) -> Position:
    """A line; code A is 19 %, B is 7 %."""
    vat = {"A": 1, "B": 2}.get(code, 5)
    return Position(n, text, Decimal(quantity), price, amount, vat, code, **more)  # type: ignore[arg-type]


SALE = Document(
    id="R1017",
    kind="sale",
    title="Rechnung",
    number="1017",
    register=REGISTER,
    issuer=ISSUER,
    started_at="2026-11-21T10:41:07.312+01:00",
    issued_at="2026-11-21T10:42:30.481+01:00",
    station="main",
    operator="Anna",
    positions=(
        position(1, "Dinkelbrot 750 g", "1", 495, 495),
        position(2, "Doppelbrötchen", "6", 48, 288),
        position(3, "Butterbrezel", "2", 165, 330),
        position(4, "Butterbrezel", "-1", 165, -165, voids=3),
        position(5, "Eierschecke, ofenfrisch vom Blech", "3", 320, 960),
        position(6, "Café Crème, Tasse zum Mitnehmen", "2", 290, 580, "A"),
    ),
    vat=(
        VatSum(1, "A", Decimal("19.00"), 487, 93, 580),
        VatSum(2, "B", Decimal("7.00"), 1783, 125, 1908),
    ),
    total=2488,
    payments=(Tender("Bar", "Bar", 2488, 5000),),
    change=2512,
    seal=seal("Beleg^5.80_19.08_0.00_0.00_0.00^24.88:Bar"),
)
COPY = replace(SALE, id="R1017-K1", copy_at="2026-11-23T16:05:00.000+01:00")
TEST = replace(SALE, test=True)
OUTAGE = replace(SALE, id="R1018", number="1018", seal=None, outage=True)
SMALL = replace(
    SALE,
    id="R1019",
    number="1019",
    positions=tuple(replace(p, vat=6, code="S") for p in SALE.positions),
    vat=(VatSum(6, "S", Decimal(0), 2488, 0, 2488, "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"),),
)
SPLIT = replace(
    SALE,
    id="R1020",
    number="1020",
    issuer=replace(ISSUER, vat_id="DE123456789", name="Käserei & Feinkost Oberlausitz Manufaktur GmbH"),
    positions=(
        position(1, "Bergkäse 12 Monate gereift", "0.384", 2890, 1110, unit="kg"),
        position(
            2,
            "Präsentkorb „Große Freude“ – 5 Käse, Feigensenf, Birnenbrot und Donaudampfschifffahrtswurst",
            "12",
            123456,
            1481472,
            "A",
        ),
    ),
    vat=(
        VatSum(1, "A", Decimal("19.00"), 1244934, 236538, 1481472),
        VatSum(2, "B", Decimal("7.00"), 1037, 73, 1110),
    ),
    total=1482582,
    payments=(Tender("Unbar", "girocard", 1480000), Tender("Bar", "Bar", 2582, 3000)),
    change=418,
)
CASH = Document(
    id="R1021",
    kind="cash",
    title="Privatentnahme",
    number="1021",
    register=REGISTER,
    issuer=ISSUER,
    started_at="2026-11-21T18:02:00.000+01:00",
    issued_at="2026-11-21T18:02:09.000+01:00",
    operator="Anna",
    reason="Wechselgeld für den Wochenmarkt",
    person="Bernd Muster",
    positions=(position(1, "Privatentnahme", "1", -15000, -15000, "E"),),
    total=-15000,
    payments=(Tender("Bar", "Bar", -15000),),
    seal=seal("Beleg^0.00_0.00_0.00_0.00_-150.00^-150.00:Bar", 1021, 2086),
)
CASH_OUTAGE = replace(CASH, id="R1022", number="1022", seal=None, outage=True)
REPORT = Document(
    id="Z12",
    kind="report",
    title="Z-Bericht Nr. 12",
    number="",
    register=REGISTER,
    issuer=ISSUER,
    issued_at="2026-11-21T18:30:00.000+01:00",
    operator="Anna",
    sections=(
        Section(
            "Umsatz",
            (
                Row("Belege", count=143),
                Row("19 % MwSt", 61, 48210),
                Row("7 % MwSt", 129, 112345),
                Row("Storno", 2, -1290),
            ),
        ),
        Section("Zahlungen", (Row("Bar", 98, 91205), Row("girocard", 45, 69350))),
        Section(
            "Kasse", (Row("Soll", amount=101205), Row("Ist", amount=101195), Row("Differenz", amount=-10))
        ),
        Section("TSE", (Row("Zustand", text="bereit"), Row("Ausfälle", count=0))),
    ),
)
SELF_TEST = Document(
    id="T1",
    kind="test",
    title="Druckertest",
    number="",
    register=REGISTER,
    issuer=ISSUER,
    issued_at="2026-11-21T07:30:00.000+01:00",
    sections=(Section("Drucker", (Row("Profil", text="TM-T88V"),)),),
)
ORDERED = replace(
    SALE,
    id="R1023",
    number="1023",
    group="T5-000123",
    first_order_at="2026-11-21T08:15:12+01:00",
)
ORDER = replace(
    ORDERED,
    id="R1022",
    kind="order",
    title="Bestellung - kein Beleg",
    number="1022",
    positions=(
        position(1, "Pils 0,4 l", "2", 480, 960, "A"),
        position(2, "Soljanka", "-1", 650, -650),
    ),
    vat=(VatSum(1, "A", Decimal(19), 807, 153, 960), VatSum(2, "B", Decimal(7), -607, -43, -650)),
    total=310,
    payments=(),
    change=0,
    reason="Gast hat sich umentschieden",
    seal=seal('2;"Pils 0,4 l";4.80\r-1;"Soljanka";6.50', 1022, 2090, "Bestellung-V1"),
    bon_type="AVBestellung",
    first_order_at="",
)
INTERIM = replace(
    SALE,
    id="I88",
    kind="interim",
    title="Zwischenrechnung - kein Beleg",
    number="",
    positions=tuple(replace(p, code="") for p in SALE.positions if p.n in (1, 2, 6)),
    vat=(),
    total=1363,
    payments=(),
    change=0,
    seal=None,
    group="T5-000123",
    first_order_at="2026-11-21T08:15:12+01:00",
    notes=("Tisch 5",),
)
TICKET = replace(
    INTERIM,
    id="K89",
    kind="ticket",
    title="Küche",
    positions=(
        replace(position(1, "Schnitzel Wiener Art", "2", 0, 0), note="einmal ohne Pommes"),
        position(2, "Soljanka", "1", 0, 0),
        position(3, "Bauernfrühstück mit Gewürzgurke und kleinem Salat", "-1", 0, 0),
    ),
    total=0,
    reason="Gast hat sich umentschieden",
)
RETURN = replace(
    SALE,
    id="R1024",
    number="1024",
    title="Rückgabe",
    reason="Brot war vom Vortag",
    references=(Reference("Transaktion", "1017", closing=11, closed_at="2026-11-20T18:30:00+01:00"),),
    positions=(position(1, "Dinkelbrot 750 g", "-1", 495, -495),),
    vat=(VatSum(2, "B", Decimal("7.00"), -463, -32, -495),),
    total=-495,
    payments=(Tender("Bar", "Bar", -495),),
    change=0,
    seal=seal("Beleg^0.00_-4.95_0.00_0.00_0.00^-4.95:Bar", 1024, 2092),
)
CANCELLED = replace(
    SALE,
    id="R1025",
    number="1025",
    title="Stornobeleg",
    reason="falsch eingegeben",
    references=(Reference("Transaktion", "1017"),),
    positions=(
        position(1, "Dinkelbrot 750 g", "-1", 495, -495),
        position(2, "Doppelbrötchen", "-6", 48, -288),
        position(3, "Butterbrezel", "-1", 165, -165),
        position(4, "Eierschecke, ofenfrisch vom Blech", "-3", 320, -960),
        position(5, "Café Crème, Tasse zum Mitnehmen", "-2", 290, -580, "A"),
    ),
    vat=tuple(replace(v, net=-v.net, tax=-v.tax, gross=-v.gross) for v in SALE.vat),
    total=-2488,
    payments=(Tender("Bar", "Bar", -2488),),
    change=0,
    seal=seal("Beleg^-5.80_-19.08_0.00_0.00_0.00^-24.88:Bar", 1025, 2094),
)
TRAINING = replace(
    SALE,
    id="R1026",
    number="1026",
    title="TRAINING – kein Beleg",
    bon_type="AVTraining",
    payments=(),
    change=0,
    seal=seal("AVTraining^5.80_19.08_0.00_0.00_0.00^", 1026, 2096),
)
INVOICE = replace(
    SPLIT,
    id="R1027",
    number="1027",
    customer=Customer(
        "Konditorei Zuckerguss OHG",
        street="Königstraße 12",
        postal_code="01097",
        city="Dresden",
        vat_id="DE987654321",
    ),
    seal=seal("Beleg^14814.72_11.10_0.00_0.00_0.00^25.82:Bar_14800.00:Unbar", 1027, 2098),
)
ALL = {
    "sale": SALE, "copy": COPY, "test": TEST, "outage": OUTAGE, "small": SMALL, "split": SPLIT,
    "cash": CASH, "cash-outage": CASH_OUTAGE, "report": REPORT, "self-test": SELF_TEST,
    "ordered": ORDERED, "order": ORDER, "interim": INTERIM, "ticket": TICKET,
    "return": RETURN, "cancelled": CANCELLED, "training": TRAINING, "invoice": INVOICE,
}  # fmt: skip
