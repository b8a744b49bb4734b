"""Tax keys of one's own (``[[vat]]``) and agencies that open business still needs: a change of one waits.

What was ordered, delivered, promised or sold on a voucher keeps key and rate of its day, and in whose name it
is sold; a key or agency that is gone, or means another, would leave it without (Stamm_USt, Stamm_Agenturen).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kassd.core.entry import Line
from kassd.core.master import Config
from kassd.core.state import State
from kassd.deferred import dataclass

IDENTITY = {"vat": "key", "agency": "id"}  # of a section: the number that lines name it by
KINDS = {
    "delivery": "Lieferschein",
    "invoice": "Rechnung",
    "downpayment": "Anzahlung",
    "receivable": "Forderung",
}
SHOWN = 5


@dataclass(frozen=True, slots=True)
class InUse:
    """UST_SCHLUESSEL and AGENTUR_ID of something open."""

    vat: frozenset[int]
    agency: frozenset[int]

    def has(self, section: str, number: object) -> bool:
        """Whether the item of a section with this number is among them."""
        return number in (self.vat if section == "vat" else self.agency)


def in_use(state: State) -> InUse:
    """Of everything that is open. O(what is open): asked at a start, at a closing, and while changes wait."""
    lines = [line for _, lines in _open_lines(state) for line in lines]
    keys = {share.vat for line in lines for share in line.by_vat()}
    for item in state.credit.items.values():
        keys.update(share.vat for share in item.left)
    keys.update(voucher.vat for voucher in state.vouchers.values() if not voucher.settled)
    return InUse(frozenset(keys), frozenset(line.agency for line in lines if line.agency))


def _open_lines(state: State) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """Lines of what is open, and what people call it."""
    for sale in state.sales.values():
        yield f"Kassenplatz {sale.station}", sale.lines
    for group in state.orders.groups.values():
        yield f"Tisch {group.table}" if group.table else f"Bestellung {group.id}", group.lines
    for bill in state.orders.bills.values():
        yield f"Bestellung {bill.group}", bill.lines
    for item in state.credit.items.values():
        if not item.settled:
            yield f"{KINDS[item.kind]} {item.number}", item.lines


def is_held(state: State, key: str, used: InUse, new: Any = None) -> bool:
    """Whether the setting ``key`` is of an item whose number, in force or to come, is ``used``."""
    section, _, rest = key.partition(".")
    if section not in IDENTITY:
        return False
    number = f"{section}.{rest.split('.')[0]}.{IDENTITY[section]}"
    numbers = [state.config.get(number), state.pending.get(number), new if key == number else None]
    return any(used.has(section, found) for found in numbers)


def held(state: State) -> tuple[str, ...]:
    """Changes that wait for more than the next closing."""
    return _held(state, state.pending)


def held_by(state: State, config: Config) -> tuple[str, ...]:
    """What of ``config`` will wait so, once it is read at a start."""
    keys = state.config.keys() | config.keys()
    return _held(state, {key: config.get(key) for key in keys if state.config.get(key) != config.get(key)})


def _held(state: State, changes: Mapping[str, Any]) -> tuple[str, ...]:
    if not any(key.partition(".")[0] in IDENTITY for key in changes):
        return ()
    used = in_use(state)
    return tuple(sorted(key for key, new in changes.items() if is_held(state, key, used, new)))


def held_sentence(state: State, keys: Iterable[str]) -> str:
    """What waits, for what, and what to do, in German; ``keys``: of :func:`held` or :func:`held_by`."""
    items = dict.fromkeys((section, name) for section, name, *_ in (key.split(".") for key in keys))
    numbers = {(kind, state.config.get(f"{kind}.{name}.{IDENTITY[kind]}")) for kind, name in items}
    places = (place for place, lines in _open_lines(state) if any(_names(line, numbers) for line in lines))
    open_ = f" ({found})" if (found := _listed(dict.fromkeys(places))) else ""
    names = _listed(f"[[{section}]] {name}" for section, name in items)
    return (
        f"Geändert oder entfernt und noch gebraucht: {names}. Bis nichts Offenes es mehr braucht{open_}, und "
        "bis zum Abschluss danach, gilt es wie bisher. Das Offene abrechnen und die Kasse abschließen, oder "
        "den Abschnitt wieder eintragen, wie er war."
    )


def _names(line: Line, numbers: Iterable[tuple[str, Any]]) -> bool:
    known = {("agency", line.agency), *(("vat", share.vat) for share in line.by_vat())}
    return not known.isdisjoint(numbers)


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" und {len(shown) - SHOWN} weitere" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more
