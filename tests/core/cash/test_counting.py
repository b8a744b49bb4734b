"""Counts: at any time, by denomination, blind if wanted; a difference is booked only when that is asked."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.mqtt.alerts import alerts
from kassd.mqtt.project import till_document
from tests.core.cash.test_movements import MORE, shop, stock
from tests.core.people.kit import login, staffed
from tests.core.playbook import Playbook, add, cash, command


def test_a_count_is_recorded_and_books_nothing() -> None:
    book = Playbook().ready(1000) >> command("till.count", count={"500": 1, "200": 2})
    book.says("ok") << "cash.counted print.sending +print"
    assert book.replies[-1]["result"] == {
        "drawer": "drawer",
        "currency": "EUR",
        "counted": 900,
        "expected": 1000,
        "difference": -100,
    }
    fact = book.facts(f.CashCounted)[-1]
    assert (fact.count.pieces, fact.count.difference, fact.booked) == ({500: 1, 200: 2}, -100, False)
    assert book.state.till.cash == 1000
    assert (book.state.till.totals.counts["counts"], book.state.till.totals.sums["counts"]) == (1, -100)
    labels = [row.label for section in fact.document.sections for row in section.rows]
    assert "  5,00 €" in labels
    assert "Soll-Bestand" in labels


def test_a_difference_is_booked_when_asked_with_a_reason() -> None:
    book = Playbook().ready(1000) >> command("till.count", count={"500": 1}, book=True)
    book.says("reason_required")
    assert book.replies[-1]["result"] == {"expected": 1000, "counted": 500}
    book >> command("till.count", count={"500": 1}, book=True, reason="Wechselfehler")
    book.says("ok").done()
    finished = book.receipt()
    assert finished.document.title == "Kassendifferenz (DifferenzSollIst)"
    assert (finished.document.total, finished.document.reason) == (-500, "Wechselfehler")
    assert book.state.till.cash == 500
    book >> command("till.count", count={"500": 1}, book=True)
    book.says("ok")
    assert len([fact for fact in book.facts(f.SaleOpened) if fact.case == "DifferenzSollIst"]) == 1


def test_a_blind_count_tells_nothing_before_and_after() -> None:
    book = Playbook()
    book.config["cash.blind"] = True
    book.ready(1000)
    assert till_document(book.state, "main").cash_expected is None
    assert till_document(book.state, "main").cash == ()
    book >> command("till.count", count={"500": 1})
    assert book.replies[-1]["result"] == {"drawer": "drawer", "currency": "EUR", "counted": 500}
    fact = book.facts(f.CashCounted)[-1]
    assert fact.blind
    assert fact.count.difference == -500
    assert "Soll-Bestand" not in [row.label for s in fact.document.sections for row in s.rows]
    for refused in (
        command("cash.out", amount=2000, kind="private", reason="x"),
        command("till.close"),
        command("till.close", count={"500": 1}),
        command("till.close", count={"500": 2}, skim=1001),
    ):
        book >> refused
        assert "expected" not in book.replies[-1].get("result", {}), book.replies[-1]
        assert book.replies[-1]["status"] == "rejected"


def test_a_hand_over_names_both() -> None:
    book = shop() >> command("operator.login", operator="Anna")
    book >> command("till.count", count={"10000": 1}, to="Berta")
    fact = book.facts(f.CashCounted)[-1]
    assert (fact.operator, fact.to) == ("Anna", "Berta")
    assert [row.label for row in fact.document.sections[-1].rows][::2] == [
        "Gezählt von Anna",
        "Übernommen von Berta",
    ]


def test_a_closed_till_can_be_counted_but_nothing_is_booked() -> None:
    book = Playbook().commissioned() >> command("till.count", count={"100": 1})
    book.says("ok")
    book >> command("till.count", count={"100": 1}, book=True, reason="x")
    book.says("till_closed")


def test_purses_and_currencies_are_counted_by_name() -> None:
    book = shop() >> command("cash.transfer", amount=2_000, to="berta") >> add(price=1_000)
    book.done() >> cash(currency="CHF", given=2_000)
    book.done() >> command("till.count", drawer="berta", count={"1000": 2})
    assert book.replies[-1]["result"]["difference"] == 0
    book >> command("till.count", currency="CHF", count={"1000": 1}, book=True, reason="verloren")
    book.says("ok").done()
    assert stock(book)["drawer CHF"] == 1_000
    assert book.facts(f.SaleNumbered)[-1].process_data == "Beleg^0.00_0.00_0.00_0.00_-9.50^-10.00:Bar:CHF"
    book >> command("till.count", currency="XYZ", count={})
    book.says("bad_args")
    book >> command("till.count", currency="CHF", count={"2": 1})
    book.says("bad_args")


def test_a_large_difference_is_an_alarm_until_the_next_count() -> None:
    book = Playbook()
    book.config["cash.difference_alarm"] = 500
    book.ready(1000) >> command("till.count", count={"500": 1, "1": 1})
    assert "cash-difference-main" not in dict(alerts(book.state))
    book >> command("till.count", count={"500": 1})
    alert = dict(alerts(book.state))["cash-difference-main"]
    assert "drawer" in alert.text_de
    assert "-5,00 €" in alert.text_de
    book >> command("till.close", count={"500": 1}, reason="fehlt")
    book.done()
    assert "cash-difference-main" in dict(alerts(book.state))
    book >> command("till.count", count={"500": 1})
    assert "cash-difference-main" not in dict(alerts(book.state))


@pytest.mark.parametrize(
    ("args", "code", "result"),
    [
        ({"count": {"100": 80}}, "count_required", {"expected": 2_000, "missing": ["berta"]}),
        ({"counts": {"berta": {"1000": 2}}}, "count_required", {"expected": 8_000, "missing": ["drawer"]}),
        ({"count": {"100": 80}, "counts": {"Mond": {}}}, "unknown_drawer", None),
        (
            {"count": {"100": 80}, "counts": {"berta": {"1000": 1}}},
            "reason_required",
            {"expected": 2_000, "counted": 1_000, "drawer": "berta", "currency": "EUR"},
        ),
    ],
)
def test_a_closing_counts_every_account_that_holds_cash(
    args: dict[str, Any], code: str, result: object
) -> None:
    book = shop() >> command("cash.transfer", amount=2_000, to="berta")
    book.done() >> command("till.close", **args)
    book.says(code)
    assert book.replies[-1].get("result") == result


def test_the_closing_books_each_difference_in_its_account() -> None:
    book = shop() >> command("cash.transfer", amount=2_000, to="berta")
    book.done()
    counts = {"berta": {"1000": 1}}
    book >> command("till.close", count={"100": 81}, counts=counts, skim=8_000, reason="verzählt")
    book.says("accepted").done()
    assert stock(book) == {"drawer EUR": 100, "lade-2 EUR": 0, "berta EUR": 1_000}
    closing = book.facts(f.TillClosed)[-1]
    assert closing.carried == 1_100
    rows = [row for s in closing.document.sections if s.title == "Bargeld" for row in s.rows]
    assert [row.amount for row in rows if row.label == "Differenz"] == [100, -1_000]
    assert [row.text for row in rows if row.label == "Grund"] == ["verzählt", "verzählt"]
    assert [row.amount for row in rows if row.label == "Bestand nach dem Abschluss"] == [100, 0, 1_000]


def test_francs_that_nobody_booked_are_found_and_booked_at_the_configured_rate() -> None:
    """Tourists' notes that were never typed in: the closing and a Kassensturz book them."""
    book = shop(1000) >> command("till.count", currency="CHF", count={"1000": 2}, book=True, reason="Fund")
    book.says("ok").done()
    assert (book.receipt().document.total, stock(book)["drawer CHF"]) == (1_900, 2_000)
    book = shop(1000) >> command(
        "till.close", count={"1000": 1}, counts={"drawer/CHF": {"1000": 1}}, reason="gefunden"
    )
    book.says("accepted").done()
    assert book.receipt().document.total == 950
    assert book.state.cash.held["|CHF"].value == 950
    (count,) = [c for c in book.facts(f.ClosingBegan)[-1].counts if c.currency == "CHF"]
    assert (count.difference, count.worth) == (1_000, 950)


