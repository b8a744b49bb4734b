"""The simulated terminal's sums of a day."""

from kassd.devices.terminal.zvt.totals import SCHEMES, Totals
from kassd.sim.terminal.behaviour import CARDS
from kassd.sim.terminal.memory import Memory

_BY_TYPE = {5: "girocard", 14: "jcb", 6: "mastercard", 8: "amex", 10: "visa", 12: "diners"}
COUNT_MAX = 255


def _sums(memory: Memory) -> dict[str, tuple[int, int]]:
    found = dict.fromkeys(SCHEMES, (0, 0))
    for item in memory.stored:
        scheme = _BY_TYPE.get(CARDS[item.card].type, "other")
        count, amount = found[scheme]
        found[scheme] = count + 1, amount + (item.amount if item.kind == "payment" else -item.amount)
    return found


def day_totals(memory: Memory) -> Totals:
    """As bitmap 60 has them; it knows no negative sums."""
    numbers = [item.receipt for item in memory.stored]
    sums = tuple((min(count, COUNT_MAX), max(0, amount)) for count, amount in _sums(memory).values())
    return Totals(f"{min(numbers, default=0):04d}", f"{max(numbers, default=0):04d}", sums)


def day_lines(memory: Memory) -> list[tuple[str, int, int]]:
    """For the receipt: name, number, cents of what there was, and of all."""
    rows = [(name, count, amount) for name, (count, amount) in _sums(memory).items() if count]
    return [*rows, ("Gesamt", sum(row[1] for row in rows), sum(row[2] for row in rows))]
