"""``kassd operator hash`` as somebody would use it."""

import subprocess
import sys
import tomllib

from kassd.app.pins import is_pin

COMMAND = [sys.executable, "-m", "kassd", "operator", "hash"]


def run(pin: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(COMMAND, input=f"{pin}\n", capture_output=True, text=True, timeout=30, check=False)


def test_the_line_is_ready_for_the_file() -> None:
    done = run("4711")
    assert (done.returncode, done.stderr) == (0, "")
    assert is_pin("4711", tomllib.loads(done.stdout)["pin"])
    assert "4711" not in done.stdout


def test_a_bad_pin_is_refused_with_the_next_step() -> None:
    done = run("1234")
    assert (done.returncode, done.stdout) == (65, "")
    assert "errät jeder" in done.stderr
    assert "Eine andere PIN wählen" in done.stderr
