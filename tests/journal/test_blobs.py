import hashlib
from pathlib import Path

import pytest

from kassd.errors import JournalDamaged
from kassd.journal.blobs import read_blob, write_blob
from kassd.journal.files import OsFiles


def test_round_trip_and_same_content_once(tmp_path: Path) -> None:
    ref = write_blob(OsFiles(), tmp_path, b"catalogue")
    assert ref == {"blob": hashlib.sha256(b"catalogue").hexdigest(), "size": 9}
    assert write_blob(OsFiles(), tmp_path, b"catalogue") == ref
    assert read_blob(tmp_path, ref) == b"catalogue"
    assert [p.name for p in (tmp_path / "blob").iterdir()] == [ref["blob"]]


def test_a_half_blob_is_written_again(tmp_path: Path) -> None:
    ref = write_blob(OsFiles(), tmp_path, b"catalogue")
    path = tmp_path / "blob" / ref["blob"]
    path.chmod(0o600)
    path.write_bytes(b"cata")
    write_blob(OsFiles(), tmp_path, b"catalogue")
    assert read_blob(tmp_path, ref) == b"catalogue"


@pytest.mark.parametrize("name", ["../key", "", "A" * 64, None, 5])
def test_no_path_gets_in(tmp_path: Path, name: object) -> None:
    with pytest.raises(JournalDamaged, match="benennt keinen"):
        read_blob(tmp_path, {"blob": name, "size": 1})


def test_missing_and_altered(tmp_path: Path) -> None:
    ref = write_blob(OsFiles(), tmp_path, b"catalogue")
    with pytest.raises(JournalDamaged, match="anderen Inhalt"):
        read_blob(tmp_path, {**ref, "size": 8})
    (tmp_path / "blob" / ref["blob"]).unlink()
    with pytest.raises(JournalDamaged, match="fehlt"):
        read_blob(tmp_path, ref)
