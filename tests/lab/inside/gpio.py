"""A GPIO chip that is simulated by the kernel, and a busy reader who times what happens on a line."""

import json
import time
from collections.abc import Callable
from pathlib import Path

CONFIGFS = Path("/sys/kernel/config/gpio-sim/box")
LABEL = "pinctrl-bcm2711"
LINES = 54
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
    """Read the line, without rest or every ``rest_s``, until the machine ends; keeps each pulse's beginning
    and length."""
    PULSES.parent.mkdir(parents=True, exist_ok=True)
    PULSES.touch()
    rose = 0
    with value(line).open("rb", buffering=0) as level:
        ready()
        while True:
            level.seek(0)
            high = level.read(1) == b"1"
            now = time.perf_counter_ns()
            if high and not rose:
                rose = now
            elif not high and rose:
                with PULSES.open("a") as rows:
                    rows.write(json.dumps([rose, (now - rose) / 1e6]) + "\n")
                rose = 0
            if rest_s:
                time.sleep(rest_s)


def edges() -> list[tuple[int, float]]:
    """When (ns since the boot) each pulse so far began, and its length in milliseconds."""
    return [json.loads(row) for row in PULSES.read_text().splitlines()]


def pulses() -> list[float]:
    """Lengths in milliseconds of the pulses so far."""
    return [length for _, length in edges()]
