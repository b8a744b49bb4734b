"""Whether a device file can be used as its driver will, on real nodes of the kernel."""

import os
import pty
import subprocess
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kassd.cli import doctor_devices, doctor_scanners
from kassd.cli.doctor_nodes import EVDEV, HIDRAW, SERIAL, USB, Kind, is_lp, node
from kassd.devices.serialport import open_port
from kassd.settings_devices import PrinterSection, ScannerSection
from kassd.settings_scale import ScaleSection
from kassd.settings_terminals import TerminalSection

HOLDING = """
import fcntl, os, sys, termios
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
if sys.argv[2] == "flock":
    fcntl.flock(fd, fcntl.LOCK_EX)
else:
    fcntl.ioctl(fd, termios.TIOCEXCL)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def port() -> Iterator[tuple[int, str]]:
    """A serial port: the device's end, and the path of ours."""
    device, ours = pty.openpty()
    tty.setraw(ours)
    path = os.ttyname(ours)
    os.set_blocking(device, False)
    yield device, path
    os.close(ours)
    os.close(device)


@contextmanager
def held(path: str, how: str) -> Iterator[None]:
    """Another process has it."""
    command = [sys.executable, "-c", HOLDING, path, how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        yield
        other.stdin.close()
        other.wait()


@pytest.mark.parametrize("how", ["flock", "exclusive"])
def test_a_port_that_another_process_has(port: tuple[int, str], how: str) -> None:
    _, path = port
    with held(path, how):
        check, level, message, remedy = node("scanner hand", path, "Scanner", SERIAL, running=False)
        assert (check, level) == ("scanner hand", "error")
        assert message == f"Scanner {path} gehört einem anderen Programm"
        assert f"sudo fuser -v {path}" in remedy
        own = node("scanner hand", path, "Scanner", SERIAL, running=True)
        assert own[1] == "ok", "the running register holds it"
        assert own[2].endswith("gehört der laufenden Kasse")
    if how == "flock":  # TIOCEXCL stays as long as anybody has it open: this test
        assert node("scanner hand", path, "Scanner", SERIAL, running=False)[1] == "ok"


def test_a_free_port_is_given_back_and_hears_nothing(port: tuple[int, str]) -> None:
    device, path = port
    before, open_before = termios.tcgetattr(device), set(os.listdir("/proc/self/fd"))
    assert node("scale w", path, "Waage", SERIAL, running=False) == (
        *("scale w", "ok", f"Waage {path} ist da", ""),
    )
    assert set(os.listdir("/proc/self/fd")) == open_before
    assert termios.tcgetattr(device) == before
    with pytest.raises(BlockingIOError):
        os.read(device, 1)
    open_port(path, 9600).close()  # nobody holds it


def test_every_serial_device_is_looked_at(port: tuple[int, str]) -> None:
    _, path = port
    sections = [
        (
            doctor_scanners.look,
            ScannerSection.model_validate({"name": "a", "driver": "serial", "port": path}),
        ),
        (
            doctor_devices.printer,
            PrinterSection.model_validate({"name": "a", "driver": "serial", "path": path}),
        ),
        (
            doctor_devices.terminal,
            TerminalSection.model_validate({"name": "a", "driver": "serial", "path": path}),
        ),
        (doctor_devices.scale, ScaleSection.model_construct(name="a", port=path)),
    ]
    with held(path, "flock"):
        assert [look(section, False)[1] for look, section in sections] == ["error"] * 4
        assert [look(section, True)[1] for look, section in sections] == ["ok"] * 4
    assert [look(section, False)[1] for look, section in sections] == ["ok"] * 4


@pytest.mark.parametrize("kind", [SERIAL, USB, EVDEV, HIDRAW])
def test_what_is_no_device_at_all(tmp_path: Path, kind: Kind) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    words = {"file": "eine gewöhnliche Datei", "folder": "ein Ordner", "pipe": "eine Pipe"}
    for name, said in words.items():
        path = str(tmp_path / name)
        _, level, message, remedy = node("x", path, "Gerät", kind, running=False)
        assert (level, message) == ("error", f"Gerät {path} ist {said}, erwartet wird {kind.title}")
        assert "berichtigen" in remedy
    assert node("x", str(tmp_path / "none"), "Gerät", kind, running=False)[1] == "warning"


@pytest.mark.parametrize("kind", [SERIAL, USB, EVDEV, HIDRAW])
def test_another_kind_of_device(kind: Kind) -> None:
    _, level, message, remedy = node("x", "/dev/null", "Gerät", kind, running=False)
    assert (level, message) == ("error", f"Gerät /dev/null ist ein anderes Gerät, erwartet wird {kind.title}")
    assert remedy == kind.other


@pytest.mark.parametrize("kind", [USB, EVDEV, HIDRAW])
def test_a_serial_port_is_nothing_else(port: tuple[int, str], kind: Kind) -> None:
    _, level, message, _ = node("x", port[1], "Gerät", kind, running=False)
    assert level == "error"
    assert "ist ein anderes Gerät" in message


def test_a_file_is_a_printer_only_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bon.bin"
    path.touch()
    for driver, level in (("file", "ok"), ("usb", "error"), ("serial", "error")):
        section = PrinterSection.model_validate({"name": "bon", "driver": driver, "path": str(path)})
        assert doctor_devices.printer(section, running=False)[1] == level, driver


def test_a_printer_is_known_by_its_number_and_its_name(tmp_path: Path) -> None:
    for number, name in (("180:0", "lp0"), ("180:96", "hiddev0"), ("6:0", "lp0")):
        (tmp_path / "usbmisc" / number / name).mkdir(parents=True)
        (tmp_path / number).symlink_to(tmp_path / "usbmisc" / number / name)
    assert is_lp(os.makedev(180, 0), tmp_path)
    assert is_lp(os.makedev(6, 0), tmp_path)
    assert not is_lp(os.makedev(180, 96), tmp_path)
    assert not is_lp(os.makedev(188, 0), tmp_path)
    assert is_lp(os.makedev(180, 7), tmp_path), "no sysfs: the number alone"
