"""Registers that have traded, and exports read back as an auditor's program reads them."""

import csv
from datetime import date
from pathlib import Path

from kassd import settings
from kassd.fiscal.dsfinvk import Exported, Source, export_dsfinvk
from kassd.fiscal.rows import ALL, Period
from kassd.sim.trade import SHOPS, generate, write_setup

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "dsfinvk"
Cells = list[dict[str, str]]


def traded(folder: Path, shop: str, first: date, days: int = 1, density: float = 0.05, seed: int = 7) -> Path:
    """The journal of a shop after ``days`` days."""
    config = settings.flatten(settings.load(write_setup(SHOPS[shop], folder)))
    return generate(SHOPS[shop], folder, config, first, days, seed, density).journal


def exported(journal: Path, out: Path, period: Period = ALL) -> Exported:
    """An export of one register."""
    return export_dsfinvk(
        [Source(journal, period)], out, made_at="2026-11-22T05:00:00+01:00", software="kassd"
    )


def read(folder: Path) -> dict[str, Cells]:
    """Rows of every CSV file by its stem."""
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file, delimiter=";"))
    return found
