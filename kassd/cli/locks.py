"""Does a daemon own this journal at the moment, and may we look at it?"""

import fcntl
import os
from pathlib import Path


def is_running(directory: Path) -> bool:
    """Whether another process holds the journal's lock. Takes nothing and changes nothing."""
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def may_read(directory: Path) -> bool:
    """Whether this user may look into the journal, or there is none yet."""
    try:
        return not directory.is_dir() or os.access(directory, os.R_OK | os.X_OK)
    except PermissionError:  # nor into a folder above
        return False
