"""The TLV container: tags and lengths of one or more bytes, objects in objects, and bytes that are none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.tlv import (
    DEPTH_MAX,
    Tlv,
    constructed,
    first,
    length_bytes,
    read_length,
    read_tlv,
    scan_tlv,
    walk,
    write_tlv,
)
from tests.devices.terminal.zvt.samples import RELAXED, objects


@settings(max_examples=50, deadline=None)
@given(st.lists(objects, max_size=4))
def test_what_is_written_is_read(items: list[Tlv]) -> None:
    assert read_tlv(write_tlv(items)) == tuple(items)


@RELAXED
@given(st.binary(max_size=400))
def test_any_bytes_give_objects_or_a_sentence(data: bytes) -> None:
    found, problems = scan_tlv(data)
    assert problems or len(write_tlv(found)) <= len(data)
    assert all(problem.endswith(".") for problem in problems)


def test_examples_of_the_specification() -> None:
    (commands,) = read_tlv(bytes.fromhex("26040A0206D3"))
    assert commands == Tlv(0x26, parts=(Tlv(0x0A, b"\x06\xd3"),))
    texts, sequence = read_tlv(bytes.fromhex("240D070B303020417070726F7665641F7303000008"))
    assert first([texts], 0x07) == b"00 Approved"
    assert (sequence.name, sequence.value) == ("1F73", b"\x00\x00\x08")


@pytest.mark.parametrize(
    ("size", "field"), [(0, "00"), (127, "7F"), (128, "8180"), (255, "81FF"), (256, "820100")]
)
def test_lengths(size: int, field: str) -> None:
    assert length_bytes(size) == bytes.fromhex(field)
    assert read_length(bytes.fromhex(field), 0) == (len(field) // 2, size)


def test_a_length_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="65536"):
        length_bytes(65536)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("07", "Länge fehlt"),
        ("0780", "beginnt mit 80"),
        ("078300000041", "beginnt mit 83"),
        ("0782 01", "Länge bricht ab"),
        ("070341", "hat 1 statt 3 Byte"),
        ("1F", "Tag bricht ab"),
        ("1F80808080 00", "zu viele Byte"),
        ("2403070541", "in Tag 24"),
    ],
)
def test_what_is_wrong_is_said(data: str, told: str) -> None:
    with pytest.raises(CodecError, match=told):
        read_tlv(bytes.fromhex(data))


def test_what_came_before_the_fault_is_kept() -> None:
    found, problems = scan_tlv(bytes.fromhex("1F0701010705"))
    assert (found, len(problems)) == ([Tlv(0x1F07, b"\x01")], 1)


def test_a_broken_constructed_object_keeps_its_bytes() -> None:
    found, problems = scan_tlv(bytes.fromhex("2403070541"))
    assert found == [Tlv(0x24, bytes.fromhex("070541"))]
    assert problems


def test_a_tag_of_three_bytes() -> None:
    assert read_tlv(bytes.fromhex("1F80000141")) == (Tlv(0x1F8000, b"A"),)
    assert constructed(0x3F8000)
    assert not constructed(0x1F8000)


def test_coupon_data_look_constructed_and_are_not() -> None:
    assert scan_tlv(bytes.fromhex("FF010341424C")) == ([Tlv(0xFF01, b"ABL")], [])


def test_a_bottomless_message_is_not_followed() -> None:
    deep = b""
    for _ in range(2000):
        deep = b"\x24" + length_bytes(len(deep)) + deep
    _, problems = scan_tlv(deep)
    assert any("zu tief" in problem for problem in problems)
    inside = b""
    for _ in range(DEPTH_MAX - 1):
        inside = b"\x24" + length_bytes(len(inside)) + inside
    assert scan_tlv(inside)[1] == []


def test_looking_for_a_tag() -> None:
    items = read_tlv(bytes.fromhex("2F081F1201021F1001001F2B0410016005"))
    assert first(items, 0x1F12) == b"\x02"
    assert first(items, 0x1F2B) == bytes.fromhex("10016005")
    assert first(items, 0x07) is None
    assert [item.tag for item in walk(items)] == [0x2F, 0x1F12, 0x1F10, 0x1F2B]
