import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kassd.sim.printer import PrinterSim

SLIP = b"\x1b@Brot\n\x1dV\x00"


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[PrinterSim]:
    sim = PrinterSim(tmp_path)
    await sim.start()
    yield sim
    await sim.stop()


class Host:
    """A till's end of the wire."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, change: dict[str, Any]) -> dict[str, Any]:
        self.writer.write(json.dumps(change).encode() + b"\n")
        reply: dict[str, Any] = json.loads(await self.reader.readline())
        return reply

    async def lost(self) -> bool:
        """Whether the line ends instead of bringing a byte."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


async def connect(port: int) -> Host:
    return Host(*await asyncio.open_connection("127.0.0.1", port))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # the simulator has no event for every byte
            await asyncio.sleep(0.005)


async def test_a_slip_over_tcp(sim: PrinterSim, tmp_path: Path) -> None:
    host = await connect(sim.port)
    host.writer.write(SLIP + b"\x1dr\x01")
    assert await host.reader.readexactly(1) == b"\x00"
    assert [slip.text for slip in sim.slips] == [("Brot",)]
    assert (tmp_path / "001.json").exists()
    assert sim.errors == []
    await host.close()


async def test_control_from_another_process(sim: PrinterSim) -> None:
    host, console = await connect(sim.port), await connect(sim.control_port)
    host.writer.write(b"\x1da\xff")
    assert await host.reader.readexactly(4) == b"\x10\x00\x00\x00"
    reply = await console.ask({"paper": "out"})
    assert (reply["ok"], reply["paper"]) == (True, "out")
    assert await host.reader.readexactly(4) == b"\x18\x00\x0f\x00"
    await console.ask({"paper": "ok", "cover": "open"})
    assert await host.reader.readexactly(4) == b"\x38\x00\x00\x00"
    await console.ask({"cover": "closed", "drawer": "open"})
    assert await host.reader.readexactly(4) == b"\x14\x00\x00\x00"
    status = await console.ask({"status": True})
    assert (status["cover"], status["drawer"], status["slips"], status["kicks"]) == ("closed", "open", 0, 0)
    await host.close()
    await console.close()


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[]",
        b'{"paper": "gone"}',
        b'{"fire": true}',
        b'{"after_bytes": -1}',
        b'{"paper": ["out"]}',
        b"\xff",
    ],
)
async def test_a_bad_control_line_changes_nothing(sim: PrinterSim, line: bytes) -> None:
    console = await connect(sim.control_port)
    console.writer.write(line + b"\n")
    reply = json.loads(await console.reader.readline())
    assert reply["ok"] is False
    assert reply["error"]
    assert sim.status()["paper"] == "ok"
    assert (await console.ask({"status": True}))["ok"]
    await console.close()


async def test_paper_out_in_mid_job_pushes_back_and_goes_on(sim: PrinterSim) -> None:
    host = await connect(sim.port)
    sock = host.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    host.writer.transport.set_write_buffer_limits(0)
    sim.control(after_bytes=10, paper="out")
    host.writer.write(b"\x1bE\x00" * 100_000 + b"Ende\n\x1dV\x00\x1d(H\x06\x00000042")
    await until(lambda: sim.printer.full)
    await asyncio.sleep(0.1)
    assert sim.printer.processed == 9
    assert host.writer.transport.get_write_buffer_size() > 200_000, "the printer took it all without paper"
    sim.control(paper="ok")
    async with asyncio.timeout(60):
        assert await host.reader.readexactly(7) == b"\x37\x220042\x00"
    assert sim.slips[0].text == ("Ende",)
    await host.close()


async def test_power_cycle_cuts_the_line_and_forgets(sim: PrinterSim) -> None:
    host = await connect(sim.port)
    host.writer.write(b"\x1b@half\n")
    await until(lambda: sim.printer.processed == 7)
    sim.control(power="cycle")
    assert await host.lost()
    await host.close()
    host = await connect(sim.port)
    host.writer.write(SLIP)
    await until(lambda: bool(sim.slips))
    assert sim.slips[0].text == ("half", "Brot")
    assert sim.slips[0].interrupted
    await host.close()


async def test_without_power_nobody_gets_in(sim: PrinterSim) -> None:
    sim.control(power="off")
    host = await connect(sim.port)
    assert await host.lost()
    await host.close()
    sim.control(power="on")
    host = await connect(sim.port)
    host.writer.write(b"\x10\x04\x01")
    assert await host.reader.readexactly(1) == b"\x12"
    await host.close()


async def test_a_second_slip_goes_on_after_the_host_came_back(sim: PrinterSim) -> None:
    """A connection that ends in mid-slip leaves the paper in the printer."""
    first = await connect(sim.port)
    first.writer.write(b"\x1b@eins\n")
    await until(lambda: sim.printer.processed == 7)
    await first.close()
    second = await connect(sim.port)
    second.writer.write(b"zwei\n\x1dV\x00")
    await until(lambda: bool(sim.slips))
    assert sim.slips[0].text == ("eins", "zwei")
    await second.close()


async def test_tear(sim: PrinterSim) -> None:
    host = await connect(sim.port)
    host.writer.write(b"A\n")
    await until(lambda: sim.printer.processed == 2)
    assert sim.control(tear=True)["slips"] == 1
    await host.close()


CHILD = """
import asyncio, sys
from pathlib import Path
from kassd.sim.printer import run_printer_sim
asyncio.run(run_printer_sim(Path(sys.argv[1]), port=0, control_port=0))
"""


async def test_everything_counts_after_sigkill(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    words = (await child.stdout.readline()).decode().split()
    host = await connect(int(words[1].rpartition(":")[2]))
    console = await connect(int(words[3].rpartition(":")[2]))
    host.writer.write(SLIP + b"\x1bp\x00\x32\xc8" + SLIP + b"\x1bw\x1dr\x01")
    await host.reader.readexactly(1)
    assert (await console.ask({"status": True}))["slips"] == 2
    os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    await host.close()
    await console.close()
    assert sorted(path.name for path in tmp_path.glob("0*")) == [
        f"00{n}.{kind}" for n in (1, 2) for kind in ("json", "png", "txt")
    ]
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events] == ["slip", "kick", "slip", "error"]
