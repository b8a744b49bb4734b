"""A folder is handed out whole or not at all; what cannot be had is said, not faked."""

import errno
import hashlib
import shutil
import subprocess
from collections import namedtuple
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kassd.errors import DataError
from kassd.fiscal.visit import Part, Unavailable, bundle, write_bundle
from kassd.fiscal.visit.bundle import ASIDE, COVER, SUMS, Made

Usage = namedtuple("Usage", "total used free")


def text(content: str) -> Callable[[Path], str | None]:
    def make(path: Path) -> None:
        path.write_text(content, encoding="utf-8")

    return make


def folder_of(path: Path) -> str:
    path.mkdir()
    (path / "b.csv").write_text("b")
    (path / "a").mkdir()
    (path / "a" / "ä.csv").write_text("a")
    return "zwei Dateien"


def missing(path: Path) -> None:
    path.mkdir()
    (path / "half").write_text("half")
    raise Unavailable("Es gibt noch keinen Abschluss.")


def cover(parts: Sequence[Made]) -> str:
    return ",".join(part.name for part in parts if not part.missing)


PARTS = (
    Part("eins.txt", "Eins", text("1")),
    Part("tief/zwei", "Zwei", folder_of),
    Part("drei", "Drei", missing),
)


def test_what_nobody_has_thought_of_in_one_part_keeps_no_other_back(tmp_path: Path) -> None:
    def broken(path: Path) -> None:
        path.write_text("half")
        raise KeyError("first_closing")

    made = write_bundle(tmp_path / "out", (*PARTS, Part("vier", "Vier", broken)), cover, 0)
    assert "KeyError: 'first_closing'" in made.missing[-1].missing
    assert not (tmp_path / "out" / "vier").exists()
    assert (tmp_path / "out" / "eins.txt").read_text() == "1"
    assert (tmp_path / "out" / COVER).read_text() == "eins.txt,tief/zwei"


def test_who_may_not_have_it_any_more_gets_nothing(tmp_path: Path) -> None:
    """Asked at the very end, when all is made."""
    whole: list[bool] = []

    def allowed() -> None:
        whole.append((tmp_path / f"out{ASIDE}" / SUMS).exists())
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        write_bundle(tmp_path / "out", PARTS, cover, 0, allowed=allowed)
    assert whole == [True]
    assert list(tmp_path.iterdir()) == []


def test_every_file_is_there_and_in_the_sums(tmp_path: Path) -> None:
    told: list[str] = []
    made = write_bundle(tmp_path / "out", PARTS, cover, 0, told.append)
    assert told[:3] == ["Eins", "Zwei", "Drei"]
    names = sorted(p.relative_to(made.folder).as_posix() for p in made.folder.rglob("*") if p.is_file())
    assert names == sorted([COVER, SUMS, "eins.txt", "tief/zwei/a/ä.csv", "tief/zwei/b.csv"])
    assert (made.folder / COVER).read_text() == "eins.txt,tief/zwei"
    checked = subprocess.run(["sha256sum", "-c", SUMS], cwd=made.folder, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout
    sums = (made.folder / SUMS).read_bytes()
    assert made.sha256 == hashlib.sha256(sums).hexdigest()
    assert made.files == len(names) - 1 == sums.count(b"\n")
    assert made.size == sum(p.stat().st_size for p in made.folder.rglob("*") if p.is_file())
    assert [(part.name, part.missing) for part in made.missing] == [
        ("drei", "Es gibt noch keinen Abschluss.")
    ]
    assert [(p.remark, p.files, p.size) for p in made.parts[:2]] == [("", 1, 1), ("zwei Dateien", 2, 2)]


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match="gibt es schon"):
        write_bundle(tmp_path / "out", PARTS, cover, 0)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Stick eingesteckt"):
        write_bundle(tmp_path / "stick" / "out", PARTS, cover, 0)


def test_too_little_room_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 50 << 20))
    with pytest.raises(DataError, match="50 MiB frei, gebraucht werden etwa 68 MiB"):
        write_bundle(tmp_path / "out", PARTS, cover, 60 << 20)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "raised"), [(OSError(errno.ENOSPC, "full"), DataError), (OSError(errno.EIO, "bad"), OSError)]
)
def test_a_medium_that_fails_leaves_nothing(tmp_path: Path, error: OSError, raised: type[Exception]) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise error

    with pytest.raises(raised):
        write_bundle(tmp_path / "out", (PARTS[0], Part("x", "X", fail)), cover, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_stop_leaves_nothing_and_a_power_cut_is_tidied_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(path: Path) -> None:
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        write_bundle(tmp_path / "out", (PARTS[0], Part("x", "X", stop)), cover, 0)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / f"out{ASIDE}").mkdir()
    (tmp_path / f"out{ASIDE}" / "old").write_text("of a power cut")
    synced: list[Path] = []
    monkeypatch.setattr(bundle, "sync_folder", synced.append)
    made = write_bundle(tmp_path / "out", PARTS[:1], cover, 0)
    assert sorted(p.name for p in made.folder.iterdir()) == sorted(["eins.txt", COVER, SUMS])
    assert synced == [tmp_path / f"out{ASIDE}", tmp_path], "the folder before its name, then the name"
