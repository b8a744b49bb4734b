"""A copy is byte for byte what the register has, at any moment, and each damage of it is named."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from kassd.core import facts as f
from kassd.errors import DataError
from kassd.fiscal.archive import Copied, check_copy, check_place, copy_to
from kassd.fiscal.archive import manifest as manifests
from kassd.journal import verify_journal
from tests.fiscal.archive.conftest import NOW, Register

NOTE = f.ExportMade("2026-11-05T20:00:00+01:00", "Anna", "tar")


def copied(register: Register, stick: Path) -> Copied:
    stick.mkdir(exist_ok=True)
    return copy_to(register.place, stick, register.id, register.numbers, NOW, lambda name: None)


def ids(root: Path) -> set[str]:
    verdict = check_copy(root, signatures=False)
    return {finding.id for finding in verdict.findings if finding.severity == "error"}


def test_everything_is_copied_and_checks(register: Register, tmp_path: Path) -> None:
    assert check_place(register.place).ok
    done = copied(register, tmp_path / "stick")
    assert done.root.name == f"kassd-{register.id}"
    assert done.written == done.files > 6
    verdict = check_copy(done.root)
    assert verdict.findings == ()
    found = manifests.read(done.root)
    assert found is not None
    assert found.head.lines == done.lines == verify_journal(register.place.journal).checked
    assert (found.head.receipt, found.head.closing) == (register.state().receipt, 2)
    assert not (done.root / "journal" / "key").exists(), "the private key stays at home"
    assert any(name.startswith("tse-archive/") for name in found.files)
    assert "archive/export/2026-11-05-dsfinvk-2026-11/index.xml" in found.files


def test_the_next_copy_writes_what_is_new_and_compares_the_rest(register: Register, tmp_path: Path) -> None:
    first = copied(register, tmp_path / "stick")
    assert copied(register, tmp_path / "stick").written == 0
    register.write(NOTE)
    again = copied(register, tmp_path / "stick")
    assert again.lines > first.lines
    assert again.written == 1
    rotten = first.root / "archive/export/2026-11-05-dsfinvk-2026-11/index.xml"
    rotten.write_text("<DataSeT/>", "utf-8")
    assert copied(register, tmp_path / "stick").written == 1
    assert check_copy(first.root).findings == ()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.chmod(0o600)
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-7])


DAMAGES: list[tuple[str, Callable[[Path], None], str]] = [
    ("journal/*.jsonl*", flip, "file_changed"),
    ("journal/*.jsonl*", cut, "file_changed"),
    ("journal/*.jsonl*", Path.unlink, "file_missing"),
    ("journal/blob/*", flip, "file_changed"),
    ("journal/blob/*", Path.unlink, "blob_missing"),
    ("journal/blob/*", cut, "blob_wrong"),
    ("journal/checkpoint", flip, "checkpoint_"),
    ("tse-archive/*/*.tar", flip, "file_changed"),
    ("tse-archive/*/*.tar", cut, "file_changed"),
    ("tse-archive/*/*.tar", Path.unlink, "file_missing"),
    ("archive/export/*/lines.csv", flip, "file_changed"),
    ("archive/export/*/lines.csv", Path.unlink, "file_missing"),
    ("archive/manifest.jsonl", flip, "ledger_changed"),
    ("manifest.jsonl", flip, "manifest_damaged"),
    ("manifest.jsonl", cut, "manifest_damaged"),
    ("manifest.jsonl", Path.unlink, "manifest_missing"),
]


@pytest.mark.parametrize(("pattern", "damage", "name"), DAMAGES)
def test_each_damage_of_a_copy_is_named(
    stick: Path, tmp_path: Path, pattern: str, damage: Callable[[Path], None], name: str
) -> None:
    root = tmp_path / "stick" / stick.name
    shutil.copytree(stick, root)
    damage(sorted(root.glob(pattern))[0])
    assert any(found.startswith(name) for found in ids(root)), check_copy(root).findings


def test_a_tar_that_agrees_with_a_changed_manifest_still_contradicts_the_journal(
    register: Register, tmp_path: Path
) -> None:
    root = copied(register, tmp_path / "stick").root
    (tar,) = root.glob("tse-archive/*/*.tar")
    flip(tar)
    found = manifests.read(root)
    assert found is not None
    name = tar.relative_to(root).as_posix()
    forged = {**found.files, name: manifests.Print(tar.stat().st_size, _sha(tar))}
    manifests.write(root, manifests.Manifest(found.head, forged))
    assert ids(root) == {"file_changed"}


def _sha(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_power_cut_at_any_step_leaves_the_last_copy_good(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each renaming fails in turn: what the old manifest names is there; the next copy finishes it."""
    before = copied(register, tmp_path / "before").root
    root = tmp_path / "stick" / before.name
    register.write(NOTE)
    replace, left = os.replace, 0

    def fail(source: Path, target: Path) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    cuts = 0
    for number in range(10):
        shutil.rmtree(tmp_path / "stick", ignore_errors=True)
        shutil.copytree(tmp_path / "before", tmp_path / "stick")
        left = number
        try:
            copied(register, tmp_path / "stick")
        except KeyboardInterrupt:
            cuts += 1
            assert ids(root) == set(), number
        else:
            break
    assert cuts == 3  # the newest segment, the checkpoint, the manifest
    assert check_copy(root).findings == ()


