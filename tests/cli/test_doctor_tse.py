"""Where a TSE is looked for, and what is said when it is not there."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from kassd.app.tse_secrets import Sealed, store_sealed
from kassd.cli.doctor_tse import look
from kassd.settings import TseSection
from kassd.sim.tse.stand import stand
from kassd.tse.port import Secrets
from kassd.tse.soft import SoftTse, default_secrets

SECRETS = Secrets("11111", "22222", "333333", "444444")


def rows(**given: Any) -> list[tuple[str, str, str]]:
    return list(look(TseSection.model_validate(given)))


def test_soft_says_that_it_is_for_development() -> None:
    ((level, message, _),) = rows(driver="soft", path="/x")
    assert (level, "TEST - kein Beleg" in message) == ("ok", True)


async def test_a_damaged_soft_tse_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "tse"
    default_secrets(folder)
    tse = SoftTse(folder)
    await tse.open()
    await tse.close()
    assert rows(driver="soft", path=str(folder))[0][0] == "ok"
    for name in ("secrets.json", "tse.log"):
        whole = (folder / name).read_bytes()
        (folder / name).write_text("garbage\n")
        ((level, message, remedy),) = rows(driver="soft", path=str(folder))
        assert (level, f"beschädigt: {folder / name}" in message, "Sicherung" in remedy) == (
            "error",
            True,
            True,
        )
        (folder / name).write_bytes(whole)
    (tmp_path / "file").touch()
    ((level, message, _),) = rows(driver="soft", path=str(tmp_path / "file"))
    assert (level, "kein Ordner" in message) == ("error", True)


@pytest.mark.parametrize("kind", ["cryptovision", "swissbit", "diebold-serial", "diebold-tcp", "epson"])
def test_a_tse_that_is_there(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    store_sealed(file, Sealed("ab" * 32, SECRETS))
    with stand(kind, tmp_path / "tse", 0.0) as running:
        found = rows(**running.settings, secrets=str(file))
    assert found[0][0] == "ok", found
    assert found[-1][0] == "ok", found
    assert "abababababababab" in found[-1][1]
    assert not [row for row in found if SECRETS.admin_pin in json.dumps(row)]


@pytest.mark.parametrize("driver", ["cryptovision", "swissbit"])
def test_a_stick_that_is_not_mounted(driver: str, tmp_path: Path) -> None:
    (level, message, remedy), (mount, own, _), (secrets, none, setup) = rows(
        driver=driver, path=str(tmp_path), secrets=str(tmp_path / "none")
    )
    assert (level, str(tmp_path) in message, "einstecken" in remedy) == ("error", True, True)
    assert (mount, "kein eigenes Laufwerk" in own) == ("warning", True)
    assert (secrets, "noch nicht eingerichtet" in none, "kassd tse setup" in setup) == ("warning", True, True)


def test_a_port_and_an_address_where_nobody_is(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    for given in (
        {"driver": "diebold", "port": str(tmp_path / "ttyACM0")},
        {"driver": "diebold", "host": "127.0.0.1", "tcp_port": free},
        {"driver": "diebold", "service": f"ws://127.0.0.1:{free}/"},
        {"driver": "epson", "host": "127.0.0.1", "tcp_port": free},
    ):
        level, message, remedy = rows(**given, secrets=str(tmp_path / "none"))[0]
        assert (level, bool(message), bool(remedy)) == ("error", True, True)


def test_secrets_that_others_may_read(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    store_sealed(file, Sealed("ab" * 32, SECRETS))
    file.chmod(0o644)
    level, message, _ = rows(driver="epson", host="127.0.0.1", secrets=str(file))[-1]
    assert (level, "chmod 600" in message) == ("error", True)
