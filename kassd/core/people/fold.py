"""The fold of people, training and place."""

from kassd.core.fold import on, with_station
from kassd.core.inputs import Stamp
from kassd.core.people import facts as f
from kassd.core.people.state import Place, Tries
from kassd.core.state import State
from kassd.core.totals import counted
from kassd.deferred import replace


@on(f.OperatorChanged)
def _changed(state: State, fact: f.OperatorChanged, stamp: Stamp) -> State:
    changes = {"operator": fact.operator, "operator_name": fact.name or fact.operator, "used": stamp.mono}
    state = with_station(state, fact.station, locked=False, **changes)
    if not fact.operator:
        return state
    tries = {name: value for name, value in state.people.tries.items() if name != fact.operator}
    totals = counted(state.till.totals, "logins", 0)
    return replace(state, people=replace(state.people, tries=tries), till=replace(state.till, totals=totals))


@on(f.OperatorRefused)
def _refused(state: State, fact: f.OperatorRefused, stamp: Stamp) -> State:
    old = state.people.tries.get(fact.operator, Tries())
    # Once the block is over, the count begins anew.
    tries = Tries(0, fact.locked_until) if fact.locked_until else Tries(old.count + 1)
    people = replace(state.people, tries={**state.people.tries, fact.operator: tries})
    totals = counted(state.till.totals, "refused_logins", 0)
    return replace(state, people=people, till=replace(state.till, totals=totals))


@on(f.OperatorApproved)
def _approved(state: State, fact: f.OperatorApproved, stamp: Stamp) -> State:
    return replace(state, till=replace(state.till, totals=counted(state.till.totals, "approvals", 0)))


@on(f.StationLocked)
def _locked(state: State, fact: f.StationLocked, stamp: Stamp) -> State:
    return with_station(state, fact.station, locked=True)


@on(f.StationUsed)
def _used(state: State, fact: f.StationUsed, stamp: Stamp) -> State:
    return with_station(state, fact.station, used=stamp.mono)


@on(f.TrainingSwitched)
def _training(state: State, fact: f.TrainingSwitched, stamp: Stamp) -> State:
    return with_station(state, fact.station, training=fact.on, last=None, document=None)


@on(f.PlaceChanged)
def _place(state: State, fact: f.PlaceChanged, stamp: Stamp) -> State:
    place = Place(fact.name, fact.at, fact.operator, fact.street, fact.postal_code, fact.city)
    return replace(state, people=replace(state.people, place=place))
