"""receipt.cancel and receipt.correct_payment."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.corrections.recall import find
from tests.core.playbook import Lines, Playbook, add, card, cash, command


def cancel(receipt: str, **args: Any) -> i.CommandReceived:
    return command("receipt.cancel", receipt=receipt, **({"reason": "falsch boniert"} | args))


def sold(float_: int = 5000) -> Playbook:
    """Receipt 3 (after the float's two): two lines, one void, paid in cash with change."""
    book = Playbook().ready(float_)
    book >> add("Brot", 350, quantity="2") >> add("Kaffee", 280, vat=1) >> add("Irrtum", 100)
    book >> command("sale.void_line") >> cash(given=1000)
    return book.done()


def test_a_cancellation_is_a_receipt_with_every_sign_reversed() -> None:
    book = sold()
    original = book.receipt()
    assert book.state.till.cash == 5000 + 980
    book >> cancel("3")
    book << "sale.opened receipt.corrected sale.payment_added" + " sale.line_added" * 4 + (
        " sale.paid +tse.start +drawer"
    )
    book.says("accepted").done()
    storno = book.receipt()
    assert (storno.number, storno.bon_type) == (4, "Beleg")
    assert storno.document.total == -original.document.total == -980
    assert [p.amount for p in storno.document.positions] == [-p.amount for p in original.document.positions]
    assert [(v.vat, v.gross, v.tax) for v in storno.document.vat] == [
        (v.vat, -v.gross, -v.tax) for v in original.document.vat
    ]
    assert storno.document.title == "Stornobeleg"
    assert storno.document.reason == "falsch boniert"
    (reference,) = storno.document.references
    assert (reference.type, reference.number, reference.closing) == ("Transaktion", "3", 0)
    assert reference.register == "KASSE-1"
    seal = storno.document.seal
    assert seal is not None
    assert seal.process_data == "Beleg^-2.80_-7.00_0.00_0.00_0.00^-9.80:Bar"
    assert book.facts(f.SaleOpened)[-1].name == "Storno"
    assert book.state.till.cash == 5000
    assert book.state.till.totals.counts["cancellations"] == 1
    assert book.state.till.totals.sums["cancellations"] == -980


def test_it_can_be_done_once_even_by_two_at_once_after_a_restart_and_after_the_closing() -> None:
    book = sold()
    before = find(Lines(book.lines), "3")
    book >> cancel("3")
    # Decided in the same batch, on what was read before the first was decided.
    (
        book >> i.CommandReceived("b", "x1", "receipt.cancel", {"receipt": "3", "reason": "x"}, found=before)
    ).says("already_cancelled")
    book.done() >> cancel("3")
    book.says("already_cancelled")
    (
        book >> i.CommandReceived("b", "x2", "receipt.cancel", {"receipt": "3", "reason": "x"}, found=before)
    ).says("already_cancelled")
    book.restart().tse_opens() >> cancel("3")
    book.says("already_cancelled")
    book >> command("till.close", count={"5000": 1})
    book.done() >> command("till.open", counted=5000)
    book.done() >> cancel("3")
    book.says("already_cancelled")


def test_an_older_closings_receipt_names_its_closing() -> None:
    book = sold()
    book >> command("till.close", count={"1": 5980})
    book.done() >> command("till.open", counted=5980)
    book.done() >> cancel("3")
    book.says("accepted").done()
    (reference,) = book.receipt().document.references
    assert (reference.number, reference.closing) == ("3", 1)
    assert reference.closed_at == book.facts(f.TillClosed)[0].at


def test_a_reading_overtaken_by_the_closing_is_not_used() -> None:
    book = sold()
    before = find(Lines(book.lines), "3")
    book >> command("till.close", count={"1": 5980})
    book.done() >> command("till.open", counted=5980)
    book.done() >> i.CommandReceived(
        "b", "x", "receipt.cancel", {"receipt": "3", "reason": "x"}, found=before
    )
    book.says("busy")


def test_a_reading_older_than_what_is_remembered_is_not_used() -> None:
    book = Playbook().ready(5000)
    for _ in range(66):
        (book >> add("Brot", 10) >> cash()).done()
    before = find(Lines(book.lines), "3")
    for number in range(4, 69):
        (book >> cancel(str(number))).says("accepted").done()
    assert len(book.state.corrections.recent) == 64
    book >> i.CommandReceived("b", "x", "receipt.cancel", {"receipt": "3", "reason": "x"}, found=before)
    book.says("busy")
    book >> cancel("3")
    book.says("accepted")


@pytest.mark.parametrize(
    ("receipt", "args", "code"),
    [
        ("99", {}, "no_receipt"),
        ("3", {"reason": " "}, "reason_required"),
        ("1", {}, "not_cancellable"),  # Anfangsbestand
        ("x3", {}, "busy"),
    ],
)
def test_what_is_refused(receipt: str, args: dict[str, Any], code: str) -> None:
    (sold() >> cancel(receipt, **args)).says(code)


def test_a_cancellation_and_an_abort_cannot_be_cancelled() -> None:
    book = sold()
    (book >> cancel("3")).done()
    (book >> cancel("4")).says("not_cancellable")
    book >> add() >> command("sale.abort")
    (book.done() >> cancel("5")).says("no_receipt")


def test_cash_that_is_not_there_is_not_given_back() -> None:
    book = sold(0)
    book >> command("cash.out", amount=500, kind="transit", reason="Bank")
    (book.done() >> cancel("2")).says("cash_negative")
    assert book.replies[-1]["result"] == {"expected": 480}


def test_a_card_payment_is_reversed_by_a_person_first() -> None:
    book = Playbook().ready(5000)
    book >> add("Brot", 350) >> cash(amount=100, given=100) >> card()
    book.done() >> cancel("3")
    book.says("card_not_reversed")
    assert book.replies[-1]["result"] == {"cash": -100, "card": -250, "currencies": {"EUR": -100}}
    book >> cancel("3", card_reversed=True)
    book.says("accepted").done()
    assert [(p.type, p.amount) for p in book.receipt().document.payments] == [("Bar", -100), ("Unbar", -250)]
    assert book.state.till.cash == 5000


def test_a_wrong_cash_movement_is_cancelled_too() -> None:
    book = Playbook().ready(5000)
    book >> command("cash.in", amount=700, kind="private", reason="Wechselgeld")
    book.done() >> cancel("3", reason="vertippt")
    book.says("accepted").done()
    storno = book.receipt().document
    assert (storno.kind, storno.title, storno.total) == ("cash", "Stornobeleg Privateinlage", -700)
    assert book.state.till.cash == 5000
    assert book.state.till.totals.cases["Privateinlage|5"] == (0, 0, 0)


def test_refund_is_a_right_of_its_own() -> None:
    book = sold()
    book >> command("receipt.cancel", client="theke-2", receipt="3", reason="x")
    book.says("unauthorized")


def test_a_long_receipt_is_cancelled_over_several_lines_also_after_a_power_cut() -> None:
    book = Playbook().ready(0)
    for n in range(200):
        book >> add(
            f"Artikel Nummer {n:03} mit einem ordentlich langen Namen, wie er im Katalog steht", 100 + n
        )
    (book >> cash()).done()
    total = book.receipt().document.total
    assert book.state.till.cash == total
    book >> cancel("2")
    book.says("accepted")
    (ask,) = book.last.asks
    (plan,) = book.state.corrections.plans.values()
    assert (plan.receipt, plan.sign) == ("2", -1)
    assert book.state.till.cash == 0
    (book >> cancel("2")).says("already_cancelled")
    book.restart()
    assert [a for a in book.last.asks if a.kind == "receipt.recall"] == [ask]
    book.tse_opens()
    while book.state.corrections.plans:
        recalled = find(Lines(book.lines), "2").receipt
        assert recalled is not None
        book >> i.ReceiptRecalled(str(ask.args["sale"]), recalled)
        book.sign()
    storno = book.receipt()
    assert storno.document.total == -total
    assert len(storno.document.positions) == len(book.facts(f.SaleFinished)[-2].document.positions)
    assert book.state.till.cash == 0
    # One answer too many changes nothing.
    lines = len(book.lines)
    book >> i.ReceiptRecalled(str(ask.args["sale"]), recalled)
    assert len(book.lines) == lines


def test_a_long_receipt_is_cancelled_without_tse_in_lines_that_hold_it() -> None:
    book = Playbook().ready(0)
    for n in range(200):
        book >> add(f"Artikel {n:03} " + "Ä" * 30, 100)
    (book >> cash()).done().outage()
    book >> cancel("2")
    while book.state.sales:
        recalled = find(Lines(book.lines), "2").receipt
        for sale in tuple(book.state.corrections.plans):
            assert recalled is not None
            book >> i.ReceiptRecalled(sale, recalled)
        book.wait(1).tick()
    assert book.receipt().document.outage
    assert book.receipt().document.total == -book.facts(f.SaleFinished)[-2].document.total < -10_000


# -- correct_payment ----------------------------------------------------------------------------------


def test_a_wrong_tender_is_corrected_in_one_line_and_the_drawer_stays_shut() -> None:
    book = sold()
    book >> command("receipt.correct_payment", receipt="3", type="card")
    begun = "sale.opened receipt.corrected " * 2 + "sale.payment_added sale.payment_added"
    lines = " sale.line_added" * 4 + " sale.paid"
    book << f"{begun}{lines}{lines} +tse.start +tse.start"
    book.says("accepted").done()
    storno, new = book.facts(f.SaleFinished)[-2:]
    assert (storno.document.total, new.document.total) == (-980, 980)
    assert [(p.type, p.amount) for p in storno.document.payments] == [("Bar", -980)]
    assert [(p.type, p.name, p.amount) for p in new.document.payments] == [("Unbar", "Karte", 980)]
    assert {r.number for r in (*storno.document.references, *new.document.references)} == {"3"}
    assert book.state.till.cash == 5000
    assert sum(v for k, v in book.state.till.totals.payments.items() if k.startswith("Bar")) == 5000
    assert sum(v for k, v in book.state.till.totals.payments.items() if k.startswith("Unbar")) == 980
    assert len(book.wishes("drawer")) == 1
    (book >> cancel("3")).says("already_cancelled")
    (book >> command("receipt.correct_payment", receipt="3", type="card")).says("already_cancelled")
    (book >> cancel(str(new.number), card_reversed=True)).says("accepted")


def test_from_card_to_cash_the_stock_is_never_below_zero() -> None:
    book = Playbook().ready(0)
    (book >> add("Brot", 350) >> card()).done()
    book >> command("receipt.correct_payment", receipt="2", type="card")
    book.says("payment_same")
    book >> command("receipt.correct_payment", receipt="2", type="cash")
    book.says("accepted").done()
    assert book.state.till.cash == 350


def test_a_movement_has_no_other_tender() -> None:
    book = Playbook().ready(5000)
    (book >> command("receipt.correct_payment", receipt="2", type="card")).says("nothing_due")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("sale.park", {}),
        ("delivery.issue", {"customer": "Krone"}),
        ("invoice.issue", {"customer": "Krone"}),
        ("offer.issue", {}),
    ],
)
def test_what_became_no_receipt_is_not_cancelled_and_nothing_of_it_comes_back(
    name: str, args: dict[str, str]
) -> None:
    book = Playbook().ready(1000)
    (book >> add("Brot", 350) >> command(name, **args)).done()
    number = str(book.receipt().number)
    assert book.receipt().bon_type != "Beleg"
    (book >> command("receipt.cancel", receipt=number, reason="x")).says("not_cancellable")
    (book >> command("receipt.return", receipt=number, lines={"1": "1"}, reason="x")).says("not_cancellable")


