"""A GPIO chip that is simulated by the kernel, and a busy reader who times what happens on a line."""

import json
import os
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


def watch(line: int, rest_s: float, ready: Callable[..., None]) -> None:
    """Read the line, without rest or every ``rest_s``, until the machine ends; keeps what was seen of
    each pulse."""
    PULSES.parent.mkdir(parents=True, exist_ok=True)
    PULSES.touch()
    seen = Pulses()
    if not rest_s:
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
            if rest_s:
                time.sleep(rest_s)
                before = time.perf_counter_ns()


def pulses() -> list[Pulse]:
    """The pulses so far; in ns since the boot."""
    return [Pulse(**json.loads(row)) for row in PULSES.read_text().splitlines()]


def count() -> int:
    """How many there were."""
    return len(pulses())
