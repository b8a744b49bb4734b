"""A receipt printer on TCP for tests, the demo and the curious.

The printer speaks ESC/POS on one port; a second one takes JSON lines, so that another process can take the
paper away or pull the plug, and answers each with the whole status:

``{"paper": "out"|"near_end"|"ok"}`` · ``{"cover": "open"|"closed"}`` ·
``{"drawer": "open"|"closed"|"stuck"}`` (stuck: no kick opens it) · ``{"shut_after_s": 3}`` (whoever is at the
counter pushes it shut so long after a kick; 0: nobody does) ·
``{"power": "cycle"|"off"|"on"}`` · ``{"cable": "out"|"in"}`` · ``{"silent": true}`` (prints, never answers) ·
``{"stuck": true}`` (takes nothing any more) · ``{"merge": true}`` (answers ``GS r`` that it finds together by
one byte) · ``{"tear": true}`` · ``{"status": true}`` · and any of them
with ``"after_bytes": n`` to happen before the command that ends past the next n bytes. Every event stands at
once in ``events.jsonl``.
"""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any, Protocol

from kassd.sim.printer_model import Printer
from kassd.sim.printer_paper import Paper, Slip
from kassd.sim.printer_pty import PtyLink

RECEIVE_BUFFER = 4096  # bytes the kernel may hold for us: a printer's network card is small as well
CHOICES: dict[str, tuple[Any, ...]] = {
    "paper": ("ok", "near_end", "out"),
    "cover": ("open", "closed"),
    "drawer": ("open", "closed", "stuck"),
    "power": ("cycle", "off", "on"),
    "cable": ("out", "in"),
    "silent": (True, False),
    "stuck": (True, False),
    "merge": (True, False),
    "tear": (True,),
}


class Wire(Protocol):
    """A host's way to the printer."""

    def send(self, data: bytes) -> None: ...
    def pace(self) -> None: ...
    def drop(self) -> None: ...


