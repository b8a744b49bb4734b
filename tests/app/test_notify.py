"""kassd.app.notify: systemd hears what it should."""

import os
import socket
from pathlib import Path

from kassd.app.notify import notify, watchdog_interval


def test_the_message_reaches_the_socket(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        assert notify("READY=1", {"NOTIFY_SOCKET": str(path)})
        assert server.recv(100) == b"READY=1"


def test_without_systemd_nothing_happens() -> None:
    assert notify("READY=1", {}) is False


def test_a_dead_socket_is_no_error(tmp_path: Path) -> None:
    assert notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")}) is False


def test_the_watchdog_is_fed_twice_as_often_as_it_wants() -> None:
    assert watchdog_interval({"WATCHDOG_USEC": "30000000"}) == 15.0
    assert watchdog_interval({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, pid=os.getpid()) is None
    assert watchdog_interval({}) is None
