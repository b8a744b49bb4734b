"""What a measurement gives: a value beside its target."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. Met when ``value <= target`` (``at_least``: ``>=``). ``detail`` says what it was
    made from, JSON-able."""

    name: str
    value: float
    unit: str
    target: float
    at_least: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "target": f"{'>=' if self.at_least else '<='} {self.target:g}",
            "met": self.met,
            "detail": dict(self.detail),
        }


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile: a value that was measured, never one between two."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def spread(values: Sequence[float], scale: float = 1000.0, digits: int = 2) -> dict[str, float]:
    """Minimum, median, p99, maximum and count; ``scale`` 1000 makes milliseconds of seconds."""
    return {
        "min": round(min(values) * scale, digits),
        "median": round(percentile(values, 50) * scale, digits),
        "p99": round(percentile(values, 99) * scale, digits),
        "max": round(max(values) * scale, digits),
        "count": len(values),
    }
