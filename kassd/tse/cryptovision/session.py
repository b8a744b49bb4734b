"""Calls off the event loop, users logged in around what needs them, and PINs that are never tried twice."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from kassd.errors import TseError, TseRefused
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.cryptovision import answers
from kassd.tse.cryptovision.codec import Code, Mode, Value, byte_array, command, string
from kassd.tse.cryptovision.link import Link
from kassd.tse.port import Secrets
from kassd.tse.volume import DeviceThread

T = TypeVar("T")
log = logging.getLogger(__name__)
ADMIN, TIME_ADMIN = "Admin", "TimeAdmin"
CLOSE_S = 2.0
SLACK_S = 5.0  # a read that the kernel does not return in time
_RESULTS = {1: codes.WRONG_PIN, 2: codes.PIN_BLOCKED, 3: codes.USER_UNKNOWN}
_LOGGED_OUT = (codes.NOT_AUTHENTICATED, codes.DISABLED, codes.NOT_AUTHORIZED)


class Session:
    """A started device."""

    def __init__(self, link: Link, secrets: Secrets | None) -> None:
        self.link = link
        self.secrets = secrets
        self.firmware = ""
        self._thread = DeviceThread("cryptovision")
        self._refused: dict[tuple[str, str], str] = {}  # (user, PIN or PUK) → code
        self._left_in: set[str] = set()  # logged in when the device fell silent

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work on the link."""
        return await self._thread.run(work, self.link.drain_s + self.link.timeout_s + SLACK_S)

    async def call(self, code: Code, *parameters: bytes) -> tuple[Value, ...]:
        """Send one command and return the values of its answer."""
        data = command(code, *parameters)
        return await self.run(lambda: self.link.call(data))

    async def open(self) -> None:
        """Open the mailbox, keep the device awake and start it; a login that was left behind is ended."""

        def work() -> str:
            self.link.open()
            self.link.suspend(Mode.DISABLE_SUSPEND)
            return answers.text(self.link.call(command(Code.START)))

        self.firmware = await self.run(work)
        for user in tuple(self._left_in):
            await self._log_out(user)

    async def shut_down(self, timeout_s: float | None = None) -> None:
        """Shut the device down and let it sleep."""

        def work() -> None:
            self.link.call(command(Code.SHUTDOWN), timeout_s)
            self.link.suspend(Mode.ENABLE_SUSPEND, timeout_s)

        await self.run(work)

    async def close(self) -> None:
        """Shut down if the device answers, and close the mailbox; never raises."""
        try:
            if self.link.settled:
                await self.shut_down(CLOSE_S)
        except TseError as error:
            log.warning("cryptovision TSE not shut down: %s", error)
        try:
            await self.run(self.link.close)
        except TseError as error:
            log.warning("cryptovision TSE not closed: %s", error)

    @asynccontextmanager
    async def logged_in(self, user: str) -> AsyncIterator[None]:
        """Be logged in as ``user``; after an error of the wire the next :meth:`open` logs out."""
        await self._authenticate(user)
        self._left_in.add(user)
        try:
            yield
        except TseRefused:
            await self._log_out(user)
            raise
        await self._log_out(user)

    async def _authenticate(self, user: str) -> None:
        if self.secrets is None:
            raise refused(codes.NOT_AUTHENTICATED, "für diese TSE ist keine PIN hinterlegt")
        pin = self.secrets.admin_pin if user == ADMIN else self.secrets.time_admin_pin
        await self._present(user, pin, Code.AUTHENTICATE_USER, string(user), byte_array(pin.encode()))

    async def unblock(self, user: str, puk: str, new_pin: str) -> None:
        """Set a PIN with the PUK."""
        parameters = string(user), byte_array(puk.encode()), byte_array(new_pin.encode())
        await self._present(user, puk, Code.UNBLOCK_USER, *parameters)
        self._refused.pop((user, new_pin), None)

    async def _present(self, user: str, secret: str, code: Code, *parameters: bytes) -> None:
        """Show a PIN or PUK, once: one that the device refused is never sent again."""
        if (user, secret) in self._refused:
            raise refused(self._refused[user, secret])
        result, tries = answers.login(await self.call(code, *parameters))
        if result == 0:
            return
        name = _RESULTS.get(result, "ErrorAuthenticationError")
        if name == codes.PIN_BLOCKED and code == Code.UNBLOCK_USER:
            name = codes.PUK_BLOCKED
        self._refused[user, secret] = name
        what = "PUK" if code == Code.UNBLOCK_USER else "PIN"
        raise refused(name, f"{what} von {user}" + (f", noch {tries} Versuche" if tries >= 0 else ""))

    async def _log_out(self, user: str) -> None:
        try:
            await self.call(Code.LOG_OUT, string(user))
        except TseRefused as error:
            if error.code not in _LOGGED_OUT:
                raise
        self._left_in.discard(user)
