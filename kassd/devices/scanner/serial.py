"""A scanner on a serial port (USB CDC-ACM, RS-232, Bluetooth SPP, pty)."""

import contextlib
import os

from kassd.devices.config import ScannerConfig
from kassd.devices.hotplug import Plugs
from kassd.devices.port import Report
from kassd.devices.scanner.lines import LineDecoder
from kassd.devices.scanner.looped import Decoder, LoopedScanner, Opened
from kassd.devices.serialport import close_port, open_port

BEL = b"\x07"


class _Line:
    def __init__(self, path: str, baud: int, decoder: Decoder) -> None:
        self._port = open_port(path, baud)
        self.fd = self._port.fileno()
        self.decoder = decoder

    def close(self) -> None:
        close_port(self._port)


class SerialScanner(LoopedScanner):
    """Reads codes from ``config.port``."""

    def __init__(self, config: ScannerConfig, report: Report, plugs: Plugs | None = None) -> None:
        super().__init__(config, report, config.port, plugs)
        # One decoder for all plugs: whether this scanner sends a suffix is learnt once.
        self._decoder = LineDecoder(config.code_end, config.gap * 1_000_000)

    def open(self) -> Opened:
        """Open the port for this process alone. Raises OSError."""
        return _Line(self._config.port, self._config.baud, self._decoder)

    async def beep(self, error: bool) -> None:
        """Ask the scanner for its error sound (BEL) where configured; good scans it confirms by itself."""
        if self._opened is not None and error and self._config.beep == "bel":
            with contextlib.suppress(OSError):  # the reader notices and reports that the port is gone
                os.write(self._opened.fd, BEL)
