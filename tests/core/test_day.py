"""A long mixed day: a power cut after every line changes nothing, and the closing adds it up."""

from collections import Counter

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.carry import carried_state, durable, fold_line, restored
from kassd.core.catalog import Article
from kassd.core.codec import decode, encode
from kassd.core.state import State, Totals
from kassd.core.totals import MOVEMENTS, payment_key
from tests.core.playbook import OPENED, Playbook, add, card, cash, command, device, reborn, replayed, scan

PEAR = Article("birne", "Birnen", 299, 2, ("4006381333931",))


def day() -> Playbook:
    """Two stations, all kinds of payment, voids, aborts, an outage, late answers, no paper, a new file."""
    book = Playbook().ready(10_000) >> i.CatalogOffered((PEAR,), (), "h1")
    (
        book
        >> command("operator.login", operator="Anna")
        >> command("operator.login", operator="Ben", station="zwei")
    )
    (
        book
        >> scan("4006381333931")
        >> add("Bier", 199, 1, quantity="2")
        >> add("Zeitung", 250, 2, station="zwei")
    )
    book.sign_one() >> scan("KASSDSTORNO") >> cash(given=500)
    book.done() >> card(station="zwei")
    book.done() >> command("till.report")
    book.paper() >> command("drawer.open", reason="Wechseln") >> command("receipt.reprint")
    book.paper() >> add(price=1000) >> cash(amount=300) >> command("sale.abort", cash_returned=300)
    book.done().outage() >> add("Öl", 1234, 1) >> cash(given=5000)
    book >> add(price=0) >> cash()
    book.tse_opens() >> command("cash.out", amount=2000, kind="transit", reason="Bank")
    book.sign() >> device("printer", "error") >> add("Äpfel", 333, 2, quantity="1.234") >> card()
    book.wait(3.1).tick() >> OPENED
    book.resume().sign()
    book.config["business.name"] = "Neu"
    book.restart() >> device("printer", "ready")
    book.tse_opens().done() >> add(station="zwei") >> add()
    book.sign() >> command("till.close", count={"1000": 9, "100": 5}, skim=5000, reason="Wechselfehler")
    return book.done()


def test_the_state_survives_its_json_after_every_line_and_folding_the_lines_gives_the_same() -> None:
    book = day()
    assert len(book.lines) > 60
    state = State()
    for n, line in enumerate(book.lines):
        state = replayed_from(state, line)
        assert reborn(state) == state, f"line {n}"
        assert durable(durable(state)) == durable(state)
    assert durable(state) == durable(book.state)
    assert not book.state.till.open


def replayed_from(state: State, line: dict[str, object]) -> State:
    return fold_line(state, line["stamp"], line["facts"], line["wishes"])  # type: ignore[arg-type]


def test_what_a_closing_carries_is_all_that_goes_on() -> None:
    book = day()
    carried = carried_state(book.state)
    assert restored(carried["state"], carried["catalog"]) == durable(book.state)
    assert book.state.catalog.find("4006381333931") == PEAR


def test_living_on_after_any_line_is_the_same_as_living_through() -> None:
    book = day()
    for n in range(8, len(book.lines), 5):
        other = Playbook()
        other.lines, other.config = list(book.lines[:n]), dict(book.config)
        other.tse.transaction, other.tse.counter = 900, 900
        other.restart() >> device("printer", "ready") >> device("printer-2", "ready")
        other.tse_opens().done()
        other >> OPENED
        other.resume().done().wait(4).tick()
        numbers = [fact.number for fact in other.facts(f.SaleNumbered)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert not [s for s in other.state.sales.values() if s.status in ("signing", "aborting")], n
        originals = Counter(w.args["document"] for w in other.wishes("print"))
        assert set(originals.values()) == {1} or not originals


def test_the_closing_line_adds_up_the_journal() -> None:
    book = day()
    closing = book.facts(f.TillClosed)[-1]
    totals: Totals = decode(Totals, closing.totals)
    finished = book.facts(f.SaleFinished)
    receipts = [fact for fact in finished if fact.bon_type == "Beleg"]
    cases = {fact.sale: fact.case or "Umsatz" for fact in book.facts(f.SaleOpened)}
    gross: Counter[str] = Counter()
    tax: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for fact in receipts:
        for row in fact.document.vat:
            gross[f"{cases[fact.sale]}|{row.vat}"] += row.gross
            tax[f"{cases[fact.sale]}|{row.vat}"] += row.tax
        for payment in fact.document.payments:
            kind = payment_key(payment.type, payment.name, movement=fact.document.kind == "cash")
            paid[kind] += payment.amount
    assert {key: row[0] for key, row in totals.cases.items()} == dict(gross)
    assert {key: row[2] for key, row in totals.cases.items()} == dict(tax)
    assert all(row[0] == row[1] + row[2] for row in totals.cases.values())
    assert dict(totals.payments) == dict(paid)
    assert sum(gross.values()) == sum(paid.values()) == closing.total
    assert closing.cash == paid["Bar|Bar"] + paid[f"Bar|Bar|{MOVEMENTS}"]
    assert (closing.first_receipt, closing.last_receipt) == (1, len(finished))
    assert totals.counts["aborts"] == len(finished) - len(receipts) == 3
    assert totals.counts["unsigned"] == len([fact for fact in finished if fact.outage])
    assert totals.counts["voids"] == len([fact for fact in book.facts(f.LineVoided) if not fact.why])
    assert totals.counts["outages"] == len(book.facts(f.OutageEnded))
    assert totals.counts["copies"] == len(book.facts(f.ReceiptCopied))
    assert (totals.counts["reports"], totals.counts["drawer_opened"]) == (1, 1)


def test_the_closing_line_says_who_when_and_with_which_program() -> None:
    book = day()
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.number, closing.operator, closing.business_day) == (1, "Anna", "2026-11-21")
    assert (closing.software, closing.build) == ("1.0", "b1")
    assert closing.carried == closing.cash == 4500
    assert not closing.automatic
    assert closing.at.startswith("2026-11-21T12:00:")
    assert closing.at.endswith("+01:00")
    labels = {row.label: row for section in closing.document.sections for row in section.rows}
    for label in ("Positionsstornos", "Abbrüche", "Ohne TSE-Signatur (Ausfall)", "Lade ohne Verkauf geöffnet",
                  "Trainingsbelege", "Rücknahmen", "Belegstornos", "Belegkopien", "X-Berichte"):  # fmt: skip
        assert label in labels
    assert labels["Abbrüche"].count == 3
    assert book.state.till.totals == Totals()


def test_the_expected_cash_is_known_at_any_moment_and_a_report_resets_nothing() -> None:
    book = Playbook().ready(1000)
    book >> add() >> cash()
    book.done() >> command("till.report")
    assert book.replies[-1]["result"]["expected"] == 1350
    report = book.facts(f.ReportMade)[-1].document
    assert report.title.startswith("X-Bericht")
    book >> command("till.report")
    assert book.state.till.totals.counts["reports"] == 2
    assert book.state.till.cash == 1350


def test_state_json_has_no_floats_and_no_surprises() -> None:
    state = day().state
    assert decode(State, encode(state)) == state
    assert replayed(day().lines).receipt == state.receipt