def correct(receipt: str, tender: str, **args: Any) -> i.CommandReceived:
    return command("receipt.correct_payment", receipt=receipt, type=tender, **args)


def test_goods_taken_back_stay_back_when_the_money_went_another_way() -> None:
    book = sold()
    take = command("receipt.return", receipt="3", lines={"1": "2"}, reason="verdorben")
    (book >> take >> cash()).done()
    (book >> correct("4", "card")).says("accepted")
    (book >> take).says("return_too_much")
    new = book.done().receipt()
    assert (new.number, new.document.total) == (6, -700)
    assert [r.number for r in new.document.references] == ["4", "3"]
    (book >> take).says("return_too_much")
    (book >> cancel("3")).says("already_returned")
    book.restart().tse_opens()
    (book >> take).says("return_too_much")
    (book >> cancel("6", card_reversed=True)).says("accepted")
    (book.done() >> take).says("ok")


def test_a_return_of_an_older_period_names_its_closing_in_the_new_receipt_too() -> None:
    book = sold()
    (book >> command("receipt.return", receipt="3", lines={"1": "1"}, reason="x") >> cash()).done()
    book >> command("till.close", count={"1": book.state.till.cash})
    book.done() >> command("till.open", counted=book.state.till.carried)
    (book.done() >> correct("4", "card")).says("accepted")
    assert [(r.number, r.closing) for r in book.done().receipt().document.references] == [("4", 1), ("3", 1)]


