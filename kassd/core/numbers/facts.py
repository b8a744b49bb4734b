"""The fact that ends a rollback."""

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CountersSkipped(Fact):
    """After a rollback the counters go on above what ``sources`` remember, in a new ``epoch``. Skipped are
    the receipts and closings from ``first_…`` to ``last_…`` (0: none); ``transaction`` is the TSE's counter
    that this decision knows of."""

    kind = "counters.skipped"
    at: str
    operator: str
    why: str
    epoch: int
    sources: tuple[str, ...]
    first_receipt: int = 0
    last_receipt: int = 0
    first_closing: int = 0
    last_closing: int = 0
    transaction: int = 0
