"""What the outer world says of a GiroCode."""

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class TransferDrawn:
    """The code with ``content`` is drawn (:class:`kassd.core.transfers.state.Transfer`)."""

    sale: str
    content: str
    edge: int
    bits: str
