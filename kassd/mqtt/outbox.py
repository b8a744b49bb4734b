"""What the broker should hold, and what must still be told to it. Pure, and bounded by construction.

A state has one slot per topic; a newer payload replaces an unsent one, so that days without a broker cost
nothing. A topic without a slot is one that the broker should not hold: sending it means clearing it. Replies
and events are not kept: they wait only while a connection lasts, at most :data:`MAX_TRANSIENT` of them; when
there are more, the topic with the most waiting goes short, so that nobody's flood costs another one's reply.
"""

from collections import Counter, deque
from dataclasses import field

from kassd.deferred import dataclass

MAX_TRANSIENT = 256


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One PUBLISH to be sent. ``expiry`` in seconds."""

    topic: str
    payload: bytes
    retain: bool = False
    expiry: int | None = None
    correlation: bytes | None = None


@dataclass(slots=True)
class Outbox:
    """Latest-wins slots and the short queue of replies and events. ``dropped`` counts what was let go;
    ``too_long``: topics for which the broker would not take what should be sent last."""

    dropped: int = 0
    too_long: set[str] = field(default_factory=set)
    _slots: dict[str, bytes] = field(default_factory=dict)
    _unsent: dict[str, None] = field(default_factory=dict)
    _transient: deque[Outgoing] = field(default_factory=deque)

    def show(self, topic: str, payload: bytes) -> bool:
        """Put ``payload`` into the topic's slot. False: it was there already."""
        if self._slots.get(topic) == payload:
            return False
        self._slots[topic] = payload
        self._unsent[topic] = None
        return True

    def clear(self, topic: str) -> None:
        """Forget the topic and have the broker forget it."""
        self._slots.pop(topic, None)
        self._unsent[topic] = None

    def forget(self, topic: str) -> None:
        """Forget the topic without telling a broker, because there is none: the next connection will find it
        on the broker without a slot, and clear it."""
        self._slots.pop(topic, None)
        self._unsent.pop(topic, None)

    def show_last(self, topic: str, payload: bytes) -> None:
        """Like :meth:`show`, but sent again even if unchanged, and after everything unsent."""
        self._slots[topic] = payload
        self._unsent.pop(topic, None)
        self._unsent[topic] = None

    def holds(self, topic: str) -> bool:
        """Whether the topic has a slot."""
        return topic in self._slots

    def queue(self, outgoing: Outgoing) -> bool:
        """Queue a reply or an event. False: the queue is full and it was dropped."""
        if len(self._transient) >= MAX_TRANSIENT:
            self.dropped += 1
            if not self._make_room(outgoing.topic):
                return False
        self._transient.append(outgoing)
        return True

    def _make_room(self, topic: str) -> bool:
        """Let go of the newest of the topic with the most waiting, unless that is ``topic``."""
        waiting = Counter(one.topic for one in self._transient)
        most, count = waiting.most_common(1)[0]
        if waiting[topic] + 1 >= count:
            return False
        newest = next(n for n in reversed(range(len(self._transient))) if self._transient[n].topic == most)
        del self._transient[newest]
        return True

    def everything(self) -> None:
        """A new connection: every slot is unsent."""
        self._unsent.update(dict.fromkeys(self._slots))

    def offline(self) -> None:
        """The connection is gone: replies and events are dropped, cleared topics forgotten (see
        :meth:`forget`)."""
        self.dropped += len(self._transient)
        self._transient.clear()
        self._unsent.clear()

    def take(self) -> Outgoing | None:
        """The next thing to send: replies and events in their order, then states."""
        if self._transient:
            return self._transient.popleft()
        for topic in self._unsent:
            del self._unsent[topic]
            return Outgoing(topic, self._slots.get(topic, b""), retain=True)
        return None

    def __len__(self) -> int:
        """How many things wait to be sent."""
        return len(self._unsent) + len(self._transient)
