"""Any of the simulated TSEs under one roof: for ``kassd sim tse``, the rehearsals and the measurements."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kassd.sim.tse.core import Core

Settings = dict[str, str | int]


@dataclass(frozen=True)
class Stand:
    """A running simulator. ``settings``: the rows of ``[tse]`` by which a register finds it."""

    core: Core
    settings: Settings
    power_cycle: Callable[[], None]


@contextmanager
def _cryptovision(folder: Path, latency_s: float, tcp_port: int) -> Iterator[Stand]:
    from kassd.sim.tse.cryptovision import CryptovisionSim

    with CryptovisionSim(folder / "device", folder / "volume", latency_s=latency_s) as sim:
        settings: Settings = {"driver": "cryptovision", "path": str(sim.volume.mountpoint)}
        yield Stand(sim.core, settings, sim.core.power_cycle)


@contextmanager
def _swissbit(folder: Path, latency_s: float, tcp_port: int) -> Iterator[Stand]:
    from kassd.sim.tse.swissbit import SwissbitSim

    with SwissbitSim(folder / "device", folder / "volume", latency_s=latency_s) as sim:
        yield Stand(sim.core, {"driver": "swissbit", "path": str(sim.mountpoint)}, sim.power_cycle)


@contextmanager
def _diebold_serial(folder: Path, latency_s: float, tcp_port: int) -> Iterator[Stand]:
    from kassd.sim.tse.diebold_wire import DieboldSerialSim

    sim = DieboldSerialSim(folder, latency_s=latency_s)
    with sim:
        yield Stand(sim.core, {"driver": "diebold", "port": str(sim.port)}, sim.power_cycle)


@contextmanager
def _diebold_tcp(folder: Path, latency_s: float, tcp_port: int) -> Iterator[Stand]:
    from kassd.sim.tse.diebold_wire import DieboldTcpSim

    sim = DieboldTcpSim(folder, latency_s=latency_s)
    sim.tcp_port = tcp_port
    with sim:
        settings: Settings = {"driver": "diebold", "host": "127.0.0.1", "tcp_port": sim.tcp_port}
        yield Stand(sim.core, settings, sim.power_cycle)


@contextmanager
def _diebold_service(folder: Path, latency_s: float, tcp_port: int) -> Iterator[Stand]:
    from kassd.sim.tse.diebold_service import DieboldServiceSim

    sim = DieboldServiceSim(folder, latency_s=latency_s)
    sim.port = tcp_port
    with sim:
        yield Stand(sim.core, {"driver": "diebold", "service": sim.address}, sim.power_cycle)


@contextmanager
def _epson(folder: Path, latency_s: float, tcp_port: int) -> Iterator[Stand]:
    from kassd.sim.tse.epson import KINDS as EPSON_KINDS
    from kassd.sim.tse.epson import EpsonSim

    core = Core(folder, latency_s=latency_s, kinds=EPSON_KINDS)
    sim = EpsonSim(core)
    sim.start(port=tcp_port)
    try:
        settings: Settings = {"driver": "epson", "host": "127.0.0.1", "tcp_port": sim.port}
        yield Stand(core, settings, sim.power_cycle)
    finally:
        sim.stop()


KINDS: dict[str, Callable[[Path, float, int], AbstractContextManager[Stand]]] = {
    "cryptovision": _cryptovision,
    "swissbit": _swissbit,
    "diebold-serial": _diebold_serial,
    "diebold-tcp": _diebold_tcp,
    "diebold-service": _diebold_service,
    "epson": _epson,
}


def stand(
    kind: str, folder: Path, latency_s: float = 0.25, tcp_port: int = 0
) -> AbstractContextManager[Stand]:
    """Run the simulator ``kind`` of :data:`KINDS` with its memory in ``folder``, until the end of ``with``.

    ``tcp_port``: for those that listen; 0 takes a free one.
    """
    return KINDS[kind](folder, latency_s, tcp_port)
