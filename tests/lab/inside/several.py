"""Scanners at work at the same moment, and while the register ends: what has to happen before a pause
loses a code is done here and not over the wire."""

import os
import subprocess
import time
from collections.abc import Sequence
from itertools import zip_longest

from tests.lab.inside import box, keyboard, nodes, serial_scanner
from tests.lab.inside.gadgets import far_end
from tests.lab.inside.load import awake, hurry

KEY_S = 0.1  # of a slow scanner; a pause of 150 ms loses a code
AT_A_SIGN = ("sh", "-c", 'read _ && exec "$@"', "sh")
BEFORE = 3  # keys that a register has read when it ends


def at_once(keyboards: dict[str, str], port: str, code: str) -> float:
    """Scan a code (by scanner) with each keyboard, report by report in turn, and one over a serial port in
    the middle of them; the longest pause between two reports in seconds."""
    handles = [os.open(far_end(name), os.O_RDWR) for name in keyboards]
    rounds = list(zip_longest(*(keyboard.reports(f"{text}\n") for text in keyboards.values())))
    longest, last = 0.0, 0.0
    with awake(), serial_scanner.line(port) as serial:
        hurry()
        for n, reports in enumerate(rounds):
            now = time.monotonic()
            longest, last = max(longest, now - (last or now)), now
            for handle, report in zip(handles, reports, strict=True):
                if report is not None:
                    os.write(handle, report)
            if n == len(rounds) // 2:
                os.write(serial, f"{code}\r".encode())
    for handle in handles:
        os.close(handle)
    return longest


def across_an_end(name: str, code: str, order: Sequence[str]) -> bool:
    """Scan a code slowly, and after some of its keys give the order that ends the register; whether it had
    let go of the scanner before the last key."""
    pid, node = box.pid(), str((nodes.OURS / "scanner").resolve())
    assert nodes.has_open(pid, node)
    handle = os.open(far_end(name), os.O_RDWR)
    keys = [list(keyboard.reports(key)) for key in f"{code}\n"]
    ordered = subprocess.Popen([*AT_A_SIGN, *(word.format(pid=pid) for word in order)], stdin=subprocess.PIPE)
    assert ordered.stdin is not None
    with awake():
        hurry()
        for n, key in enumerate(keys):
            time.sleep(KEY_S)
            if n == BEFORE:
                os.write(ordered.stdin.fileno(), b"\n")
            ended = not nodes.has_open(pid, node)
            for report in key:
                os.write(handle, report)
    os.close(handle)
    if ordered.wait():
        raise RuntimeError(f"{order}: {ordered.returncode}")
    return ended
