"""The bytes the driver adds of its own."""

import pytest

from kassd.devices.printer import commands


def test_framed() -> None:
    end = bytes.fromhex("1d 61 0f 1d 28 48 06 00 30 30 30 30 34 32")
    assert commands.framed(b"bon", "none", 1) == b"bon"
    assert commands.framed(b"bon", "status", 1) == b"bon" + bytes.fromhex("1d 61 0f")
    assert commands.framed(b"bon", "process_id", 12_0042) == b"bon" + end
    assert commands.framed(b"\x1b@bon", "process_id", 42) == b"\x1b@\x1da\x0fbon" + end
    assert commands.framed(b"\x1b@bon", "none", 42) == b"\x1b@bon"


def test_realtime_status() -> None:
    all_kinds = commands.realtime_status(commands.QUERIES)
    assert all_kinds == bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04")
    assert commands.realtime_status((4,)) == bytes.fromhex("10 04 04")


@pytest.mark.parametrize(
    ("kick", "realtime"),
    [
        ("1b 70 00 32 32", "10 14 01 00 01"),  # 100 ms, pin 2
        ("1b 70 31 64 fa", "10 14 01 01 02"),  # 200 ms, pin 5
        ("1b 70 00 01 01", "10 14 01 00 01"),  # never less than 100 ms
        ("1b 70 00 63 ff", "10 14 01 00 01"),  # 198 ms: never longer than asked
        ("1b 70 00 64 ff", "10 14 01 00 02"),
        ("1b 70 00 ff ff", "10 14 01 00 05"),  # 510 ms is the limit
        ("1b 70 00 32", ""),
        ("07", ""),
        ("", ""),
    ],
)
def test_realtime_kick(kick: str, realtime: str) -> None:
    assert commands.realtime_kick(bytes.fromhex(kick)) == bytes.fromhex(realtime)
