"""Report descriptors: where what lies, and that nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.hid import BEEPING, BOOT_KEYBOARD, COUNTED, SIMPLE
from kassd.devices.scanner.descriptor import Field, fields

POS = 0x8C << 16


def places(descriptor: bytes, usage: int) -> list[tuple[int, int]]:
    return [(field.offset, field.size) for field in fields(descriptor) if field.usage == usage]


def test_a_scanner_without_a_count() -> None:
    assert [places(SIMPLE, POS | usage) for usage in (0xFB, 0xFC, 0xFD)] == [[(0, 8)], [(8, 8)], [(16, 8)]]
    assert places(SIMPLE, POS | 0xFE) == [(24 + 8 * n, 8) for n in range(56)]
    assert places(SIMPLE, POS | 0xFF) == [(472, 1)]
    assert {(field.kind, field.report) for field in fields(SIMPLE)} == {("input", 2)}


def test_a_scanner_with_a_count_of_another_page() -> None:
    assert places(COUNTED, 0x1003B) == [(0, 8)]
    assert places(COUNTED, POS | 0xFB) == [(8, 8)]
    assert places(COUNTED, POS | 0xFE)[0] == (32, 8)
    assert places(COUNTED, POS | 0xFF) == [(480, 1)]


def test_kinds_of_reports_count_by_themselves() -> None:
    assert [field for field in fields(BEEPING) if field.kind == "output"] == [
        Field("output", 4, n, 1, POS | usage) for n, usage in enumerate((0x86, 0x85, 0x87))
    ]


def test_ranges_arrays_and_constants() -> None:
    found = fields(BOOT_KEYBOARD)
    assert [(field.offset, field.usage) for field in found[:8]] == [(n, 0x700E0 + n) for n in range(8)]
    # The reserved byte before them is no value.
    assert [field.offset for field in found[8:]] == [16 + 8 * n for n in range(6)]


def test_what_is_pushed_comes_back_and_usages_of_four_bytes_carry_their_page() -> None:
    pushed = bytes.fromhex("058c 7508 9501 a4 0501 7501 b4 09fe 8102 0b3b000100 8102")
    assert [(f.size, f.usage) for f in fields(pushed)] == [(8, POS | 0xFE), (8, 0x1003B)]


def test_long_items_are_left_out() -> None:
    assert fields(bytes.fromhex("fe02aa0102") + SIMPLE) == fields(SIMPLE)


@pytest.mark.parametrize("descriptor", ["0501 b4", "26ff", "7508 96ffff 8102"])
def test_nonsense_is_refused(descriptor: str) -> None:
    with pytest.raises(ValueError):
        fields(bytes.fromhex(descriptor))


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(descriptor: bytes) -> None:
    try:
        found = fields(descriptor)
    except ValueError:
        return
    assert all(field.size * 8 >= 0 and field.offset >= 0 for field in found)


def test_values_are_little_endian_and_missing_bytes_zero() -> None:
    assert Field("input", 0, 4, 12, 0).value(b"\x1f\x32") == 0x321
    assert Field("input", 0, 16, 8, 0).value(b"\x1f\x32") == 0
