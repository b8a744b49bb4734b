"""``kassd config broker``: what mosquitto needs so that each client may do only what is its own.

Who has an account: the daemon (``[mqtt.local] username``) and each ``[[client]]``; one without rights is a
customer's display. Its password is the credential ``mqtt-client-<name>`` (the daemon's:
``password_credential``), else it stays as it is in the password file, else one is made and shown this once.
"""

import os
import pwd
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from kassd.errors import ConfigError
from kassd.mqtt.broker import (
    Account,
    BrokerConfig,
    parse_passwords,
    render_acl,
    render_config,
    render_passwords,
)
from kassd.settings import CREDENTIALS, MqttLink, Settings, credential

CONFIG, ACL, PASSWORDS = "mosquitto.conf", "acl", "passwords"
OURS = "Written by kassd."
BROKER_USER = "mosquitto"
TOKEN_BYTES = 12


def write_broker(loaded: Settings, out: Path, ws_bind: str, ws_port: int) -> None:
    """Write the three files into ``out``; browsers may connect at ``ws_bind``, ``ws_port`` (0: nowhere)."""
    local = _link(loaded)
    out.mkdir(parents=True, exist_ok=True)
    folder = out.resolve()
    known = _known(folder)
    accounts, fresh = _with_passwords(_accounts(loaded, local), local, known)
    config = BrokerConfig(local.node, str(folder), local.host, local.port, ws_bind, ws_port)
    _keep_foreign(folder / CONFIG)
    _put(folder / ACL, render_acl(local.node, accounts), 0o600)
    _put(folder / PASSWORDS, render_passwords(accounts, known=known), 0o600)
    _put(folder / CONFIG, render_config(config), 0o644)
    for name in (CONFIG, ACL, PASSWORDS):
        print(folder / name)
    _tell(fresh, local, folder)


def _link(loaded: Settings) -> MqttLink:
    local = loaded.mqtt.local
    if local is None or not local.username:
        missing = "[mqtt.local]" if local is None else "[mqtt.local] username"
        raise ConfigError(f'{missing} fehlt: das Konto der Kasse am Broker, z. B. username = "kassd"')
    if local.username in {client.name for client in loaded.client}:
        raise ConfigError(
            f"[[client]] {local.username!r} heißt wie [mqtt.local] username; jedes Konto einzeln."
        )
    return local


def _accounts(loaded: Settings, local: MqttLink) -> list[Account]:
    clients = (Account(c.name, "", "client" if c.rights else "customer") for c in loaded.client)
    return [Account(local.username, "", "kassd"), *clients]


def _known(folder: Path) -> dict[str, str]:
    file = folder / PASSWORDS
    return parse_passwords(file.read_text(encoding="utf-8")) if file.exists() else {}


def _with_passwords(
    accounts: list[Account], local: MqttLink, known: dict[str, str]
) -> tuple[list[Account], list[Account]]:
    """All accounts, and those whose password has just been made."""
    made, fresh = [], []
    for account in accounts:
        name = local.password_credential if account.role == "kassd" else f"mqtt-client-{account.name}"
        password = credential(name) or ""
        if not password and account.name not in known:
            account = replace(account, password=secrets.token_urlsafe(TOKEN_BYTES))
            fresh.append(account)
        else:
            account = replace(account, password=password)
        made.append(account)
    return made, fresh


def _keep_foreign(config: Path) -> None:
    """A configuration of somebody else, as Debian's, is kept beside ours."""
    if config.exists() and OURS not in config.read_text(encoding="utf-8", errors="replace"):
        kept = config.with_suffix(".conf.orig")
        config.rename(kept)
        print(f"{config} war nicht von kassd und heißt jetzt {kept.name}")


def _put(file: Path, text: str, mode: int) -> None:
    """Replace ``file`` in one step; the broker's user owns it where there is one and we may give it away."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as writer:
        writer.write(text)
    if os.geteuid() == 0 and BROKER_USER in {user.pw_name for user in pwd.getpwall()}:
        shutil.chown(fresh, BROKER_USER, BROKER_USER)
    fresh.replace(file)


def _tell(fresh: list[Account], local: MqttLink, folder: Path) -> None:
    if fresh:
        print("\nNeue Kennwörter, nur hier und nur jetzt zu sehen:")
        width = max(len(account.name) for account in fresh)
        for account in fresh:
            print(f"  {account.name:<{width}}  {account.password}")
    if any(account.role == "kassd" for account in fresh):
        target = f"{CREDENTIALS}/{local.password_credential}"
        print(f"\nDas Kennwort von {local.username} als {target} ablegen:")
        print(f"  sudo install -D -m 0600 -o kassd /dev/stdin {target}")
    if os.geteuid() != 0:
        print(f"\nMosquitto muss lesen können: sudo chown {BROKER_USER} {folder / ACL} {folder / PASSWORDS}")
    print("\nDanach: sudo systemctl restart mosquitto")
