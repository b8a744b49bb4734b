"""Runs the tiers of tests one after another and says of each how long it took and how long it may take.

The last line sums all tiers up the way pytest does. A tier that fails, and one that collects no test, fails
the run; one over its budget is said aloud, since a budget holds for two idle cores and not for any machine.
"""

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "tiers"
WIDTH = 78
OK, TESTS_FAILED = 0, 1
SOAK = {"SOAK": "1", "KILLS": "1000", "EXPLORER_STATES": "20000"}  # what samples reads its size here


@dataclass(frozen=True, slots=True)
class Tier:
    """A named folder of ``tests``, its budget in seconds, set-up aside; ``soaks``: it samples; ``workers``:
    how many processes share it, more than there are cores where tests mostly wait for devices. How:
    ``tests/conftest.py``."""

    name: str
    budget: int
    soaks: bool = False
    workers: int = 1


UNIT = Tier("unit", 90, soaks=True, workers=3)
TIERS = (
    UNIT,
    Tier("contract", 120, workers=5),
    Tier("scenarios", 60, soaks=True, workers=5),
    Tier("crash", 150, soaks=True, workers=2),
    Tier("broker", 60),
    Tier("browser", 90),
    Tier("judges", 90, soaks=True),
    Tier("lab", 360, soaks=True, workers=2),
)
FOLDERS = tuple(tier.name for tier in TIERS if tier is not UNIT)
OUTSIDE = ("bench",)  # measured by `make bench`


def arguments(tier: Tier) -> list[str]:
    """Where pytest looks: the tier's folder, or for ``unit`` everything that is in no other tier."""
    if tier is not UNIT:
        return [f"tests/{tier.name}"]
    return ["tests", *(f"--ignore=tests/{folder}" for folder in (*FOLDERS, *OUTSIDE))]


def present(tier: Tier) -> bool:
    """Whether the tier has test modules at all."""
    return tier is UNIT or any((ROOT / "tests" / tier.name).rglob("test_*.py"))


def counts(report: Path) -> Counter[str]:
    """Outcomes in pytest's JUnit file: passed, failed, error, skipped."""
    found: Counter[str] = Counter()
    if not report.exists():
        return found
    for case in ElementTree.parse(report).iter("testcase"):
        marks = {child.tag for child in case}
        names = {"failure": "failed", "error": "error", "skipped": "skipped"}
        found.update([next((name for tag, name in names.items() if tag in marks), "passed")])
    return found


def spoken(found: Counter[str]) -> str:
    """``1 failed, 12 passed, 2 skipped`` in pytest's order."""
    order = ("failed", "passed", "skipped", "error")
    return ", ".join(f"{found[name]} {name}" for name in order if found[name]) or "no tests ran"


def run(tier: Tier, soak: bool) -> tuple[int, Counter[str]]:
    """Run one tier; its exit code and outcomes. The timing line is printed here."""
    report = REPORTS / f"{tier.name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-qq", "-p", "no:cacheprovider"]
    command += [*arguments(tier), f"--junitxml={report}"]
    if tier.workers > 1:
        command += [f"--numprocesses={tier.workers}"]
    if soak:
        command += ["--timeout=3600"]
    print(f"{f' {tier.name} ':-^{WIDTH}}", flush=True)
    began = time.monotonic()
    environment = os.environ | (SOAK if soak else {})
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each started register would compile itself anew
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    took = time.monotonic() - began
    found = counts(report)
    late = "" if soak or took <= tier.budget else "  OVER BUDGET"
    print(f"{tier.name}: {spoken(found)}; {took:.1f} s of {tier.budget} s{late}\n", flush=True)
    return code, found


def main() -> int:
    """Run all tiers or those named; 0 only if every test of every tier passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tiers", nargs="*", choices=[[], *(tier.name for tier in TIERS)])
    parser.add_argument("--soak", action="store_true", help="whole instead of sampled, without budgets")
    options = parser.parse_args()
    chosen = [
        t for t in TIERS if (not options.tiers or t.name in options.tiers) and (t.soaks or not options.soak)
    ]
    REPORTS.mkdir(parents=True, exist_ok=True)
    began, total, worst, silent = time.monotonic(), Counter[str](), OK, []
    for tier in chosen:
        if not present(tier):
            silent.append(tier.name)
            continue
        code, found = run(tier, options.soak)
        total += found
        worst = max(worst, code)
    for name in silent:
        print(f"{name}: this tree has no tests of this tier")
        worst = max(worst, TESTS_FAILED)
    closing = f" {spoken(total)} in {time.monotonic() - began:.2f}s "
    print(f"{closing:=^{WIDTH}}", flush=True)
    return OK if worst == OK else TESTS_FAILED


if __name__ == "__main__":
    sys.exit(main())
