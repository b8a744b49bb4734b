"""What follows from a drawer's sensor."""

from kassd.core import facts as f
from kassd.core.decision import Draft
from kassd.core.drawers.fold import is_open
from kassd.core.drawers.state import DrawerState, has_sensor
from kassd.core.master import DEFAULT_STATION
from kassd.core.state import State
from kassd.core.status import DeviceStatus

JAMMED = "Die Kassenlade ist nicht aufgegangen. Bitte von Hand öffnen."
UNKNOWN = "Ob die Kassenlade aufgegangen ist, ist nicht bekannt. Bitte nachsehen, sonst von Hand öffnen."
REST_S = 3  # the longest pulse, at a fifth of the time
RESTING = (
    "Eben erst wurde eine Kassenlade geöffnet: so schnell folgt kein zweiter Impuls. Ist die Lade zu, "
    f"{REST_S} Sekunden warten und noch einmal öffnen."
)
LEFT_OPEN = "Die Kassenlade steht noch offen. Bitte schließen."


def on_seen(d: Draft, before: DeviceStatus | None, status: DeviceStatus) -> None:
    """A drawer tells its state; ``before`` is what it told last."""
    name, found = status.name, is_open(status)
    if not has_sensor(d.state.config, name):
        return
    known, station = d.state.drawers.get(name, DrawerState()), _station(d.state, name)
    if found == "yes" and not known.opened_at:
        why = known.kick or _being_kicked(d.state, name)
        if not why:
            why = "hand" if is_open(before) == "no" else "unseen"
        d.fact(f.DrawerOpened(d.at, name, station, d.operator(station), why))
    elif found == "no" and known.opened_at:
        d.fact(f.DrawerShut(d.at, name, station, known.opened_at))


def watch_drawers(d: Draft) -> None:
    """What did not open in time is jammed; what stands open for too long is told, once."""
    for name, drawer in d.state.drawers.items():
        if not drawer.due or drawer.due > d.stamp.mono:
            continue
        station = _station(d.state, name)
        if drawer.opened_at:
            d.fact(f.DrawerLeftOpen(d.at, name, station, drawer.opened_at))
            d.fact(f.MessageShown(station, LEFT_OPEN))
        else:
            d.fact(f.DrawerJammed(d.at, name, station, drawer.kick))
            d.fact(f.MessageShown(station, JAMMED))


def next_look(state: State) -> int | None:
    """Monotonic ns at which a drawer is jammed, or open for too long."""
    return min((one.due for one in state.drawers.values() if one.due), default=None)


def _being_kicked(state: State, drawer: str) -> str:
    """Why it is kicked at this moment: a sensor may be faster than the answer to the kick."""
    kicks = (wish for wish in state.outbox.values() if wish.kind == "drawer")
    return next((str(wish.args["why"]) for wish in kicks if wish.args["drawer"] == drawer), "")


def _station(state: State, drawer: str) -> str:
    return str(state.config.get(f"drawer.{drawer}.station", DEFAULT_STATION))
