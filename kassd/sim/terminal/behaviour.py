"""What the simulated terminal does: who holds which card to it, how its host answers, what goes wrong."""

from dataclasses import field, fields
from typing import Any, Literal, get_args

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.quirks import GENERIC, Quirks, quirks

Kind = Literal["cut_before", "cut_after", "silence", "wrong_length", "half", "garble", "slow"]
TERMINAL_ID = "30010207"
KINDS: tuple[Kind, ...] = get_args(Kind)
CHOICES = {
    "orphans": ("reverse", "keep", "book"),
    "ends": ("", "abort", "decline", "twice"),
    "tells": ("all", "long", "bare", "unread"),
    "hangs_up": ("", "command", "payment"),
}
BYTE, MANY = 0xFF, 1_000_000_000
HIGHEST = {"result": BYTE, "limit": MANY, "tip": MANY, "status": BYTE, "mute": MANY}
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Card:
    """``type``: ZVT card type; ``pan`` as the terminal masks it."""

    name: str
    type: int
    application: str
    pan: str = "EEEEEEEEEEEE4711"
    pin: bool = True


CARDS: dict[str, Card] = {
    "girocard": Card("girocard", 5, "A0000003591010028001"),
    "maestro": Card("Maestro", 46, "A0000000043060"),
    "mastercard": Card("Mastercard", 6, "A0000000041010", pin=False),
    "visa": Card("Visa", 10, "A0000000031010", pin=False),
    "amex": Card("American Express", 8, "A000000025010801", pan="EEEEEEEEEEE4711F"),
    "none": Card("", 255, ""),  # nobody holds a card to it
}


@dataclass(frozen=True, slots=True)
class Fault:
    """At the ``message``-th message of a command, both directions counted, the command itself being 1.

    ``cut_before``: the connection ends before it is sent, or heard; ``cut_after``: after. ``silence``: it is
    not sent, or not heard. ``wrong_length``: its length says a byte too many. ``half``: half of it is sent.
    ``garble``: it is spoiled. ``slow``: it waits ``seconds``. ``command``: only of this one (0x0601); 0: of
    the next that has so many messages.
    """

    kind: Kind
    message: int
    command: int = 0
    seconds: float = 1.0


@dataclass(slots=True)
class Behaviour:
    """May be changed at any time.

    ``result``: what the host says (BMP 27), 0 approves. ``limit``: it approves no more cents than this, None:
    any. ``tip``: cents that the customer adds. ``delay_s``: between two messages. ``status``: of the terminal
    (05 01). ``busy``: refuses every command with 84 9C. ``orphans``: what becomes of a payment whose end
    nobody acknowledged: 2.2.8 reverses it, some as a transaction of its own (``book``), chapter 4 keeps it
    until 1F1F tells. ``mute``: so many times it answers 06 20 with 06 1E 9C. ``ends``: it contradicts itself
    after 04 0F: 06 1E, a second one that declines, or ``twice`` with other numbers. ``tells``: in 04 0F, only
    the ``long`` trace, ``bare`` of all numbers, or ``unread`` before the result. ``hangs_up``: after each
    command or payment. ``password``: '' takes any. ``model``: whose quirks it has.
    """

    card: str = "girocard"
    result: int = 0
    limit: int | None = None
    tip: int = 0
    delay_s: float = 0.0
    status: int = 0
    busy: bool = False
    orphans: Literal["reverse", "keep", "book"] = "reverse"
    mute: int = 0
    ends: Literal["", "abort", "decline", "twice"] = ""
    tells: Literal["all", "long", "bare", "unread"] = "all"
    hangs_up: Literal["", "command", "payment"] = ""
    password: str = ""
    model: str = GENERIC
    faults: list[Fault] = field(default_factory=list)

    @property
    def quirks(self) -> Quirks:
        """Of the model it plays."""
        return quirks(self.model)

    def change(self, /, **values: Any) -> None:
        """Set what is named; ``faults``: objects with the keys of :class:`Fault`. Raises ValueError, and
        nothing is set then."""
        known = {item.name for item in fields(self)}
        checked = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"{name}: expected one of {', '.join(sorted(known))}")
            checked[name] = _checked(name, value)
        for name, value in checked.items():
            setattr(self, name, value)

    def take(self, message: int, command: int) -> Fault | None:
        """The fault that is due, once."""
        for fault in self.faults:
            if fault.message == message and fault.command in (0, command):
                self.faults.remove(fault)
                return fault
        return None


def _checked(name: str, value: Any) -> Any:
    if name == "faults":
        if not isinstance(value, list):
            raise ValueError("faults: expected a list")
        return [_fault(item) for item in value]
    if name in HIGHEST:
        return None if name == "limit" and value is None else _whole(name, value, 0, HIGHEST[name])
    if name == "delay_s":
        return _seconds(name, value)
    if name == "busy":
        if not isinstance(value, bool):
            raise ValueError("busy: expected true or false")
        return value
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a text")
    choices = tuple(CARDS) if name == "card" else CHOICES.get(name)
    if choices and value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}")
    if name == "model":
        try:
            quirks(value)
        except KeyError as error:
            raise ValueError(f"model: {value} is not in the table of quirks") from error
    return value


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name}: expected a whole number from {least} to {most}")
    return value


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_S:
        raise ValueError(f"{name}: expected seconds from 0 to {LONGEST_S:.0f}")
    return float(value)


def _fault(values: Any) -> Fault:
    if isinstance(values, Fault):
        fault = values
    else:
        try:
            fault = Fault(**values)
        except TypeError as error:
            raise ValueError(f"faults: {error}") from error
    if fault.kind not in KINDS:
        raise ValueError(f"faults: expected one of {', '.join(KINDS)}")
    _whole("faults: message", fault.message, 1, MANY)
    _whole("faults: command", fault.command, 0, 0xFFFF)
    _seconds("faults: seconds", fault.seconds)
    return fault


def fault_of(text: str) -> Fault:
    """``cut_before@5`` or ``slow@3:2.5`` (seconds), as on the command line. Raises ValueError."""
    kind, _, where = text.replace("-", "_").partition("@")
    message, _, seconds = where.partition(":")
    try:
        waits = {"seconds": float(seconds)} if seconds else {}
        return _fault({"kind": kind, "message": int(message), **waits})
    except ValueError as error:
        raise ValueError(f"{text}: {error}; for example cut_before@5 or slow@3:2.5") from error
