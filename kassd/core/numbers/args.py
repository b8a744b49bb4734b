"""The command that decides how the numbers go on."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CountersResume(Arguments):
    """After a rollback: sell on above the highest number that anybody remembers. ``receipt`` and ``closing``:
    the last ones on paper (the last printed Z), needed where nobody remembers them."""

    right = "till"

    reason: str
    receipt: int | None = None
    closing: int | None = None


COMMANDS: dict[str, type[Arguments]] = {"counters.resume": CountersResume}
