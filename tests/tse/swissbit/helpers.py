"""A simulated stick and short ways to a working driver."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kassd.sim.tse.swissbit import SwissbitSim
from kassd.tse.port import ExportFilter, Secrets
from kassd.tse.swissbit import SwissbitConfig, SwissbitTse
from tests.tse import unnoted

SECRETS = Secrets("13579", "24680", "975310", "975310")
CLIENT, OTHER, NOW = "KASSE-0007", "KASSE-0008", 1_790_000_000
TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"

DRIVERS: list[SwissbitTse] = []


@contextmanager
def plugged(folder: Path, **options: Any) -> Iterator[SwissbitSim]:
    with SwissbitSim(folder / "device", folder / "stick", **{"latency_s": 0.0, **options}) as sim:
        try:
            yield sim
        finally:
            while DRIVERS:  # open files would keep the mount
                DRIVERS.pop()._session.close()


def driver(sim: SwissbitSim, secrets: Secrets | None = SECRETS, **options: Any) -> SwissbitTse:
    DRIVERS.append(SwissbitTse(SwissbitConfig(sim.mountpoint, **{"timeout_s": 10.0, **options}), secrets))
    return DRIVERS[-1]


@contextmanager
def hurried(tse: SwissbitTse, timeout_s: float) -> Iterator[None]:
    """Short time-outs for an answer that does not come; for all others the machine may take its time."""
    session, patient = tse._session, tse._session.config
    session.config = replace(patient, timeout_s=timeout_s, self_test_s=timeout_s)
    try:
        yield
    finally:
        session.config = patient


async def bring_up(tse: SwissbitTse) -> None:
    """What the worker does after each open."""
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(SECRETS, CLIENT, unnoted)
    info = await tse.info()
    if info.self_test_due:
        await tse.self_test(CLIENT)
    if not info.time_valid:
        await tse.set_time(NOW)


async def sale(tse: SwissbitTse, data: bytes = DATA) -> int:
    number = (await tse.start(CLIENT)).transaction_number
    await tse.finish(number, CLIENT, TYPE, data)
    return number


async def archive(tse: SwissbitTse, chosen: ExportFilter = ExportFilter()) -> bytes:
    chunks: AsyncIterator[bytes] = tse.export(chosen)
    return b"".join([chunk async for chunk in chunks])
