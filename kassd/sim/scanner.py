"""A serial scanner on a pseudo terminal, at a path of its own: plugged in, read from, pulled out."""

import contextlib
import os
import select
import time
import tty
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIX = "\r"
RAW = "surrogateescape"  # a scanner sends bytes: what is no UTF-8 goes over the wire as it was typed


class ScannerSim:
    """Makes ``path`` a symlink to a terminal, as udev does for a USB scanner that has been plugged in.

    ``with ScannerSim(path) as sim: sim.scan("4006381333931")``. A scan without reader is lost, as it is on a
    real serial port.
    """

    def __init__(self, path: Path, suffix: str = SUFFIX) -> None:
        self.path = path
        self.suffix = suffix
        self._master = -1
        self._slave = -1
        self.plug()

    def __enter__(self) -> "ScannerSim":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def fd(self) -> int:
        """The wire's other end, for who also reads."""
        return self._master

    @property
    def plugged(self) -> bool:
        """Whether the cable is in."""
        return self._master >= 0

    def plug(self) -> None:
        """Plug in. The terminal behind ``path`` is a new one each time, as a real node's number may be."""
        if self.plugged:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        spare = self.path.with_name(self.path.name + ".new")
        spare.unlink(missing_ok=True)
        spare.symlink_to(os.ttyname(self._slave))
        spare.replace(self.path)

    def unplug(self) -> None:
        """Pull the cable: the node vanishes, whoever reads is hung up."""
        if not self.plugged:
            return
        self.path.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def scan(self, text: str) -> None:
        """Send a whole code and the suffix at once."""
        self.send((text + self.suffix).encode(errors=RAW))

    def trickle(self, text: str, pause_s: float = 0.001) -> None:
        """Send a whole code and the suffix byte by byte, ``pause_s`` apart; returns when all is sent."""
        for byte in (text + self.suffix).encode(errors=RAW):
            self.send(bytes((byte,)))
            time.sleep(pause_s)

    def half(self, text: str) -> None:
        """Send the first half of a code and nothing more."""
        self.send(text[: (len(text) + 1) // 2].encode(errors=RAW))

    def send(self, data: bytes) -> None:
        """Send bytes as they are. Raises OSError when unplugged."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                select.select((), (self._master,), ())

    def heard(self) -> bytes:
        """What the host has sent since the last call (BEL: the error sound)."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._master, 4096)
        return b""


def typed(stream: Iterable[bytes]) -> Iterator[str]:
    """Each line of a terminal or file as :meth:`ScannerSim.scan` takes it, whatever bytes it holds."""
    for line in stream:
        yield line.decode(errors=RAW).strip()


def run_scanner_sim(path: Path, codes: Iterable[str], byte_pause_s: float = 0.0) -> int:
    """``kassd sim scanner``: send each line of ``codes`` (stdin) as one scan; returns how many.

    The lines ``/half CODE``, ``/unplug`` and ``/plug`` play the accidents.
    """
    count = 0
    with ScannerSim(path) as sim:
        for line in codes:
            word, _, rest = line.strip().partition(" ")
            if word == "/unplug":
                sim.unplug()
            elif word == "/plug":
                sim.plug()
            elif not word or not sim.plugged:
                continue
            elif word == "/half":
                sim.half(rest)
            else:
                _send(sim, line.rstrip("\r\n"), byte_pause_s)
                count += 1
    return count


def _send(sim: ScannerSim, code: str, byte_pause_s: float) -> None:
    if byte_pause_s > 0:
        sim.trickle(code, byte_pause_s)
    else:
        sim.scan(code)
