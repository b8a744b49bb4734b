"""What scanners have in common that the event loop reads: their bytes wait in the kernel without loss."""

import asyncio
import errno
import os
import select
from typing import Protocol

from kassd.clock import Clock
from kassd.devices.config import ScannerConfig
from kassd.devices.hotplug import Plugs
from kassd.devices.link import Backoff, Health
from kassd.devices.port import Report
from kassd.devices.scanner.assembler import Token
from kassd.devices.scanner.common import Teller, doubt_s

READ_SIZE = 4096
AT_ONCE = 64  # reads before others have their turn
KEPT = 63  # reports that hidraw keeps; serial lines keep more than so many reads
LONGEST_PAUSE_S = 2.0  # a person stands waiting with the cable in the hand
WHAT = "Der Scanner"


class Decoder(Protocol):
    """What makes codes of bytes."""

    @property
    def waits_ns(self) -> int: ...
    def opened(self, now: int) -> None: ...
    def feed(self, data: bytes, now: int) -> list[Token]: ...
    def expire(self) -> list[Token]: ...
    def overrun(self, now: int) -> list[Token]: ...
    def stop(self, reason: str) -> list[Token]: ...


class Opened(Protocol):
    """An open device: non-blocking, one read at a time gives what came together."""

    fd: int
    decoder: Decoder

    def close(self) -> None: ...


class LoopedScanner:
    """Reads codes from what :meth:`open` gives; opens it again whenever it comes back."""

    def __init__(self, config: ScannerConfig, report: Report, where: str, plugs: Plugs | None = None) -> None:
        self.name = config.name
        self._config = config
        self._teller = Teller(config, report)
        self._where = where
        self._plugs = plugs
        self._health = Health(config.name, report)
        self._opened: Opened | None = None
        self._at_once = 0  # reads since nothing waited
        self._timer: asyncio.TimerHandle | None = None

    def open(self) -> Opened:
        """Open the device. Raises OSError."""
        raise OSError(errno.ENODEV, "no device", self._where)

    async def run(self) -> None:
        """Serve the device for ever: absent, opening, ready, unplugged, again."""
        backoff = Backoff(LONGEST_PAUSE_S, self._plugs)
        while True:
            try:
                if os.path.exists(self._where):
                    self._health.opening()
                self._opened = self.open()
                backoff.reset()
                await self._read_until_gone(self._opened)
            except OSError as error:
                self._health.fault(error, WHAT, self._where)
            finally:
                self._close()
            await backoff.pause()

    def _close(self) -> None:
        self._at_once = 0
        if self._timer is not None:
            self._timer.cancel()
        if self._opened is not None:
            opened, self._opened = self._opened, None
            self._teller.tell(opened.decoder.stop("unplugged"))
            opened.close()

    async def _read_until_gone(self, opened: Opened) -> None:
        """Raises OSError when the device hangs up."""
        loop = asyncio.get_running_loop()
        fd = opened.fd
        gone: asyncio.Future[None] = loop.create_future()

        more = select.poll()  # an empty read does not tell: a serial line without data gives nothing, too
        more.register(fd, select.POLLIN)

        def readable() -> None:
            now = Clock.mono()  # of all that waits: nobody knows since when
            try:
                for _ in range(AT_ONCE):
                    data = os.read(fd, READ_SIZE)
                    if not data:
                        raise OSError(errno.ENODEV, "hung up")
                    self._feed(opened.decoder, data, now)
                    if not more.poll(0):
                        self._at_once = 0
                        break
            except BlockingIOError:
                return
            except OSError as error:
                loop.remove_reader(fd)  # what is hung up stays readable for ever
                if not gone.done():
                    gone.set_exception(error)
            self._wait(opened.decoder, more)

        opened.decoder.opened(Clock.mono())
        self._wait(opened.decoder, more)
        loop.add_reader(fd, readable)
        try:
            await asyncio.wait((gone,), timeout=doubt_s(self._config))
            if not gone.done():
                self._health.set("ready")
            await gone
        finally:
            loop.remove_reader(fd)

    def _feed(self, decoder: Decoder, data: bytes, now: int) -> None:
        tokens = decoder.feed(data, now)
        self._at_once += 1
        if self._at_once % KEPT == 0:
            tokens += decoder.overrun(now)
        self._teller.tell(tokens)

    def _wait(self, decoder: Decoder, more: select.poll) -> None:
        """For nothing to come. That a timer is due tells nothing: where the loop was late, so is it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if decoder.waits_ns:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(decoder.waits_ns / 1e9, self._expire, decoder, more)

    def _expire(self, decoder: Decoder, more: select.poll) -> None:
        if not more.poll(0):  # else it is read at once
            self._teller.tell(decoder.expire())
            self._wait(decoder, more)
