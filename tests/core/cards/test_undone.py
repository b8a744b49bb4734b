"""What is reversed at the terminal, by the register or by hand: on slips, and beside its batch."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.cards import inputs
from kassd.core.cards.closing import card_sums
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, cash, command, device

PAID = "T-ID 30010207 BNr. 0001 Trace 000001"
BACK = "Storno T-ID 30010207 BNr. 0002 Trace 000002"


def sold() -> tuple[CardTill, str]:
    till = CardTill().ready(1000)
    till >> add() >> card()
    till.done()
    till.settled()
    return till, str(till.receipt().number)


def cancel(till: CardTill, receipt: str, **args: Any) -> CardTill:
    till >> command("receipt.cancel", receipt=receipt, reason="Irrtum", **args)
    return till


def tenders(till: CardTill) -> list[tuple[int, str]]:
    return [(tender.amount, tender.reference) for tender in till.receipt().document.payments]


def rows(till: CardTill, count: int, amount: int) -> list[tuple[str, int | None, int | None]]:
    """The terminals' part of Z, where the terminal's own end of day says ``count`` and ``amount``."""
    till >> command("till.close", count={"1": till.state.till.expected_cash})
    till.outcome("done", count=count, amount=amount)
    till.settled()
    found = [s for s in till.facts(f.TillClosed)[-1].document.sections if s.title == "Kartenterminals"]
    return [(row.label, row.count, row.amount) for row in found[0].rows if row.amount is not None]


def test_a_storno_names_the_reversal_that_the_terminal_made() -> None:
    till, number = sold()
    assert tenders(till) == [(350, PAID)]
    cancel(till, number).done()
    till >> inputs.CardReceiptFound(number, till.find(number))
    till.settled()
    assert tenders(till) == [(-350, BACK)]
    assert till.facts(f.PaymentAdded)[-1].card.receipt == "0002"
    assert rows(till, 2, 0) == [
        ("karte: laut Kasse", 2, 0),
        ("  Zahlungen", 1, 350),
        ("  Stornos", 1, -350),
        ("  laut Terminal", 2, 0),
    ]


def test_what_was_reversed_by_hand_says_so_and_stands_beside_the_batch() -> None:
    till, number = sold()
    cancel(till, number, card_reversed=True).says("accepted")
    till.settled()
    assert tenders(till) == [(-350, f"am Terminal storniert, ursprünglich {PAID}")]
    (undone,) = till.facts(f.CardUndone)
    assert (undone.terminal, undone.amount, undone.receipt, undone.reason) == (
        "karte",
        -350,
        number,
        "Irrtum",
    )
    shown = [(row.label, row.count, row.amount) for row in card_sums(till.state).rows]
    assert shown == [
        ("karte: offen", 2, 0),
        ("  Zahlungen", 1, 350),
        ("  von Hand storniert", 1, -350),
    ]
    assert rows(till, 2, 0) == [
        ("karte: laut Kasse", 2, 0),
        ("  Zahlungen", 1, 350),
        ("  von Hand storniert", 1, -350),
        ("  laut Terminal", 2, 0),
    ]
    assert not till.state.cards.differing


def test_who_says_so_and_did_not_is_found_by_the_difference() -> None:
    till, number = sold()
    cancel(till, number, card_reversed=True)
    till.settled()
    assert ("  Differenz", None, 350) in rows(till, 1, 350)
    assert till.state.cards.differing["karte"].amount == 0


def test_by_hand_while_the_terminal_gives_it_back_is_refused() -> None:
    till, number = sold()
    cancel(till, number)
    cancel(till, number, card_reversed=True).says("terminal_busy")
    assert not till.facts(f.CardUndone)


@pytest.mark.parametrize("end", ["sale.undo", "sale.abort"])
def test_a_part_payment_that_was_given_back_by_hand(end: str) -> None:
    till = CardTill().ready(1000)
    till >> add() >> card(amount=200)
    till.done()
    till >> command(end, card_reversed=True)
    if end == "sale.undo":
        till >> cash()
    till.settled()
    given = [(p.amount, p.reference) for p in till.facts(f.PaymentAdded) if p.card is not None]
    assert given == [(200, PAID), (-200, f"am Terminal storniert, ursprünglich {PAID}")]
    batch = till.state.cards.batches["karte"]
    assert batch.sums == {"payment": 200, "by_hand": 200}
    assert batch.amount == batch.booked == 0


def test_a_part_payment_that_the_terminal_gave_back_has_its_number() -> None:
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    till.done()
    till >> command("sale.undo")
    till.done() >> cash()
    till.settled()
    assert tenders(till) == [(200, PAID), (-200, BACK), (350, "")]


def test_a_refund_that_is_taken_back_by_hand() -> None:
    till = CardTill().ready()
    till >> command("sale.return", text="Brot", price=350, vat=2, reason="Mangel") >> card()
    till.done()
    till.settled()
    cancel(till, str(till.receipt().number)).says("card_not_reversed")
    cancel(till, str(till.receipt().number), card_reversed=True).says("accepted")
    till.settled()
    assert tenders(till) == [(350, f"am Terminal storniert, ursprünglich {PAID}")]
    assert (till.state.cards.batches["karte"].amount, till.state.cards.batches["karte"].booked) == (0, 0)


def test_two_cards_each_have_their_reversal() -> None:
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    till.done() >> card()
    till.done()
    till.settled()
    number = str(till.receipt().number)
    cancel(till, number).done()
    till.done()
    till >> inputs.CardReceiptFound(number, till.find(number))
    till.settled()
    assert [reference.split()[-1] for _, reference in tenders(till)] == ["000003", "000004"]
    assert [amount for amount, _ in tenders(till)] == [-200, -150]


def test_a_storno_after_the_closing_shows_what_its_period_has_booked() -> None:
    """The terminal gave back before, the receipt could not be cancelled: the next Z names both."""
    till, number = sold()
    cancel(till, number).done()
    assert ("  in Belegen gebucht", None, 350) in rows(till, 2, 0)
    till >> command("till.open", counted=1000)
    till.settled()
    till >> inputs.CardReceiptFound(number, till.find(number))
    till.settled()
    assert tenders(till) == [(-350, BACK)]
    assert rows(till, 0, 0)[:2] == [("karte: laut Kasse", 0, 0), ("  in Belegen gebucht", None, -350)]


def test_what_a_terminal_has_charged_is_called_another_card_and_never_cash() -> None:
    till, number = sold()
    till >> command("receipt.correct_payment", receipt=number, type="cash")
    till.says("card_not_reversed")
    assert "den Beleg stornieren" in till.replies[-1]["message"]
    till >> command("receipt.correct_payment", receipt=number, type="card", brand="visa")
    till.says("accepted").settled()
    assert [(p.type, p.name, p.amount, p.reference) for p in till.receipt().document.payments] == [
        ("Kreditkarte", "Visa", 350, PAID)
    ]
    storno = till.facts(f.SaleFinished)[-2].document.payments
    assert [(p.type, p.amount, p.reference) for p in storno] == [("ECKarte", -350, f"ursprünglich {PAID}")]
    batch = till.state.cards.batches["karte"]
    assert (batch.amount, batch.booked) == (350, 350)
    cancel(till, str(till.receipt().number)).says("accepted")
    assert till.charge.original.receipt == "0001", (
        "the new receipt is reversed at the terminal as the old one was"
    )


def test_a_payment_that_the_terminal_denies_is_called_otherwise_and_nothing_was_undone() -> None:
    till = CardTill().ready(1000)
    till >> add() >> card()
    till.approve()
    till.outcome("unclear", "timeout") >> command("card.settle", paid=True, reason="Beleg gesehen")
    charge = next(iter(till.state.cards.settled))
    till.settled()
    number = str(till.receipt().number)
    assert tenders(till) == [(350, f"{PAID}, von Hand bestätigt")]
    till >> inputs.CardAnswered(charge, "none")
    assert till.state.cards.strays[charge].paid
    till >> command("receipt.correct_payment", receipt=number, type="cash")
    till.says("accepted").settled()
    batch = till.state.cards.batches["karte"]
    assert (batch.count, batch.amount, batch.booked) == (0, 0, 0)
    assert not till.facts(f.CardUndone)


def test_what_was_charged_without_a_sale_and_undone_by_hand_leaves_no_difference() -> None:
    till = CardTill().ready(1000)
    till >> add() >> card()
    data = till.approve()
    till.outcome("unclear", "timeout") >> command("card.settle", paid=False, reason="Terminal zeigt nichts")
    charge = next(iter(till.state.cards.settled))
    till >> cash()
    till.settled()
    till >> inputs.CardAnswered(charge, "last", data)
    till >> device("karte", "ready")
    till.tick()
    till.outcome("failed", "b2", "Nicht möglich.")
    till >> command("card.settle", charge=charge, paid=False, reason="am Terminal storniert")
    assert rows(till, 2, 0) == [
        ("karte: laut Kasse", 2, 0),
        ("  Zahlungen", 1, 350),
        ("  von Hand storniert", 1, -350),
        ("  laut Terminal", 2, 0),
    ]


def test_what_is_charged_after_an_end_of_day_by_hand_has_its_own_at_the_closing() -> None:
    till, _ = sold()
    till >> command("card.end_of_day")
    till.outcome("done", count=1, amount=350)
    till >> add(price=120) >> card()
    till.done()
    till.settled()
    assert rows(till, 1, 120) == [
        ("karte: laut Kasse", 1, 350),
        ("  laut Terminal", 1, 350),
        ("karte: laut Kasse", 1, 120),
        ("  laut Terminal", 1, 120),
    ]
    assert not till.state.cards.batches


def test_an_end_of_day_by_hand_after_which_nothing_happened_is_enough() -> None:
    till, _ = sold()
    till >> command("card.end_of_day")
    till.outcome("failed", "6c", "abgebrochen")
    till >> command("card.end_of_day")
    till.outcome("done", count=1, amount=350)
    till >> command("till.close", count={"1": till.state.till.expected_cash})
    till.settled()
    (closed,) = till.facts(f.TillClosed)
    (shown,) = [s for s in closed.document.sections if s.title == "Kartenterminals"]
    assert [row.label for row in shown.rows if row.amount is not None] == [
        "karte: laut Kasse",
        "  laut Terminal",
    ]


def test_a_batch_that_goes_on_says_what_was_on_a_closing_already() -> None:
    till, _ = sold()
    till >> device("karte", "absent")
    till >> command("till.close", count={"1": 1000})
    till.settled()
    till >> command("till.open", counted=1000) >> device("karte", "ready")
    till.settled()
    till >> add(price=120) >> card()
    till.done()
    till.settled()
    before = ("  davon schon im Abschluss davor", 1, 350)
    assert before in [(row.label, row.count, row.amount) for row in card_sums(till.state).rows]
    assert rows(till, 2, 470) == [("karte: laut Kasse", 2, 470), before, ("  laut Terminal", 2, 470)]


def test_what_only_a_person_says_was_paid_says_so() -> None:
    till = CardTill().ready()
    till >> add() >> card()
    till.outcome("unclear", "timeout") >> command("card.settle", paid=True, reason="Beleg gesehen")
    till.settled()
    assert tenders(till) == [(350, "von Hand bestätigt")]
    cancel(till, str(till.receipt().number), card_reversed=True).settled()
    assert tenders(till) == [(-350, "am Terminal storniert, ursprünglich von Hand bestätigt")]
