"""What a family of TSEs brings to the contract: its driver, its simulator on the real wire, its bad links.

Each ``rig_<family>.py`` beside this file has ``rig(folder) -> AbstractContextManager[Rig]``: a factory-new
device that keeps its state in ``folder``; entered again on the same folder it is the same device.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kassd.tse.port import Secrets, Tse
from kassd.tse.soft import Fault, Faults


@dataclass(frozen=True)
class Rig:
    """``driver_with`` builds a driver that believes these secrets; one is open at a time.

    ``faults`` disturbs the device, named by the port's calls. ``links``: disturbances of the wire, each of
    which a call must survive without help, by name. ``power_cycle`` takes the device's power for a moment.
    ``lacks``: port calls that the wire has no command for. ``late_ms``: longer than the wire's time-out.
    """

    driver_with: Callable[[Secrets], Tse]
    secrets: Secrets
    faults: Faults
    power_cycle: Callable[[], None]
    links: dict[str, Fault] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    late_ms: int = 500

    def driver(self) -> Tse:
        """A driver that knows the right secrets."""
        return self.driver_with(self.secrets)
