"""Serial blocks: the checksum, doubled DLEs, and streams that are cut, noisy or garbled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.block import (
    ACK,
    CONTENT_MAX,
    NAK,
    Block,
    BlockReader,
    Broken,
    Event,
    Sign,
    crc,
    to_block,
)
from tests.devices.terminal.zvt.samples import RELAXED


def read(data: bytes) -> list[Event]:
    return list(BlockReader().feed(data))


def test_the_checksum_is_crc_16_kermit() -> None:
    assert crc(b"123456789") == 0x2189


@pytest.mark.parametrize(
    ("content", "block"),
    [
        ("800000", "1002800000" "1003F51F"),
        ("849C00", "1002849C00" "1003C341"),
        ("0501031234 56", "1002050103123456" "1003E043"),
        ("06000612 3456BA0978", "1002060006123456BA0978" "100324C3"),
        ("06010A04000000011000490978", "100206010A0400000001101000490978" "1003F2FF"),
    ],
)  # fmt: skip
def test_blocks_that_others_wrote(content: str, block: str) -> None:
    assert to_block(bytes.fromhex(content)) == bytes.fromhex(block)
    assert read(bytes.fromhex(block)) == [Block(bytes.fromhex(content))]


@RELAXED
@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\x10", b"\x10\x03", b"\x10\x10\x02"])))
def test_what_is_written_is_read(contents: list[bytes]) -> None:
    stream = b"".join(to_block(content) for content in contents)
    assert read(stream) == [Block(content) for content in contents]
    reader = BlockReader()
    assert [e for byte in stream for e in reader.feed(bytes((byte,)))] == [Block(c) for c in contents]


def test_signs_and_noise_between_blocks() -> None:
    stream = b"\xff\x06\x00" + to_block(b"\x06\x15") + b"\x15\x41"
    assert read(stream) == [Sign(ACK), Block(b"\x06\x15"), Sign(NAK)]


@RELAXED
@given(st.binary(min_size=1, max_size=30), st.data())
def test_one_wrong_bit_is_never_taken_for_good(content: bytes, data: st.DataObject) -> None:
    block = to_block(content)
    place = data.draw(st.integers(0, len(block) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    spoiled = bytearray(block)
    spoiled[place] ^= bit
    assert Block(content) not in read(bytes(spoiled))


@RELAXED
@given(st.binary(max_size=60))
def test_a_good_block_after_any_rubbish_and_a_pause_is_read(rubbish: bytes) -> None:
    reader = BlockReader()
    list(reader.feed(rubbish))
    reader.give_up()
    assert list(reader.feed(to_block(b"\x80\x00\x00"))) == [Block(b"\x80\x00\x00")]


def test_a_block_whose_end_was_lost_does_not_swallow_the_next() -> None:
    half = to_block(b"\x04\x0f\x02\x27\x00")[:6]
    assert read(half + to_block(b"\x80\x00\x00")) == [Block(b"\x80\x00\x00")]


def test_what_is_wrong_with_a_block() -> None:
    good = to_block(b"\x80\x00\x00")
    assert read(good[:-1] + b"\x00") == [Broken("checksum")]
    assert read(b"\x10\x02\x80\x10\x41") == [Broken("framing")]
    assert Broken("too_long") in read(b"\x10\x02" + bytes(CONTENT_MAX + 1))


def test_a_block_that_has_begun_is_inside_until_given_up() -> None:
    reader = BlockReader()
    assert list(reader.feed(b"\x10\x02\x80")) == []
    assert reader.inside
    reader.give_up()
    assert not reader.inside
