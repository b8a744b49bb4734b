"""One connection to a printer on the event loop: back-pressure outwards, a listener inwards."""

import asyncio
from collections.abc import Callable

from kassd.devices.printer.transport import Transport

CHUNK = 4096


class Link:
    """Owns a transport until :meth:`close`.

    ``wake`` is called for everything that happens: bytes that came (already given to ``heard``), or the end
    of the connection (then ``gone`` holds the error). ``taken`` counts bytes accepted since the start.
    """

    def __init__(
        self, transport: Transport, heard: Callable[[bytes], None], wake: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._heard = heard
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._fd = transport.fileno()
        self._listening = transport.answers
        self.gone: OSError | None = None
        self.taken = 0
        self._room_or_end: asyncio.Event | None = None
        if self._listening:
            self._loop.add_reader(self._fd, self._readable)

    @property
    def answers(self) -> bool:
        """Whether a reply can come back."""
        return self._transport.answers

    def check(self) -> None:
        """Raise the error that ended the connection, if it has ended."""
        if self.gone is not None:
            raise self.gone

    async def push(self, data: memoryview, patience_s: float) -> int:
        """Hand over at most one chunk of ``data``, waiting up to ``patience_s`` for room.

        Returns the number of bytes taken, 0 if there was no room in all that time. Raises OSError when the
        printer is gone.
        """
        self.check()
        taken = self._transport.write(data[:CHUNK])
        if not taken and await self._room(patience_s):
            self.check()
            taken = self._transport.write(data[:CHUNK])
        self.taken += taken
        return taken

    async def _room(self, patience_s: float) -> bool:
        """Whether the transport can take something within ``patience_s``, or has ended."""
        room = asyncio.Event()
        self._room_or_end = room
        self._loop.add_writer(self._fd, room.set)
        try:
            async with asyncio.timeout(patience_s):
                await room.wait()
        except TimeoutError:
            return False
        finally:
            self._loop.remove_writer(self._fd)
            self._room_or_end = None
        return True

    def unsent(self) -> int:
        """Bytes taken by the kernel and not delivered, as far as it tells."""
        return self._transport.unsent()

    async def settle(self) -> bool:
        """Make what was written durable. True if that proves it done (a file)."""
        return await self._transport.settle()

    def close(self) -> None:
        """Stop listening and close."""
        self._stop_listening()
        self._transport.close()

    def _readable(self) -> None:
        try:
            data = self._transport.read()
        except OSError as error:
            self._fail(error)
            return
        if data:
            self._heard(data)
            self._wake()
        elif not self._transport.answers:
            self._stop_listening()

    def _fail(self, error: OSError) -> None:
        self._stop_listening()  # a hung-up descriptor stays readable for ever
        self.gone = error
        if self._room_or_end is not None:
            self._room_or_end.set()
        self._wake()

    def _stop_listening(self) -> None:
        if self._listening:
            self._listening = False
            self._loop.remove_reader(self._fd)
