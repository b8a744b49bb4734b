"""Whether two reports of a terminal are about one transaction. Pure.

A number that is missing or zero tells nothing. Traces count on, so different ones are different
transactions; receipt numbers begin anew after an end of day, times may be those of the report: what agrees in
one of them and not in another is ``unsure``, and so is what has nothing to be compared.
"""

from typing import Literal

from kassd.core.cards.data import CardData

Likeness = Literal["same", "other", "unsure"]


def likeness(one: CardData, two: CardData) -> Likeness:
    """``same``: the trace and all that both tell agrees; ``other``: certainly another."""
    pairs = [(_told(one.receipt), _told(two.receipt)), (_told(one.at), _told(two.at))]
    receipts, times = ([left == right] if left and right else [] for left, right in pairs)
    if _told(one.terminal_id) and _told(two.terminal_id) and one.terminal_id != two.terminal_id:
        return "unsure"  # another terminal has its own numbers
    traces = _traces(one, two)
    if traces is not None and traces[0] != traces[1]:
        return "other"
    if traces is None and receipts == [False] and times != [True]:
        return "other"
    agree = all((*receipts, *times)) and (one.amount, one.result) == (two.amount, two.result)
    if traces is not None or (receipts and times):
        return "same" if agree else "unsure"
    return "unsure"


def is_exact(one: CardData, two: CardData) -> bool:
    """Receipt number, trace, time and amount are told, and are the same: good enough to move money."""
    told = _told(one.receipt) and _told(one.at) and _traces(one, two) is not None
    return bool(told) and one.receipt == two.receipt and one.at == two.at and likeness(one, two) == "same"


def steps(before: CardData | None, after: CardData) -> int | None:
    """How many transactions the terminal has counted from one to the other, None if it does not tell."""
    traces = _traces(before, after) if before is not None else None
    if traces is None or not all(trace.isdigit() for trace in traces):
        return None
    return int(traces[1]) - int(traces[0])


def undoes(last: CardData, trace: str) -> bool:
    """Whether ``last`` takes back the transaction with this trace."""
    return bool(_told(trace)) and last.original_trace == trace


def takes_back(last: CardData) -> bool:
    """Whether it undoes something: no payment has an original trace (BMP 37)."""
    return bool(_told(last.original_trace))


def _told(number: str) -> str:
    return number if number.strip("0 ") else ""


def _traces(one: CardData, two: CardData) -> tuple[str, str] | None:
    for left, right in ((one.long_trace, two.long_trace), (one.trace, two.trace)):
        if _told(left) and _told(right):
            return left, right
    return None
