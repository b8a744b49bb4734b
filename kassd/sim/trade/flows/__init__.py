"""What people do at a register and what happens to it: name → flow."""

from collections.abc import Callable, Mapping

from kassd.sim.trade.acts import Flow
from kassd.sim.trade.flows import cards, cash, corrections, counter, money, tables, troubles
from kassd.sim.trade.scene import Scene

ROOMS = (counter, money, cards, corrections, cash, tables, troubles)
FLOWS: Mapping[str, Callable[[Scene], Flow]] = {
    name: flow for room in ROOMS for name, flow in room.FLOWS.items()
}

__all__ = ["FLOWS"]
