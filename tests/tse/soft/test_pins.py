import stat
from pathlib import Path

import pytest

from kassd.errors import TseRefused
from kassd.tse.soft import default_secrets


def test_made_once_random_and_private(tmp_path: Path) -> None:
    made = default_secrets(tmp_path / "a")
    assert default_secrets(tmp_path / "a") == made
    assert default_secrets(str(tmp_path / "b")) != made
    assert [
        len(pin) for pin in (made.admin_pin, made.time_admin_pin, made.admin_puk, made.time_admin_puk)
    ] == [
        8,
        8,
        10,
        10,
    ]
    assert stat.S_IMODE((tmp_path / "a" / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"\x9f\xff\x00", b"", b"[]", b'{"admin_pin": 1}'])
def test_a_damaged_file_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secrets.json").write_bytes(content)
    with pytest.raises(TseRefused, match="beschädigt"):
        default_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_bytes() == content
