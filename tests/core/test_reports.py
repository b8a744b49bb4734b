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
