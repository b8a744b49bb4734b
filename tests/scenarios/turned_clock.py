"""``python -m turned_clock``: kassd as it is, on a machine whose wall clock a file turns.

``TURNED_CLOCK`` names the file; it holds the seconds by which it is later than it is. Monotonic time goes on.
"""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from kassd import clock

DAY_S = 86_400


class Calendar:
    """The register's wall clock, as a test turns it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "offset"
        here = str(Path(__file__).parent)
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
        self.environment = {"TURNED_CLOCK": str(self.file), "PYTHONPATH": path}
        self.turn(0)

    def turn(self, days: float) -> None:
        """From now on it is ``days`` later than it is."""
        spare = self.file.with_suffix(".new")
        spare.write_text(f"{days * DAY_S:.0f}", encoding="ascii")
        spare.replace(self.file)


def main() -> int:
    """Run the command line; returns its exit code."""
    file = Path(os.environ["TURNED_CLOCK"])

    def time_ns() -> int:
        return time.time_ns() + int(file.read_text(encoding="ascii")) * 1_000_000_000

    # kassd.clock is the only place that reads clocks, so this is the machine's clock for all of it.
    clock.time = SimpleNamespace(time_ns=time_ns, monotonic_ns=time.monotonic_ns)  # type: ignore[assignment]
    from kassd.cli import main as kassd_main

    return kassd_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
