"""Sequences of bitmaps: fixed and varying lengths, and where reading must stop."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.bmps import BMPS, CONTAINER, LL, LLL, NUMBERS
from kassd.devices.terminal.zvt.fields import Field, read_fields, scan_fields, write_fields
from tests.devices.terminal.zvt.samples import RELAXED

SIZES = {LL: 99, LLL: 999, CONTAINER: 700}


def _values(number: int) -> st.SearchStrategy[Field]:
    size = BMPS[number].size
    raw = st.binary(max_size=SIZES[size]) if size < 0 else st.binary(min_size=size, max_size=size)
    return st.builds(Field, st.just(number), raw)


fields = st.lists(st.sampled_from(sorted(BMPS)).flatmap(_values), max_size=6)


@settings(max_examples=50, deadline=None)
@given(fields)
def test_what_is_written_is_read(items: list[Field]) -> None:
    assert read_fields(write_fields(items)) == items


@RELAXED
@given(st.binary(max_size=200))
def test_any_bytes_give_fields_or_a_sentence(data: bytes) -> None:
    found, problem = scan_fields(data)
    assert problem.endswith(".") or write_fields(found) == data or any(f.number == 6 for f in found)


def test_the_examples_of_the_transport_specification() -> None:
    assert read_fields(bytes.fromhex("22F0F3012345")) == [Field(0x22, bytes.fromhex("012345"))]
    assert read_fields(bytes.fromhex("3CF0F0F3012345")) == [Field(0x3C, bytes.fromhex("012345"))]
    assert read_fields(bytes.fromhex("22F0F08BF0F100")) == [Field(0x22, b""), Field(0x8B, b"\0")]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("04000000", r"04 \(Betrag\) hat 3 statt 6 Byte"),
        ("22F0", "bricht in der Länge ab"),
        ("2278F2", "Länge der Bitmap 22 .* ist 78 F2"),
        ("22FAF0", "ist FA F0"),
        ("22F0F3", "hat 0 statt 3 Byte"),
        ("0680", "beginnt mit 80"),
        ("99", "Bitmap 99 ist unbekannt"),
    ],
)
def test_what_is_wrong_is_said(data: str, told: str) -> None:
    with pytest.raises(CodecError, match=told):
        read_fields(bytes.fromhex(data))


def test_what_came_before_an_unknown_bitmap_is_kept() -> None:
    found, problem = scan_fields(bytes.fromhex("2700FF04000000001000"))
    assert found == [Field(0x27, b"\0")]
    assert "Byte 2" in problem


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="has 6 bytes"):
        write_fields([Field(0x04, b"\0")])
    with pytest.raises(ValueError, match="100 bytes"):
        write_fields([Field(0x22, bytes(100))])


def test_every_bitmap_has_a_name_of_its_own() -> None:
    assert len(NUMBERS) == len(BMPS)
    assert all(bmp.label and bmp.size for bmp in BMPS.values())
