"""A receipt printer on USB, from its inside: the simulator of the product behind the gadget's node."""

import asyncio
import errno
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kassd.sim.printer import PrinterSim
from tests.lab.inside import gadgets
from tests.lab.inside.waiting import until

PRINTERS = Path("/run/lab/printers")
PORT = "control"  # where its control socket listens
ARRIVALS = "arrivals"  # when bytes came, and how many
PID = "pid"
READ = 4096
LOOK_S = 0.02  # between two looks whether the plug is in again, of which the node does not tell
GONE = (errno.ENODEV, errno.ESHUTDOWN, errno.EAGAIN)  # nobody at the other end
END = "TEST - kein Beleg"


class UsbLink:
    """The gadget's node as a wire of the simulator."""

    def __init__(self, sim: PrinterSim, name: str) -> None:
        self._sim, self._loop = sim, asyncio.get_running_loop()
        self._fd = until(lambda: _opened(name), f"that the computer has seen {name}")
        self._arrivals = (PRINTERS / name / ARRIVALS).open("a")
        self._next_look: asyncio.TimerHandle | None = None
        self._attach()

    def pace(self) -> None:
        """Read or do not read, as the printer can."""
        if self._sim.printer.full:
            self._loop.remove_reader(self._fd)
        else:
            self._loop.add_reader(self._fd, self._readable)

    def send(self, data: bytes) -> None:
        """A few bytes, for which the gadget has room; lost while it is pulled out."""
        try:
            os.write(self._fd, data)
        except OSError as error:
            if error.errno not in GONE:
                raise

    def drop(self) -> None:
        """Its power went; pulling the plug is up to the test, and with power the wire is the same again."""
        self._loop.call_soon(self._attach)

    def _attach(self) -> None:
        self._sim.attach(self)
        self.pace()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno not in GONE:
                raise
            self._look_later()
            return
        if data:
            self._arrivals.write(f"{time.perf_counter_ns()} {len(data)}\n")
            self._arrivals.flush()
            self._sim.printer.receive(data)
            self.pace()

    def _look_later(self) -> None:
        """Pulled out: the node is ready at any time then, and has nothing."""
        self._loop.remove_reader(self._fd)
        if self._next_look is not None:
            self._next_look.cancel()
        self._next_look = self._loop.call_later(LOOK_S, self.pace)


def _opened(name: str) -> int:
    """Its far end; 0 before the computer has found it."""
    try:
        return os.open(gadgets.far_end(name), os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise
        return 0


def serve(name: str, ready: Callable[..., None]) -> None:
    """Print what comes over USB until the machine ends."""
    asyncio.run(_serve(name, ready))


async def _serve(name: str, ready: Callable[..., None]) -> None:
    folder = PRINTERS / name
    folder.mkdir(parents=True)
    sim = PrinterSim(folder, pictures=False)
    await sim.start()
    (folder / PORT).write_text(str(sim.control_port))
    (folder / PID).write_text(str(os.getpid()))
    link = UsbLink(sim, name)
    ready()
    await asyncio.Event().wait()
    link.drop()


def control(name: str = "printer", **change: Any) -> dict[str, Any]:
    """Open the cover, take the paper away, ask how it is: see :mod:`kassd.sim.printer`."""
    port = int((PRINTERS / name / PORT).read_text())
    with socket.create_connection(("127.0.0.1", port), 10) as end, end.makefile("rw") as lines:
        lines.write(json.dumps(change) + "\n")
        lines.flush()
        answer: dict[str, Any] = json.loads(lines.readline())
    return answer


def stopped(name: str = "printer", **how: Any) -> None:
    """Wait until what was to happen after some bytes has happened."""
    try:
        until(lambda: how.items() <= control(name, status=True).items(), f"a printer with {how}", every=0.2)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {control(name, status=True)}") from None


def kicked(name: str, least: int) -> int:
    """How often it has opened its drawer, once that is so often: it first gets through what came before."""
    until(lambda: control(name, status=True)["kicks"] >= least, f"{least} kicks", every=0.2)
    count: int = control(name, status=True)["kicks"]
    return count


def busy(within_s: float, name: str = "printer") -> float:
    """How much of the processor it takes within so many seconds, in seconds."""
    spent = Path("/proc", (PRINTERS / name / PID).read_text(), "schedstat")
    before = int(spent.read_text().split()[0])
    time.sleep(within_s)
    return (int(spent.read_text().split()[0]) - before) / 1e9


def slip_with(text: str) -> list[str]:
    """The newest slip's lines, once it has this one."""
    found = until(lambda: [slip for slip in slips() if text in slip], f"a slip with {text!r} after {slips()}")
    return found[-1]


def slips() -> list[list[str]]:
    """The text of every slip that is whole: in mode ``test`` its first line ends it."""
    return [text for text in papers() if text and text[-1].strip() == END]


def arrivals(name: str = "printer") -> list[tuple[int, int]]:
    """When (ns since the boot) something came over the wire, and how many bytes."""
    rows = (PRINTERS / name / ARRIVALS).read_text().split()
    return list(zip(map(int, rows[::2]), map(int, rows[1::2]), strict=True))


def count(name: str = "printer") -> int:
    """How many papers were cut."""
    return sum(1 for _ in (PRINTERS / name).glob("[0-9]*.json"))


def papers(name: str = "printer") -> list[list[str]]:
    """The text of every paper that was cut, in order."""
    return [json.loads(file.read_text())["text"] for file in sorted((PRINTERS / name).glob("[0-9]*.json"))]
