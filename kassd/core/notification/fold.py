"""The fold of notifications: the newest ones, and all systems of the newest of each place."""

from kassd.core.fold import on
from kassd.core.inputs import Stamp
from kassd.core.notification.facts import NotificationSent
from kassd.core.notification.state import MAX_NOTICES, Notice
from kassd.core.state import State
from kassd.deferred import replace


@on(NotificationSent)
def _sent(state: State, fact: NotificationSent, stamp: Stamp) -> State:
    new = Notice(fact.day, fact.place, fact.ticket, len(fact.systems), fact.systems)
    # A place as it was told before is that place, also one that the register has left; else a correction.
    repeated = any(notice.place == new.place for notice in state.notices)
    same = new.place.is_stay if repeated else new.place.is_same
    older = (replace(notice, systems=()) if same(notice.place) else notice for notice in state.notices)
    return replace(state, notices=(*older, new)[-MAX_NOTICES:])
