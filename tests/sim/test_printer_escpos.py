import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.sim.escpos import CLEAR, FIXED, Command, RealTime, take


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"A", Command("text", b"A")),
        (b"\x80", Command("text", b"\x80")),
        (b"\n", Command("LF")),
        (b"\x1b@", Command("ESC @")),
        (b"\x1bt\x10", Command("ESC t", b"\x10")),
        (b"\x1bp\x00\x32\xc8", Command("ESC p", b"\x00\x32\xc8")),
        (b"\x1dV\x00", Command("GS V", b"\x00")),
        (b"\x1dVB\x03", Command("GS V", b"B\x03")),
        (b"\x1d(k\x03\x001C\x04", Command("GS ( k", b"1C\x04")),
        (b"\x1d(H\x06\x0000abcd", Command("GS ( H", b"00abcd")),
        (b"\x1dv0\x00\x02\x00\x01\x00\xaa\x55", Command("GS v 0", b"\x00\x02\x00\x01\x00\xaa\x55")),
        (b"\x10\x04\x01", Command("DLE EOT", b"\x01")),
        (b"\x10\x14\x01\x00\x01", Command("DLE DC4", b"\x01\x00\x01")),
        (b"\x1bw", Command("unknown", b"\x1bw")),
        (b"\x07", Command("unknown", b"\x07")),
        (b"\x1d(A\x02\x00ab", Command("unknown", b"ab")),
    ],
)
def test_one_command_whole_and_never_before(data: bytes, command: Command) -> None:
    assert take(data + b"rest") == (command, len(data))
    for cut in range(len(data)):
        assert take(data[:cut]) is None


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_or_wait_for_more(data: bytes) -> None:
    rest = data
    while (taken := take(rest)) is not None:
        assert 1 <= taken[1] <= len(rest)
        rest = rest[taken[1] :]


def test_the_table_is_keyed_by_name() -> None:
    for head, (name, _) in FIXED.items():
        letter = chr(head[-1])
        assert name in ("LF", "NUL") or name.endswith(letter)


def feed(data: bytes) -> list[Command]:
    finder = RealTime()
    return [command for byte in data if (command := finder.feed(byte)) is not None]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\x10\x04\x01", [Command("DLE EOT", b"\x01")]),
        (b"\x10\x10\x04\x04", [Command("DLE EOT", b"\x04")]),
        (b"\x1dv0\x00\x10\x04\x02..", [Command("DLE EOT", b"\x02")]),
        (b"\x10\x14\x01\x01\x03", [Command("DLE DC4", b"\x01\x03")]),
        (b"\x1dv0\x00" + CLEAR, [Command("DLE DC4", CLEAR[2:])]),
        (CLEAR[:5] + b"\x10\x04\x01", [Command("DLE EOT", b"\x01")]),
        (b"\x10\x04\x05", []),
        (b"\x10\x14\x01\x02\x03", []),
        (b"\x10A\x04\x01", []),
        (b"\x10\x04\x10\x04\x03", [Command("DLE EOT", b"\x03")]),
    ],
)
def test_real_time_commands_are_found_anywhere(data: bytes, found: list[Command]) -> None:
    assert feed(data) == found
