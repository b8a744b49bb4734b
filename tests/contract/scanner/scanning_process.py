"""A process with one keyboard scanner, whose node is a FIFO: prints each code, or why one was lost.

``FIFO GAP_MS [FD…]``: the descriptors become those that systemd hands to a service, under LISTEN_FDNAMES.
"""

import asyncio
import os
import signal
import sys

from kassd.app.fdstore import FdStore
from kassd.core.status import DeviceStatus
from kassd.devices.config import ScannerConfig
from kassd.devices.port import DeviceEvent, Scan, ScanLost
from kassd.devices.scanner.evdev import EvdevScanner
from kassd.supervise import Supervisor

FIRST, HIGH = 3, 200


class FifoNode:
    """Keeps what was typed and not read, as the kernel does for an open node."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def close(self) -> None:
        os.close(self.fd)


def opened(path: str) -> FifoNode:
    return FifoNode(os.open(path, os.O_RDONLY))


def adopted(path: str, fd: int) -> FifoNode:
    if os.stat(path).st_ino != os.fstat(fd).st_ino:
        raise OSError("another one")
    return FifoNode(fd)


def handed_over(fds: list[int]) -> None:
    """Be the process that systemd has started with these descriptors."""
    for n, fd in enumerate(fds):
        os.dup2(fd, HIGH + n)
    for n in range(len(fds)):
        os.dup2(HIGH + n, FIRST + n)
        os.close(HIGH + n)
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(fds))}


def say(event: DeviceEvent) -> None:
    match event:
        case Scan():
            print("scan", event.text, flush=True)
        case ScanLost():
            print("lost", event.reason, flush=True)
        case DeviceStatus():
            print("state", event.state, flush=True)


async def serve(fifo: str, gap_ms: int) -> None:
    store = FdStore()
    config = ScannerConfig("wedge", "evdev", device=fifo, gap_ms=gap_ms)
    scanner = EvdevScanner(config, say, opened, store, adopted)
    supervisor, stop = Supervisor(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    supervisor.start("scanner", scanner.run)
    await asyncio.sleep(0)
    store.forget_rest()
    await stop.wait()
    await supervisor.stop()


if __name__ == "__main__":
    handed_over([int(fd) for fd in sys.argv[3:]])
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
