"""The file with a TSE's PINs and PUKs: nobody else's, whole or not there, never lost."""

import json
import os
from pathlib import Path

import pytest

from kassd.app import tse_secrets
from kassd.app.tse_secrets import Refused, Sealed, load_sealed, make_secrets, secrets_of, store_sealed
from kassd.errors import ConfigError
from kassd.tse.port import Secrets, SecretsForm

ONE, OTHER = "ab" * 32, "cd" * 32
SECRETS = Secrets("11111", "22222", "333333", "444444")
NEWER = Secrets("55555", "66666", "777777", "888888")


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "credentials" / "tse"


@pytest.fixture
def credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder / "tse"


def sealed(file: Path, serial: str = ONE, secrets: Secrets = SECRETS, mode: int = 0o600) -> Sealed:
    """What the file holds, written past :func:`store_sealed`."""
    made = Sealed(serial, secrets)
    fields = {name: getattr(secrets, name) for name in Secrets.__dataclass_fields__}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"serial_number": serial, "secrets": fields}))
    file.chmod(mode)
    return made


def test_nothing_there_is_no_secret(file: Path, credential: Path) -> None:
    assert load_sealed(file) is None
    assert secrets_of(file, ONE) is None


def test_what_is_stored_is_read_and_is_nobody_elses(file: Path) -> None:
    old_mask = os.umask(0)
    try:
        store_sealed(file, Sealed(ONE, SECRETS))
    finally:
        os.umask(old_mask)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert load_sealed(file) == Sealed(ONE, SECRETS)
    assert secrets_of(file, ONE) == SECRETS
    assert secrets_of(file, OTHER) is None
    assert [path.name for path in file.parent.iterdir()] == ["tse"]


def test_file_and_folder_are_on_the_disk_before_it_returns(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr(tse_secrets.os, "fsync", fsync)
    store_sealed(file, Sealed(ONE, SECRETS))
    assert synced == [str(file) + ".new", str(file.parent), str(file.parent.parent)]


@pytest.mark.parametrize("step", ["write", "rename"])
def test_a_power_cut_leaves_all_of_it_or_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*(tse_secrets.os, "fsync") if step == "write" else (Path, "rename"), cut)
        with pytest.raises(KeyboardInterrupt):
            store_sealed(file, Sealed(ONE, SECRETS))
    assert load_sealed(file) is None
    store_sealed(file, Sealed(ONE, NEWER))
    assert secrets_of(file, ONE) == NEWER


def test_another_tses_file_is_kept_under_its_serial_number(file: Path) -> None:
    store_sealed(file, Sealed(ONE, SECRETS))
    store_sealed(file, Sealed(OTHER, NEWER))
    kept = file.with_name(f"tse.{ONE[:16]}")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert load_sealed(kept) == Sealed(ONE, SECRETS)
    assert load_sealed(file) == Sealed(OTHER, NEWER)
    assert secrets_of(file, ONE) == SECRETS, "when that TSE is plugged in again"
    assert secrets_of(file, OTHER) == NEWER


def test_nothing_that_was_kept_is_ever_overwritten(file: Path) -> None:
    for secrets in (SECRETS, NEWER, SECRETS):
        store_sealed(file, Sealed(ONE, secrets))
        store_sealed(file, Sealed(OTHER, secrets))
    found = {load_sealed(path) for path in file.parent.iterdir()}
    assert found == {Sealed(serial, secrets) for serial in (ONE, OTHER) for secrets in (SECRETS, NEWER)}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    sealed(file, mode=mode)
    for read in (lambda: load_sealed(file), lambda: secrets_of(file, ONE)):
        with pytest.raises(ConfigError, match=f"für andere lesbar. Abhilfe: chmod 600 {file}"):
            read()
    with pytest.raises(ConfigError, match="chmod"):
        store_sealed(file, Sealed(OTHER, NEWER))
    assert json.loads(file.read_text())["serial_number"] == ONE


@pytest.mark.parametrize("text", ["", "{", "[]", '{"serial_number": "ab"}', '{"admin_pin": "4711"}', "\xff"])
def test_what_setup_did_not_write_is_refused_and_not_quoted(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_bytes(text.encode("latin-1"))
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="ist nicht die Datei von kassd tse setup") as caught:
        load_sealed(file)
    assert "4711" not in str(caught.value)


def test_the_credential_comes_before_the_file(file: Path, credential: Path) -> None:
    sealed(file, ONE, SECRETS)
    sealed(credential, OTHER, NEWER, mode=0o440)  # systemd's own mode
    assert load_sealed(file) == Sealed(OTHER, NEWER)
    assert secrets_of(file, OTHER) == NEWER
    assert secrets_of(file, ONE) == SECRETS, "an old credential does not hide a newer set-up"


def test_with_the_credential_the_file_need_not_be_readable(file: Path, credential: Path) -> None:
    sealed(file, mode=0o644)
    sealed(credential)
    assert load_sealed(file) == Sealed(ONE, SECRETS)
    assert secrets_of(file, ONE) == SECRETS


def test_the_file_is_stored_beside_an_old_credential(file: Path, credential: Path) -> None:
    sealed(credential, OTHER, NEWER)
    store_sealed(file, Sealed(ONE, SECRETS))
    assert [path.name for path in file.parent.iterdir()] == ["tse"]
    assert secrets_of(file, ONE) == SECRETS


def test_secrets_are_random_and_as_long_as_the_family_wants_them() -> None:
    made = [make_secrets(SecretsForm(pin_digits=5, puk_digits=10)) for _ in range(50)]
    for each in made:
        assert [len(text) for text in (each.admin_pin, each.time_admin_pin)] == [5, 5]
        assert [len(text) for text in (each.admin_puk, each.time_admin_puk)] == [10, 10]
        assert all(text.isdigit() for text in (each.admin_pin, each.admin_puk))
    assert len({each.admin_puk for each in made}) == 50


def test_secrets_do_not_show_in_a_traceback() -> None:
    text = repr(Sealed(ONE, SECRETS))
    assert not any(secret in text for secret in ("11111", "22222", "333333", "444444"))


def test_refused_secrets_are_remembered_without_being_written_down(tmp_path: Path) -> None:
    assert Sealed(ONE, SECRETS) not in Refused(tmp_path)
    for _ in range(2):
        Refused(tmp_path).add(Sealed(ONE, SECRETS))
    assert Sealed(ONE, SECRETS) in Refused(tmp_path)
    assert Sealed(ONE, NEWER) not in Refused(tmp_path)
    assert Sealed(OTHER, SECRETS) not in Refused(tmp_path)
    (file,) = tmp_path.iterdir()
    text = file.read_text(encoding="ascii")
    assert text.count("\n") == 1
    assert SECRETS.admin_pin not in text
