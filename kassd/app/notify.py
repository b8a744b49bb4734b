"""systemd's notification protocol (sd_notify(3)): one datagram, no library needed."""

import logging
import os
import socket
from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)


def notify(message: str, environ: Mapping[str, str] = os.environ, fds: Sequence[int] = ()) -> bool:
    """Send ``message`` (``READY=1``, ``WATCHDOG=1``, ``STATUS=…``) and copies of ``fds``. False: not started
    by systemd."""
    address = environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.connect(address)
            if fds:
                socket.send_fds(channel, [message.encode()], fds)
            else:
                channel.send(message.encode())
        except OSError as error:
            log.warning("systemd cannot be told %r: %s", message.split("\n")[0], error)
            return False
    return True


def watchdog_interval(environ: Mapping[str, str] = os.environ, pid: int | None = None) -> float | None:
    """Half of ``WATCHDOG_USEC`` in seconds, None if no watchdog waits for this process."""
    usec, wanted = environ.get("WATCHDOG_USEC"), environ.get("WATCHDOG_PID")
    if not usec or (wanted and int(wanted) != (pid or os.getpid())):
        return None
    return int(usec) / 2_000_000
