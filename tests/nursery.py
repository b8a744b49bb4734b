"""Registers that start at once: forked from a process that has imported ``kassd`` before.

Python and its imports are most of what a start costs. A child is a process like any other, with its own pid,
signals, environment, log and exit code; only ``exec`` is missing. One nursery serves a whole run of tests.
``python -m tests.nursery FD`` is its process, which has no thread and ends with whoever holds the other end.
"""

import asyncio
import atexit
import contextlib
import functools
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from kassd import supervise

ROOT = Path(__file__).parents[1]
WARM = (
    *("kassd.cli.run", "kassd.cli.tse_setup", "kassd.tse.soft.driver", "kassd.tse.epson.driver"),
    *("kassd.receipt.escpos", "escpos.printer", "serial", "cryptography.x509"),
)
LARGEST, LARGEST_HANDLE = 1 << 17, 1 << 10  # order; open file


class Child:
    """One process out of the nursery; what :class:`kassd.sim.world.Running` asks for."""

    def __init__(self, pid: int, ended: "asyncio.Task[int]") -> None:
        self.pid = pid
        self._ended = ended

    @property
    def returncode(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it lives."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        """Wait for its end."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        """One that has just ended gets none."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that others are forked from."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # A test that printed before has left the name of its folder here, which is gone by now.
        environment = {k: v for k, v in os.environ.items() if k != "ESCPOS_CAPABILITIES_PICKLE_DIR"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env=environment,
            )

    def close(self) -> None:
        """End it; its children live on."""
        self._orders.close()
        self._process.wait(60)

    async def start(self, words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Child:
        """``python -m <words>``, its output in ``log``; a :data:`kassd.sim.world.Launch`."""
        ours, theirs = socket.socketpair()
        order = {"words": list(words), "environment": dict(environment), "folder": os.getcwd()}
        with theirs:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [theirs.fileno(), log.fileno()])
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        told = asyncio.ensure_future(reader.readline())
        try:
            pid = int(await asyncio.shield(told))
        except asyncio.CancelledError:  # nobody will know it
            os.kill(int(await told), signal.SIGKILL)
            writer.close()
            raise

        async def ended() -> int:
            with contextlib.closing(writer):
                return int(await reader.readline())

        return Child(pid, asyncio.create_task(ended()))


@functools.cache
def nursery() -> Nursery:
    """The one of this run of tests, made when it is first needed."""
    made = Nursery()
    atexit.register(made.close)
    return made


# -- the process --------------------------------------------------------------------------------------


def serve(orders: socket.socket) -> dict[str, Any]:
    """Fork a child for every order and tell its pid and its exit code. Returns in the child only."""
    poll = select.poll()
    poll.register(orders, select.POLLIN)
    children: dict[int, tuple[int, socket.socket]] = {}  # by pidfd: pid, who wants to know
    while True:
        for handle, _ in poll.poll():
            if handle != orders.fileno():
                pid, line = children.pop(handle)
                poll.unregister(handle)
                os.close(handle)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with line, contextlib.suppress(BrokenPipeError):  # whoever asked is gone
                    line.sendall(b"%d\n" % code)
                continue
            data, handles, _, _ = socket.recv_fds(orders, LARGEST, 2)
            if not data:
                sys.exit()
            line, log = socket.socket(fileno=handles[0]), handles[1]
            pid = os.fork()
            if pid == 0:
                for kept in (orders, line, *(line for _, line in children.values())):
                    kept.detach()
                os.dup2(log, 1)
                os.dup2(log, 2)
                os.closerange(3, LARGEST_HANDLE)
                order: dict[str, Any] = json.loads(data)
                return order
            os.close(log)
            line.sendall(b"%d\n" % pid)
            watched = os.pidfd_open(pid)
            children[watched] = pid, line
            poll.register(watched, select.POLLIN)


def main() -> None:
    """Be the nursery, or one of its children."""
    for name in WARM:
        import_module(name)
    supervise.NICE = 0  # here somebody waits, among many who work
    assert threading.active_count() == 1
    gc.freeze()
    order = serve(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    module, *arguments = order["words"]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
