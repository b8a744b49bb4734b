"""``python -m tests.bench.daemon``: kassd as it is, counting what only the process itself can count.

At its end it writes the file that ``BENCH_TALLY`` names: the ``modules`` that were imported and ``commits``, the
number of batches that went to the disk.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

TALLY = "BENCH_TALLY"


def count_commits() -> list[int]:
    """Count the journal's batches from now on; the single item of the list is the number."""
    from kassd.journal.store import Store

    count = [0]
    write = Store.write

    def counted(self: Store, *args: Any, **options: Any) -> Any:
        count[0] += 1
        return write(self, *args, **options)

    Store.write = counted  # type: ignore[method-assign] # a counter around the real thing
    return count


def main() -> int:
    """Run the command line; returns its exit code."""
    from kassd.cli import main as kassd_main

    file = Path(os.environ[TALLY])
    commits = count_commits()
    code = kassd_main(sys.argv[1:])
    ours = {"tests", "__main__", "kassd"}
    modules = sorted(name for name in sys.modules if name.partition(".")[0] not in ours)
    file.write_text(json.dumps({"modules": modules, "commits": commits[0]}), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
