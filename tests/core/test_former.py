"""Lines of a former rate in a Vorgang of today: each key means one rate, and every sum is exact."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.core import facts as f
from kassd.core.former import base_key, key_then, with_same_day
from kassd.core.money import net_and_tax
from kassd.core.vat import rates_on
from tests.core.playbook import CET, Playbook, add, card, cash, command

# First day of the new rates, a key that changes, its former rate, its historic key then.
CHANGES = [
    ("2020-07-01", 1, "19", 11),
    ("2020-07-01", 2, "7", 12),
    ("2021-01-01", 1, "16", 21),
    ("2021-01-01", 2, "5", 22),
    ("2022-01-01", 3, "10.7", 13),
    ("2023-01-01", 3, "9.5", 23),
    ("2024-12-06", 3, "9", 33),
    ("2025-01-01", 3, "8.4", 43),
]
DAYS = sorted({change[0] for change in CHANGES})


def evening(day: str) -> Playbook:
    """A quarter to midnight before ``day``."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=CET)
    return Playbook(at=midnight - timedelta(minutes=15)).ready(50_000)


def send(table: str, *lines: dict[str, Any]) -> Any:
    return command("order.send", table=table, lines=list(lines))


def item(vat: int, price: int = 1190) -> dict[str, Any]:
    return {"text": f"Ware {vat}", "price": price, "vat": vat, "quantity": "1"}


@pytest.mark.parametrize(("day", "vat", "rate", "historic"), CHANGES)
def test_a_bill_after_midnight_has_both_rates_each_under_its_own_key(
    day: str, vat: int, rate: str, historic: int
) -> None:
    book = evening(day)
    (book >> send("5", item(vat))).says("ok").done()
    book.wait(1800) >> send("5", item(vat))
    book.says("ok").done()
    (book >> command("order.bill", table="5") >> add("Zugabe", 500, vat)).says("ok")
    (book >> card()).done()
    receipt = book.receipt()
    assert receipt.bon_type == "Beleg"
    new = rates_on(day)[vat]
    assert {row.vat: (row.rate, row.gross, row.net) for row in receipt.document.vat} == {
        historic: (Decimal(rate), 1190, net_and_tax(1190, Decimal(rate))[0]),
        vat: (new, 1690, net_and_tax(1690, new)[0]),
    }
    assert [p.vat for p in receipt.document.positions] == [historic, vat, vat]
    slots = ["0.00"] * 5
    slots[vat - 1] = "28.80"
    assert receipt.document.seal is not None
    assert receipt.document.seal.process_data == f"Beleg^{'_'.join(slots)}^28.80:Unbar"
    cases = book.state.till.totals.cases
    assert cases[f"Umsatz|{historic}"][:2] == (1190, net_and_tax(1190, Decimal(rate))[0])
    assert cases[f"Umsatz|{vat}"][:2] == (1690, net_and_tax(1690, new)[0])


def test_a_bill_that_is_parked_again_and_reduced_keeps_the_rate_of_its_day() -> None:
    book = evening("2021-01-01")
    book.config["register.in_house"] = True
    (book >> send("5", item(1), item(2))).done()
    (book.wait(1800) >> command("order.bill", table="5")).done()
    (book >> command("sale.park")).says("ok").done()
    assert book.state.orders.groups["T5-000001"].total == 2380
    (book >> command("order.bill", table="5")).done()
    (book >> command("sale.discount", percent="10", reason="Stammgast")).says("ok")
    (book >> command("sale.set_in_house", in_house=False)).says("ok")
    (book >> cash()).done()
    document = book.receipt().document
    assert {row.vat: row.gross for row in document.vat} == {21: 1071, 22: 1071}
    assert {row.vat: row.rate for row in document.vat} == {21: 16, 22: 5}


def test_parked_goods_at_a_rate_that_has_ended_are_not_said_to_be_supplied_today() -> None:
    """Date and rate of the supply agree (§ 27 Abs. 1 UStG)."""
    book = evening("2021-01-01")
    (book >> add("Torte", 1160, 1) >> command("sale.park")).says("ok").done()
    group = book.replies[-1]["result"]["group"]
    (book.wait(1800) >> command("order.bill", group=group)).says("ok").sign()
    (book >> cash()).done()
    document = book.receipt().document
    assert {row.vat: row.rate for row in document.vat} == {21: 16}
    assert document.service == "Leistungszeitraum 31.12.2020 bis 01.01.2021 (ab der ersten Bestellung)"


def test_what_is_ordered_before_and_taken_back_after_midnight_leaves_nothing() -> None:
    book = evening("2021-01-01")
    (book >> send("5", item(1), item(2))).done()
    book.wait(1800) >> command("order.cancel", table="5", lines={"1": "1"}, reason="ausverkauft")
    book.says("ok").done()
    assert book.state.orders.groups["T5-000001"].total == 1190
    book >> command("order.walkout", table="5", reason="gegangen")
    book.says("accepted").done()
    assert book.state.till.totals.cases["Umsatz|22"] == (1190, 1133, 57)
    assert not book.state.orders.groups


