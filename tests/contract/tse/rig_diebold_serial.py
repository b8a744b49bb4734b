"""Diebold Nixdorf's USB stick on a pty."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.sim.tse.diebold_wire import DieboldSerialSim, DieboldSim
from kassd.tse.diebold import DieboldConfig, DieboldTse
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault
from tests.contract.tse.rig import Rig

SECRETS = Secrets("11111", "22222", "333333", "444444")
LINKS = {kind: Fault(kind) for kind in ("asb", "noise", "stale", "split")}
QUICK = {"answer_s": 2.0, "status_s": 0.6, "buffer_s": 8.0}
LATE_MS = 4000


def rig_of(sim: DieboldSim, config: DieboldConfig) -> Rig:
    """The rig of a running simulator."""

    def driver(secrets: Secrets) -> DieboldTse:
        return DieboldTse(config, secrets)

    return Rig(driver, SECRETS, sim.core.faults, sim.power_cycle, LINKS, late_ms=LATE_MS)


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """A stick in ``folder``."""
    sim = DieboldSerialSim(folder, latency_s=0.0)
    with sim:
        yield rig_of(sim, DieboldConfig(port=str(sim.port), **QUICK))
