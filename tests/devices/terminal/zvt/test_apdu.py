"""The length field, cutting a stream, and what is said of half a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, ApduReader, CodecError, cut, refusal
from tests.devices.terminal.zvt.samples import RELAXED

apdus = st.builds(Apdu, st.integers(0, 0xFFFF), st.binary(max_size=600))


@RELAXED
@given(apdus)
def test_what_is_written_is_read(apdu: Apdu) -> None:
    assert Apdu.from_bytes(apdu.to_bytes()) == apdu


@pytest.mark.parametrize(
    ("size", "length"), [(0, "00"), (254, "FE"), (255, "FFFF00"), (256, "FF0001"), (65535, "FFFFFF")]
)
def test_the_length_has_one_byte_or_three(size: int, length: str) -> None:
    raw = Apdu(0x040F, bytes(size)).to_bytes()
    assert raw[2 : 2 + len(length) // 2].hex().upper() == length
    assert len(Apdu.from_bytes(raw).data) == size


def test_a_long_length_of_few_bytes_is_read() -> None:
    assert Apdu.from_bytes(bytes.fromhex("040FFF01006C")) == Apdu(0x040F, b"\x6c")


def test_more_than_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="65536"):
        Apdu(0x0601, bytes(65536)).to_bytes()


@RELAXED
@given(st.lists(apdus, max_size=5), st.data())
def test_a_stream_in_any_pieces_gives_the_same_messages(messages: list[Apdu], data: st.DataObject) -> None:
    stream = b"".join(apdu.to_bytes() for apdu in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader, found = ApduReader(), []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += list(reader.feed(stream[begin:end]))
    assert found == messages
    assert not reader.pending


def test_a_message_that_has_begun_is_pending() -> None:
    reader = ApduReader()
    assert list(reader.feed(bytes.fromhex("80000006"))) == [ACKNOWLEDGED]
    assert reader.pending


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("", "nach 0 Byte im Kopf"),
        ("060F", "nach 2 Byte im Kopf"),
        ("040FFFFF", "nach 4 Byte im Kopf"),
        ("040F0301", "sagt 3 Byte Daten, es sind nur 1 da"),
        ("040FFFFFFF6C", "sagt 65535 Byte Daten, es sind nur 1 da"),
        ("80000000", "folgen 1 Byte"),
    ],
)
def test_what_is_wrong_is_said(raw: str, told: str) -> None:
    with pytest.raises(CodecError, match=told) as caught:
        Apdu.from_bytes(bytes.fromhex(raw))
    assert caught.value.reason == "protocol"


def test_positive_and_negative_answers() -> None:
    assert ACKNOWLEDGED.positive
    assert refusal(0x00).positive  # 84 00 means the same
    assert refusal(0x9C).negative
    assert not Apdu(0x040F).positive
    assert not Apdu(0x040F).negative
    assert (refusal(0x9C).name, refusal(0x9C).to_bytes()) == ("84 9C", bytes.fromhex("849C00"))


def test_half_a_message_is_waited_for() -> None:
    assert cut(b"\x06\x0f") is None
    assert cut(bytes.fromhex("060F0119")) == (Apdu(0x060F, b"\x19"), 4)
    assert cut(bytes.fromhex("800000060F0119"), 3) == (Apdu(0x060F, b"\x19"), 4)
    assert cut(bytes.fromhex("800000060FFF"), 3) is None
