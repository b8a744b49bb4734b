"""A GPIO chip that is simulated by the kernel; what happens on its lines is noted by the kernel, or seen by
a busy reader."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.lab.inside.pulses import Pulse, Pulses

CONFIGFS = Path("/sys/kernel/config/gpio-sim/box")
LABEL = "pinctrl-bcm2711"
LINES = 54
LAST = 19  # of the priorities: who reads without rest keeps nobody else from working
PULSES = Path("/run/lab/pulses")
TRACING = Path("/sys/kernel/tracing")
PUT = re.compile(r" (\d+\.\d+): gpio_value: (\d+) set\s+([01])")
NS = 1_000_000_000


def make() -> None:
    """A chip as the Raspberry Pi has it."""
    bank = CONFIGFS / "bank0"
    bank.mkdir(parents=True)
    (bank / "num_lines").write_text(str(LINES))
    (bank / "label").write_text(LABEL)
    (CONFIGFS / "live").write_text("1")


def value(line: int) -> Path:
    """Where the level of a line stands: ``0`` or ``1``."""
    device = (CONFIGFS / "dev_name").read_text().strip()
    chip = (CONFIGFS / "bank0/chip_name").read_text().strip()
    return Path(f"/sys/devices/platform/{device}/{chip}/sim_gpio{line}/value")


def pull(line: int, up: bool) -> None:
    """What the outside does to an input: a contact that opens (``up``, by the pin's pull-up) or closes."""
    value(line).with_name("pull").write_text("pull-up" if up else "pull-down")


def note() -> None:
    """Let the kernel note what is put out on lines, at its moment: nobody has to look for it."""
    if not (TRACING / "trace").exists():
        subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING], check=True)
    (TRACING / "trace_clock").write_text("mono")  # that of time.perf_counter
    (TRACING / "events/gpio/gpio_value/enable").write_text("1")


def rises() -> list[int]:
    """When lines went up since :func:`note`; in ns since the boot."""
    high: dict[str, bool] = {}
    found = []
    for row in (TRACING / "trace").read_text().splitlines():
        if put := PUT.search(row):
            seconds, line, level = put.groups()
            if level == "1" and not high.get(line):
                found.append(round(float(seconds) * NS))
            high[line] = level == "1"
    return found


def watch(line: int, ready: Callable[..., None]) -> None:
    """Read the line without rest until the machine ends; keeps what was seen of each pulse."""
    PULSES.parent.mkdir(parents=True, exist_ok=True)
    PULSES.touch()
    seen = Pulses()
    os.nice(LAST)
    with value(line).open("rb", buffering=0) as level:
        ready()
        before = time.perf_counter_ns()
        while True:
            level.seek(0)
            high = level.read(1) == b"1"
            after = time.perf_counter_ns()
            if ended := seen.read(before, high, after):
                with PULSES.open("a") as rows:
                    rows.write(json.dumps(asdict(ended)) + "\n")
            before = after


def pulses() -> list[Pulse]:
    """The pulses so far; in ns since the boot."""
    return [Pulse(**json.loads(row)) for row in PULSES.read_text().splitlines()]
