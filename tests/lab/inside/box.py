"""The register in the guest, installed and run as on the box."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from kassd.journal import read_lines

CONFIG = Path("/etc/kassd/kassd.toml")
JOURNAL = Path("/var/lib/kassd/journal")
BROKER = 1883  # its port


def install(files: dict[str, str]) -> None:
    """Write configuration files (name in ``/etc/kassd`` → text) that the service may read."""
    CONFIG.parent.mkdir(exist_ok=True)
    for name, text in files.items():
        (CONFIG.parent / name).write_text(text)


def systemctl(*words: str) -> str:
    """Order systemd. Raises with the service's log where it refuses."""
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"systemctl {words}: {done.stderr}\n{log()}")
    return done.stdout


def set_up_tse() -> None:
    """``kassd tse setup``, as the service's user."""
    folder = JOURNAL.parent
    folder.mkdir(mode=0o750, exist_ok=True)
    shutil.chown(folder, "kassd", "kassd")
    command = ["kassd", "--config", str(CONFIG), "tse", "setup", "--yes"]
    done = subprocess.run(
        command, user="kassd", group="kassd", extra_groups=[], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")


def start() -> None:
    """Start the service and wait until it says that it is ready."""
    systemctl("start", "kassd.service")


def stop() -> None:
    """Stop the service."""
    systemctl("stop", "kassd.service")


def restart_late() -> None:
    """A register that crashes stays down until somebody starts it."""
    folder = Path("/run/systemd/system/kassd.service.d")
    folder.mkdir(parents=True)
    (folder / "late.conf").write_text("[Service]\nRestartSec=3600\n")
    systemctl("daemon-reload")


def examined(check: str, user: str = "root") -> str:
    """What ``kassd doctor`` says of one thing: severity and message."""
    command = ["kassd", "--config", str(CONFIG), "doctor", "--json"]
    groups = ["input"] if user != "root" else []
    done = subprocess.run(
        command, user=user, group=user, extra_groups=groups, capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(done.stdout)["findings"]
    except ValueError as error:
        raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}") from error
    (row,) = [row for row in found if row["id"] == check]
    return f"{row['severity']}: {row['message']}"


def pid() -> int:
    """The daemon's process, 0 for none."""
    return int(systemctl("show", "--property=MainPID", "--value", "kassd.service"))


def kill() -> int:
    """SIGKILL; the process that was killed."""
    killed = pid()
    os.kill(killed, 9)
    return killed


def huge_pages() -> bool:
    """Whether the kernel may make the daemon's memory into huge pages (THP_enabled of proc_pid_status(5))."""
    status = Path(f"/proc/{pid()}/status").read_text()
    return "THP_enabled:\t1" in status


def log() -> str:
    """What the service said."""
    command = ["journalctl", "--no-pager", "--output=cat", "--lines=60", "--unit=kassd.service"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def facts(kind: str) -> list[dict[str, Any]]:
    """The data of the journal's facts of one kind, in order."""
    return [dict(fact["data"]) for line in read_lines(JOURNAL) for fact in line.facts if fact["kind"] == kind]


def lines(facts: list[str], wishes: list[str]) -> dict[str, list[Any]]:
    """The journal's facts and wishes of these kinds, in order."""
    read = list(read_lines(JOURNAL))
    return {
        "facts": [fact for line in read for fact in line.facts if fact["kind"] in facts],
        "wishes": [wish for line in read for wish in line.wishes if wish["kind"] in wishes],
    }
