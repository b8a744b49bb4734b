"""Records of Dialog 06, byte for byte as the makers' manuals have them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.devices.scale.dialog06 import (
    Challenge,
    Malformed,
    Refusal,
    Result,
    Secret,
    Stream,
    Verdict,
    parse_reply,
    proof,
    remainder,
    status_request,
    weigh_request,
)

SECRET = Secret(0x1234, 0x18005)
CHEESE, LETTER = b"Kaese        ".hex(), b"x            ".hex()


@pytest.mark.parametrize(
    ("request_", "wire"),
    [
        (weigh_request(2490), "04 02 30 31 1b 30 30 32 34 39 30 1b 03"),
        (weigh_request(2490, 12), "04 02 30 33 1b 30 30 32 34 39 30 1b 30 30 31 32 03"),
        (weigh_request(2490, 0, "Käse"), f"04 02 30 34 1b 30 30 32 34 39 30 1b {CHEESE} 03"),
        (weigh_request(1, 9999, "x"), f"04 02 30 35 1b 30 30 30 30 30 31 1b 39 39 39 39 1b {LETTER} 03"),
        (status_request(), "04 02 30 38 03"),
    ],
)  # fmt: skip
def test_requests(request_: bytes, wire: str) -> None:
    assert request_ == bytes.fromhex(wire)


@pytest.mark.parametrize("args", [(0,), (1_000_000,), (-1,), (1, -1), (1, 10_000)])
def test_what_has_no_room_on_the_wire(args: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no room"):
        weigh_request(*args)


@pytest.mark.parametrize(
    ("record", "reply"),
    [
        (b"02\x1b3\x1b00456\x1b002490\x1b001135", Result(456, 2490, 1135)),
        (b"09\x1b00", Refusal(0)),
        (b"09\x1b32", Refusal(32)),
        (b"11\x1b23A", Challenge(3, 10)),
        (b"11\x1b1", Verdict(True)),
        (b"11\x1b0", Verdict(False)),
    ],
)
def test_replies(record: bytes, reply: object) -> None:
    assert parse_reply(record) == reply


@pytest.mark.parametrize(
    "record",
    [
        b"", b"02", b"02\x1b1\x1b00456\x1b002490\x1b001135", b"02\x1b3\x1b0456\x1b002490\x1b001135",
        b"02\x1b3\x1b-0456\x1b002490\x1b001135", b"02\x1b3\x1b00456\x1b002490", b"09\x1b3", b"09\x1b3x",
        b"09", b"11\x1b2", b"11\x1b2GA", b"11\x1b2 1", b"11\x1b3", b"12\x1b0", b"\xb2\x1b\xff",
    ],
)  # fmt: skip
def test_what_is_no_record(record: bytes) -> None:
    with pytest.raises(Malformed):
        parse_reply(record)


def test_the_remainder_is_that_of_a_division() -> None:
    """The well-known CRC-16 of two bytes (polynomial 8005, nothing reflected) is the same division."""
    assert remainder(0x0000, 0x18005) == 0
    assert remainder(0x0001, 0x18005) == 0x8005
    for value in (1, 0x1234, 0xFFFF):
        rest = value << 16 | remainder(value, 0x18005)
        assert remainder(rest >> 16, 0x18005) ^ (rest & 0xFFFF) == 0


def test_the_proof_is_rotated() -> None:
    plain = proof(SECRET, Challenge(0, 0))
    assert plain == b"\x04\x0210\x1b1234\x1b%04X\x03" % remainder(0x1234, 0x18005)
    assert proof(SECRET, Challenge(4, 0))[5:9] == b"2341"
    rest = remainder(0x1234, 0x18005)
    assert proof(SECRET, Challenge(0, 4))[10:14] == b"%04X" % (rest >> 4 | (rest & 15) << 12)


@pytest.mark.parametrize("text", ["", "1234", "1234 8005", "1234 08005", "12345 18005", "xyzw 18005"])
def test_what_is_no_secret(text: str) -> None:
    with pytest.raises(ValueError, match="Hexziffern"):
        Secret.parse(text)


def test_a_secret_does_not_show_itself() -> None:
    assert Secret.parse(" 1234:18005\n") == SECRET
    assert "1234" not in repr(SECRET)
    assert "4660" not in repr(SECRET)


def test_the_stream_is_cut_anywhere() -> None:
    wire = b"\x06\x0209\x1b20\x03\x15noise\x0202\x1b3\x1b00456\x1b002490\x1b001135\x03\x06"
    expected = ["ack", Refusal(20), "nak", Result(456, 2490, 1135), "ack"]
    assert Stream().feed(wire) == expected
    one_by_one, found = Stream(), []
    for at in range(len(wire)):
        found += one_by_one.feed(wire[at : at + 1])
    assert found == expected


def test_a_record_without_an_end_is_given_up() -> None:
    stream = Stream()
    with pytest.raises(Malformed, match="without an end"):
        stream.feed(b"\x02" + b"0" * 100)
    assert stream.feed(b"\x06") == ["ack"]


PIECES = (b"\x02", b"\x03", b"\x06", b"\x15", b"\x1b", b"02", b"09", b"11", b"3", b"2AB", b"00456", b"002490")


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map(b"".join) | st.binary(max_size=80))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    stream = Stream()
    for at in range(0, len(data), 7):
        try:
            for token in stream.feed(data[at : at + 7]):
                assert token in ("ack", "nak") or isinstance(token, Result | Refusal | Challenge | Verdict)
                if isinstance(token, Result):
                    assert 0 <= token.grams <= 99_999
        except Malformed:
            stream = Stream()
    fresh = Stream()
    assert fresh.feed(b"\x0209\x1b00\x03") == [Refusal(0)]
