"""``python -m tests.bench.daemon``: kassd as it is, counting what only the process itself can count.

On SIGUSR1 and at its end it writes the file that ``BENCH_TALLY`` names: the ``modules`` that are imported,
``commits`` (batches that went to the disk), ``chore_syncs`` (fsyncs of checkpoints and spare segments, which
no sale waits for) and ``finish_s`` (how long each finish of the TSE took).
"""

import json
import os
import signal
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kassd.devices.scanner.node import KernelNode
from kassd.journal.files import OsFiles
from kassd.journal.store import Store
from kassd.tse.soft import SoftTse

OURS = {"tests", "__main__", "kassd"}


class FifoNode(KernelNode):
    """Has no keys that could be held."""

    def held(self) -> frozenset[int]:
        """None."""
        return frozenset()


class Tally:
    """Stands around the real parts and counts."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.commits = 0
        self.chore_syncs = 0
        self.finish_s: list[float] = []

    def count_commits(self) -> None:
        """Count the journal's batches from now on."""
        write = Store.write

        def counted(store: Store, *args: Any, **options: Any) -> Any:
            self.commits += 1
            return write(store, *args, **options)

        Store.write = counted  # type: ignore[method-assign]

    def count_chores(self) -> None:
        """Count the fsyncs beside the batches, which are written with O_DSYNC, from now on."""

        def counted(sync: Callable[..., None]) -> Callable[..., None]:
            def call(*args: Any) -> None:
                self.chore_syncs += 1
                sync(*args)

            return call

        OsFiles.fsync = counted(OsFiles.fsync)  # type: ignore[method-assign]
        OsFiles.fsync_dir = counted(OsFiles.fsync_dir)  # type: ignore[method-assign]

    def time_finishes(self) -> None:
        """Time the TSE's finishes from now on."""
        finish = SoftTse.finish

        async def timed(tse: SoftTse, *args: Any) -> Any:
            began = time.perf_counter()
            try:
                return await finish(tse, *args)
            finally:
                self.finish_s.append(time.perf_counter() - began)

        SoftTse.finish = timed  # type: ignore[method-assign]

    def read_fifos(self) -> None:
        """Let a FIFO be a keyboard: it keeps what is typed until it is read, as the kernel's node does."""
        opened = KernelNode.opened

        def opened_or_fifo(path: str) -> KernelNode:
            if not stat.S_ISFIFO(os.stat(path).st_mode):
                return opened(path)
            return FifoNode(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))

        KernelNode.opened = opened_or_fifo  # type: ignore[method-assign,assignment]

    def write(self, *_: object) -> None:
        """Put the file in place, whole."""
        modules = sorted(name for name in sys.modules if name.partition(".")[0] not in OURS)
        said = {
            "modules": modules,
            "commits": self.commits,
            "chore_syncs": self.chore_syncs,
            "finish_s": self.finish_s,
        }
        spare = self.file.with_suffix(".new")
        spare.write_text(json.dumps(said), encoding="utf-8")
        spare.replace(self.file)


def main() -> int:
    """Run the command line; returns its exit code."""
    from kassd.cli import main as kassd_main

    tally = Tally(Path(os.environ["BENCH_TALLY"]))
    tally.count_commits()
    tally.count_chores()
    tally.time_finishes()
    tally.read_fifos()
    signal.signal(signal.SIGUSR1, tally.write)
    code = kassd_main(sys.argv[1:])
    tally.write()
    return code


if __name__ == "__main__":
    sys.exit(main())
