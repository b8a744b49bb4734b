"""The cryptovision TSE: a mailbox in a file of a mounted volume."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.sim.tse.cryptovision import CryptovisionSim
from kassd.tse.cryptovision import CryptovisionConfig, CryptovisionTse
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault
from tests.contract.tse.rig import Rig

SECRETS = Secrets("11111111", "22222222", "3333333333", "4444444444")
LINKS = {
    "asleep": Fault("busy", ms=300, times=3),
    "token kept": Fault("token_kept", ms=30),
    "zero header": Fault("zero_header", ms=30),
    "short fragments": Fault("short_fragments"),
}


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """Time-outs are short: what is late in the field after 40 s is late here after two."""
    with CryptovisionSim(folder / "device", folder / "stick", latency_s=0.0) as sim:
        config = CryptovisionConfig(sim.volume.mountpoint, timeout_s=3.0, drain_s=2.0)
        yield Rig(
            lambda secrets: CryptovisionTse(config, secrets),
            SECRETS,
            sim.core.faults,
            sim.core.power_cycle,
            links=LINKS,
            lacks=frozenset({"self_test", "deregister"}),
            late_ms=4000,
        )
