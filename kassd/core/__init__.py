"""The register's judgement: pure, without clock, file, network or task."""

from kassd.core.decide import decide, next_wake
from kassd.core.evolve import evolve
from kassd.core.state import State

__all__ = ["State", "decide", "evolve", "next_wake"]
