"""A clock that tests move by hand, and short ways to a working device."""

from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

from kassd.clock import Clock
from kassd.tse.port import Secrets
from kassd.tse.soft import Model, SoftTse
from kassd.tse.soft.device import Device
from kassd.tse.soft.signer import Signer
from tests.tse import unnoted

SECRETS = Secrets("11111", "22222", "3333333333", "4444444444")
CLIENT = "KASSE-0007"
NOW = 1_790_000_000
FAST = Model(curve="secp256r1")


class Time:
    """Monotonic time in ns, moved by :meth:`pass_s`."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000

    def __call__(self) -> int:
        return self.ns

    def pass_s(self, seconds: float) -> None:
        self.ns += int(seconds * 1e9)


class FixedClock(Clock):
    """Wall time that stands still."""

    def __init__(self) -> None:
        super().__init__(UTC)

    def wall_ns(self) -> int:
        return NOW * 1_000_000_000


def power_up(folder: Path, time: Time | None = None, model: Model = FAST) -> Device:
    return Device(Signer(folder, model, NOW, time or Time()))


def active(folder: Path, time: Time | None = None, model: Model = FAST) -> Device:
    """A device that can sign transactions for CLIENT."""
    device = power_up(folder, time, model)
    device.set_secrets(SECRETS)
    device.authenticate("Admin", SECRETS.admin_pin)
    device.initialize()
    device.register_client(CLIENT)
    device.self_test()
    device.update_time(NOW + 10)
    device.log_out("Admin")
    return device


async def ready(folder: Path, **options: object) -> SoftTse:
    """A SoftTse without latency, provisioned and with its time set."""
    settings: dict[str, object] = {"model": FAST, "latency_s": 0.0, "secrets": SECRETS, **options}
    tse = SoftTse(folder, **settings)  # type: ignore[arg-type]
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(SECRETS, CLIENT, unnoted)
    await tse.self_test(CLIENT)
    await tse.set_time(NOW)
    return tse


async def collect(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