def test_found_cash_without_any_rate_is_refused_before_the_closing_begins() -> None:
    book = Playbook().ready(1000)
    for asked in (
        command("till.close", count={"1000": 1}, counts={"drawer/CHF": {"1000": 1}}, reason="gefunden"),
        command("till.count", currency="CHF", count={"1000": 1}, book=True, reason="gefunden"),
    ):
        book >> asked
        book.says("currency_unknown")
        assert "CHF" in book.replies[-1]["message"]
    book >> command("till.count", currency="CHF", count={"1000": 1})
    book.says("ok")  # to count is to look
    book >> command("till.close", count={"1000": 1})
    book.says("accepted").done()
    assert not book.state.till.open


def test_where_counting_is_blind_only_who_may_report_is_told() -> None:
    blind = {"cash.blind": True, "role.zaehlt.name": "zaehlt", "role.zaehlt.rights": ["cash", "till"]}
    book = staffed(1000, **blind, **{"operator.anna.roles": ["zaehlt"]})
    login(book, "anna")
    for asked in (
        command("cash.in", amount=100, kind="change", reason="x"),
        command("cash.out", amount=100, kind="expense", reason="x"),
        command("till.count", count={"500": 1}),
    ):
        (book >> asked).done()
        assert "expected" not in (book.replies[-1].get("result") or {}), asked
    for refused in (
        command("till.count", count={"500": 1}, blind=False),
        command("cash.expected"),
        command("till.report"),
    ):
        (book >> refused).says("unauthorized")
    login(book, "chef") >> command("till.count", count={"500": 1}, blind=False)
    assert book.replies[-1]["result"]["expected"] == 1000


