"""Whether a device file can be used as its driver will: of the right kind, readable, and nobody else's.

It is opened as the driver opens it and given back at once; nothing is written to it. While the register runs
its files are its own: they are looked at and not opened.
"""

import contextlib
import errno
import fcntl
import os
import stat
import termios
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kassd.cli.doctor_daemon import Row
from kassd.cli.doctor_holders import INIT, holders, named
from kassd.deferred import dataclass
from kassd.devices.scanner.hidpos import open_hidraw

# Requests of linux/input.h and asm-generic/ioctls.h (x86, ARM) that the standard library does not name.
EVIOCGVERSION = 0x80044501
EVIOCGRAB = 0x40044590
TIOCGEXCL = 0x80045440
USB_MAJOR, PARALLEL_MAJOR = 180, 6  # admin-guide/devices.txt; both have other devices than lp*, too
CHARACTER = Path("/sys/dev/char")
FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
ANY_PORT = "was da ist, zeigt: ls -l /dev/serial/by-id"
ANY_PRINTER = "was da ist, zeigt: ls -l /dev/usb"
ANY_SCANNER = "welche Scanner da sind, zeigt: kassd scanner pair"
WHAT_IT_IS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISREG, "eine gewöhnliche Datei"),
    (stat.S_ISDIR, "ein Ordner"),
    (stat.S_ISFIFO, "eine Pipe"),
    (stat.S_ISSOCK, "ein Socket"),
)


class WrongKindError(Exception):
    """The node is not what its driver speaks to."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``title``: what the node has to be, German. ``group``: who may use it. ``absent``, ``other``: what to
    do where it is not there, or something else. ``attempt`` opens it and gives it back; it raises OSError
    (EBUSY or EAGAIN where another process has it) and :class:`WrongKindError`. None: it only has to be
    there. ``kept``: systemd may keep it grabbed for the register's next start."""

    title: str
    group: str
    absent: str
    other: str = ""
    attempt: Callable[[str], None] | None = None
    kept: bool = False


def node(check: str, path: str, what: str, kind: Kind, running: bool) -> Row:
    """Whether the device file ``path`` is there and may and can be used; ``what`` is German ("Drucker")."""
    if not Path(path).exists():
        return check, "warning", f"{what} {path} fehlt", kind.absent
    if not os.access(path, os.R_OK | os.W_OK):
        message = f"{what} {path} darf dieser Benutzer nicht lesen und schreiben"
        return check, "error", message, f"sudo usermod -aG {kind.group} kassd, dann kassd neu starten"
    if kind.attempt is None:
        return check, "ok", f"{what} {path} ist da", ""
    mode = os.stat(path).st_mode
    if not stat.S_ISCHR(mode):
        found = next((words for is_it, words in WHAT_IT_IS if is_it(mode)), "etwas anderes")
        return check, "error", f"{what} {path} ist {found}, erwartet wird {kind.title}", kind.other
    if running:
        return check, "ok", f"{what} {path} ist da und gehört der laufenden Kasse", ""
    try:
        kind.attempt(path)
    except WrongKindError:
        return check, "error", f"{what} {path} ist ein anderes Gerät, erwartet wird {kind.title}", kind.other
    except OSError as error:
        if error.errno in (errno.EBUSY, errno.EAGAIN):
            return _taken(check, path, what, kind)
        message = f"{what} {path} lässt sich nicht benutzen ({os.strerror(error.errno or errno.EIO)})"
        return check, "error", message, kind.absent
    return check, "ok", f"{what} {path} ist da", ""


def claimed(row: Row, paths: Iterable[str]) -> Row:
    """``row``, which says that another program has a device, with those that have one of ``paths`` open."""
    numbers = {os.stat(path).st_rdev for path in paths if Path(path).exists()}
    found = [one for number in numbers if number for one in holders(number)]  # 0: it is no device
    check, level, message, remedy = row
    return (check, level, f"{message}, geöffnet von {named(found)}", remedy) if found else row


