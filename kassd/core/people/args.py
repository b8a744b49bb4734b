"""Commands about people, the training mode and the place of use."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OperatorLogin(Arguments):
    """Begin to work at this station, or unlock it. Where operators are configured, ``operator`` is one of
    them and ``pin`` theirs; otherwise any name is taken. Stamped on every fact until logout."""

    operator: str
    pin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OperatorLogout(Arguments):
    """Nobody works at this station any more; an open sale stays."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OperatorLock(Arguments):
    """Lock this station at once; a login unlocks it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ModeTraining(Arguments):
    """Switch this station's training mode ``on`` or off; only while it has no open sale."""

    right = "training"
    compares = "till"

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PlaceSet(Arguments):
    """The register is used at another place from now on (``name`` and, where it has one, the address)."""

    right = "place"

    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""


COMMANDS: dict[str, type[Arguments]] = {
    "operator.login": OperatorLogin,
    "operator.logout": OperatorLogout,
    "operator.lock": OperatorLock,
    "mode.training": ModeTraining,
    "place.set": PlaceSet,
}
