"""Stamps documents with their envelope and publishes only what has changed."""

from typing import Any, Protocol

from kassd.core.codec import encode
from kassd.deferred import dataclass
from kassd.mqtt.documents import Document


class Glass(Protocol):
    """What a publisher needs of a :class:`kassd.mqtt.window.Window`."""

    def show(self, topic: str, document: dict[str, Any]) -> None: ...
    def clear(self, topic: str) -> None: ...
    def event(self, topic: str, document: dict[str, Any]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """A document in its envelope; ``parts``: by id, the JSON of its :meth:`~Document.parts`."""

    document: Document
    n: int
    parts: dict[int, Any]
    stamped: dict[str, Any]


class Publisher:
    """One per window. ``boot`` is the window's; ``cur`` is ISO 4217."""

    def __init__(self, window: Glass, boot: str, cur: str = "EUR") -> None:
        self._window = window
        self._boot = boot
        self._cur = cur
        self._count: dict[str, int] = {}
        self._shown: dict[str, Document] = {}
        self._parts: dict[str, dict[int, Any]] = {}  # by topic: id of a part of what is shown → its JSON
        self._ahead: dict[str, Drawn] = {}

    def draw(self, topic: str, document: Document, rev: int, ts: str) -> None:
        """Do the work of :meth:`publish` ahead of it, where that is given this very ``document`` next."""
        if self._shown.get(topic) != document:
            self._ahead[topic] = self._drawn(topic, document, rev, ts)

    def publish(self, topic: str, document: Document, rev: int, ts: str) -> bool:
        """Show ``document`` under the retained ``topic``. False: it is there already, nothing is sent.

        ``rev`` is the journal line that changed it, ``ts`` its time (RFC 3339 UTC). While the document stays
        the same its ``rev`` stays that of the last change, whatever is passed here.
        """
        if self._shown.get(topic) == document:
            return False
        drawn = self._ahead.pop(topic, None)
        if drawn is None or drawn.document is not document or drawn.n != self._next(topic):
            drawn = self._drawn(topic, document, rev, ts)
        self._shown[topic], self._parts[topic], self._count[topic] = document, drawn.parts, drawn.n
        self._window.show(topic, drawn.stamped)
        return True

    def clear(self, topic: str) -> bool:
        """Take a document away (an alert is over). False: there was none. ``n`` goes on counting."""
        if self._shown.pop(topic, None) is None:
            return False
        self._parts.pop(topic, None)
        self._window.clear(topic)
        return True

    def event(self, topic: str, document: Document, rev: int, ts: str) -> bool:
        """Tell an event, once. False: dropped, because nobody is connected."""
        n = self._count[topic] = self._next(topic)
        return self._window.event(topic, self._head(document, n, rev, ts) | encode(document))

    def _drawn(self, topic: str, document: Document, rev: int, ts: str) -> Drawn:
        known = self._parts.get(topic, {})  # by id: the objects live, they are parts of what is shown
        parts = {
            id(part): known[id(part)] if id(part) in known else encode(part) for part in document.parts()
        }
        n = self._next(topic)
        return Drawn(document, n, parts, self._head(document, n, rev, ts) | encode(document, parts))

    def _next(self, topic: str) -> int:
        return self._count.get(topic, 0) + 1

    def _head(self, document: Document, n: int, rev: int, ts: str) -> dict[str, Any]:
        head: dict[str, Any] = {"v": 1, "boot": self._boot, "n": n, "rev": rev, "ts": ts}
        if document.money:
            head["cur"] = self._cur
        return head
