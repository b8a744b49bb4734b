"""An export of the TSE's stored log, which gives way to every call.

A customer never waits for it: it begins when the worker has nothing else to do, and ends after the piece
that is being read as soon as anything else is asked. Whoever wants it then asks again.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import field

from kassd.deferred import dataclass
from kassd.tse.port import ExportFilter, Tse

Take = Callable[[bytes], Awaitable[bool]]


@dataclass(slots=True)
class Export:
    """``take`` is awaited with each piece and tells whether more is wanted; what it raises ends the export.
    ``ended``: True when everything wanted was taken, False when it had to give way, or the error."""

    chosen: ExportFilter
    take: Take
    ended: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, complete: bool) -> None:
        """Say how it ended, unless nobody waits any more."""
        if not self.ended.done():
            self.ended.set_result(complete)

    def fail(self, error: Exception) -> None:
        """Say why it failed."""
        if not self.ended.done():
            self.ended.set_exception(error)

    async def read(self, tse: Tse, disturbed: Callable[[], bool]) -> bool:
        """Take the pieces until the end; False: given way. Raises what the device or ``take`` raises."""
        stream = tse.export(self.chosen)
        try:
            async for piece in stream:
                if not await self.take(piece):
                    return True
                if disturbed() or self.ended.cancelled():
                    return False
            return True
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
