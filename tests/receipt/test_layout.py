"""The receipt matrix: what each slip must show, by name, and that its absence would be noticed."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from kassd.core.document import Document, Row, Section
from kassd.receipt.layout import layout, plain_text
from kassd.receipt.page import Cut, Line, Qr, to_text
from kassd.receipt.text import moment, money, number

from .goldens import COLUMNS, FOLDER, texts
from .samples import (
    ALL,
    CASH,
    CASH_OUTAGE,
    COPY,
    ISSUER,
    OUTAGE,
    REPORT,
    SALE,
    SELF_TEST,
    SMALL,
    SPLIT,
    TEST,
)

Values = Callable[[Document], list[str]]
Change = Callable[[Document], Document]


def seal_change(**change: object) -> Change:
    def apply(d: Document) -> Document:
        assert d.seal is not None
        seal = replace(d.seal, **change)  # type: ignore[arg-type]
        return replace(d, seal=replace(seal, qr=";".join((
            "V0", d.register, seal.process_type, seal.process_data, str(seal.transaction_number),
            str(seal.signature_counter), seal.start, seal.finish, seal.algorithm, seal.time_format,
            seal.signature, seal.public_key,
        ))))  # fmt: skip

    return apply


# field → what must be read (blanks aside), and a document in which it is something else
FIELDS: dict[str, tuple[Values, Change]] = {
    "name": (lambda d: [d.issuer.name], lambda d: replace(d, issuer=replace(d.issuer, name="X"))),
    "address": (
        lambda d: [d.issuer.street, d.issuer.postal_code, d.issuer.city],
        lambda d: replace(d, issuer=replace(d.issuer, street="", city="")),
    ),
    "tax number": (
        lambda d: [d.issuer.tax_number or d.issuer.vat_id],
        lambda d: replace(d, issuer=replace(d.issuer, tax_number="")),
    ),
    "title": (lambda d: [d.title], lambda d: replace(d, title="X", positions=())),
    "receipt number": (lambda d: [f"Beleg-Nr. {d.number}"], lambda d: replace(d, number="9")),
    "date of issue": (
        lambda d: ["Datum" + moment(d.issued_at)],
        lambda d: replace(d, issued_at="2020-01-01T00:00:00+01:00"),
    ),
    "quantity × price": (
        lambda d: [f"{number(p.quantity)} × {money(p.unit_price)}" for p in d.positions],
        lambda d: replace(d, positions=tuple(replace(p, quantity=p.quantity + 7) for p in d.positions)),
    ),
    "kind": (
        lambda d: [word for p in d.positions for word in p.text.split()],
        lambda d: replace(d, positions=tuple(replace(p, text="X") for p in d.positions)),
    ),
    "amount and tax code": (
        lambda d: [f"{money(p.amount)} {p.code}" for p in d.positions],
        lambda d: replace(d, positions=tuple(replace(p, code="Q") for p in d.positions)),
    ),
    "total": (
        lambda d: [f"Summe{money(d.total)}€" if d.kind == "sale" else f"Betrag{money(d.total)}€"],
        lambda d: replace(d, total=1),
    ),
    "sums per rate": (
        lambda d: [
            f"{v.code} {number(v.rate)} % {money(v.net)} {money(v.tax)} {money(v.gross)}" for v in d.vat
        ],
        lambda d: replace(d, vat=d.vat[:1]),
    ),
    "amount per payment": (
        lambda d: [f"{p.name} {money(p.amount)} €" for p in d.payments],
        lambda d: replace(d, payments=tuple(replace(p, amount=1) for p in d.payments)),
    ),
    "given": (
        lambda d: [f"Gegeben {money(p.given)} €" for p in d.payments if p.given is not None],
        lambda d: replace(d, payments=tuple(replace(p, given=None) for p in d.payments)),
    ),
    "change": (lambda d: [f"Rückgeld {money(d.change)} €"], lambda d: replace(d, change=0)),
    "start (register)": (
        lambda d: [f"Beginn {moment(d.started_at)}"],
        lambda d: replace(d, started_at="2020-01-01T00:00:00+01:00"),
    ),
    "end (register)": (
        lambda d: [f"Ende {moment(d.issued_at)}"],
        lambda d: replace(d, issued_at="2020-01-01T00:00:00+01:00"),
    ),
    "register serial": (lambda d: [d.register], lambda d: seal_or_not(replace(d, register="X"))),
    "reason": (lambda d: [f"Grund{d.reason}"], lambda d: replace(d, reason="")),
    "person": (lambda d: [f"Person{d.person}"], lambda d: replace(d, person="")),
    "copy time": (lambda d: [f"Kopie {moment(d.copy_at)}"], lambda d: replace(d, copy_at="")),
    "KOPIE": (lambda d: ["KOPIE"], lambda d: replace(d, copy_at="")),
    "TSE start": (lambda d: [d.seal.start], seal_change(start="")),
    "TSE end": (lambda d: [d.seal.finish], seal_change(finish="")),
    "transaction number": (lambda d: [f";{d.seal.transaction_number};"], seal_change(transaction_number=0)),
    "signature counter": (lambda d: [f";{d.seal.signature_counter};"], seal_change(signature_counter=0)),
    "check value": (lambda d: [d.seal.signature], seal_change(signature="")),
    "TSE serial (key)": (lambda d: [d.seal.public_key], seal_change(public_key="")),
    "process data": (lambda d: [d.seal.process_data], seal_change(process_data="")),
}  # fmt: skip


def seal_or_not(d: Document) -> Document:
    return seal_change()(d) if d.seal else d


HEAD = {"name", "address", "tax number", "title", "receipt number", "date of issue"}
GOODS = {"quantity × price", "kind", "amount and tax code", "total", "sums per rate"}
MONEY = {"amount per payment", "given", "change"}
IN_QR = {"TSE start", "TSE end", "transaction number", "signature counter", "check value"}
IN_QR |= {"TSE serial (key)", "process data"}
CLEAR = {"start (register)", "end (register)", "register serial"}
MATRIX: dict[str, tuple[Document, set[str], set[str]]] = {  # column: slip, ✔ in text, ✔ in the QR code
    "sale": (SALE, HEAD | GOODS | MONEY | {"register serial"}, IN_QR),
    "TSE outage": (OUTAGE, HEAD | GOODS | MONEY | CLEAR, set()),
    "cash in/out": (
        CASH,
        HEAD | {"total", "reason", "person", "amount per payment", "register serial"},
        IN_QR,
    ),
    "cash in/out, outage": (
        CASH_OUTAGE,
        HEAD | CLEAR | {"total", "reason", "person", "amount per payment"},
        set(),
    ),
    "copy": (COPY, HEAD | GOODS | MONEY | {"register serial", "KOPIE", "copy time"}, IN_QR),
}
CELLS = [
    pytest.param(document, field, in_qr, id=f"{column}: {field}")
    for column, (document, text, qr) in MATRIX.items()
    for fields, in_qr in ((text, False), (qr, True))
    for field in sorted(fields)
]


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def read(document: Document, columns: int, qr: bool) -> str:
    """What can be read on the slip, or in its QR code, without blanks."""
    items = layout(document, columns)
    if qr:
        return squeeze("".join(item.text for item in items if isinstance(item, Qr)))
    return squeeze(to_text(tuple(item for item in items if isinstance(item, Line)), columns))


def shows(document: Document, values: list[str], columns: int, qr: bool) -> bool:
    slip = read(document, columns, qr)
    return bool(values) and all(squeeze(value) in slip for value in values)


@pytest.mark.parametrize("columns", [24, *COLUMNS])
@pytest.mark.parametrize(("document", "field", "in_qr"), CELLS)
def test_matrix(document: Document, field: str, in_qr: bool, columns: int) -> None:
    values, change = FIELDS[field]
    wanted = values(document)
    if columns == 42 or field not in ("sums per rate", "kind", "name"):  # those wrap around other columns
        assert shows(document, wanted, columns, in_qr)
        assert not shows(change(document), wanted, columns, in_qr), "a slip without the field passes as well"


FIXED = ("Leistungsdatum", "Eigenbeleg", "Unterschrift", "TSE-Ausfall", "Netto")  # tested below by wording


@pytest.mark.parametrize("column", MATRIX)
def test_every_line_carries_a_field_of_its_column(column: str) -> None:
    """Any line that were lost would be missed; so the slip has no line too few and none too many."""
    document, in_text, _ = MATRIX[column]
    lines = [item for item in layout(document, 42) if isinstance(item, Line) and item.text]
    for lost in lines:
        slip = squeeze("".join(line.text for line in lines if line is not lost))
        missed = [f for f in in_text if any(squeeze(v) not in slip for v in FIELDS[f][0](document))]
        assert missed or any(word in lost.text for word in FIXED), lost.text


def test_fixed_wording() -> None:
    assert "LeistungsdatumentsprichtBelegdatum" in read(SALE, 42, False)
    assert "TSE-Ausfall–VorgangohneTSE-Signatur" in read(OUTAGE, 42, False)
    assert "Eigenbeleg" in read(CASH, 42, False)
    assert "Unterschrift" in read(CASH, 42, False)
    assert "Original nachträglich gedruckt".replace(" ", "") in squeeze(plain_text(SALE, 42, late=True))
    assert "nachträglich" not in plain_text(SALE, 42)


def test_the_qr_code_holds_the_twelve_fields() -> None:
    (code,) = [item.text for item in layout(SALE, 42) if isinstance(item, Qr)]
    assert code == SALE.seal.qr
    assert len(code.split(";")) == 12


@pytest.mark.parametrize(
    "document", [OUTAGE, CASH_OUTAGE, replace(SALE, outage=True), replace(SALE, seal=None)]
)
def test_an_outage_shows_no_transaction_and_no_code(document: Document) -> None:
    text = plain_text(document, 42)
    assert "TSE-Ausfall" in text
    assert "Transaktion" not in text
    assert not [item for item in layout(document, 42) if isinstance(item, Qr)]


@pytest.mark.parametrize("columns", COLUMNS)
def test_without_a_code_all_values_stand_in_clear_untruncated(columns: int) -> None:
    text = squeeze(plain_text(SALE, columns))
    seal = SALE.seal
    for value in (
        *(SALE.register, seal.serial_number, seal.start, seal.finish, seal.process_type, seal.process_data),
        *(seal.algorithm, seal.time_format, seal.signature, seal.public_key),
        *(f"Transaktion:{seal.transaction_number}", f"Signaturzähler:{seal.signature_counter}"),
    ):
        assert value in text
    too_long = replace(SALE, seal=replace(seal, qr="V0;" + "x" * 1100))
    assert squeeze(to_text(layout(too_long, columns), columns)) == text


@pytest.mark.parametrize("columns", COLUMNS)
def test_test_mode_is_unmistakable_above_and_below(columns: int) -> None:
    for document in (TEST, replace(OUTAGE, test=True), replace(CASH, test=True), SELF_TEST):
        lines = [item for item in layout(document, columns) if isinstance(item, Line)]
        for line in (lines[0], lines[-1]):
            assert line.text == "TEST - kein Beleg"
            assert line.tall
            assert line.bold
    assert "kein Beleg" not in plain_text(SALE, columns)


def test_training_is_as_unmistakable_as_test_mode() -> None:
    training = replace(SALE, title="TRAINING – kein Beleg", payments=(), change=0)
    lines = [item for item in layout(training, 42) if isinstance(item, Line)]
    assert lines[0].text == lines[-1].text == "TRAINING – kein Beleg"
    assert lines[0].tall
    assert "keine Zahlung" in plain_text(training, 42)


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_small_business_shows_no_rate_and_no_tax(columns: int) -> None:
    for text in (plain_text(SMALL, columns), to_text(layout(SMALL, columns), columns).split("[QR]")[0]):
        assert squeeze("Steuerbefreiung für Kleinunternehmer") in squeeze(text.replace("24,88", ""))
        assert "%" not in text
        assert not {"MwSt", "Netto", "Steuer"} & set(text.split())


def test_an_exempt_sum_beside_taxed_ones_keeps_its_text_and_no_rate() -> None:
    document = replace(
        SALE, vat=(*SALE.vat, replace(SMALL.vat[0], code="C", gross=500, text="steuerfrei § 4"))
    )
    text = plain_text(document, 42)
    assert re.search(r"^C steuerfrei § 4 +5,00$", text, re.M)
    assert "0 %" not in text.replace("10 %", "")


def test_a_void_is_a_negative_counter_line() -> None:
    assert re.search(r"^Storno Butterbrezel +-1 × 1,65 +-1,65 B$", plain_text(SALE, 42), re.M)


def test_nothing_paid_is_said() -> None:
    assert "keine Zahlung" in plain_text(replace(SALE, payments=(), change=0), 42)


def test_exact_cash_needs_no_given_line() -> None:
    exact = replace(SALE, payments=(replace(SALE.payments[0], given=SALE.total),), change=0)
    assert "Gegeben" not in plain_text(exact, 42)
    assert "Rückgeld" not in plain_text(exact, 42)


def test_vat_id_and_country_are_shown_where_they_are_given() -> None:
    text = plain_text(replace(SALE, issuer=replace(ISSUER, vat_id="DE123456789", country="AUT")), 42)
    assert "USt-IdNr. DE123456789" in text
    assert "Dresden, AUT" in text


def test_a_reason_on_a_sale_is_shown() -> None:
    assert "Grund: Storno zu Beleg 1016" in plain_text(replace(SALE, reason="Storno zu Beleg 1016"), 42)


def test_report_rows() -> None:
    text = plain_text(REPORT, 42)
    assert re.search(r"^Belege +143$", text, re.M)
    assert re.search(r"^7 % MwSt \(129\) +1\.123,45$", text, re.M)
    assert re.search(r"^Zustand +bereit$", text, re.M)
    assert "TSE-Ausfall" not in text
    assert "Leistungsdatum" not in text


def test_an_indented_label_and_a_long_title_keep_their_shape() -> None:
    rows = (Row("7 %", amount=10700), Row("  netto", amount=10000))
    text = plain_text(replace(REPORT, sections=(Section("Umsatz", rows),)), 42)
    assert re.search(r"^  netto +100,00$", text, re.M)
    text = plain_text(replace(CASH, title="Kassendifferenz (DifferenzSollIst)"), 32)
    assert "Kassendifferenz\n" in text or "Kassendifferenz " in text
    assert "Beleg-Nr. 1021" in text


def test_a_command_in_an_article_name_is_defused() -> None:
    evil = replace(SALE, positions=(replace(SALE.positions[0], text="Brot\x1bp\x00\x19\x19 neu"),))
    assert "\x1b" not in plain_text(evil, 42)
    assert "Brotp neu" in plain_text(evil, 42)


@pytest.mark.parametrize("columns", [24, 33, *COLUMNS, 64])
@pytest.mark.parametrize("name", ALL)
def test_every_slip_fits_its_paper_and_ends_with_one_cut(name: str, columns: int) -> None:
    items = layout(ALL[name], columns)
    assert [item for item in items if isinstance(item, Cut)] == [items[-1]]
    for item in items:
        if isinstance(item, Line):
            assert len(item.text) * (2 if item.wide else 1) <= columns


def test_long_names_are_whole() -> None:
    for columns in COLUMNS:
        text = squeeze(plain_text(SPLIT, columns))
        for position in SPLIT.positions:
            assert squeeze(position.text) in text


def test_golden_texts() -> None:
    made = dict(texts())
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.txt")}
    assert kept.keys() == made.keys()
    for name, data in made.items():
        assert kept[name].decode() == data.decode(), (
            f"{name}: python -m tests.receipt.goldens, then look at it"
        )


def test_a_card_terminals_receipt_is_to_the_letter() -> None:
    rows = ("   ** KUNDENBELEG **", "", "BETRAG EUR           20,40", "x" * 60)
    card = replace(REPORT, kind="card", title="Kundenbeleg", notes=rows, sections=(), test=False)
    shown = plain_text(card, 42).splitlines()
    assert shown[:3] == list(rows[:3])
    assert "".join(shown[3:]).replace(" ", "") == "x" * 60
    assert ISSUER.name not in shown
