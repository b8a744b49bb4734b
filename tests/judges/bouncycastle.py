"""Builds and runs ``Judge.java``: BouncyCastle's word on an archive, independent of all code of ours."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = ("bcprov", "commons-compress")
BESIDE = ("commons-io", "commons-lang3")  # later releases of Commons Compress need them
JARS = Path("/usr/share/java")


@dataclass(frozen=True, slots=True)
class Judge:
    """The compiled program; ``path`` is a Java class path."""

    path: str

    def _run(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        command = ["java", "-XX:+UseSerialGC", "-cp", self.path, "Judge", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=55)

    def accepts(self, archives: Iterable[Path]) -> tuple[bool, list[str]]:
        """Whether every message of all archives is genuine, and the verdicts: ``ok|bad MEMBER REASON``."""
        done = self._run(*map(str, archives))
        assert not done.stderr, done.stderr
        return done.returncode == 0, done.stdout.splitlines()

    def changes(self, archive: Path, changes: Iterable[tuple[int, int]]) -> list[str]:
        """The first bad message (or ``ok``) of the archive with one octet changed: (offset, value) each."""
        orders = "".join(f"{place} {value}\n" for place, value in changes)
        done = self._run("--changes", str(archive), stdin=orders)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()


def build(folder: Path) -> Judge:
    """Compile into ``folder``; fails aloud where the Debian packages of ``tools/setup`` are missing."""
    jars = [JARS / f"{name}.jar" for name in (*LIBRARIES, *BESIDE)]
    jars = [jar for jar in jars if jar.exists() or jar.stem in LIBRARIES]
    path = ":".join(map(str, [folder, *jars]))
    source = Path(__file__).with_name("Judge.java")
    command = ["javac", "-Xlint:all,-path", "-Werror", "-cp", path, "-d", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode == 0, done.stdout + done.stderr
    return Judge(path)
