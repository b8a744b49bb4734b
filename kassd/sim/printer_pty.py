"""The printer simulator on a device node: to a host a pty is like ``/dev/usb/lp*`` and like a serial port."""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from pathlib import Path

READ_SIZE = 4096


class PtyLink:
    """A symlink to a pty, there while the printer has power. Make it, then :meth:`plug` and :meth:`drop`.

    ``received`` gets what the host writes; it is not called while ``full`` says so (the host's writes stop
    once the kernel's buffer is full).
    """

    def __init__(self, path: Path, received: Callable[[bytes], None], full: Callable[[], bool]) -> None:
        self._path = path
        self._received, self._full = received, full
        self._loop = asyncio.get_running_loop()
        self._master = self._slave = -1
        self._reading = False

    def plug(self) -> None:
        """The node appears."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._path.symlink_to(os.ttyname(self._slave))
        self.pace()

    def drop(self) -> None:
        """The node vanishes, as a USB printer's does with its power or its cable."""
        if self._master >= 0:
            self._read(False)
            self._path.unlink(missing_ok=True)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1

    def send(self, data: bytes) -> None:
        """Answer; a host that does not read loses what the kernel cannot hold."""
        if self._master >= 0:
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, data)

    def pace(self) -> None:
        """Read or do not read, as the printer can."""
        self._read(self._master >= 0 and not self._full())

    def _read(self, wanted: bool) -> None:
        if wanted and not self._reading:
            self._loop.add_reader(self._master, self._readable)
        elif self._reading and not wanted:
            self._loop.remove_reader(self._master)
        self._reading = wanted

    def _readable(self) -> None:
        self._received(os.read(self._master, READ_SIZE))
        self.pace()
