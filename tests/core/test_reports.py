"""What X and Z count, and what an X shows in the middle of something."""

from kassd.core import facts as f
from kassd.core.document import Section
from tests.core.goods.shop import sell, shop
from tests.core.playbook import Playbook, add, card, cash, command

OPEN = "Zahlungen offener Vorgänge"


def report(book: Playbook) -> dict[str, Section]:
    book >> command("till.report")
    return {section.title: section for section in book.facts(f.ReportMade)[-1].document.sections}


def voids(book: Playbook) -> tuple[int, int]:
    totals = book.state.till.totals
    return totals.counts.get("voids", 0), totals.sums.get("voids", 0)


def test_an_x_in_the_middle_of_a_payment_adds_up() -> None:
    book = Playbook().ready(5000)
    (book >> add("Brot", 350) >> cash()).done()
    assert OPEN not in report(book)
    book >> add("Torte", 3000) >> cash(amount=1000, given=2000) >> card(amount=500)
    book >> command("cash.in", amount=200, kind="transit", reason="Wechselgeld")
    shown = report(book)
    rows = {row.label: row.amount for row in shown[OPEN].rows}
    assert rows == {"Bar": 1000, "Bar (Geldbewegungen)": 200, "Karte (Unbar)": 500}
    before = {row.label: row.amount or 0 for row in shown["Zahlungsarten"].rows}
    expected = next(row.amount for row in shown["Bargeld"].rows)
    assert expected == sum(before[k] + rows[k] for k in ("Bar", "Bar (Geldbewegungen)")) == 6550
    book >> command("mode.training", on=True, station="zwei") >> add("Übung", 100, station="zwei")
    book >> cash(amount=50, station="zwei")
    assert report(book)[OPEN] == shown[OPEN], "what is practised moves nothing"
    (book >> card()).done()
    assert OPEN not in report(book)


def test_only_what_a_person_takes_back_is_a_void() -> None:
    book = shop()
    book >> sell("brot") >> sell("limo") >> command("sale.discount", line=1, percent="10", reason="alt")
    book >> command("sale.void_line", line=1)
    assert voids(book) == (1, -351), "the reduction goes with its goods"
    book >> command("sale.void_line", line=2)
    assert voids(book) == (2, -351 - 119 - 25), "the deposit too"
    for _ in range(3):
        book >> sell("joghurt")
    book >> command("sale.discount", percent="10", reason="Treue")
    before = voids(book)
    book >> command("sale.void_line", line=len(book.current().lines) - 3)
    book.says("ok")
    taken = sum(fact.why == "" for fact in book.facts(f.LineVoided))
    assert voids(book)[0] == before[0] + 1 == taken == 3
    assert voids(book)[1] == before[1] - 199
    assert len(book.facts(f.LineVoided)) > 5, "what followed by itself is not counted"


def test_what_is_consumed_elsewhere_is_counted_by_itself() -> None:
    book = shop() >> sell("latte") >> sell("latte") >> command("sale.set_in_house", in_house=True)
    assert voids(book) == (0, 0)
    events = {row.label: row.count for row in report(book)["Vorgänge"].rows}
    assert events["Im Haus / außer Haus geändert"] == 2
    assert events["Positionsstornos"] == 0


def test_outages_stand_on_x_and_z_from_when_to_when() -> None:
    """AEAO zu § 146a Nr. 1.14.1: begin and end are documented."""
    book = Playbook().ready()
    book.wait(60).outage()
    rows = {row.label: row.text for row in report(book)["TSE"].rows}
    assert (rows["Ausfall 21.11. 12:01"], rows["  bis"]) == ("nicht erreichbar", "dauert an")
    book.done().wait(600).tse_opens()
    assert {row.label: row.text for row in report(book)["TSE"].rows}["  bis"] == "21.11. 12:11"
    book.done() >> command("till.close", count={})
    z = {s.title: s for s in book.done().facts(f.TillClosed)[-1].document.sections}
    assert {row.label: row.text for row in z["TSE"].rows}["  bis"] == "21.11. 12:11"


def events(book: Playbook) -> dict[str, tuple[int | None, int | None]]:
    return {row.label: (row.count, row.amount) for row in report(book)["Vorgänge"].rows}


def test_what_comes_back_counts_as_on_its_slip_with_its_deposit() -> None:
    book = shop() >> sell("limo") >> command("sale.discount", line=1, percent="10", reason="Delle") >> cash()
    book.done() >> command("receipt.return", receipt=str(book.receipt().number), lines={"1": "1"}, reason="x")
    (book >> cash()).done()
    back = book.receipt().document
    assert {position.case for position in back.positions} == {"Umsatz", "Rabatt", "Pfand"}
    assert back.total < 0
    assert events(book)["Rücknahmen"] == (1, back.total)
    book >> command("order.send", table="1", lines=[{"article": "limo", "quantity": "3"}])
    book.sign() >> command("order.cancel", table="1", lines={"1": "2"}, reason="x")
    order = book.sign().receipt().document
    assert {position.case for position in order.positions} == {"Umsatz", "Pfand"}
    assert events(book)["Zurückgenommene Bestellungen"] == (1, order.total)


def test_every_kind_of_cash_movement_has_its_count_and_sum() -> None:
    book = Playbook()
    book.config.update({"purse.berta.name": "berta", "purse.berta.operator": "berta"})
    book.ready(5000)
    for name, kind, amount in (
        ("cash.in", "transit", 300), ("cash.out", "transit", 200), ("cash.out", "private", 700),
        ("cash.out", "private", 300), ("cash.in", "private", 50), ("cash.out", "expense", 40),
    ):  # fmt: skip
        (book >> command(name, kind=kind, amount=amount, reason="x")).done()
    (book >> command("cash.transfer", amount=100, to="berta")).done()
    shown = events(book)
    parts = {label.strip(): value for label, value in shown.items() if label.startswith("  ")}
    assert parts == {
        "Anfangsbestand": (1, 0),
        "Privateinlagen": (1, 50),
        "Privatentnahmen": (2, -1000),
        "Auszahlungen": (1, -40),
        "Geldtransit in die Kasse": (2, 5300),
        "Geldtransit aus der Kasse": (1, -200),
        "Umbuchungen zwischen Kassen": (1, 0),
    }
    assert shown["Geldbewegungen"] == tuple(map(sum, zip(*parts.values(), strict=True)))
    number = next(end.number for end in book.facts(f.SaleFinished) if end.document.total == -200)
    (book >> command("receipt.cancel", receipt=str(number), reason="x")).done()
    assert events(book)["  Geldtransit aus der Kasse"] == (2, 0), "as the cancelled one"


def test_withdrawals_are_shown_when_there_was_none() -> None:
    shown = events(Playbook().ready())
    assert shown["  Privatentnahmen"] == shown["  Auszahlungen"] == (0, 0)