def _taken(check: str, path: str, what: str, kind: Kind) -> Row:
    """Another process has it. Whoever has it open need not be who has grabbed it, but who has is among
    them."""
    found = holders(os.stat(path).st_rdev)
    if kind.kept and INIT in [one.pid for one in found]:
        message = f"{what} {path} ist da; systemd hält das Gerät bis zum nächsten Start für kassd bereit"
        return check, "ok", message, ""
    message = f"{what} {path} gehört einem anderen Programm"
    remedy = f"dieses beenden; welches es ist, zeigt: sudo fuser -v {path}"
    if found:
        return check, "error", f"{message}, geöffnet von {named(found)}", remedy
    if kind.kept:
        kept = "; ist es systemd (PID 1), so ist nichts zu tun: es hält das Gerät für kassd bereit"
        return check, "warning", message, remedy + kept
    return check, "error", message, remedy


def _serial(path: str) -> None:
    fd = os.open(path, FLAGS)
    try:
        termios.tcgetattr(fd)
        exclusive = bytearray(4)
        fcntl.ioctl(fd, TIOCGEXCL, exclusive)  # TIOCEXCL does not stop root, but kassd
        if any(exclusive):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as pyserial's ``exclusive`` does
    except termios.error as error:
        if error.args[0] == errno.ENOTTY:
            raise WrongKindError from error
        raise OSError(*error.args) from error
    finally:
        os.close(fd)


def _usblp(path: str) -> None:
    if not is_lp(os.stat(path).st_rdev):
        raise WrongKindError
    os.close(os.open(path, FLAGS))  # usblp lets one in at a time: EBUSY


def is_lp(device: int, sysfs: Path = CHARACTER) -> bool:
    """Whether a device number is a printer's, at USB or a parallel port; ``sysfs`` decides if it has it."""
    if os.major(device) not in (USB_MAJOR, PARALLEL_MAJOR):
        return False
    entry = sysfs / f"{os.major(device)}:{os.minor(device)}"
    return not entry.exists() or entry.resolve().name.startswith("lp")


def _evdev(path: str) -> None:
    """Only who tries to grab it learns that another has. It is let go at once: nobody else gets the keys that
    are pressed in these microseconds. Who has it loses nothing by the attempt."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        with _told_apart():
            fcntl.ioctl(fd, EVIOCGVERSION, bytes(4))
        fcntl.ioctl(fd, EVIOCGRAB, 1)
        fcntl.ioctl(fd, EVIOCGRAB, 0)
    finally:
        os.close(fd)


def _hidraw(path: str) -> None:
    with _told_apart():
        open_hidraw(path).close()


@contextlib.contextmanager
def _told_apart() -> Iterator[None]:
    """A node that does not know its requests is something else."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL, errno.ENOTSUP):
            raise WrongKindError from error
        raise


SERIAL = Kind(
    *("eine serielle Schnittstelle", "dialout", f"einschalten, Kabel prüfen; {ANY_PORT}"),
    *(f"Pfad in der Konfiguration berichtigen; {ANY_PORT}", _serial),
)
USB = Kind(
    *("ein Drucker an USB (usblp)", "lp", f"einschalten, Kabel prüfen; {ANY_PRINTER}"),
    *(f'path berichtigen; soll in eine Datei gedruckt werden: driver = "file"; {ANY_PRINTER}', _usblp),
)
EVDEV = Kind(
    *("eine Tastatur (evdev)", "input", f"Kabel prüfen; {ANY_SCANNER}"),
    *(f"device oder driver berichtigen; {ANY_SCANNER}", _evdev, True),
)
HIDRAW = Kind(
    *("ein Scanner im Modus HID-POS (hidraw)", "input", f"Kabel prüfen; {ANY_SCANNER}"),
    *(f"device oder driver berichtigen; {ANY_SCANNER}", _hidraw),
)
