"""The process' start comes before everything else: it counts the deadlines of the last process anew."""

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from kassd.app import daemon as module
from kassd.app.daemon import Daemon
from kassd.app.seams import Seams
from kassd.core.inputs import Input, Started, Tick
from kassd.core.state import State
from kassd.mqtt import Window, WindowConfig
from kassd.register import Register
from kassd.settings import Settings
from kassd.supervise import Supervisor


async def test_a_checkpoint_signed_during_the_start_is_decided_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[type[Input]] = []
    made: list[Daemon] = []
    started, post, init = module.started, Register.post, Daemon.__init__

    def while_a_checkpoint_is_signed(settings: Settings, state: State, build: str) -> Sequence[Input]:
        made[0].anchor()
        first = started(settings, state, build)
        made[0].anchor()
        return first

    def noted(register: Register, input: Input, *more: object) -> None:
        posted.append(type(input))
        post(register, input, *more)  # type: ignore[arg-type]
        made[0].stop_asked.set()

    def remembered(daemon: Daemon, *args: object) -> None:
        init(daemon, *args)  # type: ignore[arg-type]
        made.append(daemon)

    monkeypatch.setattr(module, "started", while_a_checkpoint_is_signed)
    monkeypatch.setattr(Register, "post", noted)
    monkeypatch.setattr(Daemon, "__init__", remembered)
    settings = Settings.model_validate(
        {
            "register": {"id": "KASSE-0007", "mode": "production"},
            "business": json.loads('{"name":"B","street":"S","postal_code":"1","city":"C","tax_number":"1"}'),
            "journal": {"dir": str(tmp_path / "journal")},
        }
    )
    assert await module.run(settings, Seams()) == 0
    assert posted[0] is Started
    assert made[0].dispatcher.anchor_due or Tick in posted


def _daemon() -> Daemon:
    """One that has begun nothing, so that its parts can be begun alone."""
    daemon = Daemon.__new__(Daemon)
    daemon.supervisor = Supervisor()
    daemon.window = Window(WindowConfig("demo.kasse"), "b" * 16, print)
    return daemon


async def _began(daemon: Daemon, before: Callable[[Window], None] = lambda _: None) -> bool:
    """Whether a part begins within 20 s, and not before ``before`` was called."""
    begun = asyncio.Event()

    async def part() -> None:
        begun.set()

    daemon.supervisor.start("parts", partial(daemon._begin, {"tse": part}))
    await asyncio.sleep(0.05)
    early = begun.is_set()
    if daemon.window is not None:
        before(daemon.window)
    async with asyncio.timeout(20):
        await begun.wait()
    await daemon.supervisor.stop()
    return not early


async def test_displays_come_before_the_parts_that_load_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DISPLAYS_FIRST_S", 60)
    assert await _began(_daemon(), lambda window: window.tried.set())


async def test_a_broker_that_does_not_answer_is_not_waited_for() -> None:
    await _began(_daemon())


async def test_a_register_without_displays_begins_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DISPLAYS_FIRST_S", 60)
    daemon = _daemon()
    daemon.window = None
    await _began(daemon)
