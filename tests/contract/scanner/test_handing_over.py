"""A keyboard scanner's open node goes from process to process, through systemd's own protocol."""

import array
import fcntl
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from devices.support import EVENT, Keyboard

ROOT = Path(__file__).parents[3]
PATIENCE_S = 100  # a process may take long to start where many do
pytestmark = pytest.mark.timeout(600)
FOR_EVER_MS = 60_000


class Service:
    """Plays systemd: starts the process, keeps what it is given, hands it to the next."""

    def __init__(self, folder: Path) -> None:
        self.fifo = folder / "event7"
        os.mkfifo(self.fifo)
        self.keyboard_fd = os.open(self.fifo, os.O_RDWR)
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.channel.bind(str(folder / "notify"))
        self.channel.settimeout(PATIENCE_S)
        self.kept: dict[str, int] = {}
        self.environment = os.environ | {"NOTIFY_SOCKET": str(folder / "notify")}
        self.process: subprocess.Popen[str] | None = None
        self.said: list[tuple[str, str]] = []
        self._lines: queue.Queue[str] = queue.Queue()

    def start(self, until: str = "ready") -> None:
        names, fds = list(self.kept), list(self.kept.values())
        command = [
            sys.executable,
            "-m",
            "tests.contract.scanner.scanning_process",
            str(self.fifo),
            str(FOR_EVER_MS),
        ]
        self.process = subprocess.Popen(
            [*command, *map(str, fds)],
            cwd=ROOT,
            env=self.environment | {"LISTEN_FDNAMES": ":".join(names)},
            pass_fds=fds,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        self.until(("state", until))

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._lines.put(line)

    def until(self, *wanted: tuple[str, str]) -> None:
        """Wait until the process has said these, among other things."""
        missing = list(wanted)
        while missing:
            kind, _, rest = self._lines.get(timeout=PATIENCE_S).strip().partition(" ")
            self.said.append((kind, rest))
            if (kind, rest) in missing:
                missing.remove((kind, rest))

    def codes(self) -> list[str]:
        return [text for kind, text in self.said if kind == "scan"]

    def hear(self) -> None:
        """Do what the process has asked for so far."""
        self.channel.setblocking(False)
        while True:
            try:
                message, fds, _, _ = socket.recv_fds(self.channel, 4096, 4)
            except BlockingIOError:
                return
            said = dict(line.split("=", 1) for line in message.decode().split("\n"))
            if "FDSTORE" in said:
                (self.kept[said["FDNAME"]],) = fds
            elif "FDSTOREREMOVE" in said and said["FDNAME"] in self.kept:
                os.close(self.kept.pop(said["FDNAME"]))

    def type(self, data: bytes) -> None:
        os.write(self.keyboard_fd, data)

    def all_read(self) -> None:
        """Wait until the process has read what was typed."""
        left, deadline = array.array("i", [1]), time.monotonic() + PATIENCE_S
        while left[0]:
            assert time.monotonic() < deadline
            fcntl.ioctl(self.keyboard_fd, termios.FIONREAD, left)

    def end(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(PATIENCE_S)
        self.hear()

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        for fd in (*self.kept.values(), self.keyboard_fd):
            os.close(fd)
        self.channel.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_code_that_is_half_read_at_the_end_is_whole_in_the_next_process(
    service: Service, number: int
) -> None:
    service.start()
    keys = Keyboard()
    first, second, third = keys.code("]E04006381333931"), keys.code("96385074"), keys.code("777")
    cut = len(second) // EVENT.size // 2 * EVENT.size
    service.type(first + second[:cut])
    service.until(("scan", "4006381333931"))
    service.all_read()
    service.end(number)
    assert set(service.kept) == {"scanner-wedge", "scanner-wedge-tape"}
    service.type(second[cut:] + third)  # while nobody runs
    service.start()
    service.until(("scan", "96385074"), ("scan", "777"))
    assert service.codes() == ["4006381333931", "96385074", "777"]
    assert not [what for what in service.said if what[0] == "lost"]


def test_killed_anywhere_no_code_is_wrong_doubled_or_missing(service: Service) -> None:
    """The process ends three times, wherever it has come to; what it has said by then is not said again."""
    chance = random.Random(7)
    after = time.monotonic_ns() + 1_000 * 10**9  # the first opening, at which a code would be lost
    keys = Keyboard(step_ns=200_000, start_ns=after)
    codes = [f"{n:0{4 + n % 9}d}" for n in range(60)]
    events = b"".join(map(keys.code, codes))
    ends = []  # of each code, in bytes: its suffix has gone down
    at = 0
    for code in codes:
        whole = keys.code(code)
        ends.append(at + len(whole) - 3 * EVENT.size)
        at += len(whole)
    sent = 0
    for _ in range(3):
        service.start()
        for _ in range(5):
            step = chance.randrange(1, 90) * EVENT.size
            service.type(events[sent : sent + step])
            sent += step
        service.all_read()
        done = sum(end <= sent for end in ends)
        while len(service.codes()) < done:
            service.until(("scan", codes[len(service.codes())]))
        service.end(signal.SIGKILL)
    service.type(events[sent:])
    service.start()
    service.until(("scan", codes[-1]))
    assert service.codes() == codes
    assert not [what for what in service.said if what[0] == "lost"]


@pytest.mark.parametrize("read", [True, False])
def test_killed_after_opening_in_the_middle_of_a_code_its_rest_is_none_for_the_next(
    service: Service, read: bool
) -> None:
    service.start(until="opening")
    keys = Keyboard()
    rest = keys.code("4006381333931")[4 * 6 * EVENT.size :]
    cut = 5 * 6 * EVENT.size
    if read:
        service.type(rest[:cut])
        service.until(("lost", "opened"))
        service.all_read()
    service.end(signal.SIGKILL)
    service.type(rest if not read else rest[cut:])
    service.type(keys.code("777"))
    service.start()
    service.until(("scan", "777"))
    assert service.codes() == ["777"]
    assert service.said.count(("lost", "opened")) == 1


def test_without_the_tape_nobody_knows_the_beginning(service: Service) -> None:
    service.start()
    service.end(signal.SIGKILL)
    os.close(service.kept.pop("scanner-wedge-tape"))
    service.start()
    service.type(Keyboard().code("4006381333931"))
    service.until(("scan", "4006381333931"))
    service.hear()
    assert set(service.kept) == {"scanner-wedge", "scanner-wedge-tape"}, "opened anew, and left anew"


def test_another_device_is_not_taken_for_the_one_that_is_configured(service: Service) -> None:
    service.start()
    keys = Keyboard()
    service.type(keys.code("11", None))
    service.all_read()
    service.end(signal.SIGKILL)
    service.type(keys.code("22"))
    service.fifo.unlink()
    os.mkfifo(service.fifo)
    os.close(service.keyboard_fd)
    service.keyboard_fd = os.open(service.fifo, os.O_RDWR)
    service.start()
    service.type(Keyboard().code("33"))
    service.until(("scan", "33"))
    assert service.codes() == ["33"]
