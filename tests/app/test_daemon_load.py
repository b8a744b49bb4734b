"""What is loaded beside the first business: GS1's table and the printers' encoders."""

import asyncio
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kassd.app import daemon as module
from kassd.app.daemon import Daemon
from kassd.app.seams import Seams
from kassd.core.status import DeviceStatus
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


async def test_a_printer_with_an_unknown_profile_is_a_fault_and_the_others_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemons: list[Daemon] = []
    init = Daemon.__init__

    def remembered(daemon: Daemon, *args: Any) -> None:
        init(daemon, *args)
        daemons.append(daemon)

    monkeypatch.setattr(Daemon, "__init__", remembered)
    printers = [("bon", "TM-T88X"), ("gut", "TM-T88V")]
    business = {"name": "B", "street": "S", "postal_code": "1", "city": "C", "tax_number": "1"}
    settings = Settings.model_validate(
        {
            "register": {"id": "KASSE-0007", "mode": "production"},
            "business": business,
            "journal": {"dir": str(tmp_path / "journal")},
            "printer": [
                {"name": name, "driver": "file", "path": str(tmp_path / name), "profile": profile}
                for name, profile in printers
            ],
        }
    )
    running = asyncio.create_task(module.run(settings, Seams()))

    def found() -> Mapping[str, DeviceStatus]:
        register = daemons[0].register if daemons else None
        return register.state.devices if register is not None else {}

    async with asyncio.timeout(20):
        while [device.state == "opening" for device in found().values()] != [False, False]:
            assert not running.done(), running.result()
            await asyncio.sleep(0.01)
    devices = found()
    assert (devices["bon"].state, devices["bon"].reason, devices["gut"].state) == (
        "error",
        "profile",
        "ready",
    )
    assert "'TM-T88X' kennt python-escpos nicht; ähnlich heißen TM-T88" in devices["bon"].message
    daemons[0].stop_asked.set()
    assert await running == 0
