"""A register with operators, whose PINs somebody else has compared."""

from dataclasses import replace
from typing import Any

from kassd.core.inputs import CommandReceived
from kassd.core.people.login import card_hash
from tests.core.playbook import Playbook, command

PEOPLE: dict[str, Any] = {
    "operator.anna.name": "anna",
    "operator.anna.text": "Anna Muster",
    "operator.anna.roles": ["cashier"],
    "operator.anna.card": card_hash("KARTE-ANNA"),
    "operator.chef.name": "chef",
    "operator.chef.roles": ["supervisor"],
    "operator.prue.name": "prue",
    "operator.prue.roles": ["auditor"],
    "operator.alt.name": "alt",
    "operator.alt.active": False,
}


def staffed(float_: int = 1000, **config: Any) -> Playbook:
    """An open till where people must log in; ``chef`` has opened it and logged out."""
    book = Playbook()
    book.config.update(PEOPLE)
    book.config.update(config)
    book.commissioned()
    login(book, "chef")
    source = {"source": "transit"} if float_ else {}
    book >> command("till.open", counted=float_, **source)
    book.sign()
    book >> command("operator.logout")
    return book


def proven(received: CommandReceived, *operators: str) -> CommandReceived:
    """The command as it arrives with these operators' right PINs."""
    return replace(received, proven=operators)


def login(book: Playbook, operator: str, **args: Any) -> Playbook:
    return book >> proven(command("operator.login", operator=operator, **args), operator)


def approved(received: CommandReceived, by: str) -> CommandReceived:
    args = {**received.args, "approval": {"operator": by}}
    return replace(received, args=args, proven=(by,))
