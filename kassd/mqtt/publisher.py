"""Stamps documents with their envelope and publishes only what has changed."""

from typing import Any, Protocol

from kassd.core.codec import encode
from kassd.mqtt.documents import Document


class Glass(Protocol):
    """What a publisher needs of a :class:`kassd.mqtt.window.Window`."""

    def show(self, topic: str, document: dict[str, Any]) -> None: ...
    def clear(self, topic: str) -> None: ...
    def event(self, topic: str, document: dict[str, Any]) -> bool: ...


class Publisher:
    """One per window. ``boot`` is the window's; ``cur`` is ISO 4217."""

    def __init__(self, window: Glass, boot: str, cur: str = "EUR") -> None:
        self._window = window
        self._boot = boot
        self._cur = cur
        self._count: dict[str, int] = {}
        self._shown: dict[str, Document] = {}
        self._parts: dict[str, dict[int, Any]] = {}  # by topic: id of a part of what is shown → its JSON

    def publish(self, topic: str, document: Document, rev: int, ts: str) -> bool:
        """Show ``document`` under the retained ``topic``. False: it is there already, nothing is sent.

        ``rev`` is the journal line that changed it, ``ts`` its time (RFC 3339 UTC). While the document stays
        the same its ``rev`` stays that of the last change, whatever is passed here.
        """
        if self._shown.get(topic) == document:
            return False
        parts = {id(part): part for part in document.parts()}
        known = self._parts.get(topic, {})  # their objects live: what is shown is replaced below
        self._parts[topic] = {
            key: known[key] if key in known else encode(part) for key, part in parts.items()
        }
        self._shown[topic] = document
        self._window.show(topic, self._stamped(topic, document, rev, ts))
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
        return self._window.event(topic, self._stamped(topic, document, rev, ts))

    def _stamped(self, topic: str, document: Document, rev: int, ts: str) -> dict[str, Any]:
        n = self._count[topic] = self._count.get(topic, 0) + 1
        head: dict[str, Any] = {"v": 1, "boot": self._boot, "n": n, "rev": rev, "ts": ts}
        if document.money:
            head["cur"] = self._cur
        return {**head, **encode(document, self._parts.get(topic, {}))}
