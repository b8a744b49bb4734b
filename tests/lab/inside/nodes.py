"""What udev made of what was plugged in."""

import grp
import subprocess
from pathlib import Path

OURS = Path("/dev/kassd")


def named() -> dict[str, tuple[str, int]]:
    """Group and mode of the nodes behind our names."""
    return {
        str(link.relative_to(OURS)): (group(str(link)), link.stat().st_mode & 0o777)
        for link in OURS.rglob("*")
        if link.is_symlink()
    }


def group(path: str) -> str:
    """Who may open a node."""
    return grp.getgrgid(Path(path).stat().st_gid).gr_name


def properties(path: str) -> dict[str, str]:
    """What udev knows of a device."""
    command = ["udevadm", "info", "--query=property", path]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(row.split("=", 1) for row in rows)
