"""The simulated scanner is a terminal at its path, and gone when unplugged."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.devices.serialport import Port, close_port, open_port
from kassd.sim.scanner import ScannerSim, run_scanner_sim, typed


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[ScannerSim]:
    with ScannerSim(tmp_path / "scanner") as sim:
        yield sim


def read(port: Port, count: int) -> bytes:
    data = b""
    os.set_blocking(port.fileno(), True)
    while len(data) < count:
        data += os.read(port.fileno(), count - len(data))
    return data


def test_scan_half_and_trickle(sim: ScannerSim) -> None:
    port = open_port(str(sim.path), 9600)
    sim.scan("123")
    sim.half("12345")
    sim.trickle("9", 0)
    assert read(port, 9) == b"123\r1239\r"
    os.write(port.fileno(), b"\x07")
    assert sim.heard() == b"\x07"
    assert sim.heard() == b""
    close_port(port)


def test_unplug_hangs_up_and_replug_is_a_new_terminal(sim: ScannerSim) -> None:
    port = open_port(str(sim.path), 9600)
    first = os.readlink(sim.path)
    sim.unplug()
    assert not sim.path.is_symlink()
    assert not sim.plugged
    with pytest.raises(OSError):
        os.write(port.fileno(), b"x")
    sim.plug()
    assert sim.path.exists()
    assert os.readlink(sim.path) != first  # the old one is still open
    close_port(port)
    sim.unplug()
    sim.unplug()


def test_longer_than_the_terminal_takes_at_once(sim: ScannerSim) -> None:
    port = open_port(str(sim.path), 9600)
    text = "7" * 20_000
    sender = threading.Thread(target=sim.scan, args=(text,))
    sender.start()
    assert read(port, len(text) + 1) == text.encode() + b"\r"
    sender.join()
    close_port(port)


def test_lines_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "scanner"
    got: list[bytes] = []

    def lines() -> Iterator[str]:
        port = open_port(str(path), 9600)
        yield "111\n"
        yield "\n"
        yield "/half 2222\n"
        got.append(read(port, 6))
        yield "/unplug\n"
        assert not path.is_symlink()
        yield "ignored\n"
        yield "/plug\n"
        close_port(port)
        port = open_port(str(path), 9600)
        yield "333\n"
        got.append(read(port, 4))
        close_port(port)

    assert run_scanner_sim(path, lines()) == 2
    assert got == [b"111\r22", b"333\r"]
    assert not path.is_symlink()


def test_command_byte_by_byte(tmp_path: Path) -> None:
    assert run_scanner_sim(tmp_path / "scanner", ["12"], byte_pause_s=0.001) == 1


def test_bytes_that_are_no_text_go_over_the_wire_as_they_are(tmp_path: Path) -> None:
    with ScannerSim(tmp_path / "scanner") as sim:
        port = open_port(str(sim.path), 9600)
        for code in typed(io.BytesIO(b"12\n M\xfcsli\xff\r\n34")):
            sim.scan(code)
        assert read(port, 13) == b"12\rM\xfcsli\xff\r34\r"
        close_port(port)


def test_the_command_survives_any_standard_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kassd", "sim", "scanner", "--link", str(tmp_path / "scanner")]
    done = subprocess.run(command, input=b"12\n\xff\xfe\n34\n", capture_output=True, timeout=50)
    assert (done.returncode, done.stderr) == (0, b"")
