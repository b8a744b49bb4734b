"""What is loaded beside the first business: GS1's table and the printers' encoders."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from kassd.app import daemon as module
from kassd.app.daemon import Daemon
from kassd.app.seams import Seams
from kassd.errors import KassdError
from kassd.settings import Settings


@pytest.mark.parametrize("readable", [True, False])
async def test_the_table_of_gs1_is_read_before_a_code_needs_it(
    readable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.get_running_loop()
    daemons: list[Daemon] = []
    done: list[str] = []
    init = Daemon.__init__

    def read() -> None:
        done.append("table")
        if not readable:
            raise KassdError("biip fehlt")

    def settled() -> None:
        done.append("settled")
        loop.call_soon(daemons[0].stop_asked.set)

    def remembered(daemon: Daemon, *args: Any) -> None:
        init(daemon, *args)
        daemons.append(daemon)

    monkeypatch.setattr(module, "identifiers", read)
    monkeypatch.setattr(module.memory, "settle", settled)
    monkeypatch.setattr(Daemon, "__init__", remembered)
    settings = Settings.model_validate(
        {
            "register": {"id": "KASSE-0007", "mode": "production"},
            "business": json.loads('{"name":"B","street":"S","postal_code":"1","city":"C","tax_number":"1"}'),
            "journal": {"dir": str(tmp_path / "journal")},
        }
    )
    with caplog.at_level(logging.ERROR):
        assert await module.run(settings, Seams()) == 0
    assert done == ["table", "settled"]
    assert [record.message for record in caplog.records] == ([] if readable else ["biip fehlt"])
