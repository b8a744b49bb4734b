"""The Swissbit driver on a mounted volume."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.clock import Clock
from kassd.sim.tse.swissbit import SwissbitSim
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault
from kassd.tse.swissbit import SwissbitConfig, SwissbitTse
from tests.contract.tse.rig import Rig

SECRETS = Secrets("13579", "24680", "975310", "975310")
LINKS = {
    "busy for a while after it is done": Fault("busy", ms=100),
    "the old answer before it looks busy": Fault("stale", ms=100),
    "zeros before it looks busy": Fault("zero", ms=100),
    "results to be fetched": Fault("fetch"),
    "data not yet seen": Fault("not_enough", calls=("start", "finish"), times=2),
    "late answers": Fault("late", ms=60),
}


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """The mailbox has no command for deleting, disabling and the last result."""
    with SwissbitSim(folder / "device", folder / "stick", latency_s=0.0, clock=Clock()) as sim:
        config = SwissbitConfig(sim.mountpoint, timeout_s=3.0)
        yield Rig(
            lambda secrets: SwissbitTse(config, secrets),
            SECRETS,
            sim.core.faults,
            sim.power_cycle,
            LINKS,
            frozenset({"last_result", "delete_exported", "disable"}),
            late_ms=4000,
        )
