"""A scanner on a serial port (USB CDC-ACM, RS-232, Bluetooth SPP, pty)."""

import asyncio
import contextlib
import errno
import os

from kassd.clock import Clock
from kassd.devices.config import ScannerConfig
from kassd.devices.link import Backoff, Health
from kassd.devices.port import Report
from kassd.devices.scanner.common import report_tokens
from kassd.devices.scanner.lines import LineDecoder
from kassd.devices.serialport import Port, close_port, open_port

READ_SIZE = 4096
LONGEST_PAUSE_S = 2.0  # a person stands waiting with the cable in the hand
BEL = b"\x07"
WHAT = "Der Scanner"


class SerialScanner:
    """Reads codes from ``config.port``; opens it again whenever it comes back."""

    def __init__(self, config: ScannerConfig, report: Report) -> None:
        self.name = config.name
        self._config = config
        self._report = report
        self._health = Health(config.name, report)
        self._decoder = LineDecoder(config.code_end, config.gap * 1_000_000)
        self._port: Port | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Serve the port for ever: absent, opening, ready, unplugged, again."""
        backoff = Backoff(LONGEST_PAUSE_S)
        while True:
            try:
                self._open()
                backoff.reset()
                self._health.set("ready")
                await self._read_until_gone()
            except OSError as error:
                self._health.fault(error, WHAT, self._config.port)
            finally:
                self._close()
            await backoff.pause()

    async def beep(self, error: bool) -> None:
        """Ask the scanner for its error sound (BEL) where configured; good scans it confirms by itself."""
        if self._port is not None and error and self._config.beep == "bel":
            with contextlib.suppress(OSError):  # the reader notices and reports that the port is gone
                os.write(self._port.fileno(), BEL)

    def _open(self) -> None:
        if os.path.exists(self._config.port):
            self._health.opening()
        self._port = open_port(self._config.port, self._config.baud)

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        report_tokens(self._config, self._report, self._decoder.stop("unplugged"))
        if self._port is not None:
            port, self._port = self._port, None
            close_port(port)

    async def _read_until_gone(self) -> None:
        """Raises OSError when the device hangs up."""
        assert self._port is not None
        loop = asyncio.get_running_loop()
        fd = self._port.fileno()
        gone: asyncio.Future[None] = loop.create_future()

        def readable() -> None:
            try:
                data = os.read(fd, READ_SIZE)
                if not data:
                    raise OSError(errno.ENODEV, "hung up")
            except BlockingIOError:
                return
            except OSError as error:
                loop.remove_reader(fd)  # a hung-up port stays readable for ever
                if not gone.done():
                    gone.set_exception(error)
                return
            self._feed(data)

        loop.add_reader(fd, readable)
        try:
            await gone
        finally:
            loop.remove_reader(fd)

    def _feed(self, data: bytes) -> None:
        report_tokens(self._config, self._report, self._decoder.feed(data, Clock.mono()))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._decoder.collecting:
            gap_s = self._config.gap / 1000
            self._timer = asyncio.get_running_loop().call_later(gap_s, self._expire)

    def _expire(self) -> None:
        report_tokens(self._config, self._report, self._decoder.expire())
