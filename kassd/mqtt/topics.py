"""Every topic name of the window, in one place. Pure.

Base ``R = kassd/v1/<node>``; ``node`` is ``<tenant>.<register>``. The table :data:`TOPICS` is what the
documentation and ``docs/asyncapi.yaml`` are made from.
"""

import re
from dataclasses import field

from kassd.deferred import dataclass
from kassd.errors import ConfigError

PREFIX = "kassd/v1"
_NODE = re.compile(r"[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

TOPICS: dict[str, str] = {
    "online": "online",
    "info": "info",
    "sale": "state/sale/{station}",
    "till": "state/till/{station}",
    "orders": "state/orders",
    "device": "state/dev/{name}",
    "customer": "view/customer/{station}",
    "alert": "alert/{id}",
    "event": "evt/{kind}",
    "command": "cmd/{client}/{name}",
    "reply": "res/{client}",
    "checkpoint": "journal/checkpoint",
    "heartbeat": "tele/heartbeat",
}
"""What it is → the part below the base. Braces mark one topic level."""


def is_name(text: str) -> bool:
    """Whether ``text`` may stand as one topic level: station, client, device, alert or event."""
    return _NAME.fullmatch(text) is not None


def checked_node(text: str) -> str:
    """Return ``text`` or raise :class:`ConfigError`: ``<tenant>.<register>``, each ``[a-z0-9-]{1,32}``."""
    if not _NODE.fullmatch(text):
        raise ConfigError(
            f"[mqtt.local] node = {text!r}: erwartet <mandant>.<kasse> aus a-z, 0-9 und -, "
            'zum Beispiel node = "demo.kasse-0007"'
        )
    return text


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one node. Every method returns a full topic; a name that is none raises ValueError."""

    node: str
    base: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", f"{PREFIX}/{checked_node(self.node)}")

    def _at(self, key: str, **levels: str) -> str:
        for level in levels.values():
            if not is_name(level):
                raise ValueError(f"{level!r} cannot be a topic level")
        return f"{self.base}/{TOPICS[key].format(**levels)}"

    @property
    def online(self) -> str:
        """Birth and death of the daemon."""
        return self._at("online")

    @property
    def info(self) -> str:
        """Software, hardware, serial numbers."""
        return self._at("info")

    @property
    def checkpoint(self) -> str:
        """What the broker remembers of the journal, against a journal that was set back."""
        return self._at("checkpoint")

    @property
    def heartbeat(self) -> str:
        """The daemon's own proof that the broker still answers; nobody needs to read it."""
        return self._at("heartbeat")

    def sale(self, station: str) -> str:
        """The station's current sale."""
        return self._at("sale", station=station)

    def till(self, station: str) -> str:
        """The till as seen from a station."""
        return self._at("till", station=station)

    @property
    def orders(self) -> str:
        """Open orders and parked sales."""
        return self._at("orders")

    def device(self, name: str) -> str:
        """One device, or ``tse``, ``journal``, ``clock``."""
        return self._at("device", name=name)

    def customer(self, station: str) -> str:
        """What a customer may see."""
        return self._at("customer", station=station)

    def alert(self, alert: str) -> str:
        """One alert; cleared by an empty payload."""
        return self._at("alert", id=alert)

    def event(self, kind: str) -> str:
        """Facts for other systems; not retained."""
        return self._at("event", kind=kind)

    def command(self, client: str, name: str) -> str:
        """Where ``client`` sends the command ``name``."""
        return self._at("command", client=client, name=name)

    def reply(self, client: str) -> str:
        """Where ``client`` gets its replies."""
        return self._at("reply", client=client)

    @property
    def commands(self) -> str:
        """Filter for all commands of all clients."""
        return f"{self.base}/cmd/+/+"

    @property
    def shown(self) -> tuple[str, ...]:
        """Filters for what the daemon shows; used to find what an earlier process left behind."""
        return f"{self.base}/state/#", f"{self.base}/view/#", f"{self.base}/alert/+"

    def parse_command(self, topic: str) -> tuple[str, str] | None:
        """``(client, name)`` of a command topic of this node, else None. ``name`` may be an unknown one."""
        head = f"{self.base}/cmd/"
        if not topic.startswith(head):
            return None
        client, slash, name = topic[len(head) :].partition("/")
        return (client, name) if slash and is_name(client) and is_name(name) else None