def test_what_is_found_is_worth_the_days_rate_and_not_the_rest_of_an_average() -> None:
    """Two booked differences leave 0.05 CHF at an odd value behind: that says nothing of 500 CHF."""
    book = shop(1000) >> add(price=32) >> cash(currency="CHF", given=33)
    book.done() >> command("till.count", currency="CHF", count={"5": 1}, book=True, reason="weg")
    book.says("ok").done()
    assert book.state.cash.held["|CHF"].amount == 5
    found = command("till.count", currency="CHF", count={"10000": 5, "5": 1}, book=True, reason="Fund")
    (book >> found).says("ok").done()
    assert book.receipt().document.total == 47_500


def test_the_till_says_what_a_closing_must_count_and_blind_no_amount() -> None:
    book = Playbook()
    book.config |= MORE | {"cash.blind": True}
    book.ready(10_000) >> add(price=1_000)
    book.done() >> cash(currency="CHF", given=2_000)
    book.done()
    main = till_document(book.state, "main")
    places = [(one.drawer, one.currency, one.due) for one in main.counting]
    others = [("lade-2", "EUR", False), ("berta", "EUR", False)]
    assert places == [("drawer", "EUR", True), ("drawer", "CHF", True), *others]
    assert (main.cash, main.cash_expected) == ((), None)
    book >> command("cash.transfer", amount=2_000, to="berta")
    places = [
        (one.drawer, one.currency, one.due) for one in till_document(book.done().state, "main").counting
    ]
    assert ("berta", "EUR", True) in places
    due = [
        drawer if currency == "EUR" else f"{drawer}/{currency}"
        for drawer, currency, is_due in places
        if is_due
    ]
    book >> command("till.close", counts={key: {} for key in due}, reason="alles weg")
    book.says("accepted")
