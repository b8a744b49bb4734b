"""A private mosquitto on free ports, configured as the box's is."""

import asyncio
import functools
import itertools
import os
import random
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from kassd.errors import KassdError
from kassd.mqtt.broker import BrokerConfig, render_config

START_S = 30.0
TIED = ("setpriv", "--pdeathsig", "TERM", "--")  # a program that ends with whoever has started it
BLOCK = 133  # ports that a process has for itself
PORTS = range(20_000, 32_768)  # below those that Linux gives to outgoing connections; 96 blocks


class BrokerError(KassdError):
    """The broker cannot be had; the message says in German what to do."""

    exit_code: ClassVar[int] = 69  # EX_UNAVAILABLE


def free_port() -> int:
    """A TCP port that nobody listens on at this moment, that no other process is given by this, and that no
    outgoing connection takes before it is used, nor while what listens there starts anew."""
    ports = _own_ports()
    while True:
        port = next(ports)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@functools.cache
def _own_ports() -> Iterator[int]:
    """One of the blocks of ``PORTS``, over and over: as long as this process lives it has the block's first
    port of UDP, so no other takes it. Raises :class:`BrokerError`."""
    for first in random.sample(PORTS[::BLOCK], len(PORTS) // BLOCK):
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            door.bind(("127.0.0.1", first))
        except OSError:
            door.close()
            continue
        return _over_and_over(door, range(first, first + BLOCK))
    raise BrokerError("Es laufen zu viele Vorführungen und Tests zugleich: Beenden Sie eine davon.")


def _over_and_over(door: socket.socket, ports: range) -> Iterator[int]:
    with door:
        yield from itertools.cycle(ports)


def find_mosquitto() -> str:
    """Path of the program, which Debian keeps out of users' PATH. Raises :class:`BrokerError`."""
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if program is None:
        raise BrokerError(
            "Das Programm mosquitto fehlt. Abhilfe: sudo apt install mosquitto (Debian, Raspberry Pi OS)."
        )
    return program


class Broker:
    """One mosquitto; ``stop`` and ``start`` again keep the ports and forget every message."""

    def __init__(self, folder: Path, node: str, host: str = "127.0.0.1", port: int = 0) -> None:
        """``port`` 0: any that is free."""
        self.port, self.ws_port = port or free_port(), free_port()
        self._folder = folder
        self._log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        # A broker started by root would change to the user "mosquitto", who cannot read our folder.
        own_user = "user root\n" if os.geteuid() == 0 else ""
        config = BrokerConfig(
            node, str(folder), port=self.port, ws_bind=host, ws_port=self.ws_port, anonymous=True
        )
        self._config.write_text(render_config(config) + own_user, encoding="utf-8")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._process is not None

    async def start(self) -> None:
        """Start and wait until both listeners answer. Raises :class:`BrokerError` with the log's end; none
        runs then, nor after any other end of this."""
        program = find_mosquitto()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*TIED, program, "-c", str(self._config)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            async with asyncio.timeout(START_S):
                for port in (self.port, self.ws_port):
                    await self._answers(self._process, port)
        except BaseException as error:
            await self.stop()
            if isinstance(error, TimeoutError):
                raise BrokerError(f"mosquitto antwortet nicht: {self._last_words()}") from None
            raise

    async def _answers(self, process: asyncio.subprocess.Process, port: int) -> None:
        while True:
            if process.returncode is not None:
                raise BrokerError(f"mosquitto ist gleich wieder beendet: {self._last_words()}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.005)
                continue
            writer.close()
            await writer.wait_closed()
            return

    def _last_words(self) -> str:
        lines: Iterator[str] = reversed(self._log.read_text(encoding="utf-8", errors="replace").splitlines())
        return next(lines, "ohne ein Wort")

    async def stop(self) -> None:
        """Kill it: nothing is said to anybody, and everything is forgotten."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
