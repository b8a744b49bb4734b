"""systemd's store of descriptors (sd_pid_notify_with_fds(3), sd_listen_fds_with_names(3)).

What is kept there outlives a crash and ``systemctl restart``, not ``systemctl stop``. Without systemd nothing
is kept, and devices are opened anew.
"""

import logging
import os
from collections.abc import MutableMapping

from kassd.app.notify import notify

log = logging.getLogger(__name__)

FIRST = 3  # SD_LISTEN_FDS_START
ABOUT = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID")


class FdStore:
    """A :class:`kassd.devices.port.Keeper`. Made once and early: descriptors that were handed to this process
    are inherited by nobody from then on."""

    def __init__(self, environ: MutableMapping[str, str] = os.environ, first: int = FIRST) -> None:
        self._environ = environ
        self._left: dict[str, int] = {}
        said = {key: environ.pop(key, "") for key in ABOUT}
        if said["LISTEN_PID"] != str(os.getpid()):
            return  # meant for another process, which has ours for a child
        names = said["LISTEN_FDNAMES"].split(":")
        for fd, name in enumerate(names[: int(said["LISTEN_FDS"] or 0)], first):
            os.set_inheritable(fd, False)
            if name in self._left:
                log.warning("two descriptors are called %s: one is closed", name)
                os.close(fd)
            else:
                self._left[name] = fd

    def take(self, name: str) -> int | None:
        """What an earlier process has left under ``name``; it belongs to the caller then."""
        return self._left.pop(name, None)

    def keep(self, name: str, fd: int) -> None:
        """Give systemd a copy of ``fd``, in place of what it has under ``name``."""
        self.forget(name)
        notify(f"FDSTORE=1\nFDNAME={name}", self._environ, (fd,))

    def forget(self, name: str) -> None:
        """Let systemd close what it has under ``name``."""
        notify(f"FDSTOREREMOVE=1\nFDNAME={name}", self._environ)

    def forget_rest(self) -> None:
        """Close what nobody has taken: it belongs to a device that is not configured any more."""
        for name, fd in self._left.items():
            log.info("%s was left by the process before and is not wanted", name)
            os.close(fd)
            self.forget(name)
        self._left.clear()
