"""How a process that runs for months on a small board keeps its memory small, and its own."""

import ctypes
import gc

# malloc.h of the GNU C library
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE = 128 * 1024
PR_SET_THP_DISABLE = 41  # linux/prctl.h


def lean_heap() -> None:
    """Have all threads share one heap that gives back what it no longer needs; call before the first thread.

    Otherwise each thread that ever allocates keeps a heap of its own: 14 MiB more after a day, and growing.
    And the first large buffer to be freed would raise the size from which buffers lie outside of the heap
    (by default 128 KiB, which is kept here), so that each segment packed later leaves a hole of megabytes.
    A C library without these settings is left as it is.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for setting, value in ((M_ARENA_MAX, 1), (M_MMAP_THRESHOLD, LARGE), (M_TRIM_THRESHOLD, LARGE)):
            mallopt(setting, value)


def small_pages() -> None:
    """Keep the kernel from making this process's memory into huge pages; call at its beginning.

    It does so in the background with the lowest priority, and whichever thread of the process needs memory
    meanwhile stands still: beside others that compute for half a second, which is ten codes of a scanner. A
    kernel without huge pages is left as it is.
    """
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)


def settle() -> None:
    """Call once everything is loaded: what is there now stays for the life of the process.

    Later collections skip it; they become short (no pause beside a sale) and come before garbage piles up.
    """
    gc.collect()
    gc.freeze()
