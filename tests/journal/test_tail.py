"""A cut write lacks its end or whole sectors; rot and hands leave the line in its form."""

import pytest

from kassd.journal.line import MAX_LINE
from kassd.journal.tail import is_altered, is_torn

LINE = b'{"v":1,"seq":5,"at":"x","facts":["' + "ä".encode() * 400 + b'"],"h":"' + b"0" * 64 + b'"}'


@pytest.mark.parametrize(
    ("rest", "torn"),
    [
        (LINE[:300], True),
        (LINE + b" " * 40 + b"\n", True),
        (b"\0" * 512 + LINE[512:] + b" \n", True),
        (LINE + b" \n" + LINE, False),
        (b"x" * MAX_LINE, True),
        (b"x" * (MAX_LINE + 1), False),
    ],
)
def test_torn_is_at_most_one_batch(rest: bytes, torn: bool) -> None:
    assert is_torn(rest) == torn


@pytest.mark.parametrize(
    ("rest", "altered"),
    [
        (LINE + b"   \n", True),
        (LINE.replace(b"seq", b"s\xffq") + b"\n", True),  # the beginning is hurt, the end is not
        (LINE[:-1] + b"\x00\n", True),  # the end is hurt, the beginning is not
        (LINE.replace(b"v", b"\x00").replace(b"}", b"\x00") + b"\n", False),
        (LINE, False),
        (LINE[:512] + b"\0" * 300 + LINE[812:] + b"\n", False),  # a sector never arrived
        (b"\xff" * 300 + b"\n", False),
    ],
)
def test_altered_is_a_whole_line_of_other_content(rest: bytes, altered: bool) -> None:
    assert is_altered(rest) == altered
