"""A simulated stick and drivers for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kassd.sim.tse.diebold_wire import DieboldSerialSim, DieboldSim, DieboldTcpSim
from kassd.tse.diebold import DieboldConfig, DieboldTse
from kassd.tse.port import ExportFilter, Secrets, Tse
from kassd.tse.soft import Fault, Model
from tests.tse import unnoted

SECRETS = Secrets("11111", "22222", "333333", "444444")
CLIENT, NOW = "KASSE-0007", 1_790_000_000
FAST = Model(curve="secp256r1")


def config(sim: DieboldSim) -> DieboldConfig:
    quick = {"answer_s": 1.5, "status_s": 0.6, "buffer_s": 8.0}
    if isinstance(sim, DieboldTcpSim):
        return DieboldConfig(host="127.0.0.1", tcp_port=sim.tcp_port, **quick)
    assert isinstance(sim, DieboldSerialSim)
    return DieboldConfig(port=str(sim.port), **quick)


async def bring_up(tse: Tse) -> None:
    """What the worker does after each open."""
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(SECRETS, CLIENT, unnoted)
    info = await tse.info()
    if info.self_test_due:
        await tse.self_test(CLIENT)
    if not info.time_valid:
        await tse.set_time(NOW)


@asynccontextmanager
async def working(
    folder: Path, kind: type[DieboldSim] = DieboldTcpSim
) -> AsyncIterator[tuple[DieboldSim, DieboldTse]]:
    """A TSE that signs."""
    sim = kind(folder, FAST, latency_s=0.0)
    with sim:
        tse = DieboldTse(config(sim), SECRETS)
        await bring_up(tse)
        try:
            yield sim, tse
        finally:
            await tse.close()


async def collect(tse: Tse, chosen: ExportFilter = ExportFilter()) -> bytes:
    return b"".join([chunk async for chunk in tse.export(chosen)])


def once(kind: str, *commands: str, skip: int = 0) -> Fault:
    return Fault(kind, calls=commands, times=1, skip=skip)
