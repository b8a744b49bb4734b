"""The wires of the simulated Diebold Nixdorf TSE: a pty for the USB stick, TCP for the Connect Box.

Faults of the wire, named by three-digit commands (``calls=("004",)``): ``asb`` an unsolicited status comes
before the answer; ``noise`` bytes that mean nothing; ``stale`` the answer before comes once more; ``split``
one byte at a time; ``old_id`` the answer bears another id; ``fragment`` half an answer; ``hangup`` half an
answer, then the wire ends; ``deaf`` the request is not heard; ``mute`` it is obeyed but not answered.
"""

import contextlib
import os
import pty
import select
import socket
import threading
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Self

from kassd.clock import Clock
from kassd.sim.tse.core import Core, Unplugged
from kassd.sim.tse.diebold import Front
from kassd.tse.diebold.codec import ASB, END, REQUEST
from kassd.tse.soft.faults import Fault
from kassd.tse.soft.model import Model

KINDS = frozenset({"asb", "noise", "stale", "split", "old_id", "fragment", "hangup", "deaf", "mute"})
LOOK_S = 0.02
STUCK_S = 2.0  # a reader that takes nothing for so long is gone
OLD_ID = b"00000000-0000-4000-8000-000000000000"
Write = Callable[[bytes], None]


class HungUp(Exception):
    """The wire ends here."""


class Talk:
    """One conversation: cuts the requests out of the bytes and disturbs the answers."""

    def __init__(self, front: Front, write: Write) -> None:
        self._front = front
        self._write = write
        self._buffer = b""
        self._before = b""

    def hear(self, data: bytes) -> None:
        """Take bytes and answer what is complete. Raises ``Unplugged``, ``HungUp``."""
        self._buffer += data
        while True:
            start = self._buffer.find(REQUEST)
            end = self._buffer.find(END, max(start, 0))
            if start < 0 or end < 0:
                return
            frame, self._buffer = self._buffer[start : end + 2], self._buffer[end + 2 :]
            faults = {fault.kind: fault for fault in self._front.core.wire(frame[2:5].decode("latin-1"))}
            if "deaf" in faults:
                continue
            answer = self._front.answer(frame)
            if answer is not None and "mute" not in faults:
                self._say(answer, faults)

    def _say(self, answer: bytes, faults: dict[str, Fault]) -> None:
        before, self._before = self._before, answer
        if "asb" in faults:
            self._write(ASB + b"\x00\x01\x00\x40")
        if "noise" in faults:
            self._write(b"\x00\xff\x1b\x9f\x1b")
        if "stale" in faults:
            self._write(before)
        if "old_id" in faults:
            at = answer.rfind(b"\x1b\x99") + 2
            answer = answer[:at] + OLD_ID + END
        if "fragment" in faults or "hangup" in faults:
            answer = answer[: len(answer) // 2]
        if "split" in faults:
            for byte in answer:
                self._write(bytes((byte,)))
        else:
            self._write(answer)
        if "hangup" in faults:
            raise HungUp


class DieboldSim(ABC):
    """A simulated TSE in ``folder`` on a wire; a context manager, running between enter and exit."""

    box = False

    def __init__(
        self, folder: Path, model: Model | None = None, *, latency_s: float = 0.25, clock: Clock | None = None
    ) -> None:
        self.core = Core(folder, model, latency_s=latency_s, kinds=KINDS, clock=clock)
        self.front = Front(self.core, box=self.box)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Make the wire and serve it in threads."""
        self._stopping.clear()
        self._make()
        self._serve_in_thread(self._serve)

    def stop(self) -> None:
        """Take the wire and the power away."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()
        self._unmake()
        self.front.power_cycle()

    @abstractmethod
    def power_cycle(self) -> None:
        """Take the power for a moment: the wire ends and comes back."""

    @abstractmethod
    def _make(self) -> None: ...
    @abstractmethod
    def _unmake(self) -> None: ...
    @abstractmethod
    def _serve(self) -> None: ...

    def _serve_in_thread(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="diebold-sim", daemon=True)
        self._threads.append(thread)
        thread.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _write_to(self, handle: int, data: bytes) -> None:
        """Write to a reader that may be slow; one that is gone ends the conversation."""
        given_up = time.monotonic() + STUCK_S
        while data and not self._stopping.is_set():
            _, ready, _ = select.select([], [handle], [], LOOK_S)
            if ready:
                data = data[os.write(handle, data) :]
                given_up = time.monotonic() + STUCK_S
            elif time.monotonic() > given_up:
                return


class DieboldSerialSim(DieboldSim):
    """The USB stick: a pty, found under the link ``folder/port``."""

    @property
    def port(self) -> Path:
        """Path of the serial device."""
        return self.core.folder / "port"

    def _make(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)  # also keeps the pty alive while nobody has it open
        os.set_blocking(self._master, False)
        fresh = self.port.with_name("port.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        os.replace(fresh, self.port)
        self._talk = Talk(self.front, lambda data: self._write_to(self._master, data))

    def _unmake(self) -> None:
        self.port.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def _hang_up(self) -> None:
        """The stick is pulled; it comes back at once as another device, dead while the fault is in force."""
        master, slave = self._master, self._slave
        self._make()
        os.close(slave)
        os.close(master)

    def power_cycle(self) -> None:
        self.stop()
        self.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._master], [], [], LOOK_S)
            if not ready:
                continue
            try:
                self._talk.hear(os.read(self._master, 65_536))
            except Unplugged:
                self.front.power_cycle()
                self._hang_up()
            except (HungUp, OSError):
                self._hang_up()


class DieboldTcpSim(DieboldSim):
    """The Connect Box: TCP on this machine, at :attr:`tcp_port`."""

    box = True
    tcp_port = 0

    def _make(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.tcp_port), reuse_port=False)
        self.tcp_port = self._listener.getsockname()[1]
        self._listener.settimeout(LOOK_S)
        self._cut = threading.Event()

    def _unmake(self) -> None:
        self._listener.close()

    def power_cycle(self) -> None:
        self.stop()
        self.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._serve_in_thread(lambda connection=connection: self._converse(connection))  # type: ignore[misc]  # mypy cannot infer the default

    def _converse(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        handle = connection.fileno()
        talk = Talk(self.front, lambda data: self._write_to(handle, data))
        with connection:
            while not self._stopping.is_set():
                ready, _, _ = select.select([handle], [], [], LOOK_S)
                if not ready:
                    continue
                try:
                    data = os.read(handle, 65_536)
                    if not data:
                        return
                    talk.hear(data)
                except Unplugged:
                    self.front.power_cycle()
                    return
                except (HungUp, OSError):
                    return


def run_diebold_sim(folder: Path, model: Model | None = None, *, tcp_port: int | None = None) -> None:
    """Serve until interrupted: on TCP (0: any free port) if a port is given, else on a pty."""
    sim: DieboldSim
    if tcp_port is None:
        sim = DieboldSerialSim(folder, model)
    else:
        sim = DieboldTcpSim(folder, model)
        sim.tcp_port = tcp_port
    with sim, contextlib.suppress(KeyboardInterrupt):
        place = sim.port if isinstance(sim, DieboldSerialSim) else f"127.0.0.1:{sim.tcp_port}"
        print(f"Diebold-Nixdorf-TSE (simuliert): {place}", flush=True)
        threading.Event().wait()
