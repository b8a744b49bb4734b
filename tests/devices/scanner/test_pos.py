"""HID-POS reports to codes, by what each descriptor says."""

import pytest

from devices.scanner.hid import BEEPING, BOOT_KEYBOARD, COUNTED, SIMPLE, counted, simple
from devices.support import MS
from kassd.devices.scanner.assembler import Lost, Token, Whole
from kassd.devices.scanner.pos import PosDecoder, layout_of

EAN = b"4006381333931"


def decoder(descriptor: bytes) -> PosDecoder:
    layout = layout_of(descriptor)
    assert layout is not None
    return PosDecoder(layout, 150 * MS)


def decode(descriptor: bytes, *reports: bytes) -> list[Token]:
    one = decoder(descriptor)
    return [token for n, report in enumerate(reports, 1) for token in one.feed(report, n * MS)]


@pytest.mark.parametrize(("descriptor", "report"), [(SIMPLE, simple), (COUNTED, counted)])
def test_one_report(descriptor: bytes, report: type[bytes]) -> None:
    assert decode(descriptor, report(EAN)) == [Whole("]E04006381333931")]


@pytest.mark.parametrize(("descriptor", "report"), [(SIMPLE, simple), (COUNTED, counted)])
def test_a_code_of_several_reports_has_its_aim_id_once(descriptor: bytes, report: type[bytes]) -> None:
    text = b"010400638133393110ABC\x1d21" + b"X" * 100
    parts = [text[at : at + 56] for at in range(0, len(text), 56)]
    reports = [report(part, b"]d2", n < len(parts)) for n, part in enumerate(parts, 1)]  # type: ignore[call-arg]
    assert decode(descriptor, *reports, report(EAN)) == [
        Whole("]d2" + text.decode()),
        Whole("]E04006381333931"),
    ]


def test_zeros_within_a_counted_code_are_part_of_it() -> None:
    assert decode(COUNTED, counted(b"A\0B\0")) == [Whole("]E0A\0B\0")]


def test_a_suffix_is_none_of_the_code() -> None:
    assert decode(SIMPLE, simple(EAN + b"\r\n")) == [Whole("]E04006381333931")]


def test_umlauts_in_utf_8_and_in_windows_code_page() -> None:
    assert decode(SIMPLE, simple("Käse".encode()), simple(b"K\xe4se")) == [Whole("]E0Käse")] * 2


def test_without_an_aim_id() -> None:
    assert decode(SIMPLE, simple(EAN, b"\0\0\0")) == [Whole(EAN.decode())]


def test_reports_of_other_kinds_and_without_data_say_nothing() -> None:
    assert decode(COUNTED, b"\x05\x01", counted(b""), counted(EAN)) == [Whole("]E04006381333931")]


def test_more_than_there_is_is_no_code() -> None:
    short = bytes((2, 13)) + b"]E0" + EAN[:5]
    assert decode(COUNTED, short, counted(EAN)) == [Lost("length"), Whole("]E04006381333931")]


def test_a_code_that_does_not_go_on_is_lost_and_its_late_rest_too() -> None:
    one = decoder(SIMPLE)
    assert one.feed(simple(b"first", more=True), MS) == []
    assert one.waits_ns == 150 * MS
    assert one.expire() == [Lost("timeout")]
    assert one.feed(simple(b"rest"), 200 * MS) == []
    assert one.feed(simple(EAN), 210 * MS) == [Whole("]E04006381333931")]


def test_more_than_the_kernel_keeps_loses_a_code_that_goes_on() -> None:
    one = decoder(SIMPLE)
    assert one.feed(simple(EAN), MS) == [Whole("]E04006381333931")]
    one.feed(simple(b"first", more=True), MS)
    assert one.overrun(MS) == [Lost("dropped")]
    assert one.feed(simple(b"rest"), MS) == []


def test_what_follows_more_than_the_kernel_keeps_may_be_the_rest_of_a_code() -> None:
    one = decoder(SIMPLE)
    assert one.feed(simple(EAN), MS) == [Whole("]E04006381333931")]
    assert one.overrun(MS) == []
    assert one.feed(simple(b"rest"), MS) == [Lost("dropped")]
    assert one.feed(simple(EAN), MS) == [Whole("]E04006381333931")]


def test_pulled_out_in_between() -> None:
    one = decoder(SIMPLE)
    one.feed(simple(b"first", more=True), MS)
    assert one.stop("unplugged") == [Lost("unplugged")]


def test_a_keyboard_is_no_scanner() -> None:
    assert layout_of(BOOT_KEYBOARD) is None


@pytest.mark.parametrize(("descriptor", "complaint"), [(BEEPING, b"\x04\x02"), (COUNTED, b"")])
def test_how_it_is_made_to_complain(descriptor: bytes, complaint: bytes) -> None:
    layout = layout_of(descriptor)
    assert layout is not None
    assert layout.complaint == complaint
