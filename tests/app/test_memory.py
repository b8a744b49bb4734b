import gc
import subprocess
import sys

from kassd.app import memory

THREADS = """
import sys, threading
from kassd.app.memory import lean_heap
if sys.argv[1] == "one":
    lean_heap()
gate, kept = threading.Barrier(9), []
def work():
    kept.append(bytearray(100_000))  # from malloc, below its mmap threshold
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
gate.wait()
print(open("/proc/self/status").read().split("VmSize:")[1].split()[0])
"""


def _virtual_mib(arenas: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", THREADS, arenas], check=True, capture_output=True, text=True, timeout=30
    )
    return int(done.stdout) / 1024


def test_threads_share_one_heap() -> None:
    """A heap of its own would reserve 64 MiB of addresses for each thread."""
    assert _virtual_mib("many") - _virtual_mib("one") > 4 * 60


def test_the_kernel_leaves_small_pages_alone() -> None:
    code = "from kassd.app.memory import small_pages; small_pages(); print(open('/proc/self/status').read())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    assert "THP_enabled:\t0\n" in done.stdout


def test_what_is_loaded_is_frozen() -> None:
    before = gc.get_freeze_count()
    try:
        memory.settle()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
