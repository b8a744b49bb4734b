"""The Epson host on TCP: brainpoolP384r1, as the element in it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.sim.tse.core import Core
from kassd.sim.tse.epson import KINDS, EpsonSim
from kassd.tse.epson import EpsonConfig, EpsonTse
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault, Model
from tests.contract.tse.rig import Rig

SECRETS = Secrets("11111", "22222", "333333", "444444")
LINKS = {
    "busy for three polls": Fault("busy", times=3),
    "device closed by someone": Fault("not_open", calls=("start",), times=1),
    "device in use": Fault("in_use", calls=("open_device",), times=1),
    "byte by byte": Fault("split", calls=("start", "finish", "open_transactions", "info")),
    "NUL in another packet": Fault("nul_apart", ms=2),
    "an old answer first": Fault("stale"),
    "logged out before a start": Fault("logged_out", calls=("start",), times=1),
    "logged out before a finish": Fault("logged_out", calls=("finish",), times=1),
    "export data not ready": Fault("retry", calls=("export",), times=3),
}


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """A host and the TSE in it."""
    core = Core(folder, Model(curve="brainpoolP384r1"), latency_s=0.0, kinds=KINDS)
    sim = EpsonSim(core)
    sim.start()

    def driver(secrets: Secrets) -> EpsonTse:
        config = EpsonConfig("127.0.0.1", sim.port, connect_s=5.0, answer_s=3.0, self_test_s=3.0)
        return EpsonTse(config, secrets)

    try:
        yield Rig(driver, SECRETS, core.faults, sim.power_cycle, LINKS, late_ms=4000)
    finally:
        sim.stop()
