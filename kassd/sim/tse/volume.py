"""A volume whose files are a device: a FUSE mount, so that a driver opens it as it opens the real stick.

Needs Debian's ``fuse3`` and PyPI's ``mfusepy`` (``pip install kassd[sim]``); ``/dev/fuse`` must be usable.
"""

import contextlib
import errno
import os
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from kassd.errors import ConfigError

MOUNT_S = 10.0


class DeviceFile(Protocol):
    """One file of the volume. Methods run in FUSE's threads and may take their time; ``OSError`` is what
    the caller's read or write fails with."""

    def size(self) -> int: ...
    def read(self, size: int, offset: int) -> bytes: ...
    def write(self, data: bytes, offset: int) -> int: ...


Files = Callable[[], Mapping[str, DeviceFile]]


class Volume:
    """The mounted volume: ``files()`` tells what lies in its root now, ``present()`` whether the stick is in.

    Without the stick every call fails with ENODEV or ENOENT, as on a volume whose device was pulled.
    """

    def __init__(
        self, mountpoint: Path, files: Callable[[], Mapping[str, DeviceFile]], present: Callable[[], bool]
    ):
        self.mountpoint = mountpoint
        self._files = files
        self._present = present
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def mount(self) -> None:
        """Mount; returns when the files can be opened. Raises ``ConfigError`` with what is missing."""
        try:
            import mfusepy
        except (ImportError, OSError) as error:
            raise ConfigError(
                f"Der Simulator braucht mfusepy und fuse3 (apt-get install fuse3): {error}"
            ) from None
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            raise ConfigError(
                "/dev/fuse ist nicht benutzbar; der Simulator kann das Laufwerk nicht bereitstellen."
            )
        _clear(self.mountpoint)
        self.mountpoint.mkdir(parents=True, exist_ok=True)
        operations = _operations(mfusepy, self._files, self._present)

        def serve() -> None:
            try:
                mfusepy.FUSE(
                    operations, str(self.mountpoint), foreground=True, direct_io=True, fsname="kassd-tse"
                )
            except (RuntimeError, OSError) as error:  # told by mount()
                self._error = error

        self._thread = threading.Thread(target=serve, name="fuse", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + MOUNT_S
        while not os.path.ismount(self.mountpoint):
            if self._error is not None or time.monotonic() > deadline:
                raise ConfigError(
                    f"{self.mountpoint} lässt sich nicht einhängen: {self._error or 'Zeit abgelaufen'}"
                )
            time.sleep(0.01)

    def unmount(self) -> None:
        """Unmount; open files of others lose their device."""
        unmount(self.mountpoint)
        if self._thread is not None:
            self._thread.join(5)


def _clear(mountpoint: Path) -> None:
    """Nothing may be mounted there; what a killed simulator has left is unmounted."""
    try:
        os.listdir(mountpoint)  # attributes may be cached, this asks
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in (errno.ENOTCONN, errno.ECONNABORTED):
            raise
        unmount(mountpoint)
    if os.path.ismount(mountpoint):
        raise ConfigError(f"{mountpoint} ist schon eingehängt: läuft der Simulator dort schon?")


def unmount(mountpoint: Path) -> None:
    """Unmount whatever lies there, also the leftovers of a simulator that was killed."""
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["fusermount3", "-u", "-z", "-q", str(mountpoint)], check=False, capture_output=True)


def _operations(mfusepy: Any, files: Files, present: Callable[[], bool]) -> Any:
    class Operations(mfusepy.Operations):  # type: ignore[misc]  # the base exists at run time only
        use_ns = True

        def _file(self, path: str) -> DeviceFile:
            if not present():
                raise mfusepy.FuseOSError(errno.ENODEV)
            found = files().get(path.lstrip("/"))
            if found is None:
                raise mfusepy.FuseOSError(errno.ENOENT)
            return found

        def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            return {"st_mode": stat.S_IFREG | 0o666, "st_nlink": 1, "st_size": self._file(path).size()}

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", *(files() if present() else ())]

        def open(self, path: str, flags: int) -> int:
            self._file(path)
            return 0

        def create(self, path: str, mode: int, fi: Any = None) -> int:
            self._file(path)
            return 0

        def truncate(self, path: str, length: int, fh: int | None = None) -> None:
            self._file(path)

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            data: bytes = _guarded(mfusepy, self._file(path).read, size, offset)
            return data

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            done: int = _guarded(mfusepy, self._file(path).write, data, offset)
            return done

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            return 0

    return Operations()


def _guarded(mfusepy: Any, work: Callable[..., Any], *args: Any) -> Any:
    try:
        return work(*args)
    except OSError as error:
        raise mfusepy.FuseOSError(error.errno or errno.EIO) from error
