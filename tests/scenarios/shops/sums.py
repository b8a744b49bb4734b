"""Every sum of a day against every other: lines, VAT, payments, QR codes, X and Z, drawer, journal."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.carry import durable
from kassd.core.codec import decode
from kassd.core.document import Document, Row
from kassd.core.money import net_and_tax
from kassd.core.state import Totals
from kassd.core.totals import MOVEMENTS, case_key, payment_key, read_key
from kassd.core.vat import KEYS
from tests.core.playbook import replayed
from tests.scenarios.shops.day import Day


def check(day: Day) -> None:
    """Raise AssertionError where two sums of the day disagree."""
    receipts = [fact for fact in day.book.facts(f.SaleFinished) if fact.bon_type == "Beleg"]
    for fact in day.book.facts(f.SaleFinished):
        _document(fact.document)
        if fact.document.seal is not None:
            _qr(fact.document)
    totals = _z_adds_up(day, receipts)
    _z_shows(day, totals)
    _drawer(day, receipts)
    _reports_grow(day)
    _numbers(day)
    _printed_once(day)
    assert durable(replayed(day.book.lines)) == durable(day.book.state), "the journal says something else"


def _document(document: Document) -> None:
    lines: Counter[int] = Counter()
    for position in document.positions:
        if len(position.code) == 1:
            lines[position.vat] += position.amount
    for row in document.vat:
        assert net_and_tax(row.gross, row.rate) == (row.net, row.tax), f"{document.id}: tax of {row.code}"
    combined = any(len(position.code) > 1 for position in document.positions)
    gross = {row.vat: row.gross for row in document.vat if row.gross}
    assert combined or {vat: sum_ for vat, sum_ in lines.items() if sum_} == gross, document.id
    assert sum(p.amount for p in document.positions) == sum(row.gross for row in document.vat)
    if document.bon_type == "Beleg":
        assert sum(t.amount for t in document.payments) == document.total, document.id
    cash = [t for t in document.payments if t.given is not None and t.amount > 0 and t.currency == "EUR"]
    if len(cash) == 1 and document.change:
        assert cash[0].given == cash[0].amount + document.change, document.id


def _qr(document: Document) -> None:
    """What the QR code says, read from its text alone."""
    assert document.seal is not None
    fields = document.seal.qr.split(";")
    assert fields[:2] == ["V0", document.register], document.id
    if fields[2] != "Kassenbeleg-V1":
        return
    bon_type, slots, payments = fields[3].split("^")
    assert bon_type == document.bon_type, document.id
    wanted = [0] * 5
    for row in document.vat:
        slot = KEYS[row.vat].slot if row.vat in KEYS else 5
        wanted[slot - 1] += row.gross
    if bon_type != "AVBelegabbruch":
        assert [int(Decimal(x) * 100) for x in slots.split("_")] == wanted, document.id
    said: Counter[str] = Counter()
    for part in filter(None, payments.split("_")):
        amount, _, kind = part.partition(":")
        said[kind] += int(Decimal(amount) * 100)
    paid: Counter[str] = Counter()
    for tender in document.payments if bon_type == "Beleg" else ():
        kind = "Bar" if tender.type == "Bar" else "Unbar"
        foreign = tender.currency != "EUR"
        paid[f"{kind}:{tender.currency}" if foreign else kind] += tender.foreign if foreign else tender.amount
    assert said == Counter({kind: sum_ for kind, sum_ in paid.items() if sum_}), document.id


def _z_adds_up(day: Day, receipts: list[f.SaleFinished]) -> Totals:
    """Z = Σ receipts: by business case and tax key, by payment, in all."""
    totals: Totals = decode(Totals, day.closing().totals)
    cases = _cases(day, {fact.sale for fact in receipts})
    assert {key: row[0] for key, row in totals.cases.items() if row[0]} == {
        k: v for k, v in cases.items() if v
    }
    assert all(gross == net + tax for gross, net, tax in totals.cases.values())
    net_tax: dict[int, list[int]] = {}  # as printed: Σ receipts, by key
    for row in (row for fact in receipts for row in fact.document.vat):
        sums = net_tax.setdefault(row.vat, [0, 0])
        sums[0], sums[1] = sums[0] + row.net, sums[1] + row.tax
    for key, (_, net, tax) in totals.cases.items():
        sums = net_tax[read_key(key)[1]]
        sums[0], sums[1] = sums[0] - net, sums[1] - tax
    assert not any(map(any, net_tax.values())), f"Z and receipts differ in net or tax: {net_tax}"
    paid: Counter[str] = Counter()
    for fact in receipts:
        for tender in fact.document.payments:
            name = "Bar" if tender.name == "Rückgeld" else tender.name
            paid[payment_key(tender.type, name, movement=fact.document.kind == "cash")] += tender.amount
    assert {key: v for key, v in totals.payments.items() if v} == {key: v for key, v in paid.items() if v}
    gross = sum(row.gross for fact in receipts for row in fact.document.vat)
    assert sum(cases.values()) == sum(paid.values()) == gross == day.closing().total
    sales = [fact for fact in receipts if fact.document.kind == "sale"]
    assert totals.counts["sales"] == len(sales)
    assert totals.sums["sales"] == sum(fact.document.total for fact in sales)
    return totals


def _cases(day: Day, sales: set[str]) -> Counter[str]:
    """Gross sums of all lines by business case and tax key, what was voided taken back."""
    cases: Counter[str] = Counter()
    lines: dict[tuple[str, int], f.LineAdded] = {}
    for line in (f.from_json(fact) for written in day.book.lines for fact in written["facts"]):
        sign = 1
        if isinstance(line, f.LineVoided):
            sign, line = -1, lines[line.sale, line.voids]
        if isinstance(line, f.LineAdded):
            lines[line.sale, line.n] = line
        if isinstance(line, f.LineAdded) and line.sale in sales:
            for share in line.by_vat():
                cases[case_key(line.case, share.vat, line.name, line.agency)] += sign * share.amount
    return cases


def _rows(document: Document, title: str) -> tuple[Row, ...]:
    found: Iterable[tuple[Row, ...]] = (s.rows for s in document.sections if s.title == title)
    return next(iter(found), ())


def _z_shows(day: Day, totals: Totals) -> None:
    """What is printed on the Z is what the closing says."""
    z = day.closing().document
    shown = [row.amount for row in _rows(z, "Zahlungsarten") if not row.label.startswith("Summe")]
    assert shown == [amount for _, amount in sorted(totals.payments.items())]
    cases = [row for row in _rows(z, "Geschäftsvorfälle") if not row.label.startswith(("  ", "Summe"))]
    assert [row.amount for row in cases] == [row[0] for _, row in sorted(totals.cases.items())]
    assert sum(row.amount or 0 for row in cases) == day.closing().total


def _drawer(day: Day, receipts: list[f.SaleFinished]) -> None:
    """The till holds what cash payments moved, and the closing leaves what it left."""
    moved = sum(
        t.amount
        for fact in receipts
        for t in fact.document.payments
        if t.type == "Bar" and t.currency == "EUR"
    )
    closing = day.closing()
    assert moved == closing.cash == closing.carried == day.book.state.till.carried
    assert closing.cash == sum(
        amount for key, amount in decode(Totals, closing.totals).payments.items() if key.startswith("Bar|Bar")
    ) or any(t.currency != "EUR" for fact in receipts for t in fact.document.payments)


def _reports_grow(day: Day) -> None:
    """An X is the sum of the receipts before it."""
    facts = [f.from_json(fact) for line in day.book.lines for fact in line["facts"]]
    so_far: Counter[bool] = Counter()
    for fact in facts:
        if isinstance(fact, f.SaleFinished) and fact.bon_type == "Beleg":
            for tender in fact.document.payments:
                so_far[fact.document.kind == "cash"] += tender.amount
        elif isinstance(fact, f.ReportMade):
            rows = [row for row in _rows(fact.document, "Zahlungsarten") if not row.label.startswith("Summe")]
            moved = sum(row.amount or 0 for row in rows if row.label.endswith(MOVEMENTS))
            assert (sum(row.amount or 0 for row in rows) - moved, moved) == (so_far[False], so_far[True])


def _numbers(day: Day) -> None:
    """Every Vorgang has its number, none is used twice, none is left out."""
    numbers = [fact.number for fact in day.book.facts(f.SaleFinished)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    closing = day.closing()
    assert (closing.first_receipt, closing.last_receipt) == (1, len(numbers))
    counters = [
        fact.document.seal.signature_counter for fact in day.book.facts(f.SaleFinished) if fact.document.seal
    ]
    assert len(set(counters)) == len(counters)


def _printed_once(day: Day) -> None:
    ids = Counter(document.id for document, _ in day.book.printed)
    assert set(ids.values()) == {1}, "an original came out twice"
    assert not day.book.state.jobs, "something was never printed"
