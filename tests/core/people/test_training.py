"""Training: signed as AVTraining, without money, drawer or turnover (FISCAL 12)."""

from kassd.core import facts as f
from kassd.receipt.layout import plain_text
from tests.core.playbook import Playbook, add, cash, command


def training(float_: int = 1000) -> Playbook:
    book = Playbook().ready(float_)
    (book >> command("mode.training", on=True)).says("ok")
    return book


def test_a_training_sale() -> None:
    book = training()
    cash_before = book.state.till.cash
    book >> add()
    book.sign() >> cash(given=500) << "sale.payment_added sale.paid sale.numbered +tse.finish"
    book.sign()
    finished = book.facts(f.SaleFinished)[-1]
    assert finished.bon_type == "AVTraining"
    assert finished.document.payments == ()
    assert finished.document.title == "TRAINING – kein Beleg"
    assert finished.document.seal is not None
    assert finished.document.seal.process_data == "AVTraining^0.00_3.50_0.00_0.00_0.00^"
    assert book.state.till.cash == cash_before
    assert not book.wishes("drawer")
    totals = book.state.till.totals
    assert (totals.counts["AVTraining"], totals.sums["AVTraining"]) == (1, 350)
    assert "Umsatz|2" not in totals.cases
    assert "sales" not in totals.counts


def test_voids_and_aborts_in_training_count_nowhere_else() -> None:
    book = training()
    book >> add() >> add()
    book >> command("sale.void_line")
    book >> command("sale.abort")
    book.sign()
    finished = book.facts(f.SaleFinished)[-1]
    assert finished.bon_type == "AVTraining"
    assert finished.document.total == 0
    assert not {"voids", "aborts"} & set(book.state.till.totals.counts)
    assert book.state.till.totals.counts["AVTraining"] == 1


def test_switching_needs_an_empty_station_and_an_open_till() -> None:
    book = Playbook().ready()
    book >> add()
    (book >> command("mode.training", on=True)).says("sale_open")
    shut = Playbook()
    shut.commissioned()
    (shut >> command("mode.training", on=True)).says("till_closed")


def test_what_lasts_is_refused() -> None:
    book = training()
    for name, args in (
        ("cash.in", {"amount": 100, "kind": "private", "reason": "x"}),
        ("drawer.open", {"reason": "x"}),
        ("till.close", {"count": {}}),
        ("voucher.sell", {"kind": "multi", "value": 100}),
        ("order.send", {"table": "5", "lines": [{"text": "Bier", "price": 400, "vat": 1}]}),
    ):
        (book >> command(name, **args)).says("training_mode")
    book >> add()
    (book >> command("sale.pay", type="voucher", code="V1")).says("training_mode")


def test_one_station_trains_while_another_sells() -> None:
    book = training()
    book >> add(station="zwei")
    book.sign()
    book >> cash(station="zwei")
    book.sign()
    assert book.facts(f.SaleFinished)[-1].bon_type == "Beleg"


def test_a_closing_ends_it() -> None:
    book = training()
    book >> command("till.close", station="zwei", count={"1000": 1})
    book.sign()
    assert not book.state.station("main").training
    assert book.facts(f.TrainingSwitched)[-1].why == "closing"


def test_training_survives_a_restart() -> None:
    book = training()
    book >> add()
    book.restart()
    assert book.state.station("main").training
    assert book.current().bon_type == "AVTraining"


def test_what_only_tells_is_told_with_the_real_figures() -> None:
    book = Playbook().ready(1000)
    book >> add(price=500)
    book.done() >> cash()
    book.done()
    (book >> command("mode.training", on=True)).says("ok")
    book >> add(price=350)
    book.sign() >> cash()
    book.done()
    (book >> command("cash.expected")).says("ok")
    assert book.replies[-1]["result"]["expected"] == 1500
    (book >> command("till.report")).says("ok")
    report = book.facts(f.ReportMade)[-1].document
    text = plain_text(report, 42)
    assert "TRAINING – kein Beleg" not in text
    assert "15,00" in text
    (book >> command("tip.balance")).says("ok")
    (book >> command("voucher.balance", code="x")).says("voucher_unknown")
    (book >> command("tip.payout", amount=100)).says("training_mode")
