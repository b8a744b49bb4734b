"""What has been decided about paying besides the payments themselves."""

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CustomerIdentified(Fact):
    """``operator`` has identified who pays a large sum in cash; the record is kept apart under
    ``reference`` (§ 8 GwG)."""

    kind = "customer.identified"
    sale: str
    at: str
    operator: str
    reference: str
