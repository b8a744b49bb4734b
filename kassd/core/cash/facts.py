"""Facts of cash that are no Vorgänge of their own: counts and hand-overs."""

from kassd.core.cash.state import Count
from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CashCounted(Fact):
    """An account was counted without a closing; ``to``: who takes it over ('': nobody). ``booked``: the
    difference is booked as DifferenzSollIst with ``reason``. ``document`` is the Zählprotokoll."""

    kind = "cash.counted"
    at: str
    station: str
    operator: str
    count: Count
    document: Document
    to: str = ""
    blind: bool = False
    booked: bool = False
    reason: str = ""
