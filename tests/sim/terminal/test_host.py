"""The simulated terminal as a program: where it listens, and what its control lines change."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from kassd.cli.main import main
from kassd.devices.terminal.zvt.link import TcpLink
from kassd.devices.terminal.zvt.messages import EURO, Authorisation
from kassd.devices.terminal.zvt.session import Session
from kassd.devices.terminal.zvt.wire import connect_tcp
from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.host import run_terminal_sim


async def order(port: int, line: str) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(line.encode() + b"\n")
    reply = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    assert isinstance(reply, dict)
    return reply


async def test_it_says_where_it_listens_and_takes_orders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = asyncio.create_task(run_terminal_sim(Behaviour(), folder=tmp_path / "new", port=0))
    said = ""
    while "control" not in said:
        await asyncio.sleep(0.01)
        said += capsys.readouterr().out
    words = said.split()
    port, control = int(words[1].rpartition(":")[2]), int(words[3].rpartition(":")[2])
    assert (await order(control, "{}"))["charged"] == 0
    assert (await order(control, '{"result": 5}'))["ok"]
    session = Session(TcpLink(await connect_tcp("127.0.0.1", port)))

    async def hear(_: object) -> None:
        return None

    pay = Authorisation(700, EURO).to_apdu()
    assert (await session.run(pay, hear)).data == b"\x05"
    await order(control, '{"result": 0}')
    assert (await session.run(pay, hear)).name == "06 0F"
    told = await order(control, "{}")
    assert (told["charged"], told["payments"]) == (700, [["payment", 1, 700, "stored"]])
    assert told["heard"] == ["06 01", "06 01"]
    assert (tmp_path / "new" / "terminal.json").exists()
    for line in ("[]", "no json", '{"card": "gold"}', '{"result": "a"}', '{"status": "51"}', '{"self": 1}'):
        reply = await order(control, line)
        assert (reply["ok"], bool(reply["error"])) == (False, True)
    session.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--fault", "fire@1", "fire@1: faults: expected one of"),
        ("--fault", "cut-before@0", "cut-before@0: faults: message: expected a whole number from 1"),
        ("--delay", "-1", "delay_s: expected seconds from 0"),
        ("--limit", "-1", "limit: expected a whole number from 0"),
        ("--tip", "-5", "tip: expected a whole number from 0"),
    ],
)
def test_what_means_nothing_on_the_command_line_is_told(
    option: str, value: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", "terminal", "--port", "0", f"{option}={value}"]) == 64
    assert told in capsys.readouterr().err


def test_a_result_that_is_no_byte_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sim", "terminal", "--result", "XY"])
    assert "zwei Hexziffern" in capsys.readouterr().err
