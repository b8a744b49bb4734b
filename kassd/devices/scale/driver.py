"""A coupled scale on a serial port: one weighing at a time, each with one outcome."""

import asyncio
import errno
import os

from kassd.core.scale.order import ENDED_BY_WEIGHING, WeighOrder
from kassd.devices.config import ScaleConfig
from kassd.devices.link import Backoff, Health
from kassd.devices.port import Report, WeighOutcome
from kassd.devices.scale.dialog06 import Malformed, Secret, Stream, Token
from kassd.devices.scale.session import NotWeighed, weigh
from kassd.devices.serialport import Port, close_port, open_port

WHAT = "Die Waage"
READ_SIZE = 256
LOST = ("unplugged", "Die Waage ist nicht erreichbar. Strom und Kabel prüfen, dann noch einmal wiegen.")
BUSY = ("busy", "Die Waage wiegt noch. Kurz warten, dann noch einmal wiegen.")


class SerialScale:
    """Asked over ``config.port``, 7O1; nothing wakes anybody while nothing is weighed."""

    def __init__(self, config: ScaleConfig, report: Report) -> None:
        self.name = config.name
        self._config = config
        self._secret = Secret.parse(config.secret) if config.secret else None
        self._report = report
        self._health = Health(config.name, report)
        self._order: WeighOrder | None = None
        self._wake = asyncio.Event()
        self._line: _Line | None = None

    def weigh(self, order: WeighOrder) -> None:
        """Weigh what lies there; the :class:`WeighOutcome` is reported later."""
        if self._line is None or self._order is not None:
            asyncio.get_running_loop().call_soon(self._fail, order, *(BUSY if self._line else LOST))
            return
        self._order = order
        self._wake.set()

    async def run(self) -> None:
        """Serve the port for ever."""
        backoff = Backoff()
        while True:
            try:
                if os.path.exists(self._config.port):
                    self._health.opening()
                port = open_port(self._config.port, self._config.baud, bits=7, parity="O")
                try:
                    self._line = _Line(port, self._wake)
                    self._health.set("ready")
                    backoff.reset()
                    await self._serve(self._line)
                finally:
                    if self._line is not None:
                        self._line.end()
                    self._line = None
                    close_port(port)
                    if self._order is not None:
                        self._fail(self._order, *LOST)
                        self._order = None
            except OSError as error:
                self._health.fault(error, WHAT, self._config.port)
            await backoff.pause()

    async def _serve(self, line: "_Line") -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            line.check()
            if self._order is None:
                continue
            self._health.set("busy")
            order = self._order
            try:
                found = await weigh(line, self._secret, order.unit_price, order.tare, order.text)
            except NotWeighed as refused:
                self._order = None
                broken = refused.reason in ENDED_BY_WEIGHING
                self._health.set(*(("error", refused.reason, str(refused)) if broken else ("ready",)))
                self._fail(order, refused.reason, str(refused))
                continue
            self._order = None
            self._health.set("ready")
            told = (found.grams, found.unit_price, found.amount)
            self._report(WeighOutcome(self.name, order, *told))

    def _fail(self, order: WeighOrder, reason: str, message: str) -> None:
        self._report(WeighOutcome(self.name, order, reason=reason, message=message))


class _Line:
    """Bytes of a port as tokens. ``ended`` is set when the port goes."""

    def __init__(self, port: Port, ended: asyncio.Event) -> None:
        self._fd = port.fileno()
        self._ended = ended
        self._stream = Stream()
        self._tokens: asyncio.Queue[Token | Malformed | OSError] = asyncio.Queue()
        self._error: OSError | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable)

    async def send(self, data: bytes) -> None:
        """All of it: records are shorter than any buffer. Raises OSError."""
        self.check()
        if os.write(self._fd, data) != len(data):
            raise OSError(errno.EIO, "the line takes nothing")

    async def token(self, timeout_s: float) -> Token:
        """See :class:`kassd.devices.scale.session.Line`."""
        self.check()
        async with asyncio.timeout(timeout_s):
            found = await self._tokens.get()
        if isinstance(found, Malformed | OSError):
            raise found
        return found

    def flush(self) -> None:
        """Forget what has come so far."""
        self._stream = Stream()
        while not self._tokens.empty():
            self._tokens.get_nowait()

    def check(self) -> None:
        """Raise the error with which the line has ended."""
        if self._error is not None:
            raise self._error

    def end(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self._fd)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ_SIZE)
            if not data:
                raise OSError(errno.ENODEV, "unplugged")
        except BlockingIOError:
            return
        except OSError as error:
            self.end()
            self._error = error
            self._tokens.put_nowait(error)
            self._ended.set()
            return
        try:
            for token in self._stream.feed(data):
                self._tokens.put_nowait(token)
        except Malformed as problem:
            self._stream = Stream()
            self._tokens.put_nowait(problem)
