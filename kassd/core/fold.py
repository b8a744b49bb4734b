"""The register of folds: each kind of fact has one function that makes the next state."""

from collections.abc import Callable
from typing import Any, TypeVar

from kassd.core.facts import Fact
from kassd.core.inputs import Stamp
from kassd.core.state import Sale, State
from kassd.deferred import replace

T = TypeVar("T", bound=Fact)
Handler = Callable[[State, Any, Stamp], State]
HANDLERS: dict[type[Fact], Handler] = {}


def on(cls: type[T]) -> Callable[[Callable[[State, T, Stamp], State]], Callable[[State, T, Stamp], State]]:
    """Register the fold of one kind of fact."""

    def register(handler: Callable[[State, T, Stamp], State]) -> Callable[[State, T, Stamp], State]:
        HANDLERS[cls] = handler
        return handler

    return register


def with_station(state: State, name: str, **changes: Any) -> State:
    """The state with one station changed."""
    station = replace(state.station(name), **changes)
    return replace(state, stations={**state.stations, name: station})


def with_sale(state: State, sale: Sale, **changes: Any) -> State:
    """The state with one Vorgang changed."""
    return replace(state, sales={**state.sales, sale.id: replace(sale, **changes)})


def without_wish(state: State, wish: str) -> State:
    """The to-do list without a wish that has its outcome."""
    if wish not in state.outbox:
        return state
    outbox = {key: value for key, value in state.outbox.items() if key != wish}
    withdrawn = tuple(w for w in state.tse.withdrawn if w != wish)
    return replace(state, outbox=outbox, tse=replace(state.tse, withdrawn=withdrawn))
