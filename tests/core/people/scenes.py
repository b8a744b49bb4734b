"""Each code that people, training and locking can answer with, for tests/core/test_codes.py."""

from collections.abc import Callable

from tests.core.people.kit import approved, login, staffed
from tests.core.playbook import Playbook, add, command


def operator_required(book: Playbook) -> None:
    _become(book, staffed())
    book >> add()


def unknown_operator(book: Playbook) -> None:
    _become(book, staffed())
    book >> command("operator.login", operator="anna")


def operator_blocked(book: Playbook) -> None:
    _become(book, staffed())
    for _ in range(6):
        book >> command("operator.login", operator="anna")


def second_person_required(book: Playbook) -> None:
    _become(book, login(staffed(), "anna"))
    book >> approved(command("drawer.open", reason="x"), "anna")


def mode_locked(book: Playbook) -> None:
    book >> command("operator.lock") >> add()


def training_mode(book: Playbook) -> None:
    book >> command("mode.training", on=True) >> command("drawer.open", reason="x")


def _become(book: Playbook, other: Playbook) -> None:
    vars(book).update(vars(other))


PEOPLE_SCENES: tuple[Callable[[Playbook], None], ...] = (
    operator_required,
    unknown_operator,
    operator_blocked,
    second_person_required,
    mode_locked,
    training_mode,
)
