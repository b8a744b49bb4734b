"""What ``decide`` gives back, and the draft it is written in."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from kassd.core.arguments import RIGHTS, Right
from kassd.core.codec import Json, encode
from kassd.core.codes import CODES
from kassd.core.facts import VOLATILE, Fact, OperatorApproved, SaleOpened, Wish
from kassd.core.inputs import Stamp
from kassd.core.lettering import printable
from kassd.core.master import client_station
from kassd.deferred import dataclass

if TYPE_CHECKING:
    from kassd.core.corrections.found import Found
    from kassd.core.state import State


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to one command (DESIGN §6). ``rev`` is the line, or the document's rev if none was written."""

    id: str
    status: str
    rev: int
    code: str = ""
    message: str = ""
    next: str = ""
    result: Mapping[str, Any] | None = None

    def to_json(self) -> Json:
        """The reply document."""
        body: dict[str, Any] = {"v": 1, "id": self.id, "status": self.status}
        for key in ("code", "message", "next"):
            if getattr(self, key):
                body[key] = getattr(self, key)
        body["rev"] = self.rev
        if self.result is not None:
            body["result"] = encode(self.result)
        return body


@dataclass(frozen=True, slots=True)
class Decision:
    """``facts`` and ``wishes`` make one journal line (none if both are empty); ``volatile`` facts change what
    displays show and may be forgotten; ``asks`` are questions to devices that change nothing. ``after``: the
    state that deciding has led to, what ``evolve`` makes of the state before and the facts. ``faults``:
    defects of the program that a step of deciding ran into; nothing of that step stands."""

    stamp: Stamp
    facts: tuple[Fact, ...] = ()
    wishes: tuple[Wish, ...] = ()
    volatile: tuple[Fact, ...] = ()
    asks: tuple[Wish, ...] = ()
    reply: Reply | None = None
    wake: int | None = None
    tse: Mapping[str, Any] | None = None
    after: "State | None" = field(default=None, compare=False, repr=False)
    faults: tuple[Exception, ...] = ()


MAX_REASON = 255


def one_line(text: str, what: str, limit: int = MAX_REASON) -> str:
    """``text`` as it may stand on a slip and in a line: trimmed, printable, at most ``limit`` characters."""
    trimmed = text.strip()
    if len(trimmed) > limit or not trimmed.isprintable():
        german = f"({what}: eine Zeile mit höchstens {limit} Zeichen)"
        raise bad_args(f"{what}: expected one line of at most {limit} printable characters", german)
    return trimmed


def reason_of(text: str) -> str:
    """A reason that is required."""
    reason = one_line(text, "reason")
    if not reason:
        raise Rejected("reason_required")
    return reason


def shown(text: str) -> str:
    """What a person typed or scanned, short and printable, to be quoted in a message."""
    return printable(text[:40])


class Rejected(Exception):
    """A command is answered with ``code`` of :mod:`kassd.core.codes` and changes nothing but ``facts``: that
    it was tried."""

    def __init__(
        self,
        code: str,
        result: Mapping[str, Any] | None = None,
        detail: str = "",
        facts: tuple[Fact, ...] = (),
    ) -> None:
        self.facts = facts
        self.code = code
        self.result = result
        self.detail = detail
        super().__init__(code)

    def reply(self, command_id: str, rev: int) -> Reply:
        """The reply that says so."""
        code = CODES[self.code]
        message = f"{code.message} {self.detail}".strip()
        return Reply(command_id, code.status, rev, self.code, message, code.next, self.result)


def bad_args(detail: str, german: str = "") -> Rejected:
    """``detail`` tells developers what is wrong; ``german`` the operator, where a person can cause it."""
    return Rejected("bad_args", {"detail": detail[:200]}, german)


def require_tse(state: "State") -> None:
    """No TSE, no sale (FISCAL 1)."""
    if state.tse.bound is None:
        raise Rejected("tse_not_commissioned")


