"""The fold of drawers. Nothing that is durable depends on what a sensor said: that alone the facts tell."""

from collections.abc import Mapping
from typing import Any

from kassd.core.drawers import facts as f
from kassd.core.drawers.state import DrawerState, has_sensor, left_open_ns, within_ns
from kassd.core.facts_print import DrawerAsked, DrawerDone
from kassd.core.fold import on, without_wish
from kassd.core.inputs import Stamp
from kassd.core.state import State
from kassd.core.status import DeviceStatus, Known
from kassd.core.totals import counted
from kassd.deferred import replace


def is_open(status: DeviceStatus | None) -> Known:
    """What a drawer's sensor says."""
    return "unknown" if status is None else status.conditions.get("open", "unknown")


def forgotten(drawers: Mapping[str, DrawerState]) -> dict[str, DrawerState]:
    """Drawers without what a power cut may forget."""
    return {name: replace(one, kick="", due=0) for name, one in drawers.items()}


def with_drawer(state: State, name: str, **changes: Any) -> State:
    """The state with one drawer changed."""
    drawer = replace(state.drawers.get(name) or DrawerState(), **changes)
    return replace(state, drawers={**state.drawers, name: drawer})


def sensed(state: State, status: DeviceStatus, stamp: Stamp) -> State:
    """Volatile: deadlines run only while the sensor can be read."""
    known = state.drawers.get(status.name)
    if known is None:
        return state
    found = is_open(status)
    if found == "unknown" and known.due:
        return with_drawer(state, status.name, kick="", due=0)
    limit = left_open_ns(state.config, status.name)
    if found == "yes" and known.opened_at and not known.due and not known.left_open and limit:
        return with_drawer(state, status.name, due=stamp.mono + limit)
    return state


@on(DrawerDone)
def _done(state: State, fact: DrawerDone, stamp: Stamp) -> State:
    wish = state.outbox.get(fact.job)
    after = without_wish(state, fact.job)
    if wish is None or fact.result != "kicked":
        return after
    name = str(wish.args["drawer"])
    if not has_sensor(state.config, name) or is_open(state.devices.get(name)) != "no":
        return after
    due = stamp.mono + within_ns(state.config, name)
    return with_drawer(after, name, kick=str(wish.args["why"]), due=due)


@on(DrawerAsked)
def _asked(state: State, fact: DrawerAsked, stamp: Stamp) -> State:
    return _counted(state, "drawer_opened")


@on(f.DrawerOpened)
def _opened(state: State, fact: f.DrawerOpened, stamp: Stamp) -> State:
    limit = left_open_ns(state.config, fact.drawer)
    changes = {"by_hand": fact.at} if fact.why == "hand" else {}
    due = stamp.mono + limit if limit else 0
    after = with_drawer(state, fact.drawer, opened_at=fact.at, jammed="", kick="", due=due, **changes)
    return _counted(after, "drawer_by_hand") if changes else after


@on(f.DrawerShut)
def _shut(state: State, fact: f.DrawerShut, stamp: Stamp) -> State:
    return with_drawer(state, fact.drawer, opened_at="", left_open="", due=0)


@on(f.DrawerJammed)
def _jammed(state: State, fact: f.DrawerJammed, stamp: Stamp) -> State:
    return with_drawer(state, fact.drawer, jammed=fact.at, due=0)


@on(f.DrawerLeftOpen)
def _left_open(state: State, fact: f.DrawerLeftOpen, stamp: Stamp) -> State:
    return with_drawer(state, fact.drawer, left_open=fact.at, due=0)


def _counted(state: State, what: str) -> State:
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, what, 0)))
