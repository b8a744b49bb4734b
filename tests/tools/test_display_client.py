"""Only the pinned bytes of the displays' MQTT client reach the pages."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tools import display_client


def archive(folder: Path, content: bytes) -> Path:
    path = folder / "client-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("package/dist/client.js")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return path


def pins(path: Path, content: bytes) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    file = {"as": "client.js", "sha256": hashlib.sha256(content).hexdigest()}
    return {"integrity": f"sha512-{digest}", "files": {"dist/client.js": file}}


def test_the_pinned_archive_is_unpacked(tmp_path: Path) -> None:
    packed = archive(tmp_path, b"export {}")
    wanted = pins(packed, b"export {}")
    assert not display_client.is_in_place(wanted, tmp_path / "vendor")
    display_client.unpack(packed, wanted, tmp_path / "vendor")
    assert (tmp_path / "vendor" / "client.js").read_bytes() == b"export {}"
    assert display_client.is_in_place(wanted, tmp_path / "vendor")


def test_another_archive_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    wanted = pins(archive(tmp_path, b"export {}"), b"export {}")
    other = archive(tmp_path, b"evil()")
    with pytest.raises(display_client.FetchError, match="expected sha512-"):
        display_client.unpack(other, wanted, tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_another_file_in_a_matching_archive_is_refused(tmp_path: Path) -> None:
    packed = archive(tmp_path, b"export {}")
    with pytest.raises(display_client.FetchError, match="not the pinned file"):
        display_client.unpack(packed, pins(packed, b"something else"), tmp_path / "vendor")


def test_a_changed_file_is_not_in_place(tmp_path: Path) -> None:
    packed = archive(tmp_path, b"export {}")
    wanted = pins(packed, b"export {}")
    display_client.unpack(packed, wanted, tmp_path / "vendor")
    (tmp_path / "vendor" / "client.js").write_bytes(b"changed")
    assert not display_client.is_in_place(wanted, tmp_path / "vendor")


def test_this_working_copy_has_the_pinned_client() -> None:
    assert display_client.is_in_place(display_client.pinned(), display_client.VENDOR)


def test_without_npm_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(display_client.FetchError, match="apt-get install npm"):
        display_client.pack("mqtt", "5.16.0", tmp_path)
