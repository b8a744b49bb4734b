"""``kassd demo`` without a script: the page is there, what is typed is scanned, Ctrl-C ends it; and what
docs/mqtt.md has its reader type beside it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from kassd.sim.world_broker import free_port
from tests.programs import program, programs_of, until_gone

PAGE = Path(__file__).parents[2] / "docs" / "mqtt.md"


def test_what_the_documentation_says_works_as_typed(tmp_path: Path) -> None:
    """The three terminals of "Try it"; only the port is another one, since other tests run beside this."""
    text = PAGE.read_text(encoding="utf-8").partition("## Try it")[2].partition("\n## ")[0]
    text = text.replace("11883", str(free_port()))
    demo, watch, act = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TMPDIR": str(tmp_path)}

    def terminal(typed: str, **more: int) -> "AbstractContextManager[subprocess.Popen[str]]":
        command = ["bash", "-c", f"exec {typed}" if typed is not act else typed]
        return program(command, stdout=subprocess.PIPE, env=environment, **more)

    with terminal(demo, stdin=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert any("Strg-C" in line for line in first.stdout)
        with terminal(watch) as second, terminal(act) as third:
            said, _ = third.communicate(timeout=100)
            replies = [json.loads(line) for line in said.splitlines()]
            assert [reply["status"] for reply in replies] == ["ok", "ok", "accepted"], said
            assert len({reply["id"] for reply in replies}) == 3
            assert second.stdout is not None
            assert any("/state/sale/main " in line and '"done"' in line for line in second.stdout)
            second.terminate()
        with terminal(act) as again:
            said, _ = again.communicate(timeout=100)
        assert not [reply for reply in map(json.loads, said.splitlines()) if "duplicate" in reply]
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=100)


def test_demo_until_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kassd", "demo", "--dir", str(tmp_path)]
    with program(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Strg-C" in line:
                break
        text = "".join(said)
        address = text[text.index("http://") :].split()[0]
        with urllib.request.urlopen(address, timeout=60) as page:
            assert b"<!doctype html>" in page.read().lower()
        with urllib.request.urlopen(f"{address}config.json", timeout=60) as page:
            assert b"demo.kasse-0007" in page.read()
        assert "4006381333931" in text
        assert "KASSDBAR" in text
        process.stdin.write("4006381333931\n")
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(100) == 0
        assert "Beendet" in rest
    verify = [sys.executable, "-m", "kassd", "verify", str(tmp_path / "journal")]
    assert subprocess.run(verify, capture_output=True, check=False, timeout=100).returncode == 0


@pytest.mark.parametrize("inside", ["journal"])
def test_the_script_wants_a_fresh_folder(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir()
    command = [sys.executable, "-m", "kassd", "demo", "--script", "day", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 65
    assert "leeren Ordner" in done.stderr


@pytest.mark.parametrize("script", [(), ("--script", "day")])
@pytest.mark.parametrize("begun", ["mosquitto", "run"])
def test_a_demo_that_is_ended_while_it_starts_ends_all_it_has_started(
    tmp_path: Path, begun: str, script: tuple[str, ...]
) -> None:
    """As systemd and a closed terminal end it, as soon as its broker or its register is there."""
    command = [sys.executable, "-m", "kassd", "demo", *script, "--dir", str(tmp_path)]
    with program(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as demo:
        while not programs_of(tmp_path, begun) and demo.poll() is None:
            time.sleep(0.001)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(100) == 130
    asyncio.run(until_gone(tmp_path))


def test_what_a_demo_has_started_ends_with_it_when_it_is_killed(tmp_path: Path) -> None:
    """Else its register goes on, and opens whatever is later found at the paths of its devices."""
    command = [sys.executable, "-m", "kassd", "demo", "--dir", str(tmp_path)]
    with program(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        assert any("Strg-C" in line for line in demo.stdout)
        assert len(programs_of(tmp_path)) >= 2
        demo.kill()
    asyncio.run(until_gone(tmp_path))


def test_a_demo_that_cannot_start_ends_all_it_has_started(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    (journal / "000000000000.jsonl").write_bytes(b"garbage that is no journal\n" * 9000)
    command = [sys.executable, "-m", "kassd", "demo", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 70, done.stderr
    assert "beschädigt" in done.stderr
    asyncio.run(until_gone(tmp_path))
