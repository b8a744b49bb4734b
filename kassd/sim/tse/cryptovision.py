"""A cryptovision TSE for tests and the demo: a volume whose ``TSE-IO.bin`` is the mailbox of a device.

A command frame written at the beginning of the file sets the device to work. What is read back is the mailbox
as it stands: the host's own frame until the controller has taken it, then busy (``FFFF``), then the answer,
with what lay in the mailbox before behind it. A late answer lands on whatever the host has written meanwhile;
a mailbox filled with zeros throws it away.
"""

import contextlib
import errno
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence, Unplugged
from kassd.sim.tse.cryptovision_commands import NO_STARTUP, Commands, Refusal, word_of
from kassd.sim.tse.volume import DeviceFile, Volume
from kassd.tse.soft import Fault, Model
from kassd.tse.soft.device import Device

MAGIC = bytes.fromhex("4164 5661 6e63 4544 2053 6543 7552 6520 5344 2f4d 4d43 2043 4172 6401")
SIZE, LARGEST = 8192, 8158
DISABLE_SUSPEND, ENABLE_SUSPEND = 0x5344, 0x5345
UNREAD_S = 0.02  # how long an answer that nobody has read holds up the next command
MODEL = Model(curve="secp256r1", description="cryptovision TSE", max_clients=100, max_open_transactions=512)

KINDS = frozenset(
    {
        "token_kept",  # the host's token stays for ``ms``
        "busy",  # FFFF for ``ms`` more (a device waking up: 30 000)
        "zero_header",  # all zeros for ``ms``
        "foreign_header",  # a header that is none, once
        "controller_timeout",  # FF45, the command is not done
        "controller_error",  # FF01, the command is done
        "stale_answer",  # the answer before this one again, the command is not done
        "short_fragments",  # answers come in pieces of 100 bytes
        "fragment_lost",  # the next fragment is empty
        "hang_up",  # the volume fails with EIO from this command on, until the file is opened anew
    }
)


class CryptovisionSim:
    """The device in ``folder``, its volume mounted at ``mountpoint``. ``hardware`` 1 or 2 (firmware ids and
    ``InitializePins`` differ); ``bugs``: with the wrong lengths of known firmware."""

    def __init__(
        self,
        folder: Path,
        mountpoint: Path,
        *,
        hardware: Literal[1, 2] = 2,
        bugs: bool = True,
        latency_s: float = 0.15,
        model: Model = MODEL,
    ) -> None:
        self.core = Core(folder, model, latency_s=latency_s, kinds=KINDS)
        self.volume = Volume(mountpoint, self._files, self.core.plugged)
        self.mailbox = Mailbox(self.core, Commands(self.core, hardware, bugs))
        self._guard = Guard()

    def _files(self) -> Mapping[str, DeviceFile]:
        return {"TSE-IO.bin": self.mailbox, "TSE-GUARD.bin": self._guard}

    def start(self) -> None:
        """Mount the volume."""
        self.volume.mount()

    def stop(self) -> None:
        """Unmount the volume and power the device off."""
        self.volume.unmount()
        self.mailbox.stop()
        self.core.power_cycle()

    def __enter__(self) -> "CryptovisionSim":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Guard:
    """``TSE-GUARD.bin``: empty until the host makes it; counts how often it is read."""

    def __init__(self) -> None:
        self.data = b""
        self.reads = 0

    def size(self) -> int:
        """Length of the file."""
        return len(self.data)

    def read(self, size: int, offset: int) -> bytes:
        """Read, which keeps the device awake."""
        self.reads += 1
        return self.data[offset : offset + size]

    def write(self, data: bytes, offset: int) -> int:
        """Keep what the host writes."""
        self.data = self.data[:offset] + data
        return len(data)


