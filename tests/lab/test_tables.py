"""What tests measure in several processes is shown as one table."""

import subprocess
import sys
from pathlib import Path

from tools.tiers import ROOT

CONFTEST = """
from tests.lab.conftest import pytest_runtest_makereport, pytest_terminal_summary
"""
TESTS = """
import os, time
import pytest
from pathlib import Path
from tests.lab import tables

HERE = Path(__file__).parent

@pytest.mark.parametrize("n", range(4))
def test_measures(n):
    (HERE / f"{n}.process").write_text(str(os.getpid()))
    tables.row("Lengths", ("test", "ms"), str(n), "12.5")
    while n == 0 and not list(HERE.glob("*.ended")):
        time.sleep(0.01)  # the other process is ahead
    if n == 1:
        tables.row("Others", ("test",), "1")
    (HERE / f"{n}.ended").touch()
    assert n != 2
"""
SHOWN = """
Lengths
test  ms
0     12.5
1     12.5
2     12.5
3     12.5

Others
test
1
"""


def test_rows_of_two_processes_are_one_table_in_the_order_of_the_tests(tmp_path: Path) -> None:
    """Also of a test that fails."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses=2"]
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "1 failed, 3 passed" in done.stdout, done
    assert len({file.read_text() for file in tmp_path.glob("*.process")}) == 2
    assert SHOWN in done.stdout, done.stdout
