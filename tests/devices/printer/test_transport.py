"""What each transport does with descriptors: files, fifos, back-pressure, hang-ups, refusals."""

import asyncio
import errno
import os
import socket
from pathlib import Path

import pytest

from kassd.devices.config import PrinterConfig
from kassd.devices.printer.link import Link
from kassd.devices.printer.transport import TcpTransport, connect


def config(driver: str, path: Path) -> PrinterConfig:
    return PrinterConfig("bon", driver, path=str(path))  # type: ignore[arg-type]


async def test_file_appends_and_is_durable(tmp_path: Path) -> None:
    path = tmp_path / "bons"
    path.write_bytes(b"old")
    file = await connect(config("file", path))
    assert not file.answers
    assert file.write(memoryview(b"new")) == 3
    assert file.unsent() == 0
    assert await file.settle()
    file.close()
    assert path.read_bytes() == b"oldnew"


async def test_new_file_is_not_for_everyone(tmp_path: Path) -> None:
    (await connect(config("file", tmp_path / "new"))).close()
    assert (tmp_path / "new").stat().st_mode & 0o007 == 0


async def test_fifo_needs_a_reader_and_pushes_back(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(OSError) as caught:
        await connect(config("file", path))
    assert caught.value.errno == errno.ENXIO
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    fifo = await connect(config("file", path))
    heard: list[bytes] = []
    link = Link(fifo, heard.append, lambda: None)
    while await link.push(memoryview(bytes(4096)), 0):
        pass
    assert link.taken >= 4096
    push = asyncio.create_task(link.push(memoryview(b"x" * 100), 5))
    await asyncio.sleep(0.02)
    assert not push.done()
    os.read(reader, 65536)
    assert await push == 100
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        await link.push(memoryview(b"x"), 0)
    link.close()


async def test_tcp_options_and_unsent_bytes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        tcp = await TcpTransport.connect("127.0.0.1", port, 1)
        peer, _ = server.accept()
        sock = socket.socket(fileno=os.dup(tcp.fileno()))
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        sock.close()
        assert tcp.unsent() == 0
        link = Link(tcp, lambda _: None, lambda: None)
        while await link.push(memoryview(bytes(4096)), 0.05):
            pass
        assert link.unsent() > 0
        peer.close()
        link.close()


async def test_pending_push_ends_with_the_connection() -> None:
    ours, peer = socket.socketpair()
    ours.setblocking(False)
    link = Link(TcpTransport(ours), lambda _: None, lambda: None)
    while await link.push(memoryview(bytes(4096)), 0):
        pass
    push = asyncio.create_task(link.push(memoryview(bytes(4096)), 10))
    await asyncio.sleep(0.02)
    assert not push.done()
    peer.close()
    with pytest.raises(OSError):
        await asyncio.wait_for(push, 60)
    with pytest.raises(OSError):
        link.check()
    link.close()


async def test_tcp_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await TcpTransport.connect("127.0.0.1", port, 1)


async def test_tcp_time_out_closes_its_socket() -> None:
    fds = len(os.listdir("/proc/self/fd"))
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        full = [socket.socket() for _ in range(3)]
        for sock in full:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        with pytest.raises(OSError) as caught:
            await TcpTransport.connect("127.0.0.1", port, 0.2)
        assert caught.value.errno == errno.ETIMEDOUT
        for sock in full:
            sock.close()
    assert len(os.listdir("/proc/self/fd")) <= fds


@pytest.mark.parametrize(("driver", "path"), [("usb", "/nowhere/lp0"), ("serial", "/nowhere/ttyUSB0")])
async def test_missing_node(driver: str, path: str) -> None:
    with pytest.raises(OSError) as caught:
        await connect(config(driver, Path(path)))
    assert caught.value.errno == errno.ENOENT


async def test_usb_printer_that_sends_empty_packets_is_not_listened_to_for_ever(tmp_path: Path) -> None:
    """A file at its end reads as nothing without hanging up, just as usblp does for empty packets."""
    path = tmp_path / "lp0"
    path.write_bytes(b"")
    usb = await connect(config("usb", path))
    reads = 0
    while usb.answers:
        assert usb.read() is None
        reads += 1
        assert reads < 100
    usb.close()
