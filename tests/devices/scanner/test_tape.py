"""What is kept of a code under way, and that nothing of it is kept too long."""

import os
from collections.abc import Iterator

import pytest

from devices.support import EVENT, Keyboard
from kassd.devices.scanner import tape as module
from kassd.devices.scanner.tape import REWIND, SIZE, Tape

CODE = Keyboard().code("4006381333931")


@pytest.fixture
def wire() -> Iterator[tuple[int, int]]:
    pipe = os.pipe()
    yield pipe
    for fd in pipe:
        os.close(fd)


def typed(tape: Tape, wire: tuple[int, int], data: bytes) -> None:
    os.write(wire[1], data)
    assert tape.read(wire[0], len(data)) == data


def left_behind(tape: Tape) -> Tape:
    """As the next process has it."""
    return Tape(os.dup(tape.fd))


def test_what_was_read_is_there_for_the_next(wire: tuple[int, int]) -> None:
    tape = Tape()
    typed(tape, wire, CODE[: 5 * EVENT.size])
    typed(tape, wire, CODE[5 * EVENT.size : 7 * EVENT.size])
    tape.hand_over(1)
    then = left_behind(tape)
    assert (then.saved(), then.handed) == (CODE[: 7 * EVENT.size], 1)
    typed(then, wire, CODE[7 * EVENT.size :])
    assert then.saved() == CODE
    tape.close()
    then.close()


def test_at_rest_it_begins_anew(wire: tuple[int, int]) -> None:
    tape = Tape()
    typed(tape, wire, CODE)
    tape.hand_over(1)
    tape.rest()
    assert (tape.saved(), tape.handed) == (b"", 0)
    typed(tape, wire, CODE[: EVENT.size])
    then = left_behind(tape)
    assert (then.saved(), then.handed) == (CODE[: EVENT.size], 0)
    tape.close()
    then.close()


def test_it_is_wound_back_and_what_was_there_does_not_come_again(wire: tuple[int, int]) -> None:
    tape = Tape()
    for _ in range(REWIND // len(CODE) + 1):
        typed(tape, wire, CODE)
        tape.rest()
    typed(tape, wire, CODE[: 3 * EVENT.size])
    then = left_behind(tape)
    assert then.saved() == CODE[: 3 * EVENT.size]
    assert os.pread(tape.fd, 1, module.DATA) != b"\0", "at the beginning again"
    tape.close()
    then.close()


def test_what_is_too_long_for_it_is_read_and_not_kept(wire: tuple[int, int]) -> None:
    tape = Tape()
    while not tape.is_full:
        typed(tape, wire, CODE)
    typed(tape, wire, CODE)
    then = left_behind(tape)
    assert then.is_full
    tape.rest()
    typed(tape, wire, CODE)
    assert not tape.is_full
    assert tape.saved() == CODE
    tape.close()
    then.close()


def test_what_is_no_tape_is_refused() -> None:
    for size, content in ((SIZE, b"something else"), (10, module.MARK[:8])):
        fd = os.memfd_create("other")
        os.ftruncate(fd, size)
        os.pwrite(fd, content[:size], 0)
        with pytest.raises(OSError):
            Tape(fd)
        os.close(fd)
