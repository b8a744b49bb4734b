"""The soft TSE: no wire, so no bad links."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.tse.port import Secrets
from kassd.tse.soft import Faults, SoftTse
from tests.contract.tse.rig import Rig

SECRETS = Secrets("11111", "22222", "3333333333", "4444444444")


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """Closing the driver is the power cut."""
    faults = Faults(folder)

    def driver(secrets: Secrets) -> SoftTse:
        return SoftTse(folder, secrets=secrets, latency_s=0.0, wire_timeout_s=0.05, faults=faults)

    yield Rig(driver, SECRETS, faults, power_cycle=lambda: None)
