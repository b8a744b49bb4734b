"""What a card terminal says of one transaction, as the journal keeps it."""

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class CardData:
    """``terminal``: its name in the configuration, ``terminal_id`` the network operator's. ``amount`` in
    cents as it was approved. ``trace``, ``receipt``: its own numbers; ``original_trace`` of what it
    undoes. ``type``: ZVT card type, ``name`` what the terminal calls it. ``number``: at most the last four
    digits of the card (PCI DSS 3.4). ``at``: the terminal's own ``MMDD HHMMSS``. ``tip``: cents of
    ``amount``, if it tells."""

    terminal: str
    amount: int
    receipt: str = ""
    trace: str = ""
    terminal_id: str = ""
    type: int = 0
    name: str = ""
    number: str = ""
    authorisation: str = ""
    at: str = ""
    merchant: str = ""
    application: str = ""
    original_trace: str = ""
    text: str = ""
    tip: int = 0

    @property
    def reference(self) -> str:
        """What slips and cashier call it; at most 50 characters."""
        words = (("T-ID", self.terminal_id), ("BNr.", self.receipt), ("Trace", self.trace))
        return " ".join(f"{label} {value}" for label, value in words if value)[:50]

    def is_same(self, other: "CardData") -> bool:
        """Whether both are the same transaction of a terminal."""
        return (self.receipt, self.trace) == (other.receipt, other.trace)
