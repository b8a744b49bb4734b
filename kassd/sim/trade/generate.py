"""Years of trade into a folder: journal, the TSE's archive, configuration, catalogue."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kassd.core.catalog import parse_catalog
from kassd.core.master import sales_keys
from kassd.sim.trade.coverage import Coverage
from kassd.sim.trade.plan import plan
from kassd.sim.trade.shop import Shop, at
from kassd.sim.trade.virtual import Setup, TradeError, VirtualRegister


@dataclass(frozen=True, slots=True)
class Generated:
    """What was made. ``journal`` and ``archives`` (one of each TSE) are for ``kassd verify``."""

    shop: str
    journal: Path
    archives: tuple[Path, ...]
    decisions: int
    receipts: int
    coverage: Coverage


def write_setup(shop: Shop, folder: Path) -> Path:
    """Write configuration and catalogue; returns the former. The folder must be new or empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise TradeError(f"{folder} ist nicht leer. Bitte einen neuen Ordner nennen.")
    (folder / "catalog.json").write_text(shop.catalog(), encoding="utf-8")
    config = folder / "kassd.toml"
    config.write_text(shop.config(), encoding="utf-8")
    return config


def generate(
    shop: Shop,
    folder: Path,
    config: Mapping[str, Any],
    first: date,
    days: int,
    seed: int,
    density: float,
    swaps: int = 0,
) -> Generated:
    """``days`` days of trade from ``first`` on, over which the TSE is replaced ``swaps`` times. ``config`` is
    the written configuration, flattened. Raises :class:`TradeError` where a person was refused something,
    or a swap found no day; ``Untrue`` where the register added up wrongly.
    """
    text = shop.catalog()
    hashed = hashlib.sha256("\n".join(f"{k}={v!r}" for k, v in sorted(config.items())).encode()).hexdigest()
    setup = Setup(
        folder=folder,
        config=config,
        config_hash=hashed,
        articles=parse_catalog(text, keys=sales_keys(config)),
        catalog_hash=hashlib.sha256(text.encode()).hexdigest(),
        seed=f"{seed} {shop.name}".encode(),
        begin=at(first, -60),
    )
    coverage, wallet = Coverage(), dict[str, list[Any]]()
    due = [days * (n + 1) // (swaps + 1) for n in range(swaps)]
    register = VirtualRegister(setup, coverage.see)
    try:
        for n in range(days):
            for step in plan(shop, first + timedelta(days=n), seed, density, first):
                register.until(step.at)
                coverage.counts["flow", step.name] += 1
                register.play(step.flow(shop, wallet))
            if due and n >= due[0] and register.swap_tse("Wechsel vor dem Ende des Zertifikats"):
                due.pop(0)
        if due:
            raise TradeError(f"{len(due)} TSE-Wechsel fanden keinen Tag mit geschlossener Kasse.")
    finally:
        register.close()
    coverage.counts.update({("command", name): n for name, n in register.commands.items()})
    receipts, decisions = register.state.receipt, register.decisions
    archives = tuple(register.archives)
    return Generated(shop.name, folder / "journal", archives, decisions, receipts, coverage)
