"""A scanner that is a keyboard.

The kernel keeps 64 events per reader and then drops a code's beginning, so the node is read by a thread
of its own that never waits for the event loop. Opening takes an ``opener`` so that recorded events can
come through a pipe.
"""

import asyncio
import errno
import logging
import os
import select
import threading
from collections.abc import Callable
from typing import TypeVar

from kassd.clock import Clock
from kassd.devices.config import ScannerConfig
from kassd.devices.link import Backoff, Health
from kassd.devices.port import Report
from kassd.devices.scanner.assembler import Token
from kassd.devices.scanner.common import report_tokens
from kassd.devices.scanner.keys import EVENT, KeyDecoder
from kassd.devices.scanner.node import Node, open_node

log = logging.getLogger(__name__)
T = TypeVar("T")

READ_SIZE = 64 * EVENT.size
LONGEST_PAUSE_S = 2.0  # a person stands waiting with the cable in the hand
WHAT = "Der Scanner"


class EvdevScanner:
    """Reads codes from the keyboard ``config.device``; opens it again whenever it comes back."""

    def __init__(
        self, config: ScannerConfig, report: Report, opener: Callable[[str], Node] = open_node
    ) -> None:
        self.name = config.name
        self._config = config
        self._report = report
        self._opener = opener
        self._health = Health(config.name, report)

    async def run(self) -> None:
        """Serve the device for ever: absent, opening, ready, unplugged, again."""
        backoff = Backoff(LONGEST_PAUSE_S)
        while True:
            try:
                node = self._opener(self._config.device)
                self._health.opening()
                backoff.reset()
                await self._serve(node)
            except OSError as error:
                self._health.fault(error, WHAT, self._config.device)
            await backoff.pause()

    async def beep(self, error: bool) -> None:
        """A keyboard cannot be asked for a sound: does nothing."""

    async def _serve(self, node: Node) -> None:
        """Raises OSError when the device hangs up."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def deliver(tokens: list[Token]) -> None:
            report_tokens(self._config, self._report, tokens)

        def end(error: Exception) -> None:
            if not ended.done():
                ended.set_exception(error)

        reader = _Reader(
            node,
            KeyDecoder(self._config.layout, self._config.code_end, self._config.gap * 1_000_000),
            self._config.gap,
            lambda tokens: _post(loop, deliver, tokens),
            lambda error: _post(loop, end, error),
        )
        reader.start(self.name)
        try:
            self._health.set("ready")
            await ended
        finally:
            reader.stop()


def _post(loop: asyncio.AbstractEventLoop, call: Callable[[T], None], value: T) -> None:
    try:
        loop.call_soon_threadsafe(call, value)
    except RuntimeError:
        log.debug("the event loop is closed, nobody is left to tell")


class _Reader:
    """The thread: waits for events or for :meth:`stop`, decodes, hands over tokens and the final error."""

    def __init__(
        self,
        node: Node,
        decoder: KeyDecoder,
        gap_ms: int,
        deliver: Callable[[list[Token]], None],
        ended: Callable[[Exception], None],
    ) -> None:
        self._node = node
        self._decoder = decoder
        self._gap_ms = gap_ms
        self._deliver = deliver
        self._ended = ended
        self._wake_read, self._wake_write = os.pipe()
        self._thread: threading.Thread | None = None

    def start(self, name: str) -> None:
        self._thread = threading.Thread(target=self._run, name=f"scanner-{name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, if it has not ended by itself, and close everything."""
        os.write(self._wake_write, b"x")
        if self._thread is not None:
            self._thread.join()
        self._node.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        try:
            self._hand_over(self._decoder.opened(self._node.held(), Clock.mono()))
            self._read()
        except OSError as error:
            self._hand_over(self._decoder.stop("unplugged"))
            self._ended(error)
        except Exception as error:  # noqa: BLE001  # a dead thread must not look like a quiet scanner
            self._ended(error)

    def _read(self) -> None:
        """Returns when told to stop; raises OSError when the device is gone."""
        fd = self._node.fd
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        while True:
            ready = dict(poll.poll(self._gap_ms if self._decoder.collecting else None))
            if self._wake_read in ready:
                return
            if fd not in ready:
                self._hand_over(self._decoder.expire())
                continue
            data = os.read(fd, READ_SIZE)
            if not data:
                raise OSError(errno.ENODEV, "hung up")
            self._hand_over(self._decoder.feed(data))
            if self._decoder.resync_wanted:
                self._decoder.resync(self._node.held())

    def _hand_over(self, tokens: list[Token]) -> None:
        if tokens:
            self._deliver(tokens)
