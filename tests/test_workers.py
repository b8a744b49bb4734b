"""Processes that do an evening's checking."""

import subprocess
import sys
import time
from pathlib import Path

from kassd.workers import workers


def test_one_process_is_the_callers_own() -> None:
    with workers(1) as pool:
        assert pool.submit(sum, (1, 2)).result() == 3


ORPHANS = """
import os, time
from kassd.workers import workers
if __name__ == "__main__":
    with workers(2) as pool:
        print(*{pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
        time.sleep(60)
"""


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert children
    until = time.monotonic() + 60
    while alive := [pid for pid in children if Path(f"/proc/{pid}/exe").exists()]:
        assert time.monotonic() < until, alive
        time.sleep(0.05)
