"""A scanner that is a keyboard without USB: an input device of the machine itself, a report a millisecond."""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import evdev
from evdev import ecodes as e

from tests.lab.inside.load import awake
from tests.lab.inside.waiting import until

FOLDER = Path("/run/lab")
LABEL = "Voyager 9520"
REPORT_S = 0.001
KEYS = {letter: e.ecodes[f"KEY_{letter.upper()}"] for letter in "abcdefghijklmnopqrstuvwxyz0123456789"}
KEYS |= {"\n": e.KEY_ENTER, "-": e.KEY_MINUS, " ": e.KEY_SPACE}


def serve(name: str, ready: Callable[..., None]) -> None:
    """Be plugged in until the machine ends, and send what :func:`scan` is given."""
    pipe = FOLDER / f"{name}.codes"
    os.mkfifo(pipe)
    events: Any = {e.EV_KEY: [*KEYS.values(), e.KEY_LEFTSHIFT], e.EV_MSC: [e.MSC_SCAN]}
    with evdev.UInput(events, name=LABEL) as device:
        ready()
        while True:
            _send(device, name, **json.loads(pipe.read_text()))


def scan(name: str, codes: Sequence[str], pause_s: float = 0.0, suffix: str = "\n") -> float:
    """Scan codes one after another; milliseconds per report."""
    done = FOLDER / f"{name}.done"
    done.unlink(missing_ok=True)
    order = {"codes": codes, "pause_s": pause_s, "suffix": suffix}
    with awake():
        (FOLDER / f"{name}.codes").write_text(json.dumps(order))
        until(done.exists, "that all was sent", 600)
    return float(done.read_text())


def _send(device: Any, name: str, codes: Sequence[str], pause_s: float, suffix: str) -> None:
    count, spent = 0, 0.0
    for code in codes:
        began = due = time.perf_counter()
        for report in _reports(code + suffix):
            for key, value in report:
                device.write(e.EV_MSC, e.MSC_SCAN, 0x70000 + key)
                device.write(e.EV_KEY, key, value)
            device.syn()
            count += 1
            due += REPORT_S
            time.sleep(max(0.0, due - time.perf_counter()))
        spent += time.perf_counter() - began
        time.sleep(pause_s)
    part = FOLDER / f"{name}.part"
    part.write_text(str(spent * 1000 / count))
    part.rename(FOLDER / f"{name}.done")


def _reports(text: str) -> Iterable[list[tuple[int, int]]]:
    """The keys that change with each report."""
    for char in text:
        shift = [e.KEY_LEFTSHIFT] if char.isupper() else []
        keys = [*shift, KEYS[char.lower()]]
        yield [(key, 1) for key in keys]
        yield [(key, 0) for key in keys]
