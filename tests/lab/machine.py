"""One virtual machine in a QEMU of its own, emulated: /dev/kvm may be there and not work, so nobody asks.

Its whole state can be kept in a file (:meth:`Machine.sleep`) from which any number of machines begin, in a
second each. The disks are read-only, what a guest writes is memory: nothing passes from one to the next.
"""

import contextlib
import json
import mmap
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from kassd.sim.world_broker import free_port
from tests.lab.image import INITRD, KERNEL, ROOTFS

# A named model: a state can only be woken on the model it slept on. It has what lgpio's wheel was built for.
CPU = "Nehalem"
MEMORY_MB = 704
# The guest's time goes by its instructions (2 ns each) and not by this machine's clock: whatever else runs
# here, a time-out in the guest means what it means on the box. While it has nothing to do its clock goes with
# this machine's.
SHIFT = 1
WAKE_S = 300
CONSOLE = "console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0 systemd.show_status=0"
BROKER = 1883
# Of a kept state: the section with what the clock has besides the instructions' time (ns), and their number.
CLOCK = b"\x05\x0ctimer/icount" + (1).to_bytes(4, "big")
CLOCK_FIELDS = struct.Struct(">qq")


class LabError(Exception):
    """The machine did not do what a machine must; the text has the end of its console."""


class Machine:
    """A running QEMU: it boots, or goes on from a ``state`` in which time has stood still.

    ``broker``: the host's port behind which the guest's mosquitto listens; ``shift``: an instruction
    takes 2 ** shift ns."""

    def __init__(self, tree: Path, state: Path | None = None, shift: int = SHIFT) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lab.")
        home = Path(self._folder.name)
        self.console = home / "console"
        self._port, self._monitor = home / "port", home / "monitor"
        self.broker = free_port()
        command = _command(self.console, self._port, self._monitor, tree, self.broker, shift)
        if state is not None:
            command += ["-incoming", f"exec:{waking(state, shift)}"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._agent: socket.socket | None = None
        self._qmp: Qmp | None = None

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for end in (self._agent, self._qmp):
            if end is not None:
                end.close()
        self._folder.cleanup()

    def order(self, order: dict[str, Any], seconds: float) -> Any:
        """Send an order to the agent and wait for its value. Raises :class:`LabError` with the traceback."""
        if self._agent is None:
            self._agent = self._connected(self._port)
        self._agent.settimeout(seconds)
        self._agent.sendall(json.dumps(order).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            try:
                data = self._agent.recv(1 << 20)
            except TimeoutError:
                raise LabError(f"no answer within {seconds} s to {order}\n{self.spoken()}") from None
            if not data:
                raise LabError(f"the machine ended during {order}\n{self.spoken()}")
            answer += data
        found = json.loads(answer)
        if "error" in found:
            raise LabError(f"in the guest: {found['error']}")
        return found["value"]

    def sleep(self, file: Path) -> None:
        """Write the machine's whole state to ``file`` and end it."""
        part = file.with_suffix(".part")
        qmp = self.monitor()
        qmp.do("migrate-set-parameters", **{"max-bandwidth": 1 << 34})
        qmp.do("migrate", uri=f"exec:cat > '{part}'")
        until = time.monotonic() + WAKE_S
        while (status := qmp.do("query-migrate").get("status")) != "completed":
            if status in ("failed", "cancelled") or time.monotonic() > until:
                raise LabError(f"the machine's state could not be kept: {status}")
            time.sleep(0.02)
        part.rename(file)

    def monitor(self) -> "Qmp":
        """QEMU's own control socket."""
        if self._qmp is None:
            self._qmp = Qmp(self._connected(self._monitor))
        return self._qmp

    def spoken(self) -> str:
        """The end of what was written on the console."""
        return self.console.read_text(errors="replace")[-3000:] if self.console.exists() else ""

    def _connected(self, path: Path) -> socket.socket:
        end = socket.socket(socket.AF_UNIX)
        until = time.monotonic() + WAKE_S
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                end.connect(str(path))
                return end
            time.sleep(0.01)
        end.close()
        raise LabError(f"QEMU ended or opened no {path.name}: {self._process.poll()}\n{self.spoken()}")


class Qmp:
    """QEMU's machine protocol."""

    def __init__(self, end: socket.socket) -> None:
        self._end, self._lines = end, end.makefile("rw")
        self._lines.readline()
        self.do("qmp_capabilities")

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Execute; events on the way are passed over. Raises :class:`LabError`."""
        self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._lines.flush()
        while True:
            answer = json.loads(self._lines.readline())
            if "error" in answer:
                raise LabError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                value: dict[str, Any] = answer["return"]
                return value

    def close(self) -> None:
        """Give the socket back."""
        self._lines.close()
        self._end.close()


def clock(state: Path) -> tuple[int, int, int]:
    """Where a state has its clock's fields, and the two, ``beside`` and ``count``: the clock stood at
    ``beside + (count << SHIFT)`` ns. Raises :class:`LabError`."""
    with state.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as stream:
        at = stream.rfind(CLOCK) + len(CLOCK)
        if at < len(CLOCK):
            raise LabError(f"{state} has no clock that this knows how to read")
        beside, count = CLOCK_FIELDS.unpack_from(stream, at)
    return at, beside, count


def waking(state: Path, shift: int) -> str:
    """The shell's command that gives a state as it is to wake. Where an instruction takes another time from
    now on, the clock goes on from where it stood: else it would leap back, and the guest wait for as long."""
    if shift == SHIFT:
        return f"cat '{state}'"
    at, beside, count = clock(state)
    moved = CLOCK_FIELDS.pack(beside + (count << SHIFT) - (count << shift), count)
    octets = "".join(f"\\0{byte:03o}" for byte in moved)
    rest = at + len(moved) + 1
    return f"head -c {at} '{state}'; printf '%b' '{octets}'; tail -c +{rest} '{state}'"


def _command(console: Path, port: Path, monitor: Path, tree: Path, broker: int, shift: int) -> list[str]:
    disks = [("root", ROOTFS), ("tree", tree)]
    return [
        *("qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot"),
        *("-machine", "q35", "-accel", "tcg", "-cpu", CPU, "-smp", "1", "-m", str(MEMORY_MB)),
        *("-icount", f"shift={shift}"),
        *("-kernel", str(KERNEL), "-initrd", str(INITRD), "-append", CONSOLE),
        *("-serial", f"file:{console}", "-qmp", f"unix:{monitor},server=on,wait=off"),
        *(
            word
            for name, image in disks
            for word in (
                *("-drive", f"file={image},if=none,id={name},format=raw,readonly=on"),
                *("-device", f"virtio-blk-pci,drive={name}"),
            )
        ),
        *("-device", "virtio-serial-pci", "-chardev", f"socket,path={port},server=on,wait=off,id=port"),
        *("-device", "virtserialport,chardev=port,name=kassd.lab"),
        *("-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{broker}-10.0.2.15:{BROKER}"),
        *("-device", "virtio-net-pci,netdev=net,romfile="),
    ]
