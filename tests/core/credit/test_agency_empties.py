"""Goods of an agency; slips of the machine for empties."""

import pytest

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, cash, command, scan

CONFIG = {
    "agency.lotto.name": "lotto",
    "agency.lotto.id": 3,
    "agency.lotto.text": "Sächsische Lotto-GmbH",
    "empties.pattern": "981NNNNPPPPPC",
    "empties.vat": 1,
}
ON_BEHALF = "im Namen und für Rechnung von Sächsische Lotto-GmbH"
SLIP = "9810001001255"  # number 1, 1.25 €


def shop() -> Playbook:
    book = Playbook()
    book.config |= CONFIG
    return book.ready(1000)


def test_agency_goods_are_another_s_turnover() -> None:
    book = shop() >> add(price=300) >> command("agency.sell", agency="lotto", text="Lottoschein", price=1250)
    line = book.current().lines[-1]
    assert (line.agency, line.vat, line.case, line.reducible) == (3, 5, "Umsatz", False)
    assert line.note == "im Namen und für Rechnung von Sächsische Lotto-GmbH"
    book >> cash()
    book.done()
    assert book.state.till.totals.cases["Umsatz|5||3"][0] == 1250
    assert book.state.till.totals.cases["Umsatz|2"][0] == 300


def test_a_slip_says_what_of_its_sums_and_taxes_is_an_agency_s() -> None:
    book = shop() >> add(price=300)
    for price, vat in ((1250, 5), (340, 2), (100, 2)):
        book >> command("agency.sell", agency="lotto", text="Los", price=price, vat=vat)
    book >> command("sale.void_line", line=4) >> cash()
    (note,) = book.done().receipt().document.notes
    who = "Davon im Namen und für Rechnung von Sächsische Lotto-GmbH"
    assert note == f"{who}: B 3,40 €, USt 0,22 €; E 12,50 €."
    book >> add(price=300) >> cash()
    assert book.done().receipt().document.notes == ()


def test_what_an_agency_does_not_sell() -> None:
    book = shop()
    for args, code in (
        ({"agency": "toto"}, "agency_unknown"),
        ({"text": " "}, "bad_args"),
        ({"price": -1}, "amount_invalid"),
        ({"quantity": "0"}, "quantity_invalid"),
        ({"vat": 99}, "unknown_vat"),
    ):
        given = {"agency": "lotto", "text": "Los", "price": 100} | args
        (book >> command("agency.sell", **given)).says(code)


def test_a_slip_for_empties_is_taken_once() -> None:
    book = shop() >> add(price=500) >> scan(SLIP)
    line = book.current().lines[-1]
    assert (line.case, line.amount, line.vat, line.account) == ("PfandRueckzahlung", -125, 1, SLIP)
    (book >> command("empties.redeem", code=SLIP)).says("slip_taken")
    (book >> command("empties.redeem", code=SLIP, station="zwei")).says("slip_taken")
    book >> cash()
    assert book.done().receipt().document.total == 375
    (book >> command("empties.redeem", code=SLIP)).says("slip_taken")
    assert "Beleg-Nr. 3" in book.replies[-1]["message"]


@pytest.mark.parametrize("end", ["sale.abort", "sale.void_line"])
def test_what_does_not_come_about_leaves_the_slip_valid(end: str) -> None:
    book = shop() >> add() >> command("empties.redeem", code=SLIP) >> command(end)
    (book.done() >> command("empties.redeem", code=SLIP)).says("ok")


def test_a_slip_alone_is_paid_out_and_remembered_for_half_a_year() -> None:
    book = shop() >> command("empties.redeem", code=SLIP) >> cash()
    book.done()
    assert book.state.till.cash == 875
    book >> command("till.close", count={"1": 875})
    book.done().wait(100 * 86_400) >> command("till.open", counted=875)
    (book.done() >> command("empties.redeem", code=SLIP)).says("slip_taken")
    book.wait(100 * 86_400) >> command("till.close", count={"1": 875})
    assert book.done().state.credit.slips == {}


