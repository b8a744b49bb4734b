"""Facts about the notification of § 146a Abs. 4 AO."""

from kassd.core.fact import Fact
from kassd.core.notification.state import Place, System
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NotificationSent(Fact):
    """The tax office was told on ``day`` of all recording systems of a place of business. ``ticket``:
    ELSTER's Transferticket; ``sheet`` identifies what was exported. Noted by ``client``, '' if that was
    not kept yet, for ``operator``: who was logged in at its station, else the client."""

    kind = "notification.sent"
    at: str
    operator: str
    day: str
    ticket: str
    sheet: str
    place: Place
    systems: tuple[System, ...]
    client: str = ""
