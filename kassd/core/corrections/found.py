"""What a look into the journal gives before a command about an old receipt or slip is decided.

``decide`` is pure: the app finds the receipt and hands it in with the command
(:class:`kassd.core.inputs.CommandReceived`). :func:`standing` joins what was read with what has been decided
since.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kassd.core.corrections.state import Correction, Taken
from kassd.core.document import Document
from kassd.core.entry import Customer, Line
from kassd.deferred import dataclass

if TYPE_CHECKING:
    from kassd.core.state import Sale, State


@dataclass(frozen=True, slots=True)
class Recalled:
    """A finished Vorgang of any age: what was entered, and the slip that was issued. ``closing`` is the
    closing it belongs to and ``closed_at`` its Z_ERSTELLUNG; 0 and '': its period is still open.
    ``invoiced``: to whom it is made out, at once or later."""

    sale: "Sale"
    document: Document
    closing: int = 0
    closed_at: str = ""
    invoiced: Customer | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one question: ``subject`` (a receipt's number, ``paper:<slip>``), the newest line that
    was read, the receipt if there is one, and everything that was done to the subject until then. ``full``:
    nothing could be read, the index has no room on the disk."""

    subject: str
    seq: int
    receipt: Recalled | None = None
    corrections: tuple[Correction, ...] = ()
    full: bool = False


def subject_of(args: object) -> str:
    """What a command's arguments want to be looked up, '' if nothing."""
    if not isinstance(args, dict):
        return ""
    receipt, slip = args.get("receipt"), args.get("slip")
    if isinstance(receipt, str) and receipt.isascii() and receipt.isdigit() and len(receipt) <= 15:
        return receipt
    return paper(slip) if isinstance(slip, str) and 0 < len(slip) <= 40 else ""


def paper(slip: str) -> str:
    """The subject of a numbered paper slip."""
    return f"paper:{slip}"


def corrections_of(sale: "Sale", seq: int, by: str = "") -> Iterator[Correction]:
    """What a Vorgang does to others, by what it says and by the lines that come from them."""
    for one in dict.fromkeys(sale.corrects):
        if one.how != "return":
            yield Correction(one.receipt, one.how, seq, by)
            continue
        lines = _taken(line for line in sale.lines if line.origin and line.origin.receipt == one.receipt)
        if lines:
            yield Correction(one.receipt, one.how, seq, by, lines)
    if sale.slip:
        yield Correction(paper(sale.slip), "paper", seq, by)


def _taken(lines: Iterable[Line]) -> dict[int, Taken]:
    """By line of the old receipt; what was entered and voided again comes to nothing."""
    found: dict[int, Taken] = {}
    for line in lines:
        assert line.origin is not None
        taken = taken_by(line)
        old = found.get(line.origin.line)
        found[line.origin.line] = taken if old is None else old + taken
    return {n: taken for n, taken in found.items() if taken.quantity or taken.amount}


def taken_by(line: Line) -> Taken:
    """What a line takes back of the one it comes from."""
    return Taken(-line.quantity, -line.amount, tuple(-share.amount for share in line.shares))


def standing(state: "State", found: Found) -> tuple[Correction, ...]:
    """Everything done to the subject that still holds: read, decided since, and under way. What a Vorgang
    did that has been cancelled itself does not hold."""
    since = [c for c in state.corrections.recent if c.seq > found.seq]
    for sale in state.sales.values():
        if sale.status != "aborting":
            since += corrections_of(sale, state.seq)
    undone = {c.subject for c in since if c.how == "cancel"}
    every = (*found.corrections, *(c for c in since if c.subject == found.subject))
    return tuple(c for c in every if not (c.by and c.by in undone))


def is_withheld(done: Iterable[Correction]) -> bool:
    """Whether a receipt's original has not left, for all that was ``done``: what was handed out may have been
    given up while it waited for the printer."""
    last = max((one for one in done if one.how in ("withheld", "handed_out")), key=_line, default=None)
    return last is not None and last.how == "withheld"


def _line(one: Correction) -> int:
    return one.seq


def is_stale(state: "State", found: Found) -> bool:
    """Whether more was decided since the reading than is remembered: it must be looked up again."""
    closed_since = (
        found.receipt is not None
        and not found.receipt.closing
        and not 0 < state.till.first_receipt <= found.receipt.sale.number
    )
    return found.seq < state.corrections.forgotten or closed_since