def test_a_first_copy_that_was_cut_is_no_copy(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(manifests, "write", full)
        with pytest.raises(KeyboardInterrupt):
            copied(register, tmp_path / "stick")
    assert ids(tmp_path / "stick" / f"kassd-{register.id}") == {"manifest_missing"}
    assert check_copy(copied(register, tmp_path / "stick").root).ok


def test_a_copy_that_knows_more_is_never_overwritten(register: Register, tmp_path: Path) -> None:
    image = tmp_path / "image"
    shutil.copytree(register.folder, image)
    register.write(NOTE)
    root = copied(register, tmp_path / "stick").root
    with pytest.raises(DataError, match="zurückgesetzt"):
        copied(Register(image), tmp_path / "stick")
    Register(image).write(f.ExportMade("2026-11-05T20:00:00+01:00", "Ben", "journal"), NOTE, NOTE)
    with pytest.raises(DataError, match="anderen Inhalt"):
        copied(Register(image), tmp_path / "stick")
    assert check_copy(root).ok


def test_a_stick_that_is_not_there_gets_no_copy(register: Register, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="eingehängt"):
        copy_to(register.place, tmp_path / "none", register.id, register.numbers, NOW, lambda name: None)


@pytest.mark.parametrize("folder", ["journal", "tse-archive", "archive"])
def test_a_copy_is_no_part_of_what_it_copies(register: Register, tmp_path: Path, folder: str) -> None:
    home = register.place.journal.parent
    (home / folder / "stick").mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(home / folder)
    for target in (home / folder, home / "journal" / ".." / folder, tmp_path / "link" / "stick"):
        with pytest.raises(DataError, match=rf"liegt in {home / folder}, wovon die Kopie ist"):
            copied(register, target)
    assert register.place.owner(tmp_path / "link") == home / folder
    assert register.place.owner(home) is None


def test_a_packed_segment_takes_the_place_of_the_raw_one(register: Register, tmp_path: Path) -> None:
    root = copied(register, tmp_path / "stick").root
    raw = sorted((root / "journal").glob("*.jsonl"))
    assert len(raw) == 3, "two closings and the newest"
    _pack(register)
    done = copied(register, tmp_path / "stick")
    assert len(list((root / "journal").glob("*.jsonl"))) == 1
    assert len(list((root / "journal").glob("*.jsonl.gz"))) == 2
    assert done.written == 2
    assert check_copy(root).findings == ()


def _pack(register: Register) -> None:
    """As the daemon does in a quiet moment."""
    import asyncio

    from kassd.journal import Journal
    from tests.fiscal.archive.conftest import STAMP

    async def wait() -> None:
        journal, _ = await Journal.open(register.place.journal, register.id, now=lambda: STAMP)
        async with asyncio.timeout(20):
            while len(list(register.place.journal.glob("*.jsonl"))) > 1:
                await asyncio.sleep(0.02)
        await journal.close()

    asyncio.run(wait())


def test_any_flipped_bit_and_any_cut_of_any_file_is_found(stick: Path, tmp_path: Path) -> None:
    """Seeded, every file in turn; the manifest, the ledger and the checkpoint included."""
    root, chance = tmp_path / stick.name, Random(7)
    shutil.copytree(stick, root)
    assert check_copy(root, signatures=False).findings == ()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        path.chmod(0o600)
        if path.name == "lock" or not whole:
            continue
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        for damaged in (bytes(flipped), whole[: chance.randrange(len(whole))]):
            path.write_bytes(damaged)
            assert not check_copy(root, signatures=False).ok, path.relative_to(root)
        path.write_bytes(whole)
    assert check_copy(root, signatures=False).findings == ()
