"""What has been decided about paying besides the payments themselves."""

from dataclasses import dataclass

from kassd.core.fact import Fact


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CustomerIdentified(Fact):
    """``operator`` has identified who pays a large sum in cash; the record is kept apart under
    ``reference`` (§ 8 GwG)."""

    kind = "customer.identified"
    sale: str
    at: str
    operator: str
    reference: str
