"""Goods that are not sold: for an employee, or taken by the owner."""

from typing import Any

import pytest

from kassd.receipt.layout import plain_text
from tests.core.goods.shop import sell, shop
from tests.core.playbook import Playbook, card, command
from tests.core.reductions.test_giving import sums

ANNA = {"name": "Anna Beispiel", "id": "P-7"}


def benefit(**args: Any) -> Any:
    return command("sale.benefit", **args)


def test_an_employees_meal_is_secured_and_no_turnover() -> None:
    book = shop() >> sell("menue") >> benefit(employee=ANNA, reason="Personalessen")
    book << "sale.customer_set sale.typed sale.paid"
    book.says("accepted").done()
    finished = book.receipt()
    assert finished.bon_type == "AVSachbezug"
    assert finished.document.payments == ()
    assert finished.document.seal is not None
    assert finished.document.seal.process_type == "Kassenbeleg-V1"
    assert finished.document.seal.process_data == "AVSachbezug^2.72_7.27_0.00_0.00_0.00^"
    assert finished.document.customer is not None
    assert (finished.document.customer.name, finished.document.customer.type) == (
        "Anna Beispiel",
        "Mitarbeiter",
    )
    assert sums(book)["AVSachbezug"] == (1, 999)
    assert not any(key.startswith("Umsatz") for key in book.state.till.totals.cases)
    slip = plain_text(finished.document, 42)
    assert slip.count("Sachbezug - kein Beleg") + slip.count("TEST - kein Beleg") >= 2
    assert "Anna Beispiel" in slip
    assert "Mitarbeiter" in slip
    assert len([w for w in book.wishes("print") if w.args["document"] == finished.document.id]) == 1


def test_what_the_owner_takes() -> None:
    book = shop() >> sell("brot") >> benefit(owner="Max Muster")
    book.done()
    finished = book.receipt()
    assert (finished.bon_type, finished.document.title) == ("AVSonstige", "Sachentnahme - kein Beleg")
    assert sums(book)["AVSonstige"] == (1, 390)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({}, "bad_args"),
        ({"owner": "Max", "employee": ANNA}, "bad_args"),
        ({"employee": {"name": " "}}, "person_required"),
        ({"employee": {"name": "x" * 51}}, "bad_args"),
        ({"employee": {"nam": "x"}}, "bad_args"),
    ],
)
def test_who_gets_it_must_be_said(args: dict[str, Any], code: str) -> None:
    book = shop() >> sell("brot") >> benefit(**args)
    book.says(code)


def refused(book: Playbook) -> None:
    book >> benefit(employee=ANNA)
    book.says("not_a_benefit")


def test_only_goods_without_payments_and_orders() -> None:
    book = shop() >> benefit(employee=ANNA)
    book.says("no_sale")
    book >> sell("brot") >> card(amount=100)
    refused(book)
    book = shop() >> command("voucher.sell", kind="multi", value=1000)
    refused(book)
    book = shop() >> sell("brot") >> command("sale.tip", amount=50)
    refused(book)
    book = shop() >> sell("brot") >> command("sale.void_line")
    refused(book)
    book = shop() >> command("order.send", table="5", lines=[{"article": "brot"}])
    book.done() >> command("order.bill", table="5")
    refused(book)


def test_with_a_reduction_and_an_age_limit() -> None:
    book = shop() >> sell("bier") >> command("sale.discount", percent="50") >> benefit(employee=ANNA)
    book.says("age_check_required")
    book >> command("sale.approve_age", age=16) >> benefit(employee=ANNA)
    book.done()
    assert book.receipt().document.total == 129 + 25 - 65
    assert "discounts" not in book.state.till.totals.counts


def test_it_needs_the_right() -> None:
    book = shop() >> sell("brot", client="theke-2") >> benefit(employee=ANNA, client="theke-2")
    book.says("unauthorized")
