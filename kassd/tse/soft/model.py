"""What a soft TSE is (fixed when it is made) and what it remembers (changed by records only)."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kassd.core.codec import decode
from kassd.tse.log.times import TimeFormat
from kassd.tse.soft.store import Record, Span

PIN_TRIES, PUK_TRIES = 3, 10
ROLES = {"Admin": 0, "TimeAdmin": 1}


@dataclass(frozen=True, slots=True)
class Model:
    """Properties given to a soft TSE when it is made; an existing one keeps its own."""

    curve: str = "brainpoolP384r1"
    version: int = 2
    time_format: TimeFormat = "unixTime"
    description: str = "kassd Soft-TSE (TEST)"
    max_clients: int = 100
    max_open_transactions: int = 512
    max_signatures: int = 20_000_000
    max_bytes: int = 1 << 30
    certificate_days: int = 1826
    time_sync_interval: int = 3600
    puk_tries: int = PUK_TRIES


@dataclass(slots=True)
class User:
    """One user's secrets (salted hashes) and what is left of the tries."""

    pin: str
    puk: str
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES


class Entry(NamedTuple):
    """Where one stored log message lies; ``number`` is -1 for system messages."""

    counter: int
    time: int
    number: int
    client: str
    span: Span


@dataclass(slots=True)
class State:
    """Everything durable. ``last``: client → (operation, number, counter, time, signature in base64).

    ``last_time`` (unix ms) is the newest log time; ``exported`` the counter up to which everything was
    read by a full export; ``newest_transaction`` the counter of the newest transaction message.
    """

    model: Model = field(default_factory=Model)
    serial: str = ""
    initialized: bool = False
    disabled: bool = False
    counter: int = 0
    transactions: int = 0
    last_time: int = 0
    exported: int = 0
    newest_transaction: int = 0
    clients: list[str] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    open: dict[int, str] = field(default_factory=dict)
    last: dict[str, list[Any]] = field(default_factory=dict)
    stored: int = 0

    def apply(self, record: Record) -> None:
        """Change the state by one record."""
        match record["t"]:
            case "made":
                self.model = decode(Model, record["model"])
                self.serial, self.last_time = record["serial"], record["ms"]
            case "snapshot":
                self._restore(record)
            case "user":
                self.users[record["user"]] = User(**record["secrets"])
            case "exported":
                self.exported = record["upto"]
            case "log":
                self._apply_log(record)

    def _apply_log(self, record: Record) -> None:
        kind, number, client = record["k"], record.get("n", -1), record.get("cl", "")
        # messages kept by a snapshot are older than its counters and change nothing any more
        fresh = record["c"] > self.counter
        self.stored += len(record["m"])
        if not fresh:
            return
        self.counter, self.last_time = record["c"], record["ms"]
        if number >= 0:
            self.newest_transaction = record["c"]
            self.last[client] = [kind, number, record["c"], record["ms"], record["sig"]]
        match kind:
            case "start":
                self.transactions = number
                self.open[number] = client
            case "finish":
                self.open.pop(number, None)
            case "initialize":
                self.initialized = True
            case "disableSecureElement":
                self.disabled = True
            case "registerClient":
                self.clients.append(client)
            case "deregisterClient":
                self.clients.remove(client)

    def snapshot(self) -> Record:
        """The record that stands for everything but the stored log messages."""
        record: Record = {"t": "snapshot", "model": dataclasses.asdict(self.model)}
        for name in _KEPT:
            record[name] = getattr(self, name)
        record["users"] = {name: dataclasses.asdict(user) for name, user in self.users.items()}
        record["open"] = [[number, client] for number, client in self.open.items()]
        return record

    def _restore(self, record: Record) -> None:
        self.model = decode(Model, record["model"])
        for name in _KEPT:
            setattr(self, name, record[name])
        self.users = {name: User(**user) for name, user in record["users"].items()}
        self.open = dict(record["open"])


_KEPT = (
    "serial",
    "initialized",
    "disabled",
    "counter",
    "transactions",
    "last_time",
    "exported",
    "newest_transaction",
    "clients",
    "last",
)
