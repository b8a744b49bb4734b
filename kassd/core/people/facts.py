"""Facts about people, the training mode and the place of use."""

from typing import Literal

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OperatorChanged(Fact):
    """Somebody logged in at a station, or out (''); ``name`` is BEDIENER_NAME. A login over another one ends
    that shift. ``why``: login, card, logout, dismissed (the configuration no longer lets them work, or has
    another PIN)."""

    kind = "operator.changed"
    station: str
    operator: str
    at: str
    name: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OperatorRefused(Fact):
    """A wrong PIN of a known operator; ``locked_until`` is set once there were too many."""

    kind = "operator.refused"
    station: str
    operator: str
    client: str
    at: str
    locked_until: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OperatorApproved(Fact):
    """A second person let ``operator`` do what their own rights did not allow (the line's other facts)."""

    kind = "operator.approved"
    station: str
    operator: str
    approver: str
    command: str
    right: str
    at: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StationLocked(Fact):
    """Nothing may be entered until somebody logs in. ``why``: idle, operator."""

    kind = "station.locked"
    station: str
    at: str
    why: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrainingSwitched(Fact):
    """The training mode of a station. ``why``: command, closing (which ends it everywhere)."""

    kind = "mode.training"
    station: str
    on: bool
    operator: str
    at: str
    why: Literal["command", "closing"] = "command"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlaceChanged(Fact):
    """Place of use and time: a place ends where the next begins."""

    kind = "place.changed"
    at: str
    operator: str
    station: str
    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StationUsed(Fact):
    """Somebody entered something: the idle time begins anew. Not journalled."""

    kind = "station.used"
    station: str
