"""A TSE of Diebold Nixdorf behind the vendor's web service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.sim.tse.diebold_service import DieboldServiceSim
from kassd.tse.diebold import DieboldConfig, DieboldServiceTse
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault
from tests.contract.tse.rig import Rig
from tests.contract.tse.rig_diebold_serial import LATE_MS, QUICK, SECRETS

LINKS = {kind: Fault(kind) for kind in ("stale", "noise")}
LACKS = frozenset({"last_result", "disable"})


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """A service with its TSE in ``folder``."""
    with DieboldServiceSim(folder, latency_s=0.0) as sim:
        config = DieboldConfig(service=sim.address, **QUICK)

        def driver(secrets: Secrets) -> DieboldServiceTse:
            return DieboldServiceTse(config, secrets)

        yield Rig(driver, SECRETS, sim.core.faults, sim.power_cycle, LINKS, LACKS, LATE_MS)
