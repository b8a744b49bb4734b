"""FISCAL 1: no TSE, no sale."""

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.playbook import OPENED, Playbook, add, command, scan


def test_the_commissioning_is_checked_before_everything_else() -> None:
    book = Playbook().start()
    for name in ("sale.add", "sale.park", "order.add", "cash.in", "receipt.cancel", "receipt.correct_payment",
                 "till.open", "till.close"):  # fmt: skip
        book >> command(name, client="theke-2", rev=99, origin="uplink", station=[], nonsense=1)
        book.says("tse_not_commissioned")
    book >> scan("4006381333931")
    assert "keine TSE" in book.state.station("main").message
    book >> command("operator.login", operator="Anna")
    book.says("ok")


def test_the_first_tse_is_bound_with_all_that_the_master_data_need() -> None:
    book = Playbook().start() >> OPENED << "tse.bound config.annex ?tse.resume"
    bound = book.facts(f.TseBound)[0]
    assert (bound.serial_number, bound.client_id, bound.certificates) == (
        OPENED.serial_number,
        "KASSE-1",
        ("Y2VydA==",),
    )
    book >> command("till.open", counted=0)
    book.says("ok")


def test_an_unbound_tse_cannot_be_in_outage_and_owns_no_transactions() -> None:
    book = Playbook().start() >> i.TseUnavailable("gone", "…") << ""
    book >> i.TseSurveyed((3,)) << ""
    assert book.state.tse.outage is None
    assert not book.state.sales


def test_in_mode_test_every_slip_says_so() -> None:
    book = Playbook().ready()
    book >> add() >> command("sale.pay", type="cash")
    book.sign() >> command("till.report")
    assert all(fact.document.test for fact in book.facts(f.SaleFinished))
    assert book.facts(f.ReportMade)[0].document.test
