"""TSEs that speak their vendors' wires: one device model (:mod:`kassd.tse.soft`) behind four front ends."""

from kassd.sim.tse.core import Core, Silence, Unplugged

__all__ = ["Core", "Silence", "Unplugged"]