@pytest.mark.parametrize("out", [False, True])
def test_what_a_receipt_used_up_stays_used_up(out: bool) -> None:
    book = Playbook()
    book.config |= {"empties.pattern": "981NNNNPPPPPC"}
    book.ready(1000) >> add("Brot", 1000) >> command("delivery.issue", customer="Kim")
    note = str(book.replies[-1]["result"]["number"])
    book.done() >> command("delivery.bill", number=note) >> command("empties.redeem", code="9810001005000")
    (book >> card()).done()
    if out:
        book.outage()
    (book >> correct("4", "cash")).says("accepted")
    for _ in range(20):
        (book >> command("empties.redeem", code="9810001005000")).says("slip_taken")
        book.wait(1).tick()
        if not out and book.calls():
            book.sign_one()
    storno, new = book.facts(f.SaleFinished)[-2:]
    assert (storno.document.total, new.document.total, new.number) == (-500, 500, 6)
    assert book.state.till.cash == 1500
    (book >> command("delivery.bill", number=note)).says("item_settled")


def test_cash_is_where_the_receipt_was_written_however_often_it_is_corrected() -> None:
    book = Playbook()
    book.config |= {"drawer.lade-2.name": "lade-2", "drawer.lade-2.station": "zwei"}
    book.ready(5000) >> add("Brot", 1000, station="zwei") >> cash(station="zwei")
    book.done()
    held = {key: one.amount for key, one in book.state.cash.held.items()}
    assert held == {"|EUR": 5000, "lade-2|EUR": 1000}
    for number, tender in ((3, "card"), (5, "cheque"), (7, "cash")):
        (book >> correct(str(number), tender)).says("accepted").done()
    assert {key: one.amount for key, one in book.state.cash.held.items()} == held


