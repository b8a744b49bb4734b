"""The tiers' arithmetic: what pytest wrote becomes one closing line."""

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import TOGETHER
from tools import tiers

JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="x"/></testcase>
<testcase name="c"><skipped message="y"/></testcase><testcase name="d"><error message="z"/></testcase>
<testcase name="e"/></testsuite></testsuites>"""


def test_outcomes_are_counted_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(JUNIT, encoding="utf-8")
    assert tiers.counts(report) == Counter(passed=2, failed=1, skipped=1, error=1)


def test_a_missing_report_counts_nothing(tmp_path: Path) -> None:
    assert tiers.counts(tmp_path / "report.xml") == Counter()


def test_spoken_as_pytest_does() -> None:
    assert tiers.spoken(Counter(passed=2, failed=1)) == "1 failed, 2 passed"
    assert tiers.spoken(Counter()) == "no tests ran"


def test_unit_takes_what_no_other_tier_takes() -> None:
    arguments = tiers.arguments(tiers.UNIT)
    assert arguments[0] == "tests"
    named = {a.removeprefix("--ignore=tests/") for a in arguments[1:]}
    assert named == {t.name for t in tiers.TIERS if t is not tiers.UNIT} | set(tiers.OUTSIDE)


@pytest.mark.parametrize("module", TOGETHER)
def test_modules_that_stay_together_are_there(module: str) -> None:
    assert (tiers.ROOT / module).is_file()
