"""Does a daemon own this journal at the moment?"""

import fcntl
import os
from pathlib import Path


def is_running(directory: Path) -> bool:
    """Whether another process holds the journal's lock. Takes nothing and changes nothing."""
    try:
        handle = os.open(directory / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
