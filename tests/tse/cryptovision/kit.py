"""What the tests of the cryptovision family share."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from kassd.sim.tse.cryptovision import MAGIC, CryptovisionSim
from kassd.tse.cryptovision import CryptovisionConfig, CryptovisionTse
from kassd.tse.port import ExportFilter, Secrets
from tests.tse import unnoted

SECRETS = Secrets("11111111", "22222222", "3333333333", "4444444444")
CLIENT, OTHER, NOW = "KASSE-0007", "KASSE-0008", 1_790_000_000
TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


def simulator(folder: Path, hardware: Literal[1, 2] = 2, bugs: bool = True) -> CryptovisionSim:
    """A device without latency, not mounted yet."""
    return CryptovisionSim(folder / "device", folder / "stick", hardware=hardware, bugs=bugs, latency_s=0.0)


def driver(
    sim: CryptovisionSim, secrets: Secrets = SECRETS, timeout_s: float = 10.0, drain_s: float = 0.5
) -> CryptovisionTse:
    """A driver with time-outs that tests can wait for."""
    return CryptovisionTse(CryptovisionConfig(sim.volume.mountpoint, timeout_s, drain_s), secrets)


async def bring_up(tse: CryptovisionTse) -> CryptovisionTse:
    """Open, set up if it is new, set the time."""
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(SECRETS, CLIENT, unnoted)
    await tse.set_time(NOW)
    return tse


@asynccontextmanager
async def ready(sim: CryptovisionSim) -> AsyncIterator[CryptovisionTse]:
    """A driver of a device that is ready to sell."""
    tse = await bring_up(driver(sim))
    yield tse
    await tse.close()


async def sale(tse: CryptovisionTse, client: str = CLIENT) -> int:
    """Start and finish; the number."""
    number = (await tse.start(client)).transaction_number
    await tse.finish(number, client, TYPE, DATA)
    return number


async def archive(tse: CryptovisionTse, chosen: ExportFilter = ExportFilter()) -> bytes:
    """A whole export."""
    return b"".join([chunk async for chunk in tse.export(chosen)])


def sent(sim: CryptovisionSim, code: int) -> int:
    """How often a command was sent to the device."""
    head = b"\x5c\x54" + code.to_bytes(2, "big")
    return sum(command.startswith(head) for command in sim.mailbox.log)


def written(command: str, mode: int = 0) -> bytes:
    """A command frame, built from the description of the wire."""
    data = bytes.fromhex(command)
    head = MAGIC + bytes.fromhex("deadbeef") + len(data).to_bytes(2, "big") + mode.to_bytes(2, "big")
    return (head + data).ljust(512, b"\0")


def read(length: int, data: bytes = b"") -> bytes:
    """A mailbox with an answer, the host's token replaced."""
    return (MAGIC + bytes(4) + length.to_bytes(2, "big") + data).ljust(8192, b"\0")


def answered(data: str) -> bytes:
    """A mailbox with these bytes as the whole answer."""
    return read(len(bytes.fromhex(data)), bytes.fromhex(data))


class Transcript:
    """A ``TSE-IO.bin`` that plays ``("write"|"read", bytes)``; anything else fails the call and is told.
    After the last step the device says nothing more."""

    def __init__(self, steps: list[tuple[str, bytes]]) -> None:
        self.steps = list(steps)
        self.problems: list[str] = []

    def size(self) -> int:
        """Length of the file."""
        return 8192

    def _next(self, kind: str) -> bytes:
        if not self.steps or self.steps[0][0] != kind:
            self.problems.append(f"unexpected {kind}, {len(self.steps)} steps left")
            raise OSError(5, "not in the transcript")
        return self.steps.pop(0)[1]

    def read(self, size: int, offset: int) -> bytes:
        """The next recorded read."""
        if not self.steps:
            return bytes(size)
        return self._next("read")[offset : offset + size]

    def write(self, data: bytes, offset: int) -> int:
        """The next recorded write, after the zeros of an opening."""
        if any(data) and data != (wanted := self._next("write")):
            self.problems.append(f"wrote {data.rstrip(bytes(1)).hex()} not {wanted.rstrip(bytes(1)).hex()}")
        return len(data)


Play = Callable[[list[tuple[str, bytes]]], tuple[Path, Transcript]]
