"""What a driver adds to its TSE: start and finish over the device's own time, the answer verified."""

import asyncio
import tempfile
import time
from pathlib import Path

from kassd.app.tse_family import build_tse
from kassd.app.tse_secrets import Sealed, make_secrets, store_sealed
from kassd.clock import Clock
from kassd.settings import Settings
from kassd.sim.tse.stand import KINDS, stand
from kassd.tse.log.messages import Operation
from kassd.tse.port import Signed, Tse, TseInfo
from kassd.tse.signatures import verify_answer
from tests.bench.figure import Figure, percentile, spread
from tests.tse import unnoted

LATENCY_S = 0.25
SALES = 12
CLIENT, TYPE, DATA = "KASSE-0007", "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


async def tse(sales: int = SALES) -> list[Figure]:
    """One figure for each family."""
    return [await _family(kind, sales) for kind in KINDS]


async def _family(kind: str, sales: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="kassd-bench-tse-") as place:
        folder = Path(place)
        with stand(kind, folder / "tse", LATENCY_S) as running:
            driver = await _ready(folder, dict(running.settings))
            try:
                own = await _sell(driver, sales)
            finally:
                await driver.close()
    value = round(percentile(own, 50) * 1000, 2)
    detail = {"own_ms": spread(own), "device_ms": LATENCY_S * 1000}
    return Figure(f"{kind}: start or finish beside the TSE's time, median", value, "ms", 5.0, detail=detail)


async def _ready(folder: Path, rows: dict[str, str | int]) -> Tse:
    """A set-up device and its driver as the daemon builds it."""
    settings = _settings(folder, rows)
    fresh = build_tse(settings, Clock())
    assert fresh is not None
    info = await fresh.open()
    await fresh.close()
    secrets = make_secrets(fresh.secrets_form)
    store_sealed(folder / "secrets", Sealed(info.serial_number, secrets))
    driver = build_tse(settings, Clock())
    assert driver is not None
    await driver.open()
    await driver.provision(secrets, CLIENT, unnoted)
    if (await driver.info()).self_test_due:
        await driver.self_test(CLIENT)
    await driver.set_time(Clock().wall_ns() // 1_000_000_000)
    return driver


def _settings(folder: Path, rows: dict[str, str | int]) -> Settings:
    return Settings.model_validate(
        {
            "register": {"id": CLIENT, "mode": "test"},
            "business": {
                "name": "B", "street": "S", "postal_code": "1", "city": "C", "tax_number": "1",
            },
            "journal": {"dir": str(folder / "journal")},
            "tse": {**rows, "secrets": str(folder / "secrets")},
        }
    )  # fmt: skip


async def _sell(driver: Tse, sales: int) -> list[float]:
    info, own = await driver.info(), list[float]()
    for count in range(sales + 1):
        began = time.perf_counter()
        started = await driver.start(CLIENT)
        await _verified(info, "start", "", b"", started)
        middle = time.perf_counter()
        signed = await driver.finish(started.transaction_number, CLIENT, TYPE, DATA)
        await _verified(info, "finish", TYPE, DATA, signed)
        end = time.perf_counter()
        if count:  # the first one warms up
            own += [middle - began - LATENCY_S, end - middle - LATENCY_S]
    return own


async def _verified(info: TseInfo, operation: Operation, type_: str, data: bytes, signed: Signed) -> None:
    good = await asyncio.to_thread(verify_answer, info, CLIENT, operation, type_, data, signed)
    assert good, f"{operation} is not verified"


__all__ = ["tse"]