def test_what_goes_out_is_covered_by_what_comes_in() -> None:
    book = Playbook().ready(0)
    (book >> add("Brot", 1000) >> cash(amount=400) >> card()).done()
    book >> command("cash.out", amount=400, kind="transit", reason="Bank")
    (book.done() >> correct("2", "cash")).says("accepted").done()
    assert book.state.till.cash == 600


def test_what_is_undone_on_another_day_says_when_it_was_supplied() -> None:
    book = sold()
    book >> cancel("3")
    assert book.done().receipt().document.service == "", "today's supply, today's slip"
    book >> add("Brot", 350) >> card()
    book.done() >> command("voucher.sell", kind="multi", value=2000)
    book.done() >> cash()
    book.done().wait(24 * 3600)
    sale, voucher = "5", str(book.receipt().number)
    book >> command("receipt.correct_payment", receipt=sale, type="cash")
    ends = book.done().facts(f.SaleFinished)[-2:]
    assert {end.document.service for end in ends} == {"Leistungsdatum 21.11.2026"}
    book >> cancel(str(ends[1].number))
    assert book.done().receipt().document.service == "Leistungsdatum 21.11.2026"
    (book >> cancel(voucher)).says("accepted")
    assert book.done().receipt().document.service == "", "a voucher's sale supplies nothing"


def test_the_reply_says_what_the_drawer_gives_and_gets_of_each_currency() -> None:
    book = Playbook()
    book.config |= {"currency.CHF.code": "CHF", "currency.CHF.rate": "0.95"}
    book.ready(10_000) >> add("Brot", 350) >> cash(currency="CHF", given=1000)
    book.done() >> cancel("3")
    result = book.replies[-1]["result"]
    assert (result["cash"], result["card"]) == (-350, 0)
    assert result["currencies"] == {"CHF": -1000, "EUR": 600}
    paid = [(p.currency, p.foreign or p.amount) for p in book.done().receipt().document.payments]
    assert dict(paid) == result["currencies"]
    book >> add("Brot", 1350) >> cash(currency="CHF", given=1000) >> command("sale.abort")
    book.says("sale_part_paid")
    assert book.replies[-1]["result"] == {"cash": 950, "card": 0, "currencies": {"CHF": 1000}}
