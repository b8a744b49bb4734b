"""The commands of this room."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleIdentify(Arguments):
    """Say that the customer of the current sale has been identified (§§ 10, 11 GwG). ``reference`` is the
    file number of the record, which is kept apart: no personal data come into the journal."""

    right = "approve"
    compares = "sale"

    reference: str


COMMANDS: dict[str, type[Arguments]] = {"sale.identify": SaleIdentify}
