"""An uninterruptible power supply behind Network UPS Tools' ``upsd``, for tests and the curious.

One port speaks upsd's protocol (RFC 9271: GET VAR, LIST UPS, LOGOUT); a second one takes JSON lines and
answers each with the whole state: ``{"status": "OB LB"}`` · ``{"charge": 42}`` · ``{"runtime": 600}``
(seconds) · ``{"fault": "DATA-STALE"|"DRIVER-NOT-CONNECTED"|…}`` (upsd refuses, "": no more) ·
``{"cut": true}`` (ends every connection). None takes a variable away.
"""

import asyncio
import contextlib
import json
from typing import Any

KEYS = {"status": "ups.status", "charge": "battery.charge", "runtime": "battery.runtime"}


class UpsSim:
    """``upsd`` with one UPS called ``name``, on mains and full."""

    def __init__(self, name: str = "usv") -> None:
        self.name = name
        self.values: dict[str, Any] = {"status": "OL CHRG", "charge": 100, "runtime": 1800}
        self.fault = ""
        self.asked = 0
        self.port = self.control_port = 0
        self._servers: list[asyncio.Server] = []
        self._links: set[asyncio.StreamWriter] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0, control_port: int = 0) -> None:
        """Listen; 0 takes free ports, to be read from ``port`` and ``control_port``."""
        for serve, wanted in ((self._upsd, port), (self._control, control_port)):
            self._servers.append(await asyncio.start_server(serve, host, wanted))
        self.port, self.control_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    async def stop(self) -> None:
        """Close everything."""
        for server in self._servers:
            server.close()
        self._cut()
        await asyncio.sleep(0)

    def control(self, **change: Any) -> dict[str, Any]:
        """Change what the module's docstring lists; returns the state. ``ValueError`` for other keys."""
        unknown = set(change) - {*KEYS, "fault", "cut"}
        if unknown:
            raise ValueError(f"{min(unknown)}: expected one of {', '.join((*KEYS, 'fault', 'cut'))}")
        self.values.update({key: value for key, value in change.items() if key in KEYS})
        self.fault = str(change.get("fault", self.fault))
        if change.get("cut"):
            self._cut()
        return {**self.values, "fault": self.fault, "asked": self.asked}

    def _cut(self) -> None:
        for link in tuple(self._links):
            link.transport.abort()

    async def _upsd(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        with contextlib.suppress(OSError):  # the other side may go without a word
            while line := await reader.readline():
                writer.write(self._answer(line.decode("utf-8", "replace").split()).encode() + b"\n")
        self._links.discard(writer)
        writer.close()

    def _answer(self, words: list[str]) -> str:
        if words[:1] == ["LOGOUT"]:
            return "OK Goodbye"
        if words == ["LIST", "UPS"]:
            return f'BEGIN LIST UPS\nUPS {self.name} "simuliert"\nEND LIST UPS'
        if len(words) != 4 or words[:2] != ["GET", "VAR"]:
            return "ERR UNKNOWN-COMMAND"
        self.asked += 1
        if words[2] != self.name:
            return "ERR UNKNOWN-UPS"
        if self.fault:
            return f"ERR {self.fault}"
        values = {KEYS[key]: value for key, value in self.values.items() if value is not None}
        if words[3] not in values:
            return "ERR VAR-NOT-SUPPORTED"
        return f'VAR {self.name} {words[3]} "{values[words[3]]}"'

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                change = json.loads(line)
                if not isinstance(change, dict):
                    raise ValueError("expected an object")
                reply = {"ok": True, **self.control(**change)}
            except ValueError as error:
                reply = {"ok": False, "error": str(error)}
            writer.write(json.dumps(reply, ensure_ascii=False).encode() + b"\n")
        writer.close()


async def run_ups_sim(name: str, port: int, control_port: int) -> None:
    """Run the simulator until cancelled (``kassd sim ups``); says on stdout what to configure."""
    sim = UpsSim(name)
    await sim.start("127.0.0.1", port, control_port)
    print(f'[power]\nsource = "nut"\ndevice = "{name}"\nport = {sim.port}')
    print(f"# Steuern: JSON-Zeilen auf 127.0.0.1:{sim.control_port}; Ende mit Strg+C", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await sim.stop()