class Mailbox:
    """``TSE-IO.bin``."""

    def __init__(self, core: Core, commands: Commands) -> None:
        self.log: list[bytes] = []  # command data as they came
        self._core = core
        self.commands = commands
        self._memory = bytearray(SIZE)
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="cryptovision-sim")
        self._cleared = 0  # times the mailbox was filled with zeros
        self._hung_up = False
        self._looked_at = threading.Event()  # since the last change
        self._zeros_until = 0.0
        self._answered = b""
        self._rest: Iterator[bytes] = iter(())

    def stop(self) -> None:
        """Wait for the command at work."""
        self._worker.shutdown()

    def size(self) -> int:
        """Length of the file."""
        return SIZE

    def read(self, size: int, offset: int) -> bytes:
        """The mailbox as it stands."""
        self._looked_at.set()
        with self._lock:
            if self._hung_up:
                raise OSError(errno.EIO, "gone")
            if time.monotonic() < self._zeros_until:
                return bytes(size)
            return bytes(self._memory[offset : offset + size])

    def write(self, data: bytes, offset: int) -> int:
        """Take sectors; a frame of a command sets the device to work."""
        with self._lock:
            if not any(data) and len(data) == SIZE:
                self._hung_up = False
                self._cleared += 1
            if self._hung_up:
                raise OSError(errno.EIO, "gone")
            if offset == 0:
                self._memory[: len(data)] = data
                del self._memory[SIZE:]
                if data[:28] == MAGIC:
                    job = self._worker.submit(self._work, self._cleared, data)
                    job.add_done_callback(lambda done: done.result())  # what fails here is told by the log
        return len(data)

    def _work(self, era: int, data: bytes) -> None:
        self._looked_at.wait(UNREAD_S)
        length, mode = int.from_bytes(data[32:34], "big"), int.from_bytes(data[34:36], "big")
        command = data[36 : 36 + length]
        self.log.append(command)
        name = self.commands.name(command)
        pieces = LARGEST
        for fault in self._core.wire(name):
            if fault.kind == "short_fragments":
                pieces = 100
            elif self._disturb(era, fault):
                return
        self._show(era, 0xFFFF)
        with contextlib.suppress(Silence):
            try:
                answer = self._answer(command, mode, pieces)
            except Unplugged:
                self._hang_up()
                return
            self._answered = answer
            self._show(era, len(answer), answer)

    def _disturb(self, era: int, fault: Fault) -> bool:
        """Disturb the exchange; whether that was all of it."""
        pause = fault.ms / 1000
        match fault.kind:
            case "token_kept":
                time.sleep(pause)
            case "busy":
                self._show(era, 0xFFFF)
                time.sleep(pause)
            case "zero_header":
                with self._lock:
                    self._zeros_until = time.monotonic() + pause
                time.sleep(pause)
            case "foreign_header":
                self._show(era, 0, b"", b"no mailbox at all, is it...?")
                return True
            case "controller_timeout":
                self._show(era, 0xFF45)
                return True
            case "controller_error":
                with contextlib.suppress(Silence, Unplugged):
                    self._answer(self.log[-1], 0, LARGEST)
                self._show(era, 0xFF01)
                return True
            case "stale_answer":
                self._show(era, len(self._answered), self._answered)
                return True
            case "fragment_lost" if self.log[-1] == b"\xc5":
                self._show(era, 0)
                return True
            case "hang_up":
                self._hang_up()
                return True
        return False

    def _answer(self, command: bytes, mode: int, pieces: int) -> bytes:
        if mode in (DISABLE_SUSPEND, ENABLE_SUSPEND):
            self.commands.suspend(mode == ENABLE_SUSPEND)
            return b""
        if command == b"\xc5":
            return self._core.call("fragment", self._fragment)
        self._rest = iter(())
        if command == b"\xc4":
            return b"\x00\x00"
        try:
            parts = self.commands.run(command)
        except Refusal as error:
            parts = iter((error.word.to_bytes(2, "big"),))
        except TseRefused as error:
            parts = iter((word_of(error.code, self.commands.name(command)).to_bytes(2, "big"),))
        self._rest = _cut(parts, pieces)
        return next(self._rest)

    def _fragment(self, device: Device) -> bytes:
        if not self.commands.started(device):
            return NO_STARTUP.to_bytes(2, "big")
        return next(self._rest, b"\x00\x00")

    def _show(self, era: int, length: int, answer: bytes = b"", magic: bytes = MAGIC) -> None:
        """Put an answer over the frame it answers; not once the mailbox was cleared."""
        with self._lock:
            if era == self._cleared:
                head = magic + bytes(4) + length.to_bytes(2, "big") + answer
                self._memory[: len(head)] = head
                self._looked_at.clear()

    def _hang_up(self) -> None:
        with self._lock:
            self._hung_up = True


def _cut(parts: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The bytes of ``parts`` in pieces of ``size``, the last one shorter."""
    buffer = b""
    for part in parts:
        buffer += part
        while len(buffer) >= size:
            yield buffer[:size]
            buffer = buffer[size:]
    if buffer:
        yield buffer


def run_cryptovision_sim(folder: Path, mountpoint: Path, *, hardware: Literal[1, 2] = 2) -> None:
    """Be a cryptovision TSE until interrupted."""
    with CryptovisionSim(folder, mountpoint, hardware=hardware), contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
