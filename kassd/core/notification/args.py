"""The command about the notification of § 146a Abs. 4 AO."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class NotificationRecord(Arguments):
    """The notification of recording systems (§ 146a Abs. 4 AO) was sent on ``day`` (YYYY-MM-DD). ``sheet``:
    the mark of what was exported; ``ticket``: the Transferticket that ELSTER gave for it."""

    right = "tse"

    sheet: str
    day: str
    ticket: str = ""


COMMANDS: dict[str, type[Arguments]] = {"notification.record": NotificationRecord}
