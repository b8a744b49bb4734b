"""Each of thirty defects, planted in a copy of the package, is found by playing the shops' days."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.judges.defects import DEFECTS, Defect
from tests.judges.selfcheck import RED

ROOT = Path(__file__).resolve().parents[2]
Runs = dict[Defect | None, "Future[subprocess.CompletedProcess[str]]"]


def spoilt(folder: Path, defect: Defect | None) -> Path:
    """A folder with a package that has the defect; every other file of it is a link to ours."""
    source, target = ROOT / "kassd", folder / "kassd"
    parts = (Path("core") / defect.file).parts if defect else ()
    target.mkdir(parents=True)
    for part in (*parts, ""):
        for path in source.iterdir():
            if path.name != part:  # compiled modules too: what was not changed is not compiled again
                (target / path.name).symlink_to(path)
        source, target = source / part, target / part
        if source.is_file():
            text = source.read_text(encoding="utf-8")
            assert defect is not None
            target.write_text(text.replace(defect.old, defect.new), encoding="utf-8")
            break
        target.mkdir(exist_ok=True)
    return folder


def judged(folder: Path, defect: Defect | None) -> "subprocess.CompletedProcess[str]":
    """The self-check's verdict on a package with the defect."""
    path = os.pathsep.join([str(spoilt(folder, defect)), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "tests.judges.selfcheck"]
    return subprocess.run(
        command, cwd=folder, env=environment, text=True, capture_output=True, check=False, timeout=220
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """All verdicts, as many at a time as there are cores."""
    with ThreadPoolExecutor(min(4, len(os.sched_getaffinity(0)))) as pool:
        base = tmp_path_factory.mktemp("defects")
        yield {
            defect: pool.submit(judged, base / str(n), defect) for n, defect in enumerate((None, *DEFECTS))
        }


def test_there_are_thirty() -> None:
    assert len(DEFECTS) == len({defect.what for defect in DEFECTS}) == 30


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.what)
def test_the_text_to_spoil_is_still_there_once(defect: Defect) -> None:
    text = (ROOT / "kassd" / "core" / defect.file).read_text(encoding="utf-8")
    assert defect.old != defect.new
    assert text.count(defect.old) >= 1, f"{defect.file}: name the new text of this defect"


def test_without_a_defect_everything_is_green(runs: Runs) -> None:
    done = runs[None].result()
    assert (done.returncode, done.stdout) == (0, "green\n"), done.stdout + done.stderr


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.what)
def test_the_defect_is_found(runs: Runs, defect: Defect) -> None:
    done = runs[defect].result()
    assert done.returncode == RED, f"not found: {done.stdout}{done.stderr}"
    assert done.stdout.startswith("red: "), done.stderr