@dataclass(slots=True)
class Draft:
    """A decision being written: each fact is folded at once, so that later steps see its effect.

    ``actor`` is the client or scanner whose input is decided, '' for devices and ticks; ``rights``: what it
    may do (scanners, devices and ticks: everything they can ask for); ``found``: the receipt or slip that a
    command names; ``command`` and ``place``: the command's name and station, ``proven`` whose PIN came with
    it, ``approver`` the second person.
    """

    state: "State"
    stamp: Stamp
    actor: str = ""
    facts: list[Fact] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    volatile: list[Fact] = field(default_factory=list)
    asks: list[Wish] = field(default_factory=list)
    tse: Mapping[str, Any] | None = None
    rights: frozenset[str] = frozenset(RIGHTS)
    found: "Found | None" = None
    command: str = ""
    place: str = ""
    proven: tuple[str, ...] = ()
    approver: str = ""
    approver_rights: frozenset[str] = frozenset()
    faults: list[Exception] = field(default_factory=list)

    def attempt(self, step: "Callable[[Draft], None]") -> bool:
        """Take a step that must not fail. If it does, nothing of it stands and its defect is kept for the
        log: it costs what the step would have done, never the register. Returns whether it was taken."""
        lists: tuple[list[Any], ...] = (self.facts, self.wishes, self.volatile, self.asks)
        lengths, state, tse = [len(one) for one in lists], self.state, self.tse
        try:
            step(self)
        except Exception as fault:  # noqa: BLE001 - a rule of the state would fail at each start again
            for one, length in zip(lists, lengths, strict=True):
                del one[length:]
            self.state, self.tse = state, tse
            self.faults.append(fault)
            return False
        return True

    def require(self, right: Right, detail: str = "") -> None:
        """What is being decided needs ``right``: the person's own, or that of who approves, which is recorded
        with both names. :class:`Rejected` (``unauthorized``, saying ``detail``) without it."""
        if right in self.rights:
            return
        if right not in self.approver_rights:
            raise Rejected("unauthorized", {"right": right}, detail)
        self.rights |= {right}
        operator = self.operator(self.place)
        self.fact(OperatorApproved(self.place, operator, self.approver, self.command, right, self.at))

    def fact(self, fact: Fact) -> None:
        """Decide a fact."""
        from kassd.core.evolve import apply  # evolve needs Decision of this module

        (self.volatile if isinstance(fact, VOLATILE) else self.facts).append(fact)
        self.state = apply(self.state, fact, self.stamp)

    def wish(self, kind: str, **args: Any) -> Wish:
        """Wish something irreversible from the world; it is on the to-do list until its outcome fact."""
        from kassd.core.evolve import with_wishes

        wish = Wish(f"{self.stamp.seq}.{len(self.wishes)}", kind, args)
        self.wishes.append(wish)
        self.state = with_wishes(self.state, (wish,), tuple(self.facts))
        return wish

    def ask(self, kind: str, **args: Any) -> None:
        """Ask a device something that changes nothing."""
        self.asks.append(Wish("", kind, args))

    def new_sale_id(self) -> str:
        """``<epoch>-<seq>``; a second Vorgang of the same line gets a suffix."""
        n = sum(isinstance(fact, SaleOpened) for fact in self.facts)
        return f"{self.state.epoch}-{self.stamp.seq}" + (f".{n}" if n else "")

    def operator(self, station: str) -> str:
        """Who acts at a station: the person logged in, else the client or scanner (BEDIENER_ID)."""
        return self.state.station(station).operator or self.actor

    def at_home(self) -> str:
        """Who acts through a client, whichever station it acts on: the person logged in where the client
        belongs, else the client itself."""
        home = client_station(self.state.config, self.actor)
        return self.state.station(home).operator or self.actor

    @property
    def at(self) -> str:
        """The moment as RFC 3339 with the register's offset, seconds."""
        return self.stamp.at.isoformat(timespec="seconds")
