"""The reading thread: what one process has read and noted the next gives as it was, and once."""

import os
import queue
from collections.abc import Iterator

import pytest

from devices.support import MS, Keyboard
from kassd.devices.config import CodeEnd
from kassd.devices.scanner.assembler import Lost, Token, Whole
from kassd.devices.scanner.keys import OPENED, QUIET, KeyDecoder, note
from kassd.devices.scanner.reader import Reader
from kassd.devices.scanner.tape import Tape

EAN = "4006381333931"
PATIENCE_S = 30


class PipeNode:
    def __init__(self) -> None:
        self.fd, self.keyboard = os.pipe()

    def close(self) -> None:
        os.close(self.fd)


class Next:
    """The process that goes on where another has ended."""

    def __init__(self) -> None:
        self.tape, self.node = Tape(), PipeNode()
        self.given: queue.Queue[Token] = queue.Queue()
        self.reader: Reader | None = None

    def begin(self, end: CodeEnd, gap_ms: int) -> None:
        def deliver(tokens: list[Token]) -> None:
            for token in tokens:
                self.given.put(token)

        decoder = KeyDecoder("us", end, gap_ms * MS)
        self.reader = Reader(self.node, self.tape, decoder, deliver, print)
        self.reader.start("next")

    def next(self) -> Token:
        return self.given.get(timeout=PATIENCE_S)

    def type(self, data: bytes) -> None:
        os.write(self.node.keyboard, data)

    def close(self) -> None:
        if self.reader is not None:
            self.reader.stop()
        os.close(self.node.keyboard)


@pytest.fixture
def after() -> Iterator[Next]:
    process = Next()
    yield process
    process.close()


def test_a_code_that_a_pause_ended_does_not_come_again(after: Next) -> None:
    """Killed after it was handed over, before the tape was wound on."""
    keys = Keyboard()
    after.tape.write(keys.code("111", None) + note(QUIET, keys.now))
    after.tape.hand_over(1)
    keys.wait(1000)
    after.type(keys.code("222", None))
    after.begin("gap", 50)
    assert after.next() == Whole("222")


def test_a_code_that_a_pause_ended_and_nobody_was_given_comes(after: Next) -> None:
    keys = Keyboard()
    after.tape.write(keys.code("111", None) + note(QUIET, keys.now))
    after.begin("gap", 60_000)
    assert after.next() == Whole("111")


def test_that_the_device_was_just_opened_is_known_to_the_next(after: Next) -> None:
    keys = Keyboard()
    after.tape.write(note(OPENED, keys.now) + keys.code(EAN[4:7], None))
    after.tape.hand_over(1)
    after.type(keys.code(EAN[7:]) + keys.code("777"))
    after.begin("suffix", 150)
    assert after.next() == Whole("777")


def test_after_a_drop_nothing_of_the_lost_code_is_a_code(after: Next) -> None:
    keys = Keyboard()
    after.tape.write(keys.code("40", None) + keys.dropped() + keys.report())
    after.type(keys.code("31") + keys.code("777"))
    after.begin("suffix", 150)
    assert [after.next(), after.next()] == [Lost("dropped"), Whole("777")]
    assert after.given.empty()
