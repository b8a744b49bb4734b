"""How a process that runs for months on a small board keeps its memory small."""

import ctypes
import gc

M_ARENA_MAX = -8  # malloc.h of the GNU C library


def one_arena() -> None:
    """Have all threads share one heap; call before the first thread starts.

    Otherwise each thread that ever allocates keeps a heap of its own: 14 MiB more after a day, and growing.
    A C library without this setting is left as it is.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def settle() -> None:
    """Call once everything is loaded: what is there now stays for the life of the process.

    Later collections skip it; they become short (no pause beside a sale) and come before garbage piles up.
    """
    gc.collect()
    gc.freeze()
