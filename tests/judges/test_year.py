"""A year of trade over all shops, in one export: our audit and the TSEs' archives agree with every row.

``make test`` plays some days of each shop with few customers; ``make soak`` the year with all of them.
"""

import os
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from dsfinvk.validate import validate_dir

from kassd import settings
from kassd.fiscal.audit import audit
from kassd.fiscal.dsfinvk import Source, export_dsfinvk
from kassd.fiscal.rows import ALL
from kassd.sim.trade import SHOPS, Coverage, generate, write_setup
from tests.fiscal.kit import read

SOAK = os.environ.get("SOAK") == "1"
FIRST, SEED, SWAPS = date(2026, 2, 26), 11, 2
DAYS, DENSITY = (365, 1.0) if SOAK else (4, 0.03)
BAKERY = 1.2 if SOAK else 0.1  # where most customers come


@dataclass(frozen=True, slots=True)
class Year:
    """What was made."""

    export: Path
    archives: list[Path]
    journals: list[Path]
    coverage: Coverage


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    place = tmp_path_factory.mktemp("year")
    made = Year(place / "dsfinvk", [], [], Coverage())
    for name, shop in SHOPS.items():
        folder, density = place / name, BAKERY if name == "bakery" else DENSITY
        config = settings.flatten(settings.load(write_setup(shop, folder)))
        trade = generate(shop, folder, config, FIRST, DAYS, SEED, density, SWAPS)
        made.journals.append(trade.journal)
        made.archives.extend(trade.archives)
        made.coverage.add(trade.coverage)
    sources = [Source(journal, ALL) for journal in made.journals]
    export_dsfinvk(sources, made.export, made_at="2027-03-01T08:00:00+01:00", software="kassd")
    return made


@pytest.mark.timeout(7200 if SOAK else 120)
def test_the_year_is_a_year(year: Year) -> None:
    facts = year.coverage.table()["fact"]
    assert facts["tse.replaced"] == SWAPS * len(SHOPS)
    if SOAK:
        assert facts["till.closed"] >= 300
        assert facts["sale.finished"] >= 100_000
        for table in ("GV_TYP", "BON_TYP", "ZAHLART_TYP"):
            rare = {name: count for name, count in year.coverage.table()[table].items() if count < 10}
            assert not rare, table


@pytest.mark.timeout(7200 if SOAK else 120)
def test_audit_archives_and_every_signature_agree(year: Year) -> None:
    done = audit(year.export, year.archives, journals=year.journals)
    # C16 is told truly: a closing that was forgotten is made on the next day that is open
    found = [each for each in done.verdict.findings if each.severity != "info" and each.id != "C16"]
    assert not found, "\n".join(f"{each.id} {each.where}: {each.message}" for each in found[:20])
    signed = [row for row in read(year.export)["transactions_tse"] if row["TSE_TA_SIG"]]
    assert done.summary.signatures == len(signed) > 100


def test_the_foreign_validator_agrees(year: Year, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate_dir(year.export) == []
    assert capsys.readouterr().out == ""


def test_every_register_is_in_it(year: Year) -> None:
    closings = Counter(row["Z_KASSE_ID"] for row in read(year.export)["cashpointclosing"])
    assert len(closings) == len(SHOPS)
    assert min(closings.values()) >= 1