def test_a_delivery_of_last_year_is_billed_at_its_rate_and_once() -> None:
    book = evening("2021-01-01")
    (book >> add("Torte", 3000, 1) >> command("delivery.issue", customer="Hotel")).says("accepted").done()
    number = book.replies[-1]["result"]["number"]
    (book.wait(1800) >> command("delivery.bill", number=number)).says("ok").sign()
    (book >> add("Kerze", 119, 1) >> cash()).done()
    assert {row.vat: row.gross for row in book.receipt().document.vat} == {1: 119, 21: 3000}
    (book >> command("delivery.bill", number=number)).says("item_settled")


def test_a_down_payment_of_last_year_goes_back_whole_at_its_rate() -> None:
    book = evening("2021-01-01")
    take = command("downpayment.take", amount=1160, vat=1, customer="Frau Muster", what="Torte")
    (book >> take >> cash()).says("accepted").done()
    number = next(iter(book.state.credit.items))
    (book.wait(1800) >> command("downpayment.refund", number=number, reason="abgesagt")).says("ok").sign()
    (book >> command("downpayment.refund", number=number, reason="noch einmal")).says("sale_open")
    (book >> cash()).done()
    assert book.state.till.totals.cases["Anzahlungsaufloesung|21"] == (-1160, -1000, -160)
    (book >> command("downpayment.refund", number=number, reason="noch einmal")).says("item_settled")


def test_a_voucher_of_last_year_is_refunded_beside_goods_of_today() -> None:
    book = Playbook(at=evening("2021-01-01").at - timedelta(milliseconds=20))
    book.config["vouchers.refund"] = True
    book.ready(50_000)
    (book >> command("voucher.sell", kind="single", value=1160, vat=1, text="Wein") >> cash()).done()
    code = next(iter(book.state.vouchers))
    (book.wait(1800) >> add("Sekt", 1190, 1)).says("ok").sign()
    (book >> command("voucher.refund", code=code, reason="Kulanz")).says("ok")
    (book >> cash()).done()
    assert {row.vat: row.tax for row in book.receipt().document.vat} == {1: 190, 21: -160}


def test_keys_and_rates_of_other_days() -> None:
    state = evening("2021-01-01").state
    assert key_then(state, 11, Decimal(19)) == 11
    assert key_then(state, 1, Decimal(16)) == 1
    assert key_then(state, 2, Decimal(7)) == 12
    assert [base_key(key) for key in (1, 21, 43, 5, 1000)] == [1, 1, 3, 5, 1000]
    assert with_same_day(1, Decimal(19), 22) == (21, Decimal(16))
    assert with_same_day(1, Decimal(19), 2) == (1, Decimal(19))
    assert with_same_day(5, Decimal(0), 22) == (5, Decimal(0))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.sampled_from((1, 2, 3)), st.integers(1, 5000)),
        st.tuples(st.just("sale"), st.sampled_from((1, 2, 3)), st.integers(1, 5000)),
        st.tuples(st.just("wait"), st.just(0), st.integers(5, 60)),
        st.tuples(st.just("part"), st.just(0), st.just(0)),
        st.tuples(st.just("bill"), st.just(0), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=20, deadline=None)
@given(day=st.sampled_from(DAYS), steps=STEPS)
def test_over_midnight_the_closings_are_the_sum_of_their_receipts(
    day: str, steps: list[tuple[str, int, int]]
) -> None:
    book = evening(day)
    for what, vat, value in [*steps, ("wait", 0, 60), ("order", 1, 1), ("bill", 0, 0)]:
        if what == "order":
            book >> send("5", item(vat, value))
        elif what == "sale":
            book >> add("Ware", value, vat) >> cash()
        elif what == "wait":
            book.wait(value * 60).tick()
        elif book.state.orders.groups:
            wanted = {"parts": 2} if what == "part" else {}
            book >> command("order.bill", table="5", **wanted) >> card()
        book.done()
    assert not book.state.orders.groups
    (book >> command("till.report")).done()
    _sums_agree(book)


def _sums_agree(book: Playbook) -> None:
    """Each period's cases are what its receipts say, key by key: gross, net and tax to the cent."""
    periods: list[Counter[tuple[int, str]]] = [Counter()]
    closed = []
    for line in book.lines:
        for fact in line["facts"]:
            fact = f.from_json(fact)
            if isinstance(fact, f.TillClosed):
                closed.append(fact.totals)
                periods.append(Counter())
            if isinstance(fact, f.SaleFinished) and fact.bon_type == "Beleg":
                for row in fact.document.vat:
                    periods[-1].update(
                        {(row.vat, "gross"): row.gross, (row.vat, "net"): row.net, (row.vat, "tax"): row.tax}
                    )
    totals = [*(t["cases"] if isinstance(t, dict) else t.cases for t in closed), book.state.till.totals.cases]
    for found, cases in zip(periods, totals, strict=True):
        expected: Counter[tuple[int, str]] = Counter()
        for key, (gross, net, tax) in cases.items():
            vat = int(key.split("|")[1])
            expected.update({(vat, "gross"): gross, (vat, "net"): net, (vat, "tax"): tax})
        assert +found == +expected
