"""What else a box has to do: processes that compute, and a register that does not get to run."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ENDED = Path("/run/lab/load-ended")
SHORTEST_S, LONGEST_S = 0.005, 0.08  # the kernel keeps 32 ms of a scanner that sends a report a millisecond
BETWEEN_S = 0.5


def compute(ready: Callable[..., None]) -> None:
    """Keep the processor busy until :func:`end`."""
    ready()
    while not ENDED.exists():
        sum(range(100_000))


def fill(ready: Callable[..., None]) -> None:
    """Take what time of the processor nobody else wants, until the machine ends."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    ready()
    while True:
        os.sched_yield()  # else it would have 0.7 ms now and then, whatever its policy


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """Meanwhile the machine is never idle, so its clock goes by instructions alone: it does not leap when the
    machine around it does not get to run for a while, as a scanner's pauses must not."""
    pid = os.fork()
    if not pid:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        while True:  # who gave way would be long in dying
            sum(range(100_000))
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def hurry() -> None:
    """Go before all others from now on: the world waits for nobody."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def stall(pid: int, seed: int, ready: Callable[..., None]) -> None:
    """Stop a process now and then for some milliseconds until :func:`end`."""
    chance = random.Random(seed)
    ready()
    while not ENDED.exists():
        time.sleep(chance.uniform(0, 2 * BETWEEN_S))
        if ENDED.exists():
            return
        os.kill(pid, signal.SIGSTOP)
        time.sleep(chance.uniform(SHORTEST_S, LONGEST_S))
        os.kill(pid, signal.SIGCONT)


def end() -> None:
    """The box is quiet again."""
    ENDED.touch()
    time.sleep(2 * LONGEST_S)  # for whoever has been stopped just now
