"""The table in assembler.py, row by row, and what is taken off a code."""

import pytest

from kassd.devices.scanner.assembler import LONGEST, QUIET_NS, Assembler, Lost, Whole, split

GAP = 1000


def collecting(end: str = "suffix") -> Assembler:
    one = Assembler(end, GAP)  # type: ignore[arg-type]
    one.put("ab", 10)
    return one


def test_suffix_in_an_empty_state_is_nothing() -> None:
    one = Assembler("suffix", GAP)
    one.end(5)
    assert one.take() == []


def test_suffix_ends_and_gives_once() -> None:
    one = collecting()
    one.end(20)
    assert one.take() == [Whole("ab")]
    assert one.take() == []
    assert not one.collecting


def test_gap_in_the_middle_loses() -> None:
    one = collecting()
    assert not one.pass_time(10 + GAP - 1)
    assert one.pass_time(10 + GAP)
    assert one.take() == [Lost("timeout")]
    one.put("cd", 10 + GAP)
    one.end(11 + GAP)
    assert one.take() == []
    one.put("ef", 12 + GAP)
    one.end(13 + GAP)
    assert one.take() == [Whole("ef")]


def test_lost_ends_after_quiet() -> None:
    one = collecting()
    one.lose("doubt", 20)
    one.pass_time(20 + QUIET_NS)
    one.put("x", 20 + QUIET_NS)
    one.end(21 + QUIET_NS)
    assert one.take() == [Lost("doubt"), Whole("x")]


def test_doubt_is_said_once() -> None:
    one = collecting()
    one.lose("first", 20)
    one.lose("second", 21)
    assert one.take() == [Lost("first")]
    assert one.losing


def test_what_follows_a_doubt_within_a_gap_is_lost() -> None:
    one = Assembler("suffix", GAP)
    one.doubt("dropped", 20)
    assert one.waits_ns == GAP
    assert not one.pass_time(20 + GAP - 1)
    one.put("cd", 20 + GAP - 1)
    assert one.waits_ns == QUIET_NS
    assert one.take() == [Lost("dropped")]
    one.end(20 + GAP)
    assert not one.losing


def test_a_suffix_alone_after_a_doubt_is_a_lost_code() -> None:
    one = Assembler("suffix", GAP)
    one.doubt("dropped", 20)
    one.end(21)
    assert one.take() == [Lost("dropped")]
    one.put("ab", 22)
    one.end(23)
    assert one.take() == [Whole("ab")]


def test_a_doubt_ends_after_a_gap() -> None:
    one = Assembler("suffix", GAP)
    one.doubt("dropped", 20)
    assert one.pass_time(20 + GAP)
    one.put("ab", 20 + GAP)
    one.end(21 + GAP)
    assert one.take() == [Whole("ab")]


def test_a_doubt_in_a_code_loses_it() -> None:
    one = collecting("gap")
    one.doubt("dropped", 20)
    one.expire()
    assert one.take() == [Lost("dropped")]


def test_a_device_that_is_gone_leaves_no_doubt() -> None:
    one = Assembler("suffix", GAP)
    one.doubt("opened", 20)
    one.stop("unplugged")
    one.put("ab", 21)
    one.end(22)
    assert one.take() == [Whole("ab")]


def test_a_lost_code_is_over_after_the_quiet_however_long_a_gap_is() -> None:
    one = Assembler("suffix", 4 * QUIET_NS)
    one.lose("dropped", 20)
    assert one.waits_ns == QUIET_NS
    assert not one.pass_time(20 + QUIET_NS)
    one.put("ab", 20 + QUIET_NS)
    one.end(21 + QUIET_NS)
    assert one.take() == [Lost("dropped"), Whole("ab")]


@pytest.mark.parametrize("end", ["suffix", "gap", "auto"])
def test_what_may_have_waited_belongs_to_the_code_under_way(end: str) -> None:
    one = collecting(end)
    one.resume(10 + QUIET_NS - 1)
    one.put("cd", 10 + QUIET_NS - 1)
    one.end(10 + QUIET_NS)
    assert one.take() == [Whole("abcd")]


@pytest.mark.parametrize("end", ["suffix", "gap", "auto"])
def test_what_may_have_waited_so_long_that_it_may_be_another_is_lost(end: str) -> None:
    one = collecting(end)
    one.resume(10 + QUIET_NS)
    one.put("cd", 10 + QUIET_NS)
    one.end(11 + QUIET_NS)
    assert one.take() == [Lost("timeout")]


def test_auto_learns_that_a_suffix_comes() -> None:
    one = collecting("auto")
    one.expire()
    assert one.take() == [Whole("ab")]
    one.put("cd", 5000)
    one.end(5001)
    one.put("half", 9000)
    one.expire()
    assert one.take() == [Whole("cd"), Lost("timeout")]


def test_gap_keeps_ending_codes_after_a_suffix() -> None:
    one = collecting("gap")
    one.end(20)
    one.put("cd", 30)
    one.expire()
    assert one.take() == [Whole("ab"), Whole("cd")]


def test_noise_is_bounded() -> None:
    one = Assembler("suffix", GAP)
    one.put("x" * LONGEST, 1)
    assert one.take() == []
    one.put("x", 2)
    assert one.take() == [Lost("too_long")]


def test_stop_says_what_was_under_way() -> None:
    one = collecting()
    one.stop("unplugged")
    assert one.take() == [Lost("unplugged")]
    one.put("x", 30)
    one.end(31)
    assert one.take() == [Whole("x")]


@pytest.mark.parametrize(
    ("raw", "options", "text", "aim"),
    [
        ("4006381333931", {}, "4006381333931", ""),
        ("]E04006381333931", {}, "4006381333931", "]E0"),
        ("]d20104006381333931\x1d10A", {}, "0104006381333931\x1d10A", "]d2"),
        ("S]C1123", {"prefix": "S"}, "123", "]C1"),
        ("]C1S123", {"prefix": "S"}, "123", "]C1"),
        ("\x02123\x03", {"prefix": "\x02", "suffix": "\x03"}, "123", ""),
        ("123", {"prefix": "S", "suffix": "E"}, "123", ""),
        ("0112|10A^2", {"gs_substitutes": "|^"}, "0112\x1d10A\x1d2", ""),
        ("]x", {}, "]x", ""),
        ("[E0123", {}, "[E0123", ""),
    ],
)
def test_split(raw: str, options: dict[str, str], text: str, aim: str) -> None:
    assert split(raw, **options) == (text, aim)
