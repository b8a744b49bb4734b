"""The base of all facts."""

from dataclasses import fields
from typing import Any, ClassVar

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fact:
    """Base of all facts. Comparing and showing one are written once, here, and not made anew for each of the
    many kinds at every start (``eq=False, repr=False``)."""

    kind: ClassVar[str] = ""

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fact) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__qualname__}({values})"
