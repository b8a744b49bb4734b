"""Diebold Nixdorf's Connect Box behind TCP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd.sim.tse.diebold_wire import DieboldTcpSim
from kassd.tse.diebold import DieboldConfig
from tests.contract.tse.rig import Rig
from tests.contract.tse.rig_diebold_serial import QUICK, rig_of


@contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """A box in ``folder``."""
    sim = DieboldTcpSim(folder, latency_s=0.0)
    with sim:
        yield rig_of(sim, DieboldConfig(host="127.0.0.1", tcp_port=sim.tcp_port, **QUICK))
