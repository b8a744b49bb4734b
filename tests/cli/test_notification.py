"""``kassd notification`` and ``kassd export elster`` on a journal, without a register."""

import json
from datetime import date
from pathlib import Path

import pytest

from kassd.cli import config_rules
from tests.cli.kit import kassd
from tests.cli.test_export_accounting import config
from tests.fiscal.kit import traded


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notification") / "flea"
    traded(folder, "flea", date(2026, 3, 7), days=1, density=0.1)
    return folder


def test_what_is_due_is_said_without_an_action_too(shop: Path, tmp_path: Path) -> None:
    file = config(shop, tmp_path)
    done = kassd("notification", config=file)
    assert done.returncode == 0, done.stderr
    assert "NICHT EINREICHEN" in done.stdout
    assert "TEST-FLEA ist neu (Tag unbekannt)" in done.stdout
    assert "fehlt: TEST-FLEA: die Anschaffung (acquired)" in done.stdout
    (place,) = json.loads(kassd("notification", "--json", config=file).stdout)["places"]
    assert (place["due"], place["former"]) == ("", False)
    assert json.loads(kassd("notification", "status", "--json", config=file).stdout)["sent"] == []


def test_half_a_notification_is_none(shop: Path, tmp_path: Path) -> None:
    done = kassd("export", "elster", "--out", tmp_path / "out", config=config(shop, tmp_path))
    assert done.returncode == 78
    assert "TEST-FLEA: die Art der TSE (tse_form)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kassd.toml"]


def test_nothing_is_recorded_where_no_register_runs(shop: Path, tmp_path: Path) -> None:
    sent = ("notification", "sent", "--sheet", "00000000", "--on", "2026-03-07")
    assert kassd(*sent, config=config(shop, tmp_path)).returncode != 0


def test_rules_are_shown_with_what_is_only_planned(tmp_path: Path) -> None:
    done = kassd("config", "rules")
    assert done.returncode == 0
    assert "ohne Wirkung bis zur Verkündung: planned_2028" in done.stdout
    later = list(config_rules.lines("2030-01-01"))
    assert later[0].startswith("In Kraft am 2030-01-01: current")
    assert not any("noch nicht" in line for line in later)
    assert any("planned_2028" in line for line in later)
