"""§ 19 UStG: no tax anywhere, and the year's turnover in sight of its limits."""

from kassd.core import facts as f
from kassd.core.people.turnover import NEXT_YEAR, OVER, SOON, warning, with_turnover
from kassd.core.vat import SMALL_BUSINESS, SMALL_BUSINESS_TEXT
from kassd.receipt.layout import plain_text
from tests.core.playbook import Playbook, add, cash, command


def small() -> Playbook:
    book = Playbook()
    book.config["business.small_business"] = True
    return book.ready()


def sell(book: Playbook, price: int, vat: int = 1) -> Playbook:
    book >> add("Lampe", price, vat)
    book.sign()
    card = command("sale.pay", type="card")
    book >> card
    return book.sign()


def test_no_tax_on_receipt_and_report() -> None:
    book = sell(small(), 1190)
    document = book.facts(f.SaleFinished)[-1].document
    (row,) = document.vat
    assert (row.vat, row.tax, row.net, row.text) == (SMALL_BUSINESS, 0, 1190, SMALL_BUSINESS_TEXT)
    assert document.seal is not None
    assert document.seal.process_data == "Beleg^0.00_0.00_0.00_0.00_11.90^11.90:Unbar"
    book >> command("till.report")
    report = book.facts(f.ReportMade)[-1].document
    cases = next(section for section in report.sections if section.title == "Geschäftsvorfälle")
    assert [row.label for row in cases.rows if "Umsatz" in row.label] == ["Umsatz F"]
    assert not any("%" in row.label or "USt" in row.label for row in cases.rows)


def test_no_slip_speaks_of_tax() -> None:
    book = small()
    book >> command("downpayment.take", customer="W", what="Torte", amount=1000, vat=1)
    number = book.replies[-1]["result"]["number"]
    (book >> cash()).done()
    (book >> add("Torte", 3000, 1) >> command("downpayment.release", number=number) >> cash()).done()
    bill = book.receipt().document
    assert bill.positions[-1].note == f"Nr. {number} vom 21.11.2026"
    (book >> add("Torte", 3000, 1) >> command("offer.issue")).done()
    for slip in (bill, book.receipt().document):
        text = plain_text(slip, 42).replace("UStG", "")
        assert not any(word in text for word in ("USt", "MwSt", "Umsatzsteuer")), text


def test_an_untaxed_down_payment_is_deducted_without_tax() -> None:
    book = Playbook().ready()
    book >> command("downpayment.take", customer="W", what="Porto", amounts={"6": 500, "2": 535})
    number = book.replies[-1]["result"]["number"]
    (book >> cash()).done() >> add("Porto", 900, 6) >> add("Torte", 600, 2)
    book >> command("downpayment.release", number=number)
    notes = {line.vat: line.note for line in book.current().lines if line.settles}
    assert notes == {
        2: f"Nr. {number} vom 21.11.2026, enthaltene USt 0,35 €",
        6: f"Nr. {number} vom 21.11.2026",
    }


def test_the_switch_waits_for_the_closing() -> None:
    book = Playbook().ready()
    book.config["business.small_business"] = True
    book.restart()
    assert book.state.pending == {"business.small_business": True}
    sell(book, 1190)
    assert book.facts(f.SaleFinished)[-1].document.vat[0].tax == 190
    book >> command("till.close", count={})
    book.sign()
    book >> command("till.open", counted=0)
    book.sign()
    sell(book, 1190)
    assert book.facts(f.SaleFinished)[-1].document.vat[0].tax == 0


def test_the_years_turnover_is_counted_and_carried() -> None:
    book = sell(sell(small(), 1000), 500)
    book >> command("till.close", count={})
    book.sign()
    assert book.state.people.turnover == {"2026": 1500}
    assert with_turnover({"2024": 1, "2025": 2}, "2026", 3) == {"2025": 2, "2026": 3}


def test_warnings_at_the_limits() -> None:
    book = small()
    for price, limit in ((2_500_000, None), (1, NEXT_YEAR), (5_500_000, SOON), (2_000_000, OVER)):
        sell(book, price)
        warned = warning(book.state)
        assert (warned and warned[0]) == limit
    plain = sell(Playbook().ready(), 20_000_000)
    assert warning(plain.state) is None


def test_cash_movements_keep_their_key() -> None:
    book = small()
    book >> command("cash.in", amount=100, kind="private", reason="Wechselgeld")
    book.sign()
    assert "Privateinlage|5" in book.state.till.totals.cases
    assert book.state.people.turnover.get("2026", 0) == 0
    book >> cash()
