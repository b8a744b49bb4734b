"""A register's workshop with a TSE that is watched, and cut off where a test wants it."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kassd.app import commission
from kassd.app.commission import set_up
from kassd.app.tse_family import build_tse
from kassd.app.workshop import Workshop, workshop
from kassd.clock import Clock
from kassd.settings import Settings
from kassd.sim.world_journal import follow
from kassd.tse.port import Secrets, Tse, TseInfo
from kassd.tse.soft import SoftTse
from tests.tse.recording import settings_for

BY = "console:anna"


class Cut(BaseException):
    """The process ends here."""


class Bench:
    """A register in ``folder``; ``rows`` of ``[tse]``, else a soft TSE that is pulled and plugged by hand."""

    def __init__(self, folder: Path, rows: dict[str, str | int] | None = None) -> None:
        self.folder = folder
        self.stick = folder / "tse"
        soft: dict[str, str | int] = {
            "driver": "soft",
            "path": str(self.stick),
            "latency_ms": 0,
            "curve": "secp256r1",
        }
        self.settings: Settings = settings_for(folder, rows or soft)
        self.shown: list[Secrets] = []

    @property
    def secrets(self) -> Path:
        assert self.settings.tse is not None
        return self.settings.tse.secrets

    @asynccontextmanager
    async def shop(self) -> AsyncIterator[Workshop]:
        """One process of ``kassd tse``."""
        async with workshop(self.settings) as shop:
            yield shop

    async def set_up(self) -> TseInfo:
        async with self.shop() as shop:
            return await set_up(shop, BY, self.shown.append)

    def facts(self, kind: str = "") -> list[dict[str, Any]]:
        """Data of the facts on the disk, or all of them as kinds."""
        found = (fact for line in follow(self.settings.journal.dir) for fact in line.facts)
        return [fact["data"] for fact in found if fact["kind"] == kind]

    def kinds(self, *wanted: str) -> list[str]:
        """Kinds of the facts on the disk, in order."""
        facts = (fact["kind"] for line in follow(self.settings.journal.dir) for fact in line.facts)
        return [kind for kind in facts if kind in wanted]

    async def info(self) -> TseInfo:
        """What the soft TSE that is plugged in says."""
        tse = SoftTse(self.stick, latency_s=0)
        try:
            return await tse.open()
        finally:
            await tse.close()

    def pull(self, name: str) -> Path:
        """Pull the soft TSE; another one is factory-new."""
        away = self.folder / name
        self.stick.rename(away)
        return away

    def plug(self, name: str) -> None:
        shutil.rmtree(self.stick, ignore_errors=True)
        (self.folder / name).rename(self.stick)


class Watched:
    """A driver; ``before`` and ``after`` hear each call, ``step`` each note once it is journalled."""

    def __init__(self, inner: Tse, heard: Callable[[str], None]) -> None:
        self.inner, self.heard = inner, heard

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in ("disable", "provision", "self_test", "set_time"):
            return found

        async def call(*args: Any) -> Any:
            if name == "provision":
                secrets, client_id, note, taken = args

                async def noted(step: str) -> None:
                    self.heard(f"note {step}")
                    await note(step)
                    self.heard(f"noted {step}")

                args = (secrets, client_id, noted, taken)
            self.heard(f"before {name}")
            result = await found(*args)
            self.heard(f"after {name}")
            return result

        return call


def watch(patch: pytest.MonkeyPatch, heard: Callable[[str], None]) -> None:
    """Every driver of the commissioning is watched."""

    def build(settings: Settings, clock: Clock, *args: Any, **options: Any) -> Any:
        tse = build_tse(settings, clock, *args, **options)
        return None if tse is None else Watched(tse, heard)

    patch.setattr(commission, "build_tse", build)


def cut_at(patch: pytest.MonkeyPatch, moment: str | int) -> list[str]:
    """End the process at a moment, or at the n-th note; returns what was heard."""
    heard: list[str] = []

    def hear(what: str) -> None:
        heard.append(what)
        if what == moment or sum(one.startswith("noted") for one in heard) == moment:
            raise Cut

    watch(patch, hear)
    return heard
