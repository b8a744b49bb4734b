"""What others remember of the counters, and what was skipped because of it."""

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Remembered:
    """The highest numbers anybody remembers; None: nobody has told. ``transaction`` is the TSE's."""

    epoch: int = 0
    receipt: int | None = None
    closing: int | None = None
    transaction: int = 0


@dataclass(frozen=True, slots=True)
class Skip:
    """Numbers that are not used here, first to last; 0 and 0: none of this kind."""

    at: str
    why: str
    first_receipt: int = 0
    last_receipt: int = 0
    first_closing: int = 0
    last_closing: int = 0
