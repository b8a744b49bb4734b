"""kassd.app.fdstore: what systemd is told and has handed over. Whole processes: tests/contract/scanner."""

import os
import socket
from pathlib import Path

import pytest

from kassd.app.fdstore import FdStore


def test_what_nobody_takes_is_closed_and_forgotten(tmp_path: Path) -> None:
    first = os.memfd_create("a")
    second = os.memfd_create("b")
    assert second == first + 1
    environment = {
        "LISTEN_PID": str(os.getpid()),
        "LISTEN_FDS": "2",
        "LISTEN_FDNAMES": "mine:theirs",
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        store = FdStore(environment, first)
        assert not {key for key in environment if key.startswith("LISTEN")}
        assert store.take("mine") == first
        assert store.take("mine") is None
        assert not os.get_inheritable(first)
        store.forget_rest()
        assert channel.recv(100) == b"FDSTOREREMOVE=1\nFDNAME=theirs"
    with pytest.raises(OSError):
        os.fstat(second)
    os.close(first)


def test_what_is_meant_for_another_process_is_left_alone() -> None:
    store = FdStore({"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "scanner"})
    assert store.take("scanner") is None


def test_without_systemd_nothing_is_kept() -> None:
    store = FdStore({})
    store.keep("scanner", 0)
    store.forget("scanner")
    store.forget_rest()
    assert store.take("scanner") is None


def test_what_is_kept_replaces_what_was_kept(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        store = FdStore({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        own = os.memfd_create("a")
        store.keep("scanner", own)
        assert channel.recv(100) == b"FDSTOREREMOVE=1\nFDNAME=scanner"
        message, (copy,), _, _ = socket.recv_fds(channel, 100, 2)
        assert message == b"FDSTORE=1\nFDNAME=scanner"
        assert os.fstat(copy).st_ino == os.fstat(own).st_ino
        os.close(copy)
        os.close(own)
