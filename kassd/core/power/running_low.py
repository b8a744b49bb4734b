"""What follows from the power supply: no new sales on an all but empty battery, and an end in good order."""

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected
from kassd.core.inputs import PowerRead
from kassd.core.power.state import CONFIRM_NS, SCARCE, grace_ns
from kassd.core.state import State

BEGUN = ("sale", "order")  # what a customer wants anew; cash and closings are ended business


def on_power(d: Draft, read: PowerRead) -> None:
    """The source tells; a line is written where a level begins."""
    power = d.state.power
    if read.level is not None and read.level != power.level:
        d.fact(f.PowerChanged(d.at, read.level, read.percent, read.minutes))
    elif read.level is not None and (read.percent, read.minutes) != (power.percent, power.minutes):
        d.fact(f.PowerSeen(read.percent, read.minutes))
    if read.weak is not None and read.weak != bool(power.weak):
        d.fact(f.PowerWeak(d.at, read.weak))


def require_power(d: Draft) -> None:
    """After a command or scan has been decided: :class:`Rejected` (``battery_low``) where it began a sale
    that the battery might not see the end of."""
    if d.state.power.level not in SCARCE:
        return
    if any(isinstance(fact, f.SaleOpened) and fact.kind_of in BEGUN for fact in d.facts):
        raise Rejected("battery_low")


def watch_power(d: Draft) -> None:
    """Decide the end, once: when nothing is being sold, or no longer to be waited for."""
    power = d.state.power
    if not power.critical or power.ending or d.stamp.mono < power.critical + CONFIRM_NS:
        return
    if not d.state.sales or d.stamp.mono >= power.critical + grace_ns(d.state.config):
        d.fact(f.PowerEnding(d.at, power.percent, len(d.state.sales)))


def next_end(state: State) -> int | None:
    """Monotonic ns at which it is to be looked whether the register ends."""
    power = state.power
    if not power.critical or power.ending:
        return None
    wait = max(CONFIRM_NS, grace_ns(state.config)) if state.sales else CONFIRM_NS
    return power.critical + wait