class PrinterSim:
    """The simulator: a :class:`Printer` behind two listening sockets, or a device node in place of the first.
    Slips are filed in ``out_dir``, with their ``pictures`` or without."""

    def __init__(
        self, out_dir: Path, profile: str = "TM-T88V", columns: int = 42, pictures: bool = True
    ) -> None:
        self.paper = Paper(out_dir, columns, pictures)
        self.printer = Printer(self.paper, profile, self._answer, self._record)
        self.port = 0
        self.control_port = 0
        self.powered = self.plugged = True
        self.shut_after_s = 0.0
        self._links: list[Wire] = []
        self._node: PtyLink | None = None
        self.consoles: set[asyncio.Transport] = set()
        self._servers: list[asyncio.Server] = []
        self._events = (out_dir / "events.jsonl").open("a", encoding="utf-8")

    @property
    def slips(self) -> list[Slip]:
        """The slips cut since this object was made."""
        return self.paper.slips

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return bool(self._links)

    @property
    def kicks(self) -> int:
        """Drawer pulses so far."""
        return len(self.printer.kicks)

    @property
    def errors(self) -> list[str]:
        """What the host sent and a printer would not have understood."""
        return self.printer.errors

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, control_port: int = 0, node: Path | None = None
    ) -> None:
        """Listen; 0 takes free ports, to be read from ``port`` and ``control_port``. ``node``: a symlink to a
        pty in place of the printer's port."""
        loop = asyncio.get_running_loop()
        control = await loop.create_server(lambda: _Control(self), host, control_port)
        self.control_port = control.sockets[0].getsockname()[1]
        self._servers = [control]
        if node is not None:
            self._node = PtyLink(node, self.printer.receive, lambda: self.printer.full)
            self._plug_node()
            return
        listener = socket.create_server((host, port))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        data = await loop.create_server(lambda: _Link(self), sock=listener)
        self._servers.append(data)
        self.port = data.sockets[0].getsockname()[1]

    def _plug_node(self) -> None:
        if self._node is not None and self._node not in self._links and self.attach(self._node):
            self._node.plug()

    async def stop(self) -> None:
        """Close sockets and files. What was printed and not cut stays unfiled."""
        for server in self._servers:
            server.close()
        self._unplug()
        for console in self.consoles:
            console.abort()
        self._events.close()
        await asyncio.sleep(0)

    def control(self, **change: Any) -> dict[str, Any]:
        """Change what the module's docstring lists, now or ``after_bytes``; return the status.

        Raises:
            ValueError: an unknown key or value; nothing was changed.
        """
        change.pop("status", None)
        shut_after_s = change.pop("shut_after_s", self.shut_after_s)
        if not isinstance(shut_after_s, int | float) or shut_after_s < 0:
            raise ValueError(f"shut_after_s: expected seconds, got {shut_after_s!r}")
        after = change.pop("after_bytes", None)
        for key, value in change.items():
            if key not in CHOICES or value not in CHOICES[key]:
                raise ValueError(f"{key}: expected one of {CHOICES.get(key, tuple(CHOICES))}, got {value!r}")
        self.shut_after_s = shut_after_s
        if after is None:
            self._apply(change)
        elif isinstance(after, int) and after >= 0:
            self.printer.after_bytes(after, lambda: self._apply(change))
        else:
            raise ValueError(f"after_bytes: expected a number of bytes, got {after!r}")
        return self.status()

    def status(self) -> dict[str, Any]:
        """Return the printer's state as JSON-able data."""
        printer = self.printer
        return {
            "paper": printer.paper,
            "cover": "open" if printer.cover_open else "closed",
            "drawer": printer.drawer,
            "power": "on" if self.powered else "off",
            "silent": printer.silent,
            "stuck": printer.stuck,
            "merge": printer.merges,
            "slips": len(self.slips),
            "kicks": self.kicks,
            "bytes": printer.processed,
            "errors": printer.errors,
        }

    def _apply(self, change: dict[str, Any]) -> None:
        printer = self.printer
        before = printer.asb_bytes()
        printer.paper = change.get("paper", printer.paper)
        printer.silent = change.get("silent", printer.silent)
        printer.stuck = change.get("stuck", printer.stuck)
        printer.merges = change.get("merge", printer.merges)
        if "cover" in change:
            printer.cover_open = change["cover"] == "open"
        if "drawer" in change:
            printer.drawer_open = change["drawer"] == "open"
            printer.drawer_stuck = change["drawer"] == "stuck"
        if change.get("tear"):
            printer.tear()
        if "power" in change:
            self.powered = change["power"] != "off"
            if change["power"] != "on":
                printer.power_cycle()
                self._unplug()
        if "cable" in change:
            self.plugged = change["cable"] == "in"
            if not self.plugged:
                self._unplug()
        self._plug_node()
        printer.changed(before)
        for link in self._links:
            link.pace()

    def _unplug(self) -> None:
        for link in [*self._links]:
            link.drop()
        self._links.clear()

    def _answer(self, data: bytes) -> None:
        """Send to the newest connection: a printer has one host at a time."""
        if self._links:
            self._links[-1].send(data)

    def _record(self, event: dict[str, Any]) -> None:
        self._events.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._events.flush()
        if event["event"] == "kick" and self.shut_after_s:
            asyncio.get_running_loop().call_later(self.shut_after_s, self._push_shut)

    def _push_shut(self) -> None:
        if self.printer.drawer_open:
            self._apply({"drawer": "closed"})

    def attach(self, link: Wire) -> bool:
        """Take a connection, unless the power is off or the cable out."""
        if self.powered and self.plugged:
            self._links.append(link)
        return self.powered and self.plugged

    def detach(self, link: Wire) -> None:
        """Forget a connection."""
        if link in self._links:
            self._links.remove(link)


class _Link(asyncio.Protocol):
    """One TCP connection to the printer; stops reading while the printer's buffer is full."""

    def __init__(self, sim: PrinterSim) -> None:
        self._sim = sim
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._sim.attach(self):
            self.drop()
        self.pace()

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._sim.printer.receive(data)
            self.pace()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._sim.detach(self)

    def pace(self) -> None:
        """Read or do not read, as the printer can."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._sim.printer.full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def drop(self) -> None:
        """Cut the line as a power loss does."""
        self._sim.detach(self)
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


class _Control(asyncio.Protocol):
    """One control connection: a JSON object per line, a JSON object back."""

    def __init__(self, sim: PrinterSim) -> None:
        self._sim = sim
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sim.consoles.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._sim.consoles.discard(self._transport)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                change = json.loads(line)
                if not isinstance(change, dict):
                    raise ValueError("expected an object")
                reply = {"ok": True, **self._sim.control(**change)}
            except ValueError as error:
                reply = {"ok": False, "error": str(error)}
            if self._transport is not None:
                self._transport.write(json.dumps(reply, ensure_ascii=False).encode() + b"\n")


async def run_printer_sim(
    out_dir: Path,
    profile: str = "TM-T88V",
    columns: int = 42,
    host: str = "127.0.0.1",
    port: int = 9100,
    control_port: int = 9101,
    node: Path | None = None,
) -> None:
    """Run the simulator until cancelled (``kassd sim printer``); says on stdout where it listens."""
    sim = PrinterSim(out_dir, profile, columns)
    await sim.start(host, port, control_port, node)
    where = node or f"{host}:{sim.port}"
    print(f"printer {where} control {host}:{sim.control_port} slips {out_dir}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await sim.stop()
