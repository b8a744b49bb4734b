"""``kassd``, which ends itself by SIGKILL once the ``KILL_AT``-th step of a set-up is in the journal."""

import os
import signal
import sys

import pytest

from kassd.cli import main
from tests.app.commissioning import watch


def run() -> int:
    left = int(os.environ["KILL_AT"])

    def heard(what: str) -> None:
        nonlocal left
        left -= what.startswith("noted")
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        watch(patch, heard)
        return main()


if __name__ == "__main__":
    sys.exit(run())
