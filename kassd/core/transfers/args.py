"""The commands of this room. A transfer is asked for by ``sale.pay {"type": "girocode"}``."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TransferSettle(Arguments):
    """Say what became of the credit transfer that the current sale waits for: ``paid``, or it is paid
    otherwise. ``received``: the money was seen on the account; without it the payment stands everywhere as
    unconfirmed. ``sale.pay`` with another type and ``sale.abort`` drop it as well."""

    compares = "sale"

    paid: bool
    received: bool = False


COMMANDS: dict[str, type[Arguments]] = {"transfer.settle": TransferSettle}
