"""What has been decided about credit transfers."""

from typing import Literal

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TransferAsked(Fact):
    """The customer is shown a GiroCode for ``amount`` cents; no money is known to have moved. ``content``:
    what the code says; ``reference``: what the bank's statement will say."""

    kind = "transfer.asked"
    sale: str
    at: str
    amount: int
    reference: str
    content: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TransferPrinted(Fact):
    """The code is printed for the customer as well."""

    kind = "transfer.printed"
    sale: str
    at: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TransferEnded(Fact):
    """What became of it, as ``operator`` says: ``received`` (the money was seen on the account), ``accepted``
    (the customer has shown the order; whether money comes is not known), ``dropped`` (paid otherwise, or not
    at all)."""

    kind = "transfer.ended"
    sale: str
    at: str
    result: Literal["received", "accepted", "dropped"]
    operator: str = ""


# Not journalled.
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TransferShown(Fact):
    """The modules of the code, for displays."""

    kind = "transfer.shown"
    sale: str
    content: str
    edge: int
    bits: str
