"""The fold of the power supply."""

from typing import Any, cast

from kassd.core.fold import on
from kassd.core.inputs import Stamp
from kassd.core.power import facts as f
from kassd.core.power.state import Level, PowerState
from kassd.core.state import State
from kassd.deferred import replace


def forgotten(power: PowerState) -> PowerState:
    """Without what a power cut may forget."""
    return replace(power, percent=None, minutes=None, critical=0)


@on(f.PowerChanged)
def _changed(state: State, fact: f.PowerChanged, stamp: Stamp) -> State:
    level = cast(Level, fact.level)
    critical = stamp.mono if level == "critical" else 0
    ending = "" if level == "mains" else state.power.ending
    changes: dict[str, Any] = {"level": level, "since": fact.at, "critical": critical, "ending": ending}
    power = replace(state.power, percent=fact.percent, minutes=fact.minutes, **changes)
    return replace(state, power=power)


@on(f.PowerWeak)
def _weak(state: State, fact: f.PowerWeak, stamp: Stamp) -> State:
    return replace(state, power=replace(state.power, weak=fact.at if fact.weak else ""))


@on(f.PowerEnding)
def _ending(state: State, fact: f.PowerEnding, stamp: Stamp) -> State:
    return replace(state, power=replace(state.power, ending=fact.at))


@on(f.PowerSeen)
def _seen(state: State, fact: f.PowerSeen, stamp: Stamp) -> State:
    return replace(state, power=replace(state.power, percent=fact.percent, minutes=fact.minutes))
