"""A scanner that is a keyboard.

The kernel keeps 64 events per reader and then drops a code's beginning, so the node is read by a thread
of its own that never waits for the event loop (:mod:`kassd.devices.scanner.reader`). The open and grabbed
node is left to the next process, so that what is scanned in between waits in the kernel. Opening takes an
``opener`` so that recorded events can come through a pipe.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from typing import TypeVar

from kassd.clock import Clock
from kassd.devices.config import ScannerConfig
from kassd.devices.hotplug import Plugs
from kassd.devices.link import Backoff, Health
from kassd.devices.port import Keeper, Nobody, Report
from kassd.devices.scanner.common import Teller, doubt_s
from kassd.devices.scanner.keys import OPENED, KeyDecoder, note
from kassd.devices.scanner.node import Node, adopt_node, open_node
from kassd.devices.scanner.reader import Reader
from kassd.devices.scanner.tape import Tape

log = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_PAUSE_S = 2.0  # a person stands waiting with the cable in the hand
WHAT = "Der Scanner"


class EvdevScanner:
    """Reads codes from the keyboard ``config.device``; opens it again whenever it comes back."""

    def __init__(
        self,
        config: ScannerConfig,
        report: Report,
        opener: Callable[[str], Node] = open_node,
        keeper: Keeper | None = None,
        adopter: Callable[[str, int], Node] = adopt_node,
        plugs: Plugs | None = None,
    ) -> None:
        self.name = config.name
        self._config = config
        self._teller = Teller(config, report)
        self._opener = opener
        self._adopter = adopter
        self._keeper = keeper or Nobody()
        self._plugs = plugs
        self._names = f"scanner-{config.name}", f"scanner-{config.name}-tape"
        self._health = Health(config.name, report)

    async def run(self) -> None:
        """Serve the device for ever: absent, opening, ready, unplugged, again."""
        backoff = Backoff(LONGEST_PAUSE_S, self._plugs)
        found = self._adopted()
        while True:
            try:
                node, tape = found or self._opened()
                self._health.opening()
                backoff.reset()
                await self._serve(node, tape, found is not None)
            except OSError as error:
                self._health.fault(error, WHAT, self._config.device)
            found = None
            await backoff.pause()

    async def beep(self, error: bool) -> None:
        """A keyboard cannot be asked for a sound: does nothing."""

    def _opened(self) -> tuple[Node, Tape]:
        """Raises OSError."""
        node = self._opener(self._config.device)
        try:
            tape = Tape()
        except OSError:
            node.close()
            raise
        tape.write(note(OPENED, Clock.mono()))
        return node, tape

    def _adopted(self) -> tuple[Node, Tape] | None:
        """What an earlier process has left, if it is whole and still the configured device."""
        fds = [self._keeper.take(name) for name in self._names]
        device, tape = fds
        if device is not None and tape is not None:
            with contextlib.suppress(OSError):  # pulled out meanwhile, or configured otherwise
                node = self._adopter(self._config.device, device)
                log.info("%s: goes on where the process before has ended", self.name)
                return node, Tape(tape)
        for fd in fds:
            if fd is not None:
                os.close(fd)
        self._forget()
        return None

    def _forget(self) -> None:
        for name in self._names:
            self._keeper.forget(name)

    async def _serve(self, node: Node, tape: Tape, adopted: bool) -> None:
        """Raises OSError when the device hangs up."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def end(error: Exception) -> None:
            if not ended.done():
                ended.set_exception(error)

        reader = Reader(
            node,
            tape,
            KeyDecoder(self._config.layout, self._config.code_end, self._config.gap * 1_000_000),
            lambda tokens: _post(loop, self._teller.tell, tokens),
            lambda error: _post(loop, end, error),
        )
        if not adopted:
            for name, fd in zip(self._names, (node.fd, tape.fd), strict=True):
                self._keeper.keep(name, fd)
        reader.start(self.name)
        try:
            if not adopted:
                await asyncio.wait((ended,), timeout=doubt_s(self._config))
            if not ended.done():
                self._health.set("ready")
            await ended
        except Exception:  # what ends a run in order is no Exception: the next process goes on then
            self._forget()
            raise
        finally:
            reader.stop()


def _post(loop: asyncio.AbstractEventLoop, call: Callable[[T], None], value: T) -> None:
    try:
        loop.call_soon_threadsafe(call, value)
    except RuntimeError:
        log.debug("the event loop is closed, nobody is left to tell")
