"""How tests are shared out among processes (``-n``): one by one, as soon as a process has time for it.

And what Hypothesis tries: the same examples at each run, new ones in the soak.
"""

import os
from collections.abc import Callable

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from kassd import supervise

# Modules whose tests build on each other, or on something that is made or installed only once.
# (The mark xdist_group is silently without effect since pytest 9.2: pytest-dev/pytest-xdist#1386.)
TOGETHER = (
    "tests/crash/test_kill_steps.py",
    "tests/crash/test_kill_tse_wire.py",
    "tests/judges/test_asyncapi_parser.py",
    "tests/scenarios/test_demo_day.py",
)

supervise.NICE = 0  # here somebody waits for such a process, among many who work

hypothesis.settings.register_profile("repeatable", derandomize=True)
if os.environ.get("SOAK") != "1":
    hypothesis.settings.load_profile("repeatable")


class Sharing(LoadScopeScheduling):
    """A test is a work unit of its own, or a whole module is."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Callable[..., None]) -> Sharing:
    """Whatever ``--dist`` says."""
    return Sharing(config, log)


@pytest.fixture
def table(record_property: Callable[[str, object], None]) -> Callable[[str, list[str]], None]:
    """Show a table below the results, also of a test in another process."""

    def show(title: str, rows: list[str]) -> None:
        record_property("table", [title, *rows])

    return show


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The tables that tests have asked to be shown."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for report in reports:
        for name, rows in getattr(report, "user_properties", ()):
            if name == "table" and getattr(report, "when", "") == "call":
                terminalreporter.write_sep("-", rows[0])
                for row in rows[1:]:
                    terminalreporter.write_line(row)
