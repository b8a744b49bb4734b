"""Much cash: identification and upper limit by date, linked payments (§§ 4, 10 GwG; EU 2024/1624 Art. 80)."""

from datetime import datetime

from kassd.core import facts as f
from kassd.core.tender.cash_limit import limits_on
from tests.core.playbook import CET, Playbook, add, card, cash, command

LATER = datetime(2027, 7, 10, 12, 0, tzinfo=CET)


def test_from_ten_thousand_on_the_customer_is_identified() -> None:
    book = Playbook().ready() >> add(price=1_000_000, vat=1)
    (book >> cash()).says("identify_required")
    book >> command("sale.identify", reference="GwG 2026/17")
    book << "customer.identified"
    assert book.facts(f.CustomerIdentified)[-1].operator == "anzeige"
    (book >> cash()).says("accepted")
    assert book.done().state.till.cash == 1_000_000


def test_below_by_card_and_in_parts() -> None:
    (Playbook().ready() >> add(price=999_999, vat=1) >> cash()).says("accepted")
    (Playbook().ready() >> add(price=1_000_000, vat=1) >> card()).says("accepted")
    book = Playbook().ready() >> add(price=2_000_000, vat=1) >> cash(amount=600_000)
    (book >> cash(amount=400_000)).says("identify_required")
    (book >> cash(amount=399_999)).says("accepted")


def test_from_july_2027_on_other_sums() -> None:
    book = Playbook(at=LATER).ready() >> add(price=300_000, vat=1)
    (book >> cash()).says("identify_required")
    book >> command("sale.identify", reference="17")
    (book >> cash()).says("accepted")
    book.done() >> add(price=1_000_001, vat=1) >> command("sale.identify", reference="18")
    (book >> cash()).says("cash_limit")
    (book >> cash(amount=1_000_000)).says("accepted")
    assert limits_on({}, "2027-07-09").cap is None


def test_payments_of_one_customer_are_linked_until_the_closing() -> None:
    book = Playbook().ready()
    for _ in range(2):
        book >> add(price=400_000, vat=1) >> command("sale.customer", name="Erika Muster", id="K1") >> cash()
        book.done()
    book >> add(price=200_000, vat=1) >> command("sale.customer", name="Erika Muster", id="K1")
    (book >> cash()).says("identify_required")
    book >> command("sale.customer", name="Hans Beispiel", id="K2")
    (book >> cash()).says("accepted")
    book.done() >> command("till.close", count={"50000": 20})
    assert book.done().state.linked_cash == {}


def test_a_shop_sets_its_own_sum() -> None:
    book = Playbook()
    book.config["cash.identify_from"] = 200_000
    book.ready() >> add(price=200_000, vat=1)
    (book >> cash()).says("identify_required")


def test_the_record_needs_a_number() -> None:
    book = Playbook().ready() >> add()
    (book >> command("sale.identify", reference=" ")).says("reason_required")
    book >> command("sale.abort")
    (book.done() >> command("sale.identify", reference="1")).says("no_sale")


def test_a_payment_corrected_to_cash_needs_the_record_too() -> None:
    book = Playbook().ready() >> add(price=1_000_000, vat=1) >> card()
    number = str(book.done().receipt().number)
    corrected = {"receipt": number, "type": "cash"}
    (book >> command("receipt.correct_payment", **corrected)).says("identify_required")
    book >> command("receipt.correct_payment", **corrected, identified="GwG 2026/19")
    book.says("accepted").done()
    assert book.facts(f.CustomerIdentified)[-1].reference == "GwG 2026/19"
    assert book.state.till.cash == 1_000_000


def test_payments_towards_one_claim_are_linked_also_over_closings() -> None:
    book = Playbook().ready() >> add("Uhr", 1_500_000, 1) >> cash(amount=100_000)
    book >> command("sale.pay", type="account", customer="Q")
    book.done()
    ((number, item),) = book.state.credit.items.items()
    assert item.cash == 100_000
    book >> command("account.settle", number=number, amount=500_000) >> cash()
    book.done() >> command("till.close", count={"50000": 12})
    book.done() >> command("till.open", counted=600_000)
    book.done() >> command("account.settle", number=number, amount=400_000)
    (book >> cash()).says("identify_required")
    assert book.replies[-1]["result"]["cash"] == 1_000_000
    (book >> cash(amount=399_999)).says("accepted")
    (book >> cash()).says("identify_required")
    (book >> card()).says("accepted")
    assert book.done().state.credit.items[number].cash == 999_999


def test_down_payments_of_one_order_and_its_bill_are_linked() -> None:
    def take(amount: int, what: str = "Uhr") -> None:
        book >> command("downpayment.take", customer="W", what=what, amount=amount, vat=1)

    book = Playbook().ready()
    take(600_000)
    (book >> cash()).says("accepted").done()
    take(500_000, "Ring")
    (book >> cash()).says("accepted").done()
    take(400_000)
    (book >> cash()).says("identify_required")
    (book >> card()).says("accepted").done()
    book >> add("Uhr", 1_500_000, 1)
    numbers = [item.number for item in book.state.credit.items.values() if item.what == "Uhr"]
    for number in numbers:
        (book >> command("downpayment.release", number=number)).says("ok")
    assert book.current().due == 500_000
    (book >> cash()).says("identify_required")
    assert book.replies[-1]["result"]["cash"] == 1_100_000
    (book >> cash(amount=399_999)).says("accepted")
    (book >> command("sale.pay", type="account", customer="W")).says("accepted").done()
    claim = [item for item in book.state.credit.items.values() if item.kind == "receivable"]
    assert [item.cash for item in claim] == [999_999]


def test_a_payment_that_is_given_back_links_no_more() -> None:
    book = Playbook().ready()
    book >> command("downpayment.take", customer="W", what="Uhr", amount=600_000, vat=1) >> cash()
    (number,) = book.done().state.credit.items
    book >> command("receipt.cancel", receipt=str(book.receipt().number), reason="doch nicht")
    book.says("accepted").done()
    assert book.state.credit.items.get(number) is None or book.state.credit.items[number].cash == 0
