"""``python -m tests.judges.selfcheck``: plays trading days and ends with 1 at the first thing that is wrong.

Three judges look at each day: what must hold after every input (the playbook), the reader that knows only the
printed text, and the golden slips of the shops. Run in a process of its own, on the ``kassd`` that
comes first in its path.
"""

import sys
from functools import partial

from tests import readers
from tests.readers.days import two_days
from tests.readers.printed import slips_of
from tests.scenarios.shops.goldens import FOLDER, SHOPS, texts

FIRST = ("bar", "gift_shop", "bakery")  # most happens there
RED = 1


def wrong() -> str:
    """What is wrong, '' if nothing."""
    days = {"two days": _two_days} | {name: partial(_shop, name) for name in (*FIRST, *SHOPS)}
    for name, judge in days.items():
        try:
            found = judge()
        except Exception as error:  # whatever a spoilt register does: it is found
            found = f"{type(error).__name__} {str(error).strip()[:200]}"
        if found:
            return f"{name}: {found}"
    return ""


def _two_days() -> str:
    return next(iter(readers.check(slips_of(two_days()))), "")


def _shop(name: str) -> str:
    day = SHOPS[name]()
    found = readers.check(slips_of(day.book))
    if not found and any(data != (FOLDER / name / file).read_bytes() for file, data in texts(day)):
        return "not the golden slips"
    return next(iter(found), "")


def main() -> int:
    """Say what is wrong."""
    said = wrong()
    print(f"red: {said}" if said else "green")
    return RED if said else 0


if __name__ == "__main__":
    sys.exit(main())
