"""What all commands have in common: the station, and the right they need."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

# What a person or a client may do; roles are sets of these.
Right = Literal[
    "sell",  # enter lines, take payments
    "void",  # take back a line, abort a sale
    "refund",  # take goods back, cancel or correct a finished receipt
    "price",  # charge another price than the catalogue's
    "discount",  # reduce a price
    "approve",  # see an identity card, let a limited quantity pass
    "drawer",  # open the drawer without a sale
    "cash",  # cash in and out, count
    "till",  # open and close the business day
    "report",  # X report, expected cash
    "export",  # hand data over: exports, the bundle for an audit on the spot
    "catalog",  # articles and prices
    "training",  # switch the training mode
    "place",  # move the register
    "people",  # see and end other people's shifts
    "tse",  # self test; note what the tax office was told and bookkeeping was given
]
RIGHTS: tuple[Right, ...] = get_args(Right)


@dataclass(frozen=True, slots=True)
class Approval:
    """A second person stands by with their PIN (which goes no further than where commands arrive)."""

    operator: str
    pin: str | None = None


@dataclass(
    frozen=True, kw_only=True, eq=False, repr=False
)  # no slots: a command may also be something else (catalog.put)
class Arguments:
    """Common to all commands: the station acted on, else the client's station, else ``main``; ``approval`` by
    somebody who may do what the person at the station may not."""

    right: ClassVar[Right] = "sell"
    compares: ClassVar[Literal["sale", "till", ""]] = ""

    station: str | None = None
    approval: Approval | None = None
