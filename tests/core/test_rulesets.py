"""The sets of rules: what is law comes into force by its date, what is planned never does."""

from datetime import datetime
from pathlib import Path

import pytest

from kassd.core import rulesets
from kassd.core.rulesets import RULE_SETS, in_force, planned
from kassd.core.tender.cash_limit import LIMITS
from kassd.errors import ConfigError
from kassd.settings import EXAMPLE, Settings, load
from tests.core.playbook import CET, Playbook, add, cash

DAYS = ("2020-01-01", "2026-11-22", "2027-12-31", "2028-01-01", "2035-06-01")


@pytest.mark.parametrize("day", DAYS)
def test_t34_ruleset_date_does_not_activate_what_is_planned(day: str) -> None:
    assert in_force(day).name == "current"
    assert [plan.name for plan in planned()] == ["planned_2028"], "it can be seen all the same"


def test_t34_ruleset_date_changes_nothing_at_a_register() -> None:
    def slip(year: int) -> tuple[str, ...]:
        book = Playbook(at=datetime(year, 11, 21, 12, 0, tzinfo=CET)).ready()
        (book >> add() >> cash()).done()
        assert book.wishes("print"), "a receipt is printed"
        return tuple(fact["kind"] for line in book.lines for fact in line["facts"])

    assert slip(2026) == slip(2029)


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ('[rules]\nset = "planned_2028"\n', {}),
        ('rulesets = ["planned_2028"]\n', {}),
        ("", {"KASSD_RULES__SET": "planned_2028"}),
        ("", {"KASSD_REGISTER__RULES": "planned_2028"}),
    ],
)
def test_t34_ruleset_date_cannot_be_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, environ: dict[str, str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "kassd.toml"
    file.write_text(text + EXAMPLE if text.startswith("rulesets") else EXAMPLE + text, encoding="utf-8")
    with pytest.raises(ConfigError):
        load(file)
    assert not any("rule" in name for name in Settings.model_fields)


def test_a_set_is_in_force_once_it_is_promulgated(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned()[0]
    law = rulesets.RuleSet(plan.name, plan.first_day, "BGBl. 2027 I Nr. 1", plan.rules)
    monkeypatch.setattr(rulesets, "RULE_SETS", (RULE_SETS[0], law))
    assert in_force("2027-12-31").name == "current"
    assert in_force("2028-01-01").name == "planned_2028"
    assert planned() == ()


def test_every_dated_rule_of_the_program_is_in_the_set() -> None:
    rules = in_force("2026-11-22").rules
    assert [rule.first_day for rule in rules] == sorted(rule.first_day for rule in rules)
    assert {limit.first_day for limit in LIMITS} <= {rule.first_day for rule in rules}
    assert any(rule.text == "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG): 7,8 %" for rule in rules)
    assert any("1 Monat" in rule.text and rule.first_day == "2025-07-01" for rule in rules)
