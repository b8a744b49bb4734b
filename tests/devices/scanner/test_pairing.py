"""What one scan of the known code tells of a scanner, and that nobody's typing is taken for a scan."""

import pytest

from devices.scanner.hid import COUNTED, counted
from devices.support import Keyboard
from kassd.devices.scanner import layouts as k
from kassd.devices.scanner.pairing import CALIBRATION, Learnt, is_scan, of_bytes, of_keys, of_reports
from kassd.devices.scanner.pos import layout_of


@pytest.mark.parametrize("layout", ["us", "de"])
@pytest.mark.parametrize(("end", "key"), [("suffix", k.ENTER), ("suffix", k.TAB), ("gap", None)])
@pytest.mark.parametrize(
    ("before", "after", "prefix", "aim"),
    [("", "", "", ""), ("]C0", "", "", "]C0"), ("]C0A", "B", "A", "]C0"), ("A]C0", "", "A", "]C0")],
)
def test_a_keyboard_scanner(
    layout: str, end: str, key: int | None, before: str, after: str, prefix: str, aim: str
) -> None:
    text = before + CALIBRATION + after
    learnt = of_keys(Keyboard(layout).code(text, key))
    assert learnt == Learnt(text, True, False, layout, end, prefix, after, aim)  # type: ignore[arg-type]


def test_caps_lock_on_all_the_time() -> None:
    keys = Keyboard()
    learnt = of_keys(keys.code(CALIBRATION.swapcase()))
    assert learnt is not None
    assert (learnt.found, learnt.swapped) == (True, True)


def test_a_scanner_of_another_country_is_heard_and_not_understood() -> None:
    keys = Keyboard()
    french = "K-yZ/]7".translate(str.maketrans("-yZ/]7", "6yW>)&"))  # as a French keyboard's keys lie here
    learnt = of_keys(keys.code(french))
    assert learnt is not None
    assert not learnt.found
    assert learnt.text == french


def test_a_person_types_slower_than_any_scanner() -> None:
    assert of_keys(Keyboard(step_ns=40_000_000).code(CALIBRATION)) is None
    assert not is_scan(Keyboard().code("12", None)), "a shortcut"
    assert not is_scan(b"")
    keys = Keyboard()
    first = keys.code("K-yZ", None)
    keys.wait(150)
    assert not is_scan(first + keys.code("/]7"))


@pytest.mark.parametrize(
    ("sent", "end", "suffix"),
    [
        (b"]C0K-yZ/]7\r", "suffix", ""),
        (b"]C0K-yZ/]7\r\n", "suffix", ""),
        (b"]C0K-yZ/]7", "gap", ""),
        (b"]C0K-yZ/]7\t", "gap", "\t"),
    ],
)
def test_a_serial_scanner(sent: bytes, end: str, suffix: str) -> None:
    learnt = of_bytes(sent)
    assert learnt is not None
    assert (learnt.found, learnt.end, learnt.suffix, learnt.aim) == (True, end, suffix, "]C0")


def test_a_hid_pos_scanner() -> None:
    layout = layout_of(COUNTED)
    assert layout is not None
    learnt = of_reports([counted(b"~K-yZ/]7", b"]C0")], layout)
    assert learnt is not None
    assert (learnt.found, learnt.prefix, learnt.aim) == (True, "~", "]C0")


def test_nothing_tells_nothing() -> None:
    assert of_bytes(b"\r\n") is None
