"""The documents of a bakery with two days of trade, made once; and journals written fact by fact."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kassd import settings
from kassd.app.boot import in_force
from kassd.core import facts as f
from kassd.core.state import State
from kassd.core.vat import rates_on
from kassd.fiscal.documents import DOCUMENTS, Composed, Record, compose, read_record
from kassd.journal import Entry, Journal
from kassd.sim.trade import SHOPS, generate, write_setup

STAMP = ("2026-11-05T19:00:00.000000Z", 1, "0" * 16)
BUSINESS = {
    "register.id": "KASSE-7",
    "register.mode": "production",
    "business.name": "Backhaus Muster",
    "business.street": "Marktplatz 1",
    "business.postal_code": "01067",
    "business.city": "Dresden",
    "business.tax_number": "203/123/12345",
    "business.timezone": "Europe/Berlin",
}
Written = Callable[..., dict[str, str]]


@dataclass(frozen=True)
class Shop:
    """``config``: its file, which names ``journal`` whole."""

    config: Path
    state: State
    record: Record
    documents: dict[str, Composed]

    @property
    def texts(self) -> dict[str, str]:
        return {name: composed.markdown for name, composed in self.documents.items()}


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("documents") / "bakery"
    config = write_setup(SHOPS["bakery"], folder)
    flat = settings.flatten(settings.load(config))
    generate(SHOPS["bakery"], folder, flat, date(2026, 3, 2), 2, 5, 0.03)
    config.write_text(
        config.read_text("utf-8").replace('dir = "journal"', f'dir = "{folder}/journal"'), "utf-8"
    )
    state = in_force(settings.load(config))
    assert state is not None
    record = read_record(folder / "journal")
    return Shop(config, state, record, {name: compose(name, state, record) for name in DOCUMENTS})


async def _write(folder: Path, lines: Iterable[list[f.Fact]]) -> None:
    journal, _ = await Journal.open(folder, "KASSE-7", compact=False, now=lambda: STAMP)
    for facts in lines:
        await journal.append(Entry(*STAMP, [f.to_json(fact) for fact in facts], []))
    await journal.close()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Texts of a register in production with this configuration and these journal lines."""

    def write(config: dict[str, Any] | None = None, *lines: list[f.Fact], **changes: Any) -> dict[str, str]:
        record = Record()
        if lines:
            asyncio.run(_write(tmp_path / "journal", lines))
            record = read_record(tmp_path / "journal")
        state = State(config={**BUSINESS, **(config or {})}, rates=rates_on("2026-11-05"))
        state = replace(state, **changes)
        return {name: compose(name, state, record).markdown for name in DOCUMENTS}

    return write
