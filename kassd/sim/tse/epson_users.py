"""Who is logged in at a simulated Epson host, and what of it is volatile."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kassd.errors import TseRefused
from kassd.sim.tse.epson_values import VENDOR, Failed, Input, client, text
from kassd.tse.soft.device import Device

FILE = "epson.json"
MAX_CHALLENGES = 100


@dataclass
class Export:
    """An export session; ``upto``: the newest counter in it, 0 for a filtered one, which deletes nothing."""

    pieces: Iterator[bytes]
    upto: int
    rest: bytes = b""
    complete: bool = False
    empty: str = ""


@dataclass
class Volatile:
    """What the host forgets with the power."""

    challenges: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    admin: bool = False
    clients: set[str] = field(default_factory=set)
    export: Export | None = None


@dataclass
class Bound:
    """What stays: the shared secret, the host the TSE was set up in, and the lock."""

    secret: str = "EPSONKEY"
    host: str = ""
    locked: bool = False


class UserFunctions:
    """Challenges, log-ins and PINs. ``folder`` keeps what a TSE remembers for its host."""

    def __init__(self, folder: Path) -> None:
        self.volatile = Volatile()
        self._path = folder / FILE
        self._bound = Bound(**json.loads(self._path.read_bytes())) if self._path.exists() else Bound()

    def _keep(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(vars(self._bound)), encoding="utf-8")
        os.replace(fresh, self._path)

    def get_challenge(self, _device: Device, given: Input) -> Input:
        user = text(given, "userId")
        if user not in self.volatile.challenges and len(self.volatile.challenges) >= MAX_CHALLENGES:
            raise Failed("OTHER_ERROR_TOO_MANY_CHALLENGE_REQUESTED")
        self.volatile.challenges[user] = secrets.token_hex(8)
        return {"challenge": self.volatile.challenges[user]}

    def _proved(self, user: str, given: Input) -> None:
        challenge = self.volatile.challenges.pop(user, None)
        right = hashlib.sha256(f"{challenge}{self._bound.secret}".encode()).digest()
        if challenge is None or text(given, "hash") != base64.b64encode(right).decode():
            raise Failed("OTHER_ERROR_HOST_AUTHENTICATION_FAILED")

    def _log_in(self, device: Device, user: str, pin: str) -> Input:
        if not device.signer.state.initialized:
            raise Failed("TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE")
        self._tested(device)
        try:
            device.authenticate(user, pin)
        except TseRefused as error:
            left = device.signer.state.users[user].pin_tries
            raise Failed(VENDOR[error.code], {"remainingRetries": left}) from error
        return {"remainingRetries": device.signer.state.users[user].pin_tries}

    def authenticate_admin(self, device: Device, given: Input) -> Input:
        if text(given, "userId") != "Administrator":
            raise Failed("OTHER_ERROR_INVALID_ADMIN_USER_ID")
        self._proved("Administrator", given)
        output = self._log_in(device, "Admin", text(given, "pin"))
        self.volatile.admin = True
        return output

    def authenticate_time_admin(self, device: Device, given: Input) -> Input:
        user = client(given)
        self._proved(user, given)
        if len(self.volatile.clients | {user}) > device.signer.state.model.max_clients:
            raise Failed("OTHER_ERROR_TOO_MANY_TIME_ADMIN_USER_LOGGED_IN")
        output = self._log_in(device, "TimeAdmin", text(given, "pin"))
        self.volatile.clients.add(user)
        return output

    def log_out_admin(self, device: Device, _given: Input) -> None:
        self._admin(device)
        self.volatile.admin = False
        device.log_out("Admin")

    def log_out_time_admin(self, device: Device, given: Input) -> None:
        if client(given) not in self.volatile.clients:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER")
        self.volatile.clients.discard(client(given))
        if not self.volatile.clients:
            device.log_out("TimeAdmin")

    def authenticate_host(self, _device: Device, given: Input) -> None:
        self._proved(text(given, "userId"), given)
        self.volatile.hosts.add(text(given, "userId"))

    def deauthenticate_host(self, _device: Device, given: Input) -> None:
        self.volatile.hosts.discard(text(given, "userId"))

    def unblock_admin(self, device: Device, given: Input) -> None:
        self._unblock(device, "Admin", given)

    def unblock_time_admin(self, device: Device, given: Input) -> None:
        self._unblock(device, "TimeAdmin", given)

    def _unblock(self, device: Device, user: str, given: Input) -> None:
        if text(given, "userId") not in self.volatile.hosts:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_HOST")
        if len(text(given, "newPin")) != 5:
            raise Failed("JSON_ERROR_INVALID_PARAMETER_RANGE")
        device.unblock(user, text(given, "puk"), given["newPin"])

    def get_authenticated_user_list(self, _device: Device, _given: Input) -> Input:
        users = ["Administrator"] if self.volatile.admin else []
        return {"authenticatedUserList": users + sorted(self.volatile.clients)}

    def _admin(self, device: Device) -> None:
        if not self.volatile.admin:
            raise Failed("OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER")
        self._tested(device)

    def _tested(self, device: Device) -> None:
        if device.self_test_due:
            raise Failed("TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST")
