"""Lines of several tax keys, their counter-lines, and what the customer's name does to the slip."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kassd.core.codec import decode, encode
from kassd.core.decision import Draft
from kassd.core.entry import Line, Share, counter_line
from kassd.core.facts import LineAdded
from kassd.core.inputs import Stamp
from kassd.core.selling import append_line
from kassd.core.totals import case_key, read_key
from tests.core.playbook import NOON, Playbook, add, cash, command

COMBO = Line(
    1,
    "Menü",
    Decimal(2),
    999,
    1998,
    2,
    Decimal(7),
    shares=(Share(2, Decimal(7), 1399), Share(1, Decimal(19), 599)),
)


def test_a_line_by_tax_key() -> None:
    assert [(share.vat, share.amount) for share in COMBO.by_vat()] == [(2, 1399), (1, 599)]
    single = replace(COMBO, shares=())
    assert list(single.by_vat()) == [Share(2, Decimal(7), 1998)]


def test_a_counter_line_takes_every_share_back() -> None:
    counter = counter_line(COMBO, 2)
    assert (counter.n, counter.voids, counter.quantity, counter.amount) == (2, 1, -2, -1998)
    assert sum(share.amount for share in counter.by_vat()) == -1998
    assert counter.shares[0].amount == -1399


def test_a_line_survives_the_journal() -> None:
    fact = LineAdded(
        sale="1-0",
        at="2026-11-21T12:00:00+01:00",
        operator="anna",
        **{name: getattr(COMBO, name) for name in Line.__dataclass_fields__},
    )
    assert decode(LineAdded, encode(fact)) == fact


def test_shares_reach_receipt_process_data_and_totals() -> None:
    book = Playbook().ready()
    book >> add()
    sale = next(iter(book.state.sales.values()))
    draft = Draft(book.state, Stamp(99, NOON, 0))
    fields = {name: getattr(COMBO, name) for name in ("text", "quantity", "unit_price", "vat", "shares")}
    after = append_line(draft, sale, **fields)  # type: ignore[typeddict-item]
    assert after.total == 350 + 1998
    with pytest.raises(ValueError, match="do not add up"):
        append_line(draft, sale, **{**fields, "quantity": Decimal(3)})  # type: ignore[typeddict-item]


def test_the_customer_stands_on_the_receipt() -> None:
    book = Playbook().ready()
    book >> add()
    book >> command("sale.customer", name="Muster GmbH", street="Weg 1", postal_code="01067", city="Dresden")
    book.sign() >> cash()
    book.sign()
    document = book.state.station("main").document
    assert document is not None
    assert document.customer is not None
    assert (document.customer.name, document.customer.city) == ("Muster GmbH", "Dresden")
    assert document.bon_type == "Beleg"


def test_a_customer_without_a_name_is_refused() -> None:
    book = Playbook().ready()
    book >> add()
    (book >> command("sale.customer", street="Weg 1")).says("bad_args")
    (book >> command("sale.customer", name="A", country="de")).says("bad_args")


def test_case_keys_keep_names_and_agencies_apart() -> None:
    assert case_key("Umsatz", 1) == "Umsatz|1"
    for parts in (("Umsatz", 1, "", 0), ("Umsatz", 1, "Lotto|6 aus 49", 7), ("Pfand", 2, "Becher", 0)):
        assert read_key(case_key(*parts)) == parts
