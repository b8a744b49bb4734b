"""A mapping of many entries of which a few change at a time, without copying all of them each time."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

V = TypeVar("V")
GONE: Final = object()
MAX_OVER = 512  # changes on top before they are worked in: neither copy is large


class Layers(Mapping[str, V], Generic[V]):
    """``base`` and what has changed since; never changed itself. Its order is that of a dict."""

    __slots__ = ("_base", "_length", "_over")

    def __init__(self, base: Mapping[str, V], over: Mapping[str, Any] | None = None) -> None:
        self._base = base
        self._over = over or {}
        self._length = len(base)
        for key, value in self._over.items():
            self._length += (value is not GONE) - (key in base)

    @classmethod
    def of(cls, mapping: Mapping[str, V]) -> "Layers[V]":
        """``mapping``, which nobody changes any more."""
        return mapping if isinstance(mapping, Layers) else cls(mapping)

    def changed(self, changes: Mapping[str, Any]) -> "Layers[V]":
        """With new values; what is :data:`GONE` is no longer in it."""
        base, over = self._base, dict(self._over)
        if len(over) + len(changes) > MAX_OVER or any(
            over.get(key) is GONE and value is not GONE for key, value in changes.items()
        ):  # what comes back comes last
            base, over = dict(self.items()), {}
        for key, value in changes.items():
            if value is GONE and key not in base:
                over.pop(key, None)
            else:
                over[key] = value
        return Layers(base, over)

    def get(self, key: str, default: Any = None) -> Any:
        """The value, ``default`` if there is none."""
        value = self._over.get(key, self)
        if value is self:
            return self._base.get(key, default)
        return default if value is GONE else value

    def __getitem__(self, key: str) -> V:
        found: V = self.get(key, GONE)
        if found is GONE:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return self.get(str(key), GONE) is not GONE

    def __iter__(self) -> Iterator[str]:
        over = self._over
        for key in self._base:
            if over.get(key) is not GONE:
                yield key
        for key, value in over.items():
            if value is not GONE and key not in self._base:
                yield key

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"Layers({dict(self.items())!r})"
