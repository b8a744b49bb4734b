"""What a till with a card terminal says no to, and how its charges go: for the tests of codes and tables."""

from collections.abc import Callable
from dataclasses import replace

from kassd.core.cards import inputs
from kassd.core.cards.data import CardData
from kassd.core.cards.state import Charge
from tests.core.cards.till import TERMINAL
from tests.core.playbook import Playbook, add, card, command, device

DATA = CardData("karte", 350, "0001", "000001", "30010207", 5, "girocard", "4711")


def with_terminal(book: Playbook) -> Playbook:
    """A terminal is put up, and is ready."""
    book.config |= TERMINAL
    book.start()
    return book.tse_opens() >> device("printer", "ready") >> device("karte", "ready")


def charge_of(book: Playbook) -> Charge:
    (one,) = book.state.cards.charges.values()
    return one


def asked(book: Playbook) -> Playbook:
    return with_terminal(book) >> add() >> card()


def ended(book: Playbook, result: str = "done") -> Playbook:
    data = DATA if result == "done" else None
    return book >> inputs.CardOutcome(charge_of(book).id, result, data=data)  # type: ignore[arg-type]


def approved(book: Playbook, data: CardData = DATA) -> Playbook:
    return book >> inputs.CardHeard(charge_of(book).id, data)


def answered(book: Playbook, found: str) -> Playbook:
    return book >> inputs.CardAnswered(charge_of(book).id, found)  # type: ignore[arg-type]


# -- codes ----------------------------------------------------------------------------------------------


def sale_paying(book: Playbook) -> None:
    asked(book) >> card()


def payment_unknown(book: Playbook) -> None:
    ended(asked(book), "unclear") >> card()


def terminal_absent(book: Playbook) -> None:
    with_terminal(book) >> device("karte", "absent") >> add() >> card()


def terminal_busy(book: Playbook) -> None:
    book.config |= {"terminal.karte.shared": ["zwei"]}
    asked(book) >> add(station="zwei") >> card(station="zwei")


def terminal_unknown(book: Playbook) -> None:
    with_terminal(book) >> command("card.end_of_day", terminal="weg")


def no_charge(book: Playbook) -> None:
    with_terminal(book) >> command("card.abort")


def charge_running(book: Playbook) -> None:
    asked(book) >> command("card.settle", paid=False, reason="x")


CARD_SCENES: tuple[Callable[[Playbook], None], ...] = (
    *(sale_paying, payment_unknown, terminal_absent, terminal_busy, terminal_unknown, no_charge),
    charge_running,
)


# -- tables ---------------------------------------------------------------------------------------------


def charge_done(book: Playbook) -> None:
    ended(approved(asked(book)))
    book.done()


def charge_declined_then_paid_in_parts(book: Playbook) -> None:
    ended(asked(book), "failed") >> card(amount=100)
    ended(book) >> command("sale.void_line", line=1)


def charge_broken_off(book: Playbook) -> None:
    answered(ended(asked(book), "unclear"), "none") >> card()
    approved(book)
    approved(book, replace(DATA, trace="000002"))
    answered(ended(book, "unclear"), "mute")
    (
        book
        >> inputs.CardAnswered(charge_of(book).id, "last", replace(DATA, trace="000009"))
        >> command("card.settle", paid=True, reason="Beleg gesehen")
    )
    book.done()


def charge_in_parts(book: Playbook) -> None:
    asked(book)
    ended(book, "failed") >> command("sale.pay", type="cash", amount=100) >> card()
    ended(book)


CARD_STORIES: tuple[Callable[[Playbook], None], ...] = (
    *(charge_done, charge_declined_then_paid_in_parts, charge_broken_off, charge_in_parts),
)
