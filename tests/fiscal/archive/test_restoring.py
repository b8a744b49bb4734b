"""A restore proves itself, overwrites nothing, and says who remembers more."""

import asyncio
import shutil
from pathlib import Path

import pytest

from kassd.core import facts as f
from kassd.errors import DataError
from kassd.fiscal.archive import Anchor, check_place, newer, restore
from kassd.fiscal.archive.holdings import Place
from kassd.journal import Journal, read_lines, verify_journal
from tests.fiscal.archive.conftest import STAMP, Register
from tests.fiscal.archive.test_copying import DAMAGES, NOTE, copied


def quiet(name: str) -> None:
    assert name


def test_what_is_restored_is_the_register_again(register: Register, tmp_path: Path) -> None:
    root = copied(register, tmp_path / "stick").root
    before = register.state()
    done = restore(tmp_path / "stick", tmp_path / "new", quiet)
    assert done.verdict.ok
    assert done.files > 6
    place = Place.below(tmp_path / "new")
    assert check_place(place).findings == ()
    assert [line.h for line in read_lines(place.journal)] == [
        line.h for line in read_lines(register.place.journal)
    ]
    assert register.state(place.journal) == before
    assert list((tmp_path / "new").rglob("*.part")) == []
    assert root.exists()


async def test_the_register_goes_on_in_it(register: Register, tmp_path: Path) -> None:
    await asyncio.to_thread(copied, register, tmp_path / "stick")
    await asyncio.to_thread(restore, tmp_path / "stick", tmp_path / "new", quiet)
    folder = tmp_path / "new" / "journal"
    journal, recovery = await Journal.open(folder, register.id, now=lambda: STAMP)
    assert recovery.anchors == ()
    await journal.close()
    kinds = [fact["kind"] for line in read_lines(folder) for fact in line.facts]
    assert kinds[-1] == "journal.key_changed", "the private key was not on the stick"
    assert verify_journal(folder).ok


@pytest.mark.parametrize("target", ["register", "file"])
def test_nothing_is_overwritten(register: Register, tmp_path: Path, target: str) -> None:
    copied(register, tmp_path / "stick")
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(DataError, match="überschrieben wird nichts"):
        restore(tmp_path / "stick", tmp_path / target, quiet)
    assert (tmp_path / "file").read_text("utf-8") == "mine"


@pytest.mark.parametrize(("pattern", "damage", "name"), DAMAGES[::3])
def test_a_damaged_copy_is_not_restored(
    stick: Path, tmp_path: Path, pattern: str, damage: object, name: str
) -> None:
    root = tmp_path / "stick" / stick.name
    shutil.copytree(stick, root)
    assert callable(damage)
    damage(sorted(root.glob(pattern))[0])
    done = restore(root, tmp_path / "new", quiet)
    assert (done.files, done.verdict.ok) == (0, False)
    assert any(finding.id.startswith(name) for finding in done.verdict.findings)
    assert not (tmp_path / "new").exists()


def test_a_bare_journal_can_be_restored_and_says_what_is_missing(register: Register, tmp_path: Path) -> None:
    done = restore(register.place.journal, tmp_path / "new", quiet)
    assert done.verdict.ok
    assert "journal_only" in {finding.id for finding in done.verdict.findings}
    assert verify_journal(tmp_path / "new" / "journal").ok
    assert not (tmp_path / "new" / "journal" / "key").exists()


def test_a_folder_with_copies_of_two_registers_is_a_question(tmp_path: Path) -> None:
    for name in ("kassd-A", "kassd-B"):
        (tmp_path / name).mkdir()
    with pytest.raises(DataError, match="kassd-A, kassd-B"):
        restore(tmp_path, tmp_path / "new", quiet)


def test_who_remembers_more_is_said(register: Register, tmp_path: Path) -> None:
    copied(register, tmp_path / "stick")
    restore(tmp_path / "stick", tmp_path / "new", quiet)
    journal = tmp_path / "new" / "journal"
    size = verify_journal(journal).checked
    ours = {"epoch": 1, "receipt": 17, "closing": 2, "transaction": 40}
    same = Anchor("mirror", {"size": size, "epoch": 1, "receipt": 17, "closing": 2})
    assert newer(journal, ours, [same]) == []
    found = newer(
        journal,
        ours,
        [
            same,
            Anchor("broker", {"size": size + 5, "receipt": 19}),
            Anchor("tse", {"transaction": 44}),
            Anchor("journal", {"size": 3, "root": "00" * 32}),
        ],
    )
    assert [(f.id, f.where) for f in found] == [
        ("rollback", "der Prüfpunkt beim Broker"),
        ("rollback", "der Prüfpunkt beim Broker"),
        ("rollback", "die TSE"),
        ("fork", "das bisherige Journal"),
    ]


def test_an_older_anchor_with_the_same_beginning_says_nothing(register: Register, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(register.place.journal, old)
    note = (old / "checkpoint").read_text("utf-8")
    import base64

    _, size, root = note.split("\n")[:3]
    anchor = Anchor("mirror", {"size": int(size), "root": base64.b64decode(root).hex()})
    register.write(NOTE, f.ExportMade("2026-11-05T20:00:00+01:00", "Ben", "tar"))
    assert newer(register.place.journal, {}, [anchor]) == []
    forged = Anchor("mirror", {"size": int(size), "root": "ab" * 32})
    assert [f.id for f in newer(register.place.journal, {}, [forged])] == ["fork"]
