import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from kassd.errors import ConfigError
from kassd.mqtt.broker import (
    Account,
    BrokerConfig,
    Role,
    render_acl,
    render_config,
    render_passwords,
)

NODE = "demo.kasse-0007"
R = f"kassd/v1/{NODE}"


def test_config() -> None:
    lines = render_config(BrokerConfig(NODE, "/etc/kassd/broker", ws_bind="192.168.7.1")).splitlines()
    for line in (
        "persistence false",
        "set_tcp_nodelay true",
        "allow_anonymous false",
        "acl_file /etc/kassd/broker/acl",
        "password_file /etc/kassd/broker/passwords",
    ):
        assert line in lines
    first = lines.index("listener 1883 127.0.0.1")
    assert lines[first:] == [
        "listener 1883 127.0.0.1",
        "protocol mqtt",
        "listener 9001 192.168.7.1",
        "protocol websockets",
    ]


def test_anonymous_has_no_access_list() -> None:
    text = render_config(BrokerConfig(NODE, "/x", ws_port=0, anonymous=True))
    assert "allow_anonymous true\n" in text
    assert "acl_file" not in text
    assert "websockets" not in text


def test_acl() -> None:
    accounts: list[tuple[str, Role]] = [("kassd", "kassd"), ("cashier-1", "client"), ("customer", "customer")]
    text = render_acl(NODE, [Account(name, "x", role) for name, role in accounts])
    assert text.split("\n\n")[0] == f"user kassd\ntopic readwrite {R}/#"
    assert [line for line in text.splitlines() if " write " in line] == [f"topic write {R}/cmd/cashier-1/+"]
    assert text.split("\n\n")[2] == f"user customer\ntopic read {R}/online\ntopic read {R}/view/#\n"


@pytest.mark.parametrize("name", ["a b", "a\nuser kassd", "+", "a/b", ""])
def test_a_name_cannot_smuggle_rules(name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        render_acl(NODE, [Account(name, "x", "client")])


def test_passwords_are_hashed_like_mosquitto_passwd(tmp_path: Path) -> None:
    """The tool's own hash of the same password and salt."""
    assert shutil.which("mosquitto_passwd")
    file = tmp_path / "passwords"
    file.write_text("kassd:geheim\n")
    subprocess.run(["mosquitto_passwd", "-U", file], check=True, capture_output=True)
    _, kind, rounds, salt, digest = file.read_text().strip().split("$")
    assert kind == "7"
    raw = base64.b64decode(salt)
    assert hashlib.pbkdf2_hmac("sha512", b"geheim", raw, int(rounds)) == base64.b64decode(digest)
    ours = render_passwords([Account("kassd", "geheim", "kassd")], salt=raw)
    name, kind, rounds, ours_salt, _ = ours.strip().split("$")
    assert (name, kind, ours_salt) == ("kassd:", "7", salt)
    assert int(rounds) >= 101


def test_salts_differ() -> None:
    same = [Account("a", "x", "client"), Account("b", "x", "client")]
    first, second = render_passwords(same).splitlines()
    assert first.split("$")[3:] != second.split("$")[3:]
    assert "x" not in first.split("$")[0]
