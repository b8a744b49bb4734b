"""Serial bytes to codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.scanner.assembler import Lost, Token, Whole
from kassd.devices.scanner.lines import LineDecoder

GAP = 30_000_000


def decoder(end: str = "suffix") -> LineDecoder:
    return LineDecoder(end, GAP)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n"])
def test_ends(suffix: bytes) -> None:
    assert decoder().feed(b"123" + suffix + b"456" + suffix, 1) == [Whole("123"), Whole("456")]


def test_crlf_cut_between() -> None:
    one = decoder()
    assert one.feed(b"123\r", 1) == [Whole("123")]
    assert one.feed(b"\n456\r", 2) == [Whole("456")]


@given(st.lists(st.text("0123456789äß€]\x1dAz", min_size=1, max_size=20), min_size=1, max_size=5), st.data())
def test_any_cut(codes: list[str], data: st.DataObject) -> None:
    stream = "".join(code + "\r\n" for code in codes).encode()
    cut = data.draw(st.integers(0, len(stream)))
    one = decoder()
    tokens: list[Token] = one.feed(stream[:cut], 1) + one.feed(stream[cut:], 2)
    assert tokens == [Whole(code) for code in codes]


def test_old_scanner_sends_windows_characters() -> None:
    assert decoder().feed("Größe €".encode("cp1252") + b"\r", 1) == [Whole("Größe €")]


def test_gap() -> None:
    one = decoder("gap")
    assert one.feed(b"123", 1) == []
    assert one.waits_ns == GAP
    assert one.expire() == [Whole("123")]
    assert one.waits_ns == 0


def test_half_code_and_late_rest() -> None:
    one = decoder()
    assert one.feed(b"40063", 1) == []
    assert one.expire() == [Lost("timeout")]
    assert one.feed(b"81333931\r", GAP * 3) == []
    assert one.feed(b"4006381333931\r", GAP * 4) == [Whole("4006381333931")]


def test_stop() -> None:
    one = decoder()
    one.feed(b"123", 1)
    assert one.stop("unplugged") == [Lost("unplugged")]
