"""A scanner that is a keyboard, from its inside: reports of the boot keyboard, one a millisecond at best."""

import time
from collections.abc import Iterable, Sequence

from tests.lab.inside import gadgets
from tests.lab.inside.gadgets import far_end
from tests.lab.inside.load import awake, hurry

NOTHING = bytes(8)
ENTER, CAPS_LOCK, SHIFT = 0x28, 0x39, 0x02
# HID usage tables, chapter 10, as a keyboard from the United States has them.
USAGES = {letter: 0x04 + n for n, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
USAGES |= {digit: 0x1E + n for n, digit in enumerate("1234567890")} | {"\n": ENTER, "-": 0x2D, " ": 0x2C}


def reports(code: str) -> Iterable[bytes]:
    """What a scanner sends for a code: each key down and up."""
    for char in code:
        shift = SHIFT if char.isupper() else 0
        yield bytes((shift, 0, USAGES[char.lower()], 0, 0, 0, 0, 0))
        yield NOTHING


def scan(name: str, codes: Sequence[str], pause_s: float = 0.0, suffix: str = "\n") -> float:
    """Scan codes one after another, as fast as the bus takes the reports; milliseconds per report."""
    count, spent = 0, 0.0
    with awake(), open(far_end(name), "r+b", buffering=0) as end:
        for code in codes:
            began = time.perf_counter()
            for report in reports(code + suffix):
                end.write(report)
                count += 1
            spent += time.perf_counter() - began
            time.sleep(pause_s)
    return spent * 1000 / count


def pull_out_within(name: str, text: str) -> None:
    """Type the beginning of a code, and be pulled out before a pause could lose it."""
    with awake(), open(far_end(name), "r+b", buffering=0) as end:
        hurry()
        for report in reports(text):
            end.write(report)
        gadgets.unplug(name)
