"""The simulated terminal on its wire: TCP or a pty, and a port for JSON lines that change what it does.

Control: one JSON object a line with keys of ``behaviour.Behaviour``, such as ``{"card": "none"}`` or
``{"faults": [{"kind": "cut_before", "message": 5}]}``; each is answered with the state.
"""

import asyncio
import json
import os
import socket
import tty
from pathlib import Path
from typing import Any

from kassd.devices.printer.transport import FdTransport, TcpTransport
from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.link import T3_S, LinkSilent
from kassd.devices.terminal.zvt.wire import Wire, WireGone
from kassd.sim.terminal.behaviour import CARDS, Behaviour
from kassd.sim.terminal.talk import Cut, Silent, Talk
from kassd.sim.terminal.terminal import Terminal

ENDS = (WireGone, Cut, CodecError, LinkSilent, Silent)


class TerminalSim:
    """A :class:`Terminal` on a wire. ``start`` makes it, ``serve`` runs it until cancelled."""

    def __init__(self, terminal: Terminal, t3_s: float = T3_S) -> None:
        self.terminal = terminal
        self._t3_s = t3_s
        self._control: asyncio.Server | None = None
        self.control_port = 0

    async def start_control(self, host: str, port: int) -> None:
        """Listen for JSON lines; 0 takes a free port."""
        loop = asyncio.get_running_loop()
        self._control = await loop.create_server(lambda: _Control(self.terminal), host, port)
        self.control_port = self._control.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close what ``start`` opened."""
        if self._control is not None:
            self._control.close()

    async def _converse(self, wire: Wire, *, serial: bool) -> None:
        """One connection until it ends."""
        terminal = self.terminal
        talk = Talk(wire, terminal.behaviour, serial=serial, t3_s=self._t3_s, watch=terminal.seen)
        try:
            while True:
                try:
                    await self.terminal.serve(talk)
                except (Silent, LinkSilent, CodecError):
                    if not serial:
                        raise
        except ENDS:
            return
        finally:
            talk.close()


class TcpTerminalSim(TerminalSim):
    """Listens as a terminal in the network; one register at a time."""

    port = 0
    _listener: socket.socket | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; 0 takes a free port, to be read from ``port``."""
        self._listener = socket.create_server((host, port))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]

    async def serve(self) -> None:
        """Take one connection after another."""
        assert self._listener is not None
        loop = asyncio.get_running_loop()
        while True:
            peer, _ = await loop.sock_accept(self._listener)
            peer.setblocking(False)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._converse(Wire(TcpTransport(peer)), serial=False)

    def stop(self) -> None:
        """See :class:`TerminalSim`."""
        super().stop()
        if self._listener is not None:
            self._listener.close()


class SerialTerminalSim(TerminalSim):
    """A pty behind the symlink ``path``; when the connection is cut, the cable is in again at once."""

    def __init__(self, terminal: Terminal, path: Path, t3_s: float = T3_S) -> None:
        super().__init__(terminal, t3_s)
        self.path = path
        self._master = self._slave = -1

    async def start(self) -> None:
        """Be there; see :class:`TcpTerminalSim`."""
        self.plug()

    def plug(self) -> None:
        """Make the pty and its link."""
        self._master, self._slave = os.openpty()  # the slave stays open: a register may come and go
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.path)

    async def serve(self) -> None:
        """One conversation after another."""
        while True:
            if self._master < 0:
                self.plug()
            master, self._master = self._master, -1
            try:
                await self._converse(Wire(FdTransport(master)), serial=True)
            finally:
                os.close(self._slave)

    def stop(self) -> None:
        """See :class:`TerminalSim`."""
        super().stop()
        self.path.unlink(missing_ok=True)


class _Control(asyncio.Protocol):
    """One control connection."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                values = json.loads(line)
                if not isinstance(values, dict):
                    raise ValueError("expected an object")
                self._terminal.behaviour.change(**values)
                reply: dict[str, Any] = {"ok": True, **state(self._terminal)}
            except ValueError as error:
                reply = {"ok": False, "error": str(error)}
            if self._transport is not None:
                self._transport.write(json.dumps(reply, ensure_ascii=False).encode() + b"\n")


def state(terminal: Terminal) -> dict[str, Any]:
    """What a watcher sees: money that cards were charged, payments that count, commands heard."""
    memory, behaviour = terminal.memory, terminal.behaviour
    return {
        "card": behaviour.card,
        "cards": list(CARDS),
        "charged": memory.charged,
        "payments": [[t.kind, t.receipt, t.amount, t.status] for t in memory.transactions],
        "last": memory.last.receipt if memory.last else None,
        "registered": f"{memory.config:02X}",
        "faults": len(behaviour.faults),
        "heard": terminal.heard[-20:],
    }


async def run_terminal_sim(
    behaviour: Behaviour,
    *,
    folder: Path | None = None,
    link: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 20007,
    control: int = 0,
) -> None:
    """``kassd sim terminal``: run until cancelled; says where it listens. ``link``: a pty instead of TCP."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    terminal = Terminal(behaviour, folder / "terminal.json" if folder else None)
    if link is not None:
        serial = SerialTerminalSim(terminal, link)
        await serial.start()
        sim: SerialTerminalSim | TcpTerminalSim = serial
        where = str(link)
    else:
        sim = tcp = TcpTerminalSim(terminal)
        await tcp.start(host, port)
        where = f"{host}:{tcp.port}"
    await sim.start_control(host, control)
    print(f"terminal {where} control {host}:{sim.control_port}", flush=True)
    try:
        await sim.serve()
    finally:
        sim.stop()
