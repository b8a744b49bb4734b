"""Whether a device file can be used as its driver will, on real nodes of the kernel."""

import errno
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

from kassd import settings
from kassd.cli import doctor, doctor_devices, doctor_nodes, doctor_scanners
from kassd.cli.doctor_holders import Holder
from kassd.cli.doctor_nodes import EVDEV, HIDRAW, SERIAL, USB, Kind, is_lp, node
from kassd.devices.serialport import open_port
from kassd.settings import Settings
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


@pytest.fixture
def minimal(tmp_path: Path) -> Settings:
    example = settings.EXAMPLE.replace("/var/lib/kassd", str(tmp_path))
    (tmp_path / "kassd.toml").write_text(example, encoding="utf-8")
    return settings.load(tmp_path / "kassd.toml", {})


@contextmanager
def held(path: str, how: str) -> Iterator[int]:
    """Another process has it: its number."""
    command = [sys.executable, "-c", HOLDING, path, how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        yield other.pid
        other.stdin.close()
        other.wait()


@pytest.mark.parametrize("how", ["flock", "exclusive"])
def test_a_port_that_another_process_has(port: tuple[int, str], how: str) -> None:
    _, path = port
    with held(path, how) as other:
        check, level, message, remedy = node("scanner hand", path, "Scanner", SERIAL, running=False)
        assert (check, level) == ("scanner hand", "error")
        assert message.startswith(f"Scanner {path} gehört einem anderen Programm, geöffnet von python")
        assert message.endswith(f" (PID {other})")
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


class Keyboard:
    """Answers what an input device is asked: whether it can be grabbed. The node itself is a serial port."""

    def __init__(self, grabbed: bool) -> None:
        self.grabbed = grabbed
        self.asked: list[tuple[int, object]] = []

    def ioctl(self, fd: int, request: int, value: object = 0) -> int:
        assert os.fstat(fd).st_rdev
        self.asked.append((request, value))
        if self.grabbed and (request, value) == (doctor_nodes.EVIOCGRAB, 1):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return 0


@pytest.fixture(params=[False, True], ids=["free", "grabbed"])
def keyboard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    device = Keyboard(request.param)
    monkeypatch.setattr(doctor_nodes.fcntl, "ioctl", device.ioctl)
    return device


def test_a_keyboard_is_grabbed_for_a_moment_and_only_where_no_register_runs(
    port: tuple[int, str], keyboard: Keyboard
) -> None:
    before = set(os.listdir("/proc/self/fd"))
    own = node("scanner s", port[1], "Scanner", EVDEV, running=True)
    assert (own[1], keyboard.asked) == ("ok", [])
    _, level, message, _ = node("scanner s", port[1], "Scanner", EVDEV, running=False)
    tried = [value for request, value in keyboard.asked if request == doctor_nodes.EVIOCGRAB]
    assert tried == ([1] if keyboard.grabbed else [1, 0])
    assert set(os.listdir("/proc/self/fd")) == before
    if not keyboard.grabbed:
        assert (level, message) == ("ok", f"Scanner {port[1]} ist da")


KEPT = "systemd hält das Gerät bis zum nächsten Start für kassd bereit"


@pytest.mark.parametrize(
    ("found", "level", "said", "todo"),
    [
        ([], "warning", "gehört einem anderen Programm", "ist es systemd (PID 1), so ist nichts zu tun"),
        (
            [Holder(400, "Xorg"), Holder(812, "evtest")],
            "error",
            "gehört einem anderen Programm, geöffnet von Xorg (PID 400), evtest (PID 812)",
            "dieses beenden",
        ),
        ([Holder(1, "systemd"), Holder(400, "Xorg")], "ok", f"ist da; {KEPT}", ""),
    ],
    ids=["unseen", "others", "systemd"],
)
@pytest.mark.parametrize("keyboard", [True], indirect=True, ids=["grabbed"])
def test_who_has_grabbed_a_keyboard(
    port: tuple[int, str],
    keyboard: Keyboard,
    monkeypatch: pytest.MonkeyPatch,
    found: list[Holder],
    level: str,
    said: str,
    todo: str,
) -> None:
    monkeypatch.setattr(doctor_nodes, "holders", lambda device: found)
    row = node("scanner s", port[1], "Scanner", EVDEV, running=False)
    assert row[:3] == ("scanner s", level, f"Scanner {port[1]} {said}")
    assert row[3].startswith(todo) if level != "warning" else row[3].find(todo) > 0
    assert bool(row[3]) == (level != "ok")


def test_what_systemd_has_open_is_kept_only_where_it_keeps_such_things(
    port: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_nodes, "holders", lambda device: [Holder(1, "systemd")])
    with held(port[1], "flock"):
        assert node("scanner s", port[1], "Scanner", SERIAL, running=False)[1] == "error"


def test_the_running_register_does_not_know_who_has_its_device_but_we_may(
    port: tuple[int, str], minimal: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = ScannerSection.model_validate({"name": "hand", "driver": "serial", "port": port[1]})
    loaded = minimal.model_copy(update={"scanner": (section,)})
    document = {"state": "error", "reason": "claimed", "message": "Gehört einem anderen Programm."}
    shown = {"online": {"online": True}, "state/dev/hand": document}
    monkeypatch.setattr(doctor, "is_running", lambda directory: True)
    monkeypatch.setattr(doctor, "_mqtt", lambda loaded: (doctor.Check("mqtt", "ok", ""), shown))
    says = "Störung (sagt die laufende Kasse)"

    def told() -> doctor.Check:
        return next(check for check in doctor.examine(loaded) if check.id == "scanner hand")

    assert told() == doctor.Check("scanner hand", "warning", says, document["message"])
    with held(port[1], "flock") as other:
        assert told().message.startswith(f"{says}, geöffnet von python")
        assert told().message.endswith(f" (PID {other})")
        document["reason"] = "io"
        assert told().message == says
