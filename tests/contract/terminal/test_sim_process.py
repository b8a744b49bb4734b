"""``kassd sim terminal`` as a process of its own: it says where it is, takes a payment, ends when told."""

import asyncio
import signal
import sys
from pathlib import Path

from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.link import SerialLink
from kassd.devices.terminal.zvt.messages import EURO, Authorisation
from kassd.devices.terminal.zvt.session import Session
from kassd.devices.terminal.zvt.wire import connect_serial
from tests.tse import heeds_interrupts

INTERRUPTED = 130


async def test_a_payment_at_a_terminal_in_another_process(tmp_path: Path) -> None:
    port = tmp_path / "terminal"
    command = ["-m", "kassd", "sim", "terminal", "--link", str(port), "--delay", "0", "--card", "visa"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, preexec_fn=heeds_interrupts
    )
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode().split()
    assert said[:3] == ["terminal", str(port), "control"]
    session = Session(SerialLink(connect_serial(str(port))))
    heard = []

    async def hear(apdu: Apdu) -> Apdu | None:
        heard.append(apdu.name)
        return None

    ended = await session.run(Authorisation(2040, EURO).to_apdu(), hear)
    session.close()
    process.send_signal(signal.SIGINT)
    assert await process.wait() == INTERRUPTED
    assert (ended.name, heard[0]) == ("06 0F", "04 0F")
    assert not port.exists()
