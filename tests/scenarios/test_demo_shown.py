"""``kassd demo`` without a script: the page is there, what is typed is scanned, Ctrl-C ends it."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


def test_demo_until_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kassd", "demo", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Strg-C" in line:
                break
        text = "".join(said)
        address = text[text.index("http://") :].split()[0]
        with urllib.request.urlopen(address, timeout=5) as page:
            assert b"<!doctype html>" in page.read().lower()
        with urllib.request.urlopen(f"{address}config.json", timeout=5) as page:
            assert b"demo.kasse-0007" in page.read()
        assert "4006381333931" in text
        assert "KASSDBAR" in text
        process.stdin.write("4006381333931\n")
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(20) == 0
        assert "Beendet" in rest
    verify = [sys.executable, "-m", "kassd", "verify", str(tmp_path / "journal")]
    assert subprocess.run(verify, capture_output=True, check=False, timeout=20).returncode == 0


@pytest.mark.parametrize("inside", ["journal"])
def test_the_script_wants_a_fresh_folder(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir()
    command = [sys.executable, "-m", "kassd", "demo", "--script", "day", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 65
    assert "leeren Ordner" in done.stderr
