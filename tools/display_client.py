"""Fetches the displays' MQTT client and puts it where the pages load it from.

The package, its version and the digests of the package and of each file used are pinned in
``display_client.json``; npm fetches it from whatever registry npm is configured for. Nothing but the
pinned bytes reaches ``kassd/displays/vendor``, which is not in git. Used by ``tools/setup`` and by the
build hook, so a wheel always carries the client.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "kassd" / "displays" / "vendor"


class FetchError(Exception):
    """The client could not be had, or is not the pinned one."""


def pinned() -> dict[str, Any]:
    """The pins: ``package``, ``version``, ``integrity`` (npm's form), ``files`` (name → as, sha256)."""
    pins: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return pins


def is_in_place(pins: dict[str, Any], vendor: Path) -> bool:
    """Whether every pinned file lies in ``vendor`` with the pinned digest."""
    return all(
        (vendor / file["as"]).is_file()
        and hashlib.sha256((vendor / file["as"]).read_bytes()).hexdigest() == file["sha256"]
        for file in pins["files"].values()
    )


def pack(package: str, version: str, folder: Path) -> Path:
    """Let npm put the package's archive into ``folder``; raises :class:`FetchError` with npm's own words."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError(
            "npm is needed once to fetch the displays' MQTT client (Debian: apt-get install npm)"
        )
    command = [npm, "pack", f"{package}@{version}", "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        words = (done.stderr or done.stdout).strip()
        raise FetchError(f"npm pack {package}@{version} ended with {done.returncode}: {words}")
    return archives[0]


def unpack(archive: Path, pins: dict[str, Any], vendor: Path) -> None:
    """Check ``archive`` against the pins and write the files used into ``vendor``.

    Raises :class:`FetchError` before anything is written when a digest differs.
    """
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != pins["integrity"]:
        raise FetchError(f"{archive.name}: expected {pins['integrity']}, got {found}")
    contents: dict[str, bytes] = {}
    with tarfile.open(archive, "r:gz") as tar:
        for name, file in pins["files"].items():
            member = tar.extractfile(f"package/{name}")
            data = member.read() if member else b""
            if hashlib.sha256(data).hexdigest() != file["sha256"]:
                raise FetchError(f"{archive.name}: {name} is not the pinned file")
            contents[file["as"]] = data
    vendor.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (vendor / name).write_bytes(data)


def fetch(vendor: Path = VENDOR) -> bool:
    """Make sure the pinned client lies in ``vendor``; True if it had to be fetched."""
    pins = pinned()
    if is_in_place(pins, vendor):
        return False
    with tempfile.TemporaryDirectory(prefix="kassd-npm-") as folder:
        unpack(pack(pins["package"], pins["version"], Path(folder)), pins, vendor)
    return True


def main() -> int:
    """Fetch for a working copy; sysexits 69 (unavailable) when the client cannot be had."""
    try:
        if fetch():
            print(f"setup: fetched the displays' MQTT client to {VENDOR.relative_to(ROOT)}")
    except FetchError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 69
    return 0


if __name__ == "__main__":
    sys.exit(main())
