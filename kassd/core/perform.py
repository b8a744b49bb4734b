"""Who carries out which command: one function for each class of arguments.

A room of the core registers its functions with :func:`performs`; :mod:`kassd.core.decide` imports the rooms.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kassd.core.arguments import Arguments

Answer = tuple[str, Mapping[str, Any] | None]  # status (ok, accepted) and result of the reply
Performer = TypeVar("Performer", bound=Callable[..., Answer])
PERFORMERS: dict[type[Arguments], Callable[..., Answer]] = {}


def performs(cls: type[Arguments]) -> Callable[[Performer], Performer]:
    """Register the function (draft, station, arguments) that carries out ``cls``; it raises
    :class:`~kassd.core.decision.Rejected` for what cannot be done."""

    def register(function: Performer) -> Performer:
        PERFORMERS[cls] = function
        return function

    return register
