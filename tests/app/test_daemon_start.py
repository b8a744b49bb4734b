"""The process' start comes before everything else: it counts the deadlines of the last process anew."""

import json
from pathlib import Path

import pytest

from kassd.app import daemon as module
from kassd.app.daemon import Daemon
from kassd.app.seams import Seams
from kassd.core.inputs import Input, Started, Tick
from kassd.core.state import State
from kassd.register import Register
from kassd.settings import Settings


async def test_a_checkpoint_signed_during_the_start_is_decided_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[type[Input]] = []
    made: list[Daemon] = []
    started, post, init = module.started, Register.post, Daemon.__init__

    async def while_a_checkpoint_is_signed(settings: Settings, state: State) -> Started:
        made[0].anchor()
        first = await started(settings, state)
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
