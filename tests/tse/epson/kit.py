"""A simulated Epson host, short ways to a driver on it, and what tests ask again and again."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kassd.sim.tse.core import Core
from kassd.sim.tse.epson import KINDS, EpsonSim
from kassd.sim.tse.epson_host import EpsonHost
from kassd.tse.epson import EpsonConfig, EpsonTse
from kassd.tse.port import ExportFilter, Secrets, Tse
from kassd.tse.soft import Model
from tests.tse import unnoted

SECRETS = Secrets("11111", "22222", "333333", "444444")
CLIENT, OTHER, NOW = "KASSE-0007", "KASSE-0008", 1_790_000_000
TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"
FAST = Model(curve="secp256r1")


@contextmanager
def simulated(
    folder: Path, *, host: EpsonHost | None = None, latency_s: float = 0.0, model: Model = FAST
) -> Iterator[EpsonSim]:
    """A host on a free port, on the device kept in ``folder``."""
    sim = EpsonSim(Core(folder, model, latency_s=latency_s, kinds=KINDS), host)
    sim.start()
    try:
        yield sim
    finally:
        sim.stop()


def config(sim: EpsonSim, **changes: object) -> EpsonConfig:
    settings: dict[str, object] = {"connect_s": 10.0, "answer_s": 10.0, "self_test_s": 10.0, **changes}
    return EpsonConfig("127.0.0.1", sim.port, **settings)  # type: ignore[arg-type]


def driver(sim: EpsonSim, secrets: Secrets | None = SECRETS, **changes: object) -> EpsonTse:
    return EpsonTse(config(sim, **changes), secrets)


@contextmanager
def hurried(tse: EpsonTse, answer_s: float = 0.5) -> Iterator[None]:
    """Short time-outs for an answer that does not come; for all others the machine may take its time."""
    patient = tse._config
    tse._config = tse._host.config = replace(
        patient, connect_s=answer_s, answer_s=answer_s, self_test_s=answer_s
    )
    try:
        yield
    finally:
        tse._config = tse._host.config = patient


async def bring_up(tse: Tse) -> None:
    """What the worker does after each opening."""
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(SECRETS, CLIENT, unnoted)
    info = await tse.info()
    if info.self_test_due:
        await tse.self_test(CLIENT)
    if not info.time_valid:
        await tse.set_time(NOW)


async def ready(sim: EpsonSim, **changes: object) -> EpsonTse:
    """A driver whose TSE can sign."""
    tse = driver(sim, **changes)
    await bring_up(tse)
    return tse


async def sale(tse: Tse, client: str = CLIENT) -> int:
    number = (await tse.start(client)).transaction_number
    await tse.finish(number, client, TYPE, DATA)
    return number


async def archive(tse: Tse, chosen: ExportFilter = ExportFilter()) -> bytes:
    return await collect(tse.export(chosen))


async def collect(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])
