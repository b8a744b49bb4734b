"""GiroCodes are drawn here, beside the register's loop, for displays to show."""

import asyncio
from collections.abc import Callable

from kassd.core.inputs import Input, TransferDrawn
from kassd.core.state import State


class TransferCodes:
    """``decided`` from the loop's thread, at each change of the open sales; drawn one after another."""

    def __init__(self, post: Callable[[Input], None]) -> None:
        self._post = post
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._in_hand: set[tuple[str, str]] = set()

    def decided(self, state: State) -> None:
        """Take on what is not yet drawn."""
        for sale in state.sales.values():
            if sale.transfer is not None and not sale.transfer.bits:
                key = (sale.id, sale.transfer.content)
                if key not in self._in_hand:
                    self._in_hand.add(key)
                    self._waiting.put_nowait(key)

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            key = await self._waiting.get()
            self._post(await asyncio.to_thread(draw, *key))
            self._in_hand.discard(key)


def draw(sale: str, content: str) -> TransferDrawn:
    """The modules of the code (blocking)."""
    from kassd.receipt.canvas import packed_matrix

    return TransferDrawn(sale, content, *packed_matrix(content))
