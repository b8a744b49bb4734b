"""The register, which ends itself by SIGKILL on its TSE's wire: ``python -m wire_runner --config FILE run``.

The environment's ``KILL_ORDER`` names a file; while it says ``<call> <n>``, the process dies at the n-th
moment of the wire in the next such call of the TSE (``start``, ``finish``): before something is sent, when it
is sent, when it is first looked whether something has come, at the end. ``<call> half <n>``: in the middle of
the n-th thing that is sent. Each call's moments are listed in the file ``<order>.<call>``.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any, cast

from kassd import settings
from kassd.app.daemon import run
from kassd.app.logs import set_up
from kassd.app.seams import Seams
from kassd.tse import volume
from kassd.tse.port import Signed, Tse
from kassd.tse.wire import Way, listening


class Bomb:
    """Counts the moments of a call and goes off at the ordered one."""

    def __init__(self, order: Path) -> None:
        self.order = order
        self.call = ""
        self.moments: list[str] = []

    def begin(self, call: str) -> None:
        self.call, self.moments = call, []

    def end(self) -> None:
        if self.call:
            self._moment("end")
            count = self.order.with_name(f"{self.order.name}.{self.call}")
            count.write_text("\n".join(self.moments), encoding="ascii")
        self.call = ""

    def heard(self, way: Way, data: bytes, where: str) -> None:
        """One moment of the wire; see :data:`kassd.tse.wire.Tap`."""
        moment = f"{way} {where}".strip()
        if self.call and not (way == "in" and self.moments[-1:] == [moment]):
            self._moment(moment)

    def _moment(self, moment: str) -> None:
        self.moments.append(moment)
        if self._ordered() == f"{self.call} {len(self.moments) - 1}":
            self.die()

    def halves(self, announced: int = 1) -> bool:
        """Whether what is sent now breaks off in the middle; ``announced``: it was told already."""
        sent = sum(moment.startswith("out") for moment in self.moments) - announced
        return bool(self.call) and self._ordered() == f"{self.call} half {sent}"

    def _ordered(self) -> str:
        return self.order.read_text(encoding="ascii") if self.order.exists() else ""

    @staticmethod
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """The TSE; marks which call is being made."""

    def __init__(self, inner: Tse, bomb: Bomb) -> None:
        self.inner, self.bomb = inner, bomb

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def start(self, *args: Any) -> Signed:
        return await self._marked("start", *args)

    async def finish(self, *args: Any) -> Signed:
        return await self._marked("finish", *args)

    async def _marked(self, call: str, *args: Any) -> Signed:
        self.bomb.begin(call)
        try:
            return cast(Signed, await getattr(self.inner, call)(*args))
        finally:
            self.bomb.end()


class BreakingTransport(asyncio.Transport):
    """A connection of asyncio's whose peer gets half of what is sent when it is ordered so."""

    def __init__(self, inner: asyncio.Transport, bomb: Bomb) -> None:
        super().__init__()
        self._inner, self._bomb = inner, bomb

    def write(self, data: Any) -> None:
        if self._bomb.halves():
            self._inner.write(bytes(data)[: len(data) // 2])
            self._bomb.die()
        self._inner.write(data)

    def is_closing(self) -> bool:
        return self._inner.is_closing()

    def abort(self) -> None:
        self._inner.abort()

    def close(self) -> None:
        self._inner.close()


def break_off(bomb: Bomb) -> None:
    """Let the links' own sending stop half-way where it is ordered."""
    pwritev = os.pwritev

    def half_sectors(fd: int, buffers: list[memoryview], offset: int) -> int:
        if bomb.halves():
            sectors = max(1, len(buffers[0]) // 1024)
            pwritev(fd, [buffers[0][: sectors * volume.SECTOR]], offset)
            bomb.die()
        return pwritev(fd, buffers, offset)

    os.pwritev = half_sectors  # type: ignore[assignment]
    from kassd.tse.diebold import link as diebold

    for cls in (diebold.SerialLink, diebold.TcpLink):
        send = cls.send

        def broken(link: Any, data: bytes, send: Any = send) -> None:
            if bomb.halves(announced=0):
                bomb.call = ""
                send(link, data[: len(data) // 2])
                bomb.die()
            send(link, data)

        cls.send = broken  # type: ignore[method-assign]
    from websockets.sync.connection import Connection

    whole = Connection.send

    def half_a_frame(connection: Connection, message: str) -> None:
        if bomb.halves():
            connection.protocol.send_text(message.encode())
            frame = b"".join(connection.protocol.data_to_send())
            connection.socket.sendall(frame[: len(frame) // 2])
            bomb.die()
        whole(connection, message)

    Connection.send = half_a_frame  # type: ignore[method-assign, assignment]
    from kassd.tse.epson import link as epson

    made = epson.Link.connection_made

    def connected(link: epson.Link, transport: asyncio.BaseTransport) -> None:
        made(link, transport)
        link._transport = BreakingTransport(cast(asyncio.Transport, transport), bomb)

    epson.Link.connection_made = connected  # type: ignore[method-assign]


def main(config: Path, order: Path) -> int:
    bomb = Bomb(order)
    break_off(bomb)
    set_up(logging.INFO)
    with listening(bomb.heard):
        return asyncio.run(run(settings.load(config), Seams(tse=lambda tse: cast(Tse, Watched(tse, bomb)))))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[sys.argv.index("--config") + 1]), Path(os.environ["KILL_ORDER"])))
