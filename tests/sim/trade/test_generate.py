"""Made-up trade is real trade: it verifies, and the same seed makes the same bytes."""

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kassd import settings
from kassd.cli.main import main
from kassd.journal import read_lines, verify_journal
from kassd.sim.trade import SHOPS, Generated, generate, write_setup
from kassd.sim.trade.virtual import TradeError
from kassd.tse.log import verify_tar

MONDAY = date(2026, 1, 5)


def made(folder: Path, shop: str, days: int = 1, seed: int = 7, density: float = 0.1) -> Generated:
    config = settings.flatten(settings.load(write_setup(SHOPS[shop], folder)))
    return generate(SHOPS[shop], folder, config, MONDAY, days, seed, density)


def digest(folder: Path) -> str:
    """Of every file below ``folder``, with its name."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


def test_a_day_at_the_bakery_verifies(tmp_path: Path) -> None:
    day = made(tmp_path / "out", "bakery")
    journal, archive = verify_journal(day.journal), verify_tar(day.archives[0])
    assert journal.ok, journal.findings
    assert archive.ok, archive.findings
    counts = day.coverage.table()
    assert counts["fact"]["till.closed"] == 1
    assert counts["flow"]["customer"] > 10
    assert archive.checked > 2 * day.receipts, "each receipt was started and finished"


def test_tses_are_replaced_on_days_that_are_closed(tmp_path: Path) -> None:
    config = settings.flatten(settings.load(write_setup(SHOPS["flea"], tmp_path / "out")))
    trade = generate(SHOPS["flea"], tmp_path / "out", config, MONDAY, 9, 7, 0.1, swaps=2)
    assert [path.name for path in trade.archives] == ["tse.tar", "tse-2.tar", "tse-3.tar"]
    assert trade.coverage.table()["fact"]["tse.replaced"] == 2
    verdicts = [verify_tar(path) for path in trade.archives]
    assert all(verdict.ok and verdict.checked > 3 for verdict in verdicts), verdicts
    assert verify_journal(trade.journal).ok


def test_a_swap_that_finds_no_closed_till_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.sim.trade.plan.FORGOTTEN", 1.0)
    config = settings.flatten(settings.load(write_setup(SHOPS["flea"], tmp_path / "out")))
    with pytest.raises(TradeError, match="1 TSE-Wechsel fanden keinen Tag"):
        generate(SHOPS["flea"], tmp_path / "out", config, date(2026, 1, 10), 1, 7, 0.1, swaps=1)


def test_the_same_seed_makes_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    made(tmp_path / "here", "truck", days=3)
    made(tmp_path / "other", "truck", days=3, seed=8)
    command = [sys.executable, "-m", "kassd", "sim", "trade", "--shop", "truck", "--from", str(MONDAY)]
    command += ["--days", "3", "--seed", "7", "--density", "0.1", "--out", str(tmp_path / "there")]
    environment = {**os.environ, "PYTHONHASHSEED": "99", "TZ": "America/New_York"}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    assert digest(tmp_path / "here") == digest(tmp_path / "there" / "truck")
    assert digest(tmp_path / "here") != digest(tmp_path / "other")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(TradeError, match="nicht leer"):
        write_setup(SHOPS["bar"], tmp_path)
    assert os.listdir(tmp_path) == ["mine"]


def test_the_command_prints_what_the_trade_contains(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["sim", "trade", "--shop", "flea", "--from", "2026-01-10", "--days", "2", "--out"]
    assert main([*command, str(tmp_path / "a"), "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["event"]["rate_closing"] == 0
    assert table["fact"]["till.closed"] in (1, 2)
    assert main([*command, str(tmp_path / "b")]) == 0
    printed = capsys.readouterr().out
    assert f"{'flow':16}{'customer':32}{table['flow']['customer']:>9}" in printed
    assert main([*command, str(tmp_path / "b")]) == TradeError.exit_code


def only(folder: Path, shop: str, flow: str, days: int) -> Generated:
    """Days in which people buy little and ``flow`` happens on each."""
    rare = replace(SHOPS[shop], flows={flow: 7300})
    config = settings.flatten(settings.load(write_setup(rare, folder)))
    trade = generate(rare, folder, config, date(2026, 1, 10), days, 7, 0.05)
    assert trade.coverage.table()["flow"][flow] >= days - 1
    assert verify_journal(trade.journal).ok
    assert verify_tar(trade.archives[0]).ok
    return trade


def test_an_old_card_is_put_in_and_the_numbers_go_on(tmp_path: Path) -> None:
    trade = only(tmp_path / "out", "flea", "old_card", 2)
    facts = [fact for line in read_lines(trade.journal) for fact in line.facts]
    seen = [fact["data"] for fact in facts if fact["kind"] == "journal.rollback_seen"]
    skipped = [fact["data"] for fact in facts if fact["kind"] == "counters.skipped"]
    assert {one["source"] for one in seen} == {"broker"}
    assert re.fullmatch(r"broker: kennt \d+ Journalzeilen, hier sind es \d+\.", seen[0]["message"])
    assert [one["epoch"] for one in skipped] == list(range(2, len(skipped) + 2))
    assert not any(one.get("first_receipt") for one in skipped), "nothing was sold in between"
    assert not [fact for fact in facts if fact["kind"] == "report.made"], "the report is lost with the card"
    assert trade.coverage.table()["fact"]["report.made"] == len(seen)


def test_the_office_changes_the_prices(tmp_path: Path) -> None:
    trade = only(tmp_path / "out", "bakery", "price_list", 3)
    changed = [
        fact["data"]
        for line in read_lines(trade.journal)
        for fact in line.facts
        if fact["kind"] == "config.changed" and fact["data"]["how"] == "import preise.xlsx"
    ]
    bread = [one for one in changed if one["key"] == "catalog.article.brot"]
    assert [(one["old"]["price"], one["new"]["price"]) for one in bread[:2]] == [(390, 409), (409, 390)]
    assert {one["who"] for one in changed} == {"kasse (Büro)"}
    assert not [one for one in changed if one["key"] == "catalog.article.pfand"]


def test_a_person_who_is_refused_ends_it(tmp_path: Path) -> None:
    shop = replace(SHOPS["flea"], liked={"nothing-we-have": 1.0})
    config = settings.flatten(settings.load(write_setup(shop, tmp_path)))
    with pytest.raises(TradeError, match="unknown_article"):
        generate(shop, tmp_path, config, date(2026, 1, 10), 1, 7, 1.0)
