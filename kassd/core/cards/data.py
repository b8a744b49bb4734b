"""What a card terminal says of one transaction, as the journal keeps it."""

from typing import Literal

from kassd.deferred import dataclass

Result = Literal["approved", "declined", "unread"]


@dataclass(frozen=True, slots=True)
class CardData:
    """``terminal``: its name in the configuration, ``terminal_id`` the network operator's. ``amount`` in
    cents as it was approved. ``trace``, ``receipt``: its own numbers; ``original_trace`` of what it
    undoes. ``type``: ZVT card type, ``name`` what the terminal calls it. ``number``: at most the last four
    digits of the card (PCI DSS 3.4). ``at``: the terminal's own ``MMDD HHMMSS``. ``tip``: cents of
    ``amount``, if it tells. ``long_trace``: of terminals whose numbers outgrew six digits. ``result``:
    ``unread`` where it did not say how it ended, or not of how much; ``amount`` is 0 if it is not known."""

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
    long_trace: str = ""
    result: Result = "approved"

    @property
    def reference(self) -> str:
        """What slips and cashier call it; at most 50 characters."""
        trace = self.long_trace if not self.trace.strip("0") else self.trace
        words = (("T-ID", self.terminal_id), ("BNr.", self.receipt), ("Trace", trace))
        return " ".join(f"{label} {value}" for label, value in words if value)[:50]

    @property
    def when(self) -> str:
        """``at`` as people write it, '' if it did not tell."""
        at = self.at
        whole = len(at) == 11 and at.replace(" ", "").isdigit()
        return f"{at[2:4]}.{at[:2]}. {at[5:7]}:{at[7:9]}:{at[9:]}" if whole else at
