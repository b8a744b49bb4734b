"""How often a drawer's solenoid may be under power."""

from collections.abc import Callable

from kassd.clock import Clock

DUTY_MAX = 0.2  # ON / (ON + OFF) of DK sockets and drawer solenoids
NS_PER_MS = 1_000_000


class Duty:
    """Keeps one output at or below :data:`DUTY_MAX`, over each pulse and the pause after it."""

    def __init__(self, mono_ns: Callable[[], int] = Clock.mono) -> None:
        self._mono_ns = mono_ns
        self._free_at = 0

    @property
    def resting(self) -> bool:
        """Whether the next pulse would come too soon."""
        return self._mono_ns() < self._free_at

    def pulse(self, on_ms: int, off_ms: int = 0) -> None:
        """A pulse of ``on_ms`` begins now; what gives it does nothing else for ``off_ms`` afterwards."""
        rest_ms = max(on_ms / DUTY_MAX, on_ms + off_ms)
        self._free_at = self._mono_ns() + round(rest_ms * NS_PER_MS)
