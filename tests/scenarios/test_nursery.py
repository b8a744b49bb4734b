"""What is forked is a process like any other: the other scenarios rely on it."""

import asyncio
import os
import signal
from pathlib import Path

from tests.nursery import Child, nursery

PROGRAM = """
import os, signal, sys, time
print(sys.argv[1:], __name__, os.environ.get("WHOSE"), "HOME" in os.environ, flush=True)
print("trouble", file=sys.stderr, flush=True)
match sys.argv[1]:
    case "ends": sys.exit(7)
    case "fails": raise ValueError("no such thing")
    case "sleeps": time.sleep(60)
"""


async def born(folder: Path, *words: str) -> tuple[Child, Path]:
    (folder / "some_program.py").write_text(PROGRAM, encoding="utf-8")
    environment = {"PYTHONPATH": str(folder), "WHOSE": "its own"}
    log = folder / f"{words[0]}.log"
    with log.open("ab") as file:
        return await nursery().start(("some_program", *words), environment, file), log


async def test_a_child_has_its_own_words_environment_output_and_exit_code(tmp_path: Path) -> None:
    child, log = await born(tmp_path, "ends", "soon")
    assert child.pid != os.getpid()
    assert await asyncio.gather(child.wait(), child.wait()) == [7, 7]
    assert child.returncode == 7
    assert log.read_text().splitlines() == ["['ends', 'soon'] __main__ its own False", "trouble"]
    child.kill()  # nobody is hit


async def test_what_is_not_caught_is_told_and_ends_with_1(tmp_path: Path) -> None:
    child, log = await born(tmp_path, "fails")
    assert await child.wait() == 1
    assert "ValueError: no such thing" in log.read_text()


async def test_each_is_ended_by_its_own_signal(tmp_path: Path) -> None:
    (one, _), (two, _) = await born(tmp_path, "sleeps"), await born(tmp_path, "sleeps")
    one.send_signal(signal.SIGTERM)
    assert await one.wait() == -signal.SIGTERM
    assert two.returncode is None
    two.kill()
    assert await two.wait() == -signal.SIGKILL
