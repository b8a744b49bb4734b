"""Who is logged in at an Epson TSE, and with which PIN. A refused PIN is never sent again.

Two roles: Admin (one user, ``Administrator``) and TimeAdmin. Each register that signs is a TimeAdmin of its
own under its client id; hosts log it out after hours, so a log-in may become necessary at any call.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal, TypeVar

from kassd.errors import TseBusy, TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.epson.codec import host_hash
from kassd.tse.epson.host import Host
from kassd.tse.port import Secrets

log = logging.getLogger(__name__)

ADMINISTRATOR = "Administrator"
TIME_ADMIN = "TimeAdmin"  # user for setting the time while no client may sign yet
MAX_UNANSWERED = 2  # of three tries: how often a PIN never accepted is sent without hearing the verdict
Role = Literal["Admin", "TimeAdmin"]
T = TypeVar("T")


class Users:
    """Log-ins over one :class:`Host`. ``admin`` and ``clients``: who is, as far as known, logged in."""

    def __init__(self, host: Host, secrets: Secrets | None) -> None:
        self.host = host
        self.admin = False
        self.clients: set[str] = set()
        self._secrets = secrets
        self._refused: dict[Role, str] = {}
        self._accepted: set[Role] = set()
        self._unanswered: Counter[Role] = Counter()

    def trust(self, secrets: Secrets) -> None:
        """Use these PINs from now on; what was refused stays refused unless they are others."""
        if secrets != self._secrets:
            self._secrets = secrets
            self._refused.clear()
            self._accepted.clear()
            self._unanswered.clear()

    def may(self, role: Role) -> bool:
        """Whether there is a PIN to try."""
        return self._secrets is not None and role not in self._refused

    def forget(self) -> None:
        """A new connection: nobody counts as logged in."""
        self.admin = False
        self.clients.clear()

    @asynccontextmanager
    async def as_admin(self) -> AsyncIterator[None]:
        """Administrator for the block. After a lost connection his log-out is left to :meth:`settle`."""
        await self.log_in_admin()
        try:
            yield
        except TseRefused:
            await self.settle()
            raise
        await self.settle()

    async def log_in_admin(self) -> None:
        """Log the Administrator in unless he is."""
        if not self.admin:
            await self._authenticate("Admin", "AuthenticateUserForAdmin", "userId", ADMINISTRATOR)
            self.admin = True

    async def settle(self) -> None:
        """Log the Administrator out if he still is in; a refusal means that he is out already."""
        if self.admin:
            try:
                await self.host.call("LogOutForAdmin")
            except TseRefused as error:
                log.info("Epson TSE: log-out of the Administrator: %s", error)
            self.admin = False

    async def log_in_client(self, client_id: str) -> None:
        """Log a client in as TimeAdmin unless it is."""
        if client_id not in self.clients:
            await self._authenticate("TimeAdmin", "AuthenticateUserForTimeAdmin", "clientId", client_id)
            self.clients.add(client_id)

    async def log_out_client(self, client_id: str) -> None:
        """Log a client out if it is logged in; a refusal means that it is out already."""
        if client_id in self.clients:
            self.clients.discard(client_id)
            try:
                await self.host.call("LogOutForTimeAdmin", {"clientId": client_id})
            except TseRefused as error:
                log.info("Epson TSE: log-out of %s: %s", client_id, error)

    async def as_client(self, client_id: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do something logged in as a client; logs in again, once, if the host has forgotten the log-in."""
        fresh = client_id not in self.clients
        await self.log_in_client(client_id)
        try:
            return await work()
        except TseRefused as error:
            if fresh or error.code != codes.NOT_AUTHENTICATED:
                raise
        self.clients.discard(client_id)
        await self.log_in_client(client_id)
        return await work()

    async def _authenticate(self, role: Role, function: str, field: str, user: str) -> None:
        pin = self._pin(role)
        await self.host.look()  # a PIN is for the opened TSE only
        challenge = (await self.host.call("GetChallenge", {"userId": user})).get("challenge")
        proof = host_hash(str(challenge), self.host.config.host_secret)
        self._unanswered[role] += 1
        try:
            await self.host.call(function, {field: user, "pin": pin, "hash": proof})
        except (TseRefused, TseBusy) as error:
            self._unanswered[role] -= 1
            if isinstance(error, TseRefused) and error.code in (codes.WRONG_PIN, codes.PIN_BLOCKED):
                self._refused[role] = error.code
            raise
        self._accepted.add(role)

    def _pin(self, role: Role) -> str:
        if self._secrets is None:
            raise refused(codes.NOT_AUTHENTICATED, "die PINs der TSE sind nicht hinterlegt")
        if role in self._refused:
            raise refused(self._refused[role], "sie wird nicht noch einmal versucht")
        if role not in self._accepted and self._unanswered[role] >= MAX_UNANSWERED:
            raise refused(codes.NOT_AUTHENTICATED, "die TSE hat auf die PIN mehrmals nicht geantwortet")
        return self._secrets.admin_pin if role == "Admin" else self._secrets.time_admin_pin
