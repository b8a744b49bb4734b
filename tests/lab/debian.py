"""Packages of a Debian that this machine is not: fetched and unpacked, nothing of them is executed.

apt does it with folders of its own: it resolves versions from the archive's index and checks the archive's
signatures with Debian's keyring. What was fetched stays for the next time.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.tiers import ROOT

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = "http://deb.debian.org/debian"  # where this machine's apt knows no other
SUITE, BACKPORTS = "trixie", "trixie-backports"
FROM_BACKPORTS = "linux-*"  # trixie's own kernel has no gpio-sim

CONFIGURATION = """
Dir::Etc::SourceList "{home}/sources.list";  Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "{home}/preferences";  Dir::Etc::PreferencesParts "/dev/null";
Dir::Etc::Trusted "/dev/null";  Dir::Etc::TrustedParts "/dev/null";
Dir::State "{home}/state";  Dir::State::Lists "{home}/lists";  Dir::State::status "{home}/status";
Dir::Cache "{home}/cache";
APT::Architecture "amd64";  APT::Architectures {{ "amd64"; }};  APT::Sandbox::User "";
APT::Install-Recommends "false";  Acquire::Languages "none";
"""
PREFERENCES = f"Package: {FROM_BACKPORTS}\nPin: release n={BACKPORTS}\nPin-Priority: 600\n"


class ArchiveError(Exception):
    """Packages could not be had; the text is what apt said."""


class Archive:
    """Debian 13 with the backports' kernel, as amd64. ``home`` holds index and packages."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._environment = os.environ | {"APT_CONFIG": str(home / "apt.conf"), "LC_ALL": "C"}

    def update(self) -> None:
        """Fetch the index. Raises :class:`ArchiveError`, also where a signature is missing or wrong."""
        if not KEYRING.exists():
            raise ArchiveError(f"{KEYRING} is missing: apt-get install debian-archive-keyring")
        for folder in ("state", "lists/partial", "cache/archives/partial"):
            (self._home / folder).mkdir(parents=True, exist_ok=True)
        mirror = _mirror()
        sources = [f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in (SUITE, BACKPORTS)]
        (self._home / "sources.list").write_text("".join(sources))
        (self._home / "preferences").write_text(PREFERENCES)
        (self._home / "status").touch()  # nothing is installed
        (self._home / "apt.conf").write_text(CONFIGURATION.format(home=self._home))
        self._apt("update", "--error-on=any")

    def fetch(self, packages: Sequence[str]) -> list[Path]:
        """The files of these packages and of all they depend on. Raises :class:`ArchiveError`."""
        wanted = ("install", "--yes", "--download-only", *packages)
        self._apt(*wanted)
        listed = self._apt(*wanted, "--print-uris", "-o", "Dir::Cache::Archives=none/")
        names = [line.split()[1] for line in listed.splitlines() if line.startswith("'")]
        return [self._home / "cache/archives" / name for name in names]

    def _apt(self, *words: str) -> str:
        done = subprocess.run(
            ["apt-get", "-q", *words], env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ArchiveError(f"apt-get {' '.join(words)}\n{done.stdout[-2000:]}{done.stderr}")
        return done.stdout


def unpack(packages: Sequence[Path], target: Path) -> None:
    """Lay the packages' files into ``target``; no script of theirs is run."""
    target.mkdir(parents=True, exist_ok=True)
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, target], check=True)


def _mirror() -> str:
    """This machine's own mirror of Debian, as its apt knows it."""
    words = ("indextargets", "--format", "$(SITE)", "Created-By: Packages", "Label: Debian")
    found = subprocess.run(["apt-get", *words], capture_output=True, text=True, check=False).stdout.split()
    return found[0] if found else MIRROR


def home() -> Path:
    """Where everything of the laboratory lies that can be made again."""
    return ROOT / "build" / "lab"
