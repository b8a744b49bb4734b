"""``kassd config broker``: a real mosquitto runs with what it writes and keeps each client to its own."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kassd import settings
from kassd.cli.doctor import examine
from kassd.cli.link import retained
from kassd.cli.main import main
from kassd.errors import LinkError
from kassd.mqtt.link import Endpoint, LinkRefused, Message, Subscription, connect
from kassd.mqtt.topics import Topics
from kassd.sim.world_broker import free_port
from tests.broker.lab import until
from tests.broker.mosquitto import NODE, Mosquitto

T = Topics(NODE)
MORE = """
[[client]]
name = "cashier-2"
rights = ["sell"]

[[client]]
name = "window"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example with accounts; the daemon's password is a credential."""
    text = settings.EXAMPLE.replace("port = 1883", f'port = {free_port()}\nusername = "kassd"')
    file = tmp_path / "kassd.toml"
    file.write_text(text.replace("/var/lib/kassd", str(tmp_path)) + MORE)
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "mqtt-local").write_text("geheim-0\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    return file


def written(config: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Run the command; the passwords it shows by account."""
    capsys.readouterr()
    options = ["--out", str(config.parent / "broker"), "--displays-port", "0"]
    assert main(["--config", str(config), "config", "broker", *options]) == 0
    out = capsys.readouterr().out
    assert "systemctl restart mosquitto" in out
    shown = out.partition("zu sehen:\n")[2].partition("\n\n")[0]
    return dict(row.split() for row in shown.splitlines())  # type: ignore[misc]  # two words each


@pytest.fixture
async def passwords(config: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[dict[str, str]]:
    """The broker runs; what the command has shown."""
    shown = written(config, capsys)
    local = settings.load(config, {}).mqtt.local
    assert local is not None
    mosquitto = Mosquitto.of(config.parent / "broker" / "mosquitto.conf", local.port)
    await asyncio.to_thread(mosquitto.start)
    yield {**shown, "port": str(local.port)}
    mosquitto.kill()


async def publish(passwords: dict[str, str], name: str, topic: str) -> int:
    endpoint = Endpoint("127.0.0.1", int(passwords["port"]), name, name, passwords.get(name, "falsch"))
    link = await connect(endpoint, None, lambda message: None)
    try:
        return await link.publish(topic, b"{}")
    finally:
        await link.close()


async def test_nobody_writes_below_the_name_of_another(passwords: dict[str, str]) -> None:
    assert set(passwords) == {"cashier-1", "cashier-2", "window", "port"}, "the daemon's is a credential"
    for own, other in (("cashier-1", "cashier-2"), ("cashier-2", "cashier-1")):
        assert await publish(passwords, own, T.command(own, "sale.add")) < 0x80
        assert await publish(passwords, own, T.command(other, "sale.add")) == 0x87
        assert await publish(passwords, own, T.sale("main")) == 0x87
    assert await publish(passwords, "window", T.command("window", "sale.add")) == 0x87
    with pytest.raises(LinkRefused):
        await publish({**passwords, "cashier-1": "falsch"}, "cashier-1", T.command("cashier-1", "sale.add"))


async def test_a_client_without_rights_sees_what_a_customer_sees(passwords: dict[str, str]) -> None:
    seen: list[str] = []

    def take(message: Message) -> None:
        seen.append(message.topic)
        message.ack()

    port = int(passwords["port"])
    window = await connect(Endpoint("127.0.0.1", port, "w", "window", passwords["window"]), None, take)
    await window.subscribe(Subscription(f"{T.base}/#"))
    daemon = await connect(Endpoint("127.0.0.1", port, "d", "kassd", "geheim-0"), None, take)
    for topic in (T.sale("main"), T.till("main"), T.reply("window"), T.customer("main")):
        assert await daemon.publish(topic, b"{}") < 0x80
    await until(lambda: seen)
    assert seen == [T.customer("main")]
    await window.close()
    await daemon.close()


async def test_status_and_doctor_log_in_and_say_when_they_are_refused(
    passwords: dict[str, str], config: Path
) -> None:
    loaded = settings.load(config, {})

    def mqtt() -> tuple[str, str]:
        return next((check.level, check.message) for check in examine(loaded) if check.id == "mqtt")

    assert (await retained(loaded)).documents == {}
    level, message = await asyncio.to_thread(mqtt)
    assert (level, "kassd" in message) == ("ok", True)
    (config.parent / "credentials" / "mqtt-local").write_text("falsch")
    with pytest.raises(LinkError, match="lehnt das Konto 'kassd' oder sein Kennwort ab"):
        await retained(loaded)
    level, message = await asyncio.to_thread(mqtt)
    assert (level, "lehnt" in message) == ("error", True)
    (config.parent / "credentials" / "mqtt-local").unlink()
    level, message = await asyncio.to_thread(mqtt)
    assert (level, "Kennwort fehlt" in message) == ("error", True)


def test_a_second_run_keeps_what_is_known(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = written(config, capsys)
    file = config.parent / "broker" / "passwords"
    before = set(file.read_text().splitlines())
    config.write_text(config.read_text() + '\n[[client]]\nname = "cashier-3"\nrights = ["sell"]\n')
    (config.parent / "credentials" / "mqtt-client-cashier-2").write_text("eigenes")
    assert set(written(config, capsys)) == {"cashier-3"}
    kept = before & set(file.read_text().splitlines())
    assert {line.partition(":")[0] for line in kept} == {"cashier-1", "window"}, "others have credentials"
    for password in (*first.values(), "geheim-0", "eigenes"):
        assert password not in file.read_text()


def test_the_files_are_private_and_a_foreign_configuration_is_kept(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = config.parent / "broker"
    folder.mkdir()
    (folder / "mosquitto.conf").write_text("listener 1883\n")
    for _ in range(2):
        written(config, capsys)
        assert (folder / "mosquitto.conf.orig").read_text() == "listener 1883\n"
    assert {p.name for p in folder.iterdir()} == {"mosquitto.conf", "mosquitto.conf.orig", "acl", "passwords"}
    for name in ("acl", "passwords"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_accounts_need_a_name_of_the_register(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = config.read_text()
    for old, new in (('username = "kassd"', ""), ('username = "kassd"', 'username = "window"')):
        config.write_text(whole.replace(old, new))
        assert main(["--config", str(config), "config", "broker", "--out", str(config.parent / "x")]) == 78
        assert "username" in capsys.readouterr().err
    assert not (config.parent / "x").exists()


def test_without_a_credential_the_password_of_the_register_is_made_and_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "credentials" / "mqtt-local").unlink()
    shown = written(config, capsys)
    assert len(shown["kassd"]) >= 16
    assert len(set(shown.values())) == len(shown) == 4