def test_what_is_no_slip() -> None:
    book = shop()
    (book >> command("empties.redeem", code="4006381333931")).says("slip_unknown")
    (book >> command("empties.redeem", code="9810001001254")).says("bad_check_digit")
    (book >> command("empties.redeem", code="9810001000005")).says("amount_invalid")
    (Playbook().ready() >> command("empties.redeem", code=SLIP)).says("slip_unknown")


def test_a_slip_stays_taken_by_a_receipt_that_was_paid_otherwise() -> None:
    book = shop() >> add() >> command("empties.redeem", code=SLIP) >> cash()
    taken = book.done().receipt().number
    for other in ("card", "cash"):
        (book >> command("receipt.correct_payment", receipt=str(taken), type=other)).says("accepted")
        book.done()
        (book >> command("empties.redeem", code=SLIP)).says("slip_taken")
        taken = max(fact.number for fact in book.facts(f.SaleFinished) if fact.document.total > 0)
    (book >> command("receipt.cancel", receipt=str(taken), reason="Irrtum")).says("accepted")
    (book.done() >> command("empties.redeem", code=SLIP)).says("ok")


def test_a_small_business_does_not_exempt_what_it_sells_for_another() -> None:
    book = Playbook()
    book.config |= CONFIG | {"business.small_business": True}
    book.ready(1000)
    book >> command("catalog.put", id="k", name="Prepaidkarte", price=1500, vat=1, codes=[], agency=3)
    book >> add(price=300) >> command("sale.add", article="k")
    book >> command("agency.sell", agency="lotto", text="Heft", price=500, vat=2)
    assert [(line.vat, line.rate) for line in book.current().lines] == [(6, 0), (1, 19), (2, 7)]
    (book >> cash()).done()
    assert book.state.people.turnover == {"2026": 300}


def ticket(book: Playbook, agency: int = 3) -> Playbook:
    return book >> command("catalog.put", id="karte", name="Karte", price=340, vat=2, agency=agency)


def test_an_article_of_an_agency_is_sold_in_its_name() -> None:
    book = ticket(shop()) >> command("sale.add", article="karte", note="Zone A")
    (line,) = book.current().lines
    assert (line.agency, line.note) == (3, f"{ON_BEHALF}\nZone A")
    book >> add(price=390) >> cash()
    book.done() >> command("till.report")
    (cases,) = (s for s in book.facts(f.ReportMade)[-1].document.sections if s.title == "Geschäftsvorfälle")
    sold = {row.label: row.amount for row in cases.rows if "Umsatz" in row.label}
    assert sold == {"Umsatz B (7 %)": 390, "Umsatz für Sächsische Lotto-GmbH, B (7 %)": 340}


def test_nothing_is_sold_for_an_agency_that_is_not_set_up() -> None:
    book = ticket(shop(), agency=77)
    (book >> command("sale.add", article="karte")).says("agency_unknown")
    (book >> command("order.send", table="1", lines=[{"article": "karte"}])).says("agency_unknown")


def test_what_was_taxed_as_own_pays_nothing_of_an_agency() -> None:
    book = ticket(shop())
    (book >> command("voucher.sell", kind="single", article="karte")).says("voucher_agency")
    (book >> command("voucher.sell", kind="single", value=500, vat=2, text="Brot", code="GS-1")).says("ok")
    book >> cash()
    book.done() >> command("downpayment.take", customer="W", what="Torte", amount=300, vat=2)
    number = book.replies[-1]["result"]["number"]
    (book >> cash()).done() >> command("sale.add", article="karte")
    voucher = command("sale.pay", type="voucher", code="GS-1")
    (book >> voucher).says("voucher_not_for_these")
    (book >> command("downpayment.release", number=number)).says("item_not_for_these")
    book >> add(price=390) >> voucher
    assert (book.current().due, book.current().lines[-1].amount) == (340, -390)
    (book >> command("sale.void_line", line=2)).says("settled_first")
