"""Modules of Debian's kernel: found by name with all they need, and unpacked for the guest."""

import lzma
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

NEEDS = re.compile(rb"\0depends=([\w,-]*)\0")


class ModuleMissing(Exception):
    """The kernel was built without it."""


class Modules:
    """The modules in an unpacked kernel package."""

    def __init__(self, kernel: Path) -> None:
        self._files = {_name(file): file for file in kernel.rglob("*.ko*")}
        listing = next(kernel.rglob("modules.builtin"))
        self._home = listing.parent
        self._builtin = {_name(Path(line)) for line in listing.read_text().split()}

    def install(self, wanted: Iterable[str], root: Path) -> list[Path]:
        """Put them and what they need into ``root``; the files, each after those it needs.

        Raises :class:`ModuleMissing`.
        """
        version = self._home.name
        target = root / "usr/lib/modules" / version
        done: dict[str, Path] = {}
        for name in wanted:
            self._install(name, target / "kernel", done)
        for listing in self._home.glob("modules.*"):
            shutil.copy(listing, target)
        subprocess.run(["/sbin/depmod", "-b", root, version], check=True)
        return list(done.values())

    def _install(self, name: str, target: Path, done: dict[str, Path]) -> None:
        if name in done or name in self._builtin:
            return
        if name not in self._files:
            raise ModuleMissing(f"Debian's kernel {self._home.name} has no module {name}")
        data = _unpacked(self._files[name])
        needs = NEEDS.search(data)
        for need in needs[1].decode().split(",") if needs and needs[1] else ():
            self._install(need.replace("-", "_"), target, done)
        target.mkdir(parents=True, exist_ok=True)
        done[name] = target / f"{name}.ko"
        done[name].write_bytes(data)


def _name(file: Path) -> str:
    return file.name.partition(".")[0].replace("-", "_")


def _unpacked(file: Path) -> bytes:
    data = file.read_bytes()
    return lzma.decompress(data) if file.suffix == ".xz" else data
