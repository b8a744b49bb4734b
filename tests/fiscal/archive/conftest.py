"""A register that has traded for two days, with the TSE's archive and something kept, made once."""

import asyncio
import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kassd import settings
from kassd.app.boot import state_of
from kassd.core import facts as f
from kassd.core.state import State
from kassd.fiscal.archive import Keeper, Numbers, Place, copy_to
from kassd.journal import Entry, Journal
from kassd.journal.segments import strip_nul
from kassd.sim.trade import SHOPS, generate, write_setup

FIRST = date(2026, 11, 3)
NOW = datetime(2026, 11, 5, 20, 0, tzinfo=UTC)
SHOP = "boutique"
STAMP = ("2026-11-05T19:00:00.000000Z", 1, "0" * 16)


@dataclass(frozen=True)
class Register:
    """``folder``: its own; ``config``: its file."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "kassd.toml"

    @property
    def place(self) -> Place:
        return Place.beside(self.folder / "journal")

    @property
    def id(self) -> str:
        return settings.load(self.config).register.id

    def state(self, journal: Path | None = None) -> State:
        found = state_of(journal or self.place.journal, self.id)
        assert found is not None
        return found

    @property
    def numbers(self) -> Numbers:
        state = self.state()
        return Numbers(state.epoch, state.receipt, state.closing)

    def write(self, *facts: f.Fact) -> None:
        """Lines that the register writes."""
        asyncio.run(append(self.place.journal, self.id, facts))


async def append(directory: Path, origin: str, facts: tuple[f.Fact, ...]) -> None:
    journal, _ = await Journal.open(directory, origin, compact=False, now=lambda: STAMP)
    for fact in facts:
        await journal.append(Entry(*STAMP, [f.to_json(fact)], []))
    await journal.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "register"
    config = write_setup(SHOPS[SHOP], folder)
    flat = settings.flatten(settings.load(config))
    traded = generate(SHOPS[SHOP], folder, flat, FIRST, 2, 5, 0.05)
    text = config.read_text("utf-8").replace('dir = "journal"', f'dir = "{folder}/journal"')
    config.write_text(text.replace('path = "tse"', f'path = "{folder}/tse"'), "utf-8")
    register = Register(folder)
    bound = register.state().tse.bound
    assert bound is not None
    name = f"{bound.serial_number}/1-9999.tar"
    path = register.place.tars / name
    path.parent.mkdir(parents=True)
    traded.archives[0].rename(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    tar = f.TseArchived("1.0", bound.serial_number, 1, 9999, 1, digest, path.stat().st_size, name, 0)
    register.write(tar)
    export = folder / "dsfinvk-2026-11"
    export.mkdir()
    (export / "index.xml").write_text("<DataSet/>", "utf-8")
    (export / "lines.csv").write_bytes(b"Z_KASSE_ID;Z_NR\r\n")
    Keeper(register.place.kept, NOW).add(export, "export", 2026, "Anna")
    (register.place.journal / "next.seg").unlink(missing_ok=True)
    newest = sorted(register.place.journal.glob("*.jsonl"))[-1]
    newest.write_bytes(strip_nul(newest.read_bytes()))  # each test copies all of it
    return folder


@pytest.fixture(scope="session")
def stick(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it, to be copied before anything is done to it."""
    register, target = Register(made), tmp_path_factory.mktemp("stick")
    return copy_to(register.place, target, register.id, register.numbers, NOW, lambda name: None).root


@pytest.fixture
def register(made: Path, tmp_path: Path) -> Register:
    """A copy of it that a test may change."""
    folder = tmp_path / "register"
    shutil.copytree(made, folder)
    config = folder / "kassd.toml"
    config.write_text(config.read_text("utf-8").replace(str(made), str(folder)), "utf-8")
    return Register(folder)
