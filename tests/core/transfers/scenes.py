"""What a till that shows GiroCodes says no to, and how its sales go: for the tests of codes and tables."""

from collections.abc import Callable

from tests.core.playbook import Playbook, add, cash, command

ACCOUNT = {"girocode.name": "Backhaus Muster", "girocode.iban": "DE89370400440532013000"}


def with_account(book: Playbook) -> Playbook:
    """The shop has said whose account it is."""
    book.config |= ACCOUNT
    book.start()
    return book.tse_opens()


def shown(book: Playbook) -> Playbook:
    return with_account(book) >> add() >> command("sale.pay", type="girocode")


def transfer_open(book: Playbook) -> None:
    shown(book) >> add()


def no_transfer(book: Playbook) -> None:
    with_account(book) >> add() >> command("transfer.settle", paid=True)


TRANSFER_SCENES: tuple[Callable[[Playbook], None], ...] = (transfer_open, no_transfer)


def transfer_received(book: Playbook) -> None:
    shown(book) >> command("transfer.settle", paid=True, received=True)
    book.done()


def transfer_in_parts(book: Playbook) -> None:
    with_account(book) >> add() >> cash(amount=100) >> command("sale.pay", type="girocode", amount=50)
    book >> command("transfer.settle", paid=False) >> cash()
    book.done()


TRANSFER_STORIES: tuple[Callable[[Playbook], None], ...] = (transfer_received, transfer_in_parts)
