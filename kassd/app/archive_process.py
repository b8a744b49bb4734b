"""``python -m kassd.app.archive_process``: a task of :mod:`kassd.app.archive_check` in, its result out."""

import json
import logging
import os
import sys

from kassd.app.archive_check import Task, check
from kassd.core.codec import decode, encode

log = logging.getLogger(__name__)

NICE = 19


def main() -> int:
    """Work at the lowest priority that is allowed."""
    logging.basicConfig(level=logging.WARNING, format="archive check: %(message)s")
    try:
        os.nice(NICE)
    except PermissionError:  # the unit's system call filter: then the other core has to do
        log.info("the priority cannot be lowered")
    json.dump(encode(check(decode(Task, json.load(sys.stdin)))), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
