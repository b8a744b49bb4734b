"""A scale that speaks Dialog 06 on a pty, for tests and the curious. It is verified by nobody.

A TCP port takes JSON lines and answers each with the whole state: ``{"grams": 456}`` (gross, what lies on it)
· ``{"moving": true}`` · ``{"code": 32}`` (what record 09 says, 0: nothing) · ``{"silent": true}`` ·
``{"garbage": true}`` · ``{"amount_off": 1}`` (computes wrongly by so many cents) · ``{"challenge": "3A"}``
(asks for the proof before the next weighing, "": no more) · ``{"cable": "out"|"in"}``.
"""

import asyncio
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from kassd.core.money import line_amount
from kassd.devices.scale.dialog06 import ACK, ENQ, EOT, ESC, ETX, NAK, STX, Challenge, Secret, proof
from kassd.sim.scanner import ScannerSim

FIELDS = {b"01": 2, b"03": 2, b"04": 2, b"05": 3}
START = {"grams": 0, "moving": False, "code": 0, "silent": False, "garbage": False, "amount_off": 0}


class ScaleSim:
    """The scale behind the symlink ``path``. ``secret``: what it wants to be proven."""

    def __init__(self, path: Path, secret: Secret | None = None) -> None:
        self.state: dict[str, Any] = {**START, "challenge": "", "cable": "in"}
        self.texts: list[str] = []
        self.weighings = 0
        self.control_port = 0
        self._wire = ScannerSim(path)  # a pty behind a symlink, with a cable
        self._secret = secret
        self._buffer = bytearray()
        self._asked: tuple[int, int] | None = None  # unit price, tare
        self._reply = b""
        self._server: asyncio.Server | None = None
        self._watch()

    async def start(self, control_port: int = 0) -> None:
        """Take control lines."""
        self._server = await asyncio.start_server(self._control, "127.0.0.1", control_port)
        self.control_port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Unplug for good."""
        self._unwatch()
        self._wire.close()
        if self._server is not None:
            self._server.close()

    def control(self, **change: Any) -> dict[str, Any]:
        """Change what the module's docstring lists; returns the state. ``ValueError`` for other keys."""
        unknown = set(change) - set(self.state)
        if unknown:
            raise ValueError(f"{min(unknown)}: expected one of {', '.join(self.state)}")
        self.state.update(change)
        if self.state["cable"] == "out" and self._wire.plugged:
            self._unwatch()
            self._wire.unplug()
        elif self.state["cable"] == "in" and not self._wire.plugged:
            self._wire.plug()
            self._watch()
        return {**self.state, "weighings": self.weighings}

    # -- the wire -------------------------------------------------------------------------------------

    def _watch(self) -> None:
        self._buffer.clear()
        asyncio.get_running_loop().add_reader(self._wire.fd, self._readable)

    def _unwatch(self) -> None:
        if self._wire.plugged:
            asyncio.get_running_loop().remove_reader(self._wire.fd)

    def _readable(self) -> None:
        self._buffer += os.read(self._wire.fd, 4096)
        while (said := self._taken()) is not None:
            answer = self._answer(said)
            if answer and not self.state["silent"]:
                self._wire.send(STX + b"\xff?\x00" + ETX if self.state["garbage"] else answer)

    def _taken(self) -> bytes | None:
        """The next record's inside, ENQ, or None; EOT and noise are dropped."""
        while self._buffer:
            first = self._buffer[:1]
            if first == STX:
                end = self._buffer.find(ETX)
                if end < 0:
                    return None
                inside = bytes(self._buffer[1:end])
                del self._buffer[: end + 1]
                return inside
            del self._buffer[:1]
            if first == ENQ:
                return ENQ
            if first == EOT:
                continue
        return None

    def _answer(self, said: bytes) -> bytes:
        if said == ENQ:
            reply, self._reply = self._reply or self._result(), b""
            return reply
        number, *fields = said.split(ESC)
        if number == b"08":
            return self._refused(self.state["code"] or 1)
        if number == b"10":
            return self._judged(said)
        if len(fields) != FIELDS.get(number, 0) or not fields[0].isdigit():
            return NAK
        tare = int(fields[1]) if number in (b"03", b"05") else 0
        if number in (b"04", b"05"):
            self.texts.append(fields[-1].decode("ascii").rstrip())
        self._asked = int(fields[0]), tare
        return ACK

    def _result(self) -> bytes:
        if self._asked is None:
            return NAK
        if self.state["challenge"]:
            return STX + ESC.join((b"11", b"2" + self.state["challenge"].encode())) + ETX
        if self.state["code"]:
            return self._refused(self.state["code"])
        if self.state["moving"]:
            return self._refused(20)
        (price, tare), self._asked = self._asked, None
        grams = self.state["grams"] - tare
        if grams <= 0:
            return self._refused(31 if grams < 0 else 30)
        self.weighings += 1
        amount = line_amount(Decimal(grams) / 1000, price) + self.state["amount_off"]
        return STX + ESC.join((b"02", b"3", b"%05d" % grams, b"%06d" % price, b"%06d" % amount)) + ETX

    def _refused(self, code: int) -> bytes:
        return STX + ESC.join((b"09", b"%02d" % code)) + ETX

    def _judged(self, said: bytes) -> bytes:
        """Record 10 is taken; the verdict follows when it is asked for."""
        digits = str(self.state["challenge"])
        right = b""
        if self._secret is not None and digits:
            right = proof(self._secret, Challenge(int(digits[0], 16), int(digits[1], 16)))
        valid = right == EOT + STX + said + ETX
        if valid:
            self.state["challenge"] = ""
        self._reply = STX + ESC.join((b"11", b"1" if valid else b"0")) + ETX
        return ACK

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


async def run_scale_sim(path: Path, control_port: int, secret: str = "") -> None:
    """Run the simulator until cancelled (``kassd sim scale``); says on stdout where it is."""
    sim = ScaleSim(path, Secret.parse(secret) if secret else None)
    await sim.start(control_port)
    print(f"scale {path} control 127.0.0.1:{sim.control_port}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        sim.stop()
