"""The tree under test as a disk of the guest, compiled beforehand: emulation is slow at it."""

import compileall
import py_compile
import shutil
import tempfile
from pathlib import Path

from tests.lab.image import squash
from tools.tiers import ROOT

PARTS = ("kassd", "tests/lab/inside")
SIZE = 64 * 1024 * 1024  # the sleeping guest knows the disk's size, so it stays


def make(image: Path) -> None:
    """Pack the tree as it lies here into ``image``; the same tree gives the same bytes.

    A machine that runs keeps the disk it has: a new one takes its place and leaves it as it was."""
    new = image.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="lab.") as folder:
        tree = Path(folder) / "tree"
        for part in PARTS:
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(
            tree, quiet=2, stripdir=tree, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
        squash(tree, new, "-mkfs-time", "0", "-all-time", "0")
    with new.open("r+b") as file:
        file.truncate(SIZE)
    new.replace(image)
