"""``python -m kassd.app.archive_process NICE``: a task of :mod:`kassd.app.archive_check` in, results out."""

import json
import logging
import os
import sys

from kassd.app.archive_check import Task, check
from kassd.core.codec import decode, encode

log = logging.getLogger(__name__)


def main(nice: int) -> int:
    """Work at a priority lower by ``nice``, where that is allowed."""
    logging.basicConfig(level=logging.WARNING, format="archive check: %(message)s")
    try:
        os.nice(nice)
    except PermissionError:  # the unit's system call filter: then the other core has to do
        log.info("the priority cannot be lowered")
    json.dump(encode(check(decode(Task, json.load(sys.stdin)))), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
