"""Facts about drawers whose sensor tells whether they are open."""

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawerOpened(Fact):
    """Its sensor tells that the drawer is open. ``why``: ``sale`` or ``command`` (the register has kicked
    it), ``hand`` (nobody asked the register: key, emergency lever, force), ``unseen`` (it was found open when
    the sensor could be read again). ``operator``: who is logged in there."""

    kind = "drawer.opened"
    at: str
    drawer: str
    station: str
    operator: str
    why: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawerShut(Fact):
    """The drawer that was open since ``opened_at`` is shut again."""

    kind = "drawer.shut"
    at: str
    drawer: str
    station: str
    opened_at: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawerJammed(Fact):
    """Kicked, and its sensor tells in time that it is still shut. It is not kicked again."""

    kind = "drawer.jammed"
    at: str
    drawer: str
    station: str
    why: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawerLeftOpen(Fact):
    """Open since ``opened_at``, which is too long."""

    kind = "drawer.left_open"
    at: str
    drawer: str
    station: str
    opened_at: str
