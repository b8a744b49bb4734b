"""The bytes of the ESC protocol, both ways."""

import pytest

from kassd.tse.diebold.codec import (
    CLIENT_ID,
    Answer,
    Answers,
    CodecError,
    Command,
    Request,
    digits,
    from_date,
    hexadecimal,
    maybe_digits,
    to_date,
)

ID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
IDS = ID.encode()


def test_a_request_that_is_answered_at_once() -> None:
    golden = b"\x1b\x90509\x1b\x92KASSE-0007\x1b\x99" + IDS + b"\x1b\x9d\x1b\x9f"
    request = Request(Command.SET_CLIENT_ID, (b"KASSE-0007",), ID)
    assert request.to_bytes() == golden
    assert Request.from_bytes(golden) == request


def test_a_request_whose_answer_is_kept() -> None:
    golden = b"\x1b\x90301\x1b\x921\x1b\x920000000042\x1b\x92\x1b\x99" + IDS + b"\x1b\x9e2\x1b\x9f"
    request = Request(Command.EXPORT_TRANSACTION, (b"1", b"0000000042", b""), ID, 2)
    assert request.to_bytes() == golden
    assert Request.from_bytes(golden) == request


def test_a_request_without_parameters_and_one_without_answer() -> None:
    assert (
        Request(Command.MFC_STATUS, (), ID).to_bytes() == b"\x1b\x90001\x1b\x99" + IDS + b"\x1b\x9d\x1b\x9f"
    )
    silent = b"\x1b\x90207\x1b\x99" + IDS + b"\x1b\x9c\x1b\x9f"
    assert Request.from_bytes(silent) == Request(207, (), ID)


@pytest.mark.parametrize(
    "bad", [b"", b"\x1b\x90", b"\x1b\x91001\x1b\x9f", b"\x1b\x90a01\x1b\x9f", b"\x1b\x900012\x1b\x9f"]
)
def test_what_is_no_request(bad: bytes) -> None:
    with pytest.raises(CodecError):
        Request.from_bytes(bad)


SIMPLE = b"\x1b\x91001\x1b\x920115\x1b\x9203\x1b\x99" + IDS + b"\x1b\x9f"
EMPTY = b"\x1b\x91003\x1b\x99" + IDS + b"\x1b\x9f"
NAMELESS = b"\x1b\x91309\x1b\x99\x1b\x9f"
INNER = b"\x1b\x91300\x1b\x92QUJD\x1b\x99" + IDS + b"\x1b\x9f"
PACKET = (
    b"\x1b\x91004\x1b\x921\x1b\x920\x1b\x9201\x1b\x92%d\x1b\x92" % len(INNER)
    + INNER
    + b"\x1b\x99"
    + IDS
    + b"\x1b\x9f"
)
RAW = bytes(range(256)) + b"\x1b\x92\x1b\x99\x1b\x9f\x1b\x91004\x1b\x92"
BINARY = (
    b"\x1b\x91004\x1b\x921\x1b\x92255\x1b\x9200\x1b\x92%d\x1b\x92" % len(RAW)
    + RAW
    + b"\x1b\x99"
    + IDS
    + b"\x1b\x9f"
)
ASB = b"\x1b\x6b\x00\x01\x1b\x9f\x40"

SIMPLE_ANSWER = Answer(1, (b"0115", b"03"), ID)
EMPTY_ANSWER = Answer(3, (), ID)
PACKET_ANSWER = Answer(4, (b"1", b"0", b"01", b"%d" % len(INNER), INNER), ID)
BINARY_ANSWER = Answer(4, (b"1", b"255", b"00", b"%d" % len(RAW), RAW), ID)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("stream", "answers"),
    [
        (SIMPLE, [SIMPLE_ANSWER]),
        (EMPTY + SIMPLE, [EMPTY_ANSWER, SIMPLE_ANSWER]),
        (NAMELESS, [Answer(309, (), "")]),
        (PACKET + EMPTY, [PACKET_ANSWER, EMPTY_ANSWER]),
        (BINARY + BINARY + SIMPLE, [BINARY_ANSWER, BINARY_ANSWER, SIMPLE_ANSWER]),
        (ASB + SIMPLE + ASB + EMPTY, [SIMPLE_ANSWER, EMPTY_ANSWER]),
        (b"\x00\xff\x1b\x9f\x1b" + SIMPLE, [SIMPLE_ANSWER]),
        (SIMPLE[:12] + EMPTY, [EMPTY_ANSWER]),
        (SIMPLE[:30] + SIMPLE + EMPTY, [SIMPLE_ANSWER, EMPTY_ANSWER]),
        (b"\x1b\x91xyz" + SIMPLE, [SIMPLE_ANSWER]),
    ],
)
def test_answers_out_of_a_stream(stream: bytes, answers: list[Answer], step: int) -> None:
    reader, found = Answers(), []
    for at in range(0, len(stream), step):
        found += reader.feed(stream[at : at + step])
    assert found == answers


def test_answers_are_written_as_they_are_read() -> None:
    assert SIMPLE_ANSWER.to_bytes() == SIMPLE
    assert BINARY_ANSWER.to_bytes() == BINARY


def test_a_torn_packet_is_forgotten() -> None:
    reader = Answers()
    assert not list(reader.feed(BINARY[:100]))
    reader.reset()
    assert list(reader.feed(SIMPLE)) == [SIMPLE_ANSWER]


def test_a_packet_whose_length_lies_is_dropped() -> None:
    lying = BINARY.replace(b"\x92%d\x1b" % len(RAW), b"\x92%d\x1b" % (len(RAW) - 1))
    found = list(Answers().feed(lying + SIMPLE))
    assert BINARY_ANSWER not in found
    assert found[-1] == SIMPLE_ANSWER


def test_noise_does_not_pile_up() -> None:
    reader = Answers()
    for _ in range(100):
        assert not list(reader.feed(b"\x00" * 10_000))
    assert len(reader._buffer) < 10


def test_dates_and_numbers() -> None:
    assert to_date(1_790_000_000) == b"21.09.2026 14:13:20"
    assert from_date(b"21.09.2026 14:13:20") == 1_790_000_000
    assert (digits(b"007"), maybe_digits(b""), maybe_digits(b"12")) == (7, None, 12)
    assert hexadecimal(b"011A") == b"\x01\x1a"
    for read, bad in (
        (digits, b"-1"),
        (hexadecimal, b"x"),
        (from_date, b"2026-09-21"),
        (from_date, b"31.02.2026 00:00:00"),
    ):
        with pytest.raises(CodecError):
            read(bad)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("KASSE-0007", True),
        ("a+,-.:? 9", True),
        ("ä", False),
        ("", False),
        ("x" * 31, False),
        ("a_b", False),
        ("a/b", False),
    ],
)
def test_client_ids(name: str, good: bool) -> None:
    assert bool(CLIENT_ID.fullmatch(name)) == good
