"""TSEs of every family, to be recorded. ``python -m tests.tse.recording`` makes the transcripts anew."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kassd import settings as configuration
from kassd.app.tse_family import build_tse
from kassd.app.tse_secrets import Sealed, store_sealed
from kassd.cli.tse_record import record
from kassd.clock import Clock
from kassd.settings import Settings
from kassd.sim.tse.stand import KINDS, stand
from kassd.sim.world_config import REGISTER, Stage
from kassd.tse.port import Secrets, Tse
from tests.tse import unnoted

TRANSCRIPTS = Path(__file__).parent / "transcripts"
DATA = b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


def settings_for(folder: Path, rows: dict[str, str | int]) -> Settings:
    """The configuration of a register with this ``[tse]``."""
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(
        folder=folder,
        mode="test",
        broker_port=0,
        printer_port=0,
        drawer=False,
        scanner=False,
        tse=True,
        tse_latency_ms=0,
        tse_settings=rows,
    )
    stage.catalog.write_text('{"articles": []}', encoding="utf-8")
    file = folder / "kassd.toml"
    file.write_text(stage.toml(), encoding="utf-8")
    return configuration.load(file, {})


def driver(settings: Settings, secrets: Secrets | None = None) -> Tse:
    """The driver that these settings ask for."""
    tse = build_tse(settings, Clock(), secrets, serial_number="")
    assert tse is not None
    return tse


def secrets_for(settings: Settings) -> Secrets:
    """PINs and PUKs that are easily found again."""
    form = driver(settings).secrets_form
    pin, puk = "8642097531", "9753108642"
    return Secrets(
        pin[: form.pin_digits],
        pin[::-1][: form.pin_digits],
        puk[: form.puk_digits],
        puk[::-1][: form.puk_digits],
    )


async def _used(settings: Settings) -> None:
    """Set it up, sign two processes and begin a third."""
    secrets = secrets_for(settings)
    tse = driver(settings, secrets)
    try:
        await tse.open()
        info = await tse.provision(secrets, REGISTER, unnoted)
        store_sealed(settings.tse.secrets, Sealed(info.serial_number, secrets))  # type: ignore[union-attr]
        if not tse.tests_itself:
            await tse.self_test(REGISTER)
        await tse.set_time(Clock().wall_ns() // 1_000_000_000)
        for _ in range(2):
            started = await tse.start(REGISTER)
            await tse.finish(started.transaction_number, REGISTER, "Kassenbeleg-V1", DATA)
        await tse.start(REGISTER)
    finally:
        await tse.close()


@contextmanager
def recorded(kind: str, folder: Path) -> Iterator[tuple[Settings, Path]]:
    """A simulated TSE that runs, a register's settings for it, and its transcript."""
    with stand(kind, folder / "tse", latency_s=0.0) as running:
        settings = settings_for(folder, running.settings)
        asyncio.run(_used(settings))
        out = folder / f"simulated-{kind}.jsonl"
        record(settings, out)
        yield settings, out


def main() -> None:
    for kind in (kind for kind in KINDS if kind != "diebold-tcp"):  # the same bytes as on the serial port
        with tempfile.TemporaryDirectory() as folder, recorded(kind, Path(folder)) as (_, out):
            (TRANSCRIPTS / out.name).write_bytes(out.read_bytes())
            print(out.name, out.stat().st_size)


if __name__ == "__main__":
    sys.exit(main())
