"""What technicians copy: hex digits in any notation, TCP streams, serial blocks, dumps with a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import ACKNOWLEDGED, Apdu, CodecError
from kassd.devices.terminal.zvt.block import to_block
from kassd.devices.terminal.zvt.recording import HEX_MAX, from_hex, read_recording
from tests.devices.terminal.zvt.samples import COMPLETION, FUZZ, PAID, REGISTRATION, VECTORS, recorded


@pytest.mark.parametrize(
    "text", ["060F00", "06 0f 00", "06-0F-00", "0x06, 0x0F, 0x00", "06:0F:00\n", "060F\t00"]
)
def test_notations_of_hex(text: str) -> None:
    assert from_hex(text) == bytes.fromhex("060F00")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "fehlen die Hexziffern"),
        (" - ", "fehlen die Hexziffern"),
        ("06 0G", "„G“ ist keine Hexziffer"),
        ("٠٦", "ist keine Hexziffer"),
        ("060", "3 Hexziffern"),
        ("0" * (HEX_MAX + 1), "teilen"),
    ],
)
def test_what_is_no_hex(text: str, told: str) -> None:
    with pytest.raises(CodecError, match=told):
        from_hex(text)


def test_a_conversation_over_tcp() -> None:
    got = read_recording(REGISTRATION + ACKNOWLEDGED.to_bytes() + COMPLETION)
    assert [apdu.name for apdu in got.messages] == ["06 00", "80 00", "06 0F"]
    assert (got.remarks, got.serial) == ((), False)


def test_a_conversation_in_serial_blocks() -> None:
    got = read_recording(to_block(REGISTRATION) + b"\x06" + to_block(b"\x80\x00\x00") + b"\x06")
    assert [apdu.name for apdu in got.messages] == ["06 00", "80 00"]
    assert (got.remarks, got.serial, got.signs) == ((), True, 2)
    begins_with_ack = read_recording(b"\x06" + to_block(b"\x80\x00\x00"))
    assert (begins_with_ack.messages, begins_with_ack.signs) == ((ACKNOWLEDGED,), 1)


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (to_block(b"\x80\x00\x00")[:-1] + b"\0", ["checksum"]),
        (to_block(b"\x80\x00\x00")[:-2], ["block_open"]),
        (b"\x10\x02\x80\x10\x41", ["framing"]),
        (to_block(b"\x80\x00"), ["length"]),
        (bytes.fromhex("040F03"), ["length"]),
        (b"\x04", ["length"]),
        (bytes.fromhex("800000040F0327"), ["length"]),
    ],
)
def test_what_is_wrong_is_said(data: bytes, ids: list[str]) -> None:
    got = read_recording(data)
    assert [remark.id for remark in got.remarks] == ids
    assert all(remark.severity == "error" for remark in got.remarks)


def test_single_signs() -> None:
    assert read_recording(b"\x06").signs == 1
    assert read_recording(b"\x15").remarks == ()


def test_a_dump_without_length_field_is_read_and_named() -> None:
    got = read_recording(PAID[:2] + PAID[3:])
    assert got.messages == (Apdu(0x040F, PAID[3:]),)
    assert [(remark.id, remark.severity) for remark in got.remarks] == [("length_missing", "warning")]


@FUZZ
@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda tail: b"\x10\x02" + tail))
def test_nothing_is_too_odd(data: bytes) -> None:
    got = read_recording(data)
    assert sum(len(apdu.data) for apdu in got.messages) <= len(data)
    assert got.messages or got.remarks or got.serial or not data


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_all_vectors_are_read_or_named() -> None:
    for data in recorded():
        got = read_recording(data)
        assert got.messages or got.remarks, data.hex()
