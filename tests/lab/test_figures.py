"""How fast it is, by the clock of a guest that does a thousand million instructions in a second: what else
runs on this machine does not change the figures."""

import os
import statistics

from kassd.sim.world_config import CATALOG
from tests.lab import tables
from tests.lab.guest import Guest
from tests.lab.inside import figures

BREAD = str(CATALOG[0]["codes"][0])
SALES, SCANS = (50, 20) if os.environ.get("SOAK") else (4, 5)
OWN_MS = 15.0  # of a receipt's way that is neither the TSE's nor the wire's
DRAWER_MS = 20.0
HEAD = ("from", "to", "p50 ms", "p99 ms", "wanted")


async def test_scans_receipts_and_the_drawer(timed: Guest) -> None:
    found = await timed.call(figures.sales, code=BREAD, scans=SCANS, count=SALES, seconds=3600)
    scans = [took for sale in found for took in sale["scans"]]
    own = [sale["paper"] - sale["tse"] - sale["transfer"] for sale in found]
    drawer = [sale["drawer"] for sale in found]
    _row("key-up of the suffix", "state/sale", scans)
    _row("pay", "last byte at the USB printer", [sale["paper"] for sale in found])
    _row("... TSE and transfer aside", "", own, OWN_MS)
    _row("payment on disk", "drawer's line high", drawer, DRAWER_MS)
    assert all(sale["drawer"] < sale["signed"] for sale in found), "the drawer waited for the TSE"
    assert max(drawer) <= DRAWER_MS, found
    assert statistics.median(own) <= OWN_MS, found


def _row(begin: str, end: str, took: list[float], allowed: float | None = None) -> None:
    hundredths = statistics.quantiles(took, n=100, method="inclusive")
    cells = (f"{hundredths[49]:.1f}", f"{hundredths[98]:.1f}", "" if allowed is None else f"{allowed:g}")
    tables.row("How long it takes", HEAD, begin, end, *cells)
