"""The line to one terminal, for as many connections as it takes.

Some terminals hang up when nothing is to be done, after each payment or even after each command. That is no
fault: whoever wants something next calls again. Before the first byte of a command that is harmless; what
broke off later is the terminal's secret (:class:`OutcomeUnknown`), except where the command changes nothing.
"""

import asyncio
import contextlib

from kassd.devices.config import TerminalConfig
from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.link import Link, SerialLink, TcpLink
from kassd.devices.terminal.zvt.session import Hear, NotSent, OutcomeUnknown, Session
from kassd.devices.terminal.zvt.wire import HUNG_UP, connect_serial, connect_tcp

HABIT_S = 0.5  # how long one that hangs up after each command is waited for


class Line:
    """One session at a time. ``hangs_up``: seen to end each connection after one command."""

    def __init__(self, config: TerminalConfig) -> None:
        self._config = config
        self._session: Session | None = None
        self._used = False
        self.hangs_up = False

    async def call(self) -> None:
        """Connect. Raises :class:`WireGone`."""
        self.close()
        link, c = await self._link(), self._config
        self._session = Session(link, c.answer_timeout_s, c.silence_timeout_s)
        self._used = False

    async def _link(self) -> Link:
        c = self._config
        if c.driver == "serial":
            return SerialLink(connect_serial(c.path, c.baud), t2_s=c.answer_timeout_s)
        return TcpLink(await connect_tcp(c.host, c.port, c.connect_timeout_s), c.answer_timeout_s)

    @property
    def is_gone(self) -> bool:
        """Whether nobody is at the other end."""
        return self._session is None or self._session.hung_up

    async def run(self, request: Apdu, hear: Hear) -> Apdu:
        """Give a command; see :meth:`Session.run`."""
        if self._session is None or self._session.hung_up:
            raise NotSent("unplugged", HUNG_UP)
        ended = await self._session.run(request, hear)
        self._used = True
        return ended

    async def ask(self, request: Apdu, hear: Hear) -> Apdu:
        """Give a command that changes nothing: once more, if it had hung up after the one before."""
        await self.ready()
        used = self._used
        try:
            return await self.run(request, hear)
        except NotSent:
            if not used:
                raise
        except OutcomeUnknown as error:
            if not used or error.reason != "unplugged":
                raise
        self.hangs_up = True
        await self.call()
        return await self.run(request, hear)

    async def ready(self) -> None:
        """Call again where the terminal has hung up, or is about to. Raises :class:`WireGone`."""
        if self._used and self.hangs_up:
            await self.rest(asyncio.Event(), HABIT_S)
            self.hangs_up = self.is_gone
        if self.is_gone:
            await self.call()

    async def rest(self, wake: asyncio.Event, seconds: float) -> bool:
        """Until ``wake`` is set, which also the terminal does when it hangs up; False: the time was over."""
        here = self._session if not self.is_gone else None
        with here.watched(wake.set) if here is not None else contextlib.nullcontext():
            try:
                async with asyncio.timeout(seconds):
                    await wake.wait()
            except TimeoutError:
                return False
        return True

    def abort(self) -> None:
        """Ask the terminal to end the running command."""
        if self._session is not None:
            self._session.abort()

    def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            self._session.close()
        self._session = None


__all__ = ["Line"]
