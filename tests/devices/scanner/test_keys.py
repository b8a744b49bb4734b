"""Key events to codes: layouts, modifiers, ends, and that a part of a code is never a code."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.support import EVENT, MS, Keyboard
from kassd.devices.scanner import layouts as k
from kassd.devices.scanner.assembler import QUIET_NS, Lost, Token, Whole
from kassd.devices.scanner.keys import OPENED, QUIET, KeyDecoder, note

EAN = "4006381333931"
VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "scanner"


def decoder(layout: str = "us", end: str = "suffix", gap_ms: int = 150) -> KeyDecoder:
    return KeyDecoder(layout, end, gap_ms * MS)  # type: ignore[arg-type]


def decode(data: bytes, layout: str = "us", end: str = "suffix") -> list[Token]:
    return decoder(layout, end).feed(data)


@pytest.mark.parametrize("end", [k.ENTER, k.KP_ENTER, k.TAB])
def test_suffix_ends_a_code(end: int) -> None:
    assert decode(Keyboard().code(EAN, end)) == [Whole(EAN)]


def test_two_codes_follow_each_other() -> None:
    keys = Keyboard()
    assert decode(keys.code("111") + keys.code("222")) == [Whole("111"), Whole("222")]


def test_a_code_is_taken_to_come_fast_until_it_is_seen_to_be_slow() -> None:
    keys, decoding = Keyboard(step_ns=20 * MS), decoder()
    assert not decoding.is_fast
    decoding.feed(keys.key(5, 1))
    assert decoding.is_fast
    decoding.feed(keys.key(5, 0))
    assert not decoding.is_fast


# Key codes, modifiers and characters from the keyboards' drawings, not from the tables under test.
@pytest.mark.parametrize(
    ("layout", "code", "modifiers", "char"),
    [
        ("us", 21, (), "y"),
        ("us", 44, (42,), "Z"),
        ("us", 12, (), "-"),
        ("us", 53, (), "/"),
        ("us", 43, (), "\\"),
        ("us", 27, (), "]"),
        ("us", 3, (54,), "@"),
        ("us", 8, (42,), "&"),
        ("us", 40, (42,), '"'),
        ("us", 41, (42,), "~"),
        ("us", 51, (42,), "<"),
        ("de", 21, (), "z"),
        ("de", 44, (42,), "Y"),
        ("de", 53, (), "-"),
        ("de", 53, (42,), "_"),
        ("de", 8, (42,), "/"),
        ("de", 10, (100,), "]"),
        ("de", 8, (100,), "{"),
        ("de", 12, (100,), "\\"),
        ("de", 16, (100,), "@"),
        ("de", 18, (100,), "€"),
        ("de", 12, (), "ß"),
        ("de", 40, (42,), "Ä"),
        ("de", 86, (), "<"),
        ("de", 86, (100,), "|"),
        ("de", 43, (), "#"),
        ("de", 27, (100,), "~"),
        ("de", 52, (42,), ":"),
        ("de", 10, (29, 56), "]"),  # Ctrl+Alt is AltGr
    ],
)
def test_layouts(layout: str, code: int, modifiers: tuple[int, ...], char: str) -> None:
    keys = Keyboard()
    assert decode(keys.tap(code, *modifiers) + keys.tap(k.ENTER), layout) == [Whole(char)]


@pytest.mark.parametrize("layout", ["us", "de"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_text_survives_every_cut(layout: str, data: st.DataObject) -> None:
    tables = k.LAYOUTS[layout]
    typable = sorted(
        {c for t in (tables.plain, tables.shift, tables.altgr) for c in t.values() if c not in k.DEAD}
    )
    text = "".join(data.draw(st.lists(st.sampled_from(typable), min_size=1, max_size=20)))
    stream = Keyboard(layout).code(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    one = decoder(layout)
    tokens: list[Token] = []
    for first, last in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        tokens += one.feed(stream[first:last])
    assert tokens == [Whole(text)]


def test_keypad_digits() -> None:
    keys = Keyboard()
    pads = {digit: code for code, digit in k.KEYPAD_DIGITS.items()}
    stream = b"".join(keys.tap(pads[d]) for d in "0123456789") + keys.tap(83) + keys.tap(k.KP_ENTER)
    assert decode(stream) == [Whole("0123456789.")]


def test_caps_lock_toggles_and_ends_with_the_code() -> None:
    keys = Keyboard()
    stream = keys.tap(k.CAPS_LOCK) + keys.tap(30) + keys.tap(30, 42) + keys.tap(2) + keys.tap(k.ENTER)
    assert decode(stream + keys.code("b")) == [Whole("Aa1"), Whole("b")]


def test_closing_caps_lock_after_the_suffix_does_not_reach_the_next_code() -> None:
    keys = Keyboard()
    one = decoder()
    stream = keys.tap(k.CAPS_LOCK) + keys.code("ab") + keys.tap(k.CAPS_LOCK)
    keys.wait(1000)
    assert one.feed(stream + keys.code("ab")) == [Whole("AB"), Whole("ab")]


def test_caps_lock_leaves_sharp_s_alone() -> None:
    keys = Keyboard("de")
    assert decode(keys.tap(k.CAPS_LOCK) + keys.tap(12) + keys.tap(k.ENTER), "de") == [Whole("ß")]


@pytest.mark.parametrize(
    ("layout", "code", "modifiers", "char"),
    [
        ("us", 27, (29,), "\x1d"),
        ("us", 36, (97,), "\n"),
        ("us", 36, (29, 42), "\n"),
        ("us", 43, (29,), "\x1c"),
        ("us", 7, (29, 42), "\x1e"),
        ("us", 12, (29,), "\x1f"),
        ("de", 27, (29,), "\x1d"),
        ("de", 44, (29,), "\x19"),
    ],
)
def test_ctrl_makes_control_characters(layout: str, code: int, modifiers: tuple[int, ...], char: str) -> None:
    keys = Keyboard(layout)
    stream = keys.char("1") + keys.tap(code, *modifiers) + keys.char("2") + keys.tap(k.ENTER)
    assert decode(stream, layout) == [Whole(f"1{char}2")]


def alt(keys: Keyboard, digits: str) -> bytes:
    pads = {digit: code for code, digit in k.KEYPAD_DIGITS.items()}
    return keys.key(56, True) + b"".join(keys.tap(pads[d]) for d in digits) + keys.key(56, False)


@pytest.mark.parametrize(
    ("digits", "char"),
    [
        ("052", "4"),
        ("029", "\x1d"),
        ("0252", "ü"),
        ("129", "ü"),
        ("0128", "€"),
        ("0129", "\x81"),
        ("65", "A"),
    ],
)
def test_alt_and_keypad(digits: str, char: str) -> None:
    keys = Keyboard()
    assert decode(keys.tap(k.NUM_LOCK) + alt(keys, digits) + keys.tap(k.ENTER)) == [Whole(char)]


def test_alt_code_beyond_a_byte_loses_the_code() -> None:
    keys = Keyboard()
    assert decode(keys.char("1") + alt(keys, "999") + keys.tap(k.ENTER)) == [Lost("alt_code")]


def test_f8_is_gs() -> None:
    keys = Keyboard()
    assert decode(keys.char("1") + keys.tap(k.F8) + keys.code("2")) == [Whole("1\x1d2")]


@pytest.mark.parametrize(
    ("then", "typed"), [(57, "^"), (18, "ê"), (2, "^1"), (41, "^^"), (None, "^")], ids=str
)
def test_dead_key(then: int | None, typed: str) -> None:
    keys = Keyboard("de")
    stream = keys.tap(41) + (keys.tap(then) if then else b"") + keys.tap(k.ENTER)
    if then == 41:
        typed = "^^"
    assert decode(stream, "de") == [Whole(typed)]


def test_repeated_key_is_one_character() -> None:
    keys = Keyboard()
    stream = keys.key(2, True) + keys.event(1, 2, 2) + keys.event(1, 2, 2) + keys.key(2, False)
    assert decode(stream + keys.tap(k.ENTER)) == [Whole("1")]


def test_half_code_is_lost_after_the_gap_and_its_rest_is_no_code() -> None:
    keys = Keyboard()
    one = decoder()
    assert one.feed(keys.code(EAN[:7], None)) == []
    assert one.waits_ns == 150 * MS
    assert one.feed(note(QUIET, keys.now)) == [Lost("timeout")]
    assert one.waits_ns == QUIET_NS
    keys.wait(200)
    assert one.feed(keys.code(EAN[7:])) == []
    assert one.feed(keys.code(EAN)) == [Whole(EAN)]


def test_half_code_without_timer_is_lost_at_the_next_key() -> None:
    keys = Keyboard()
    stream = keys.code("123", None)
    keys.wait(200)
    stream += keys.code("456")
    assert decode(stream) == [Lost("timeout")]


def test_next_scan_after_a_lost_one_counts_again() -> None:
    keys = Keyboard()
    stream = keys.code("123", None)
    keys.wait(900)
    assert decode(stream + keys.code(EAN)) == [Lost("timeout"), Whole(EAN)]


def test_gap_ends_a_code_where_configured() -> None:
    keys = Keyboard()
    one = decoder(end="gap")
    assert one.feed(keys.code(EAN, None)) == []
    assert one.feed(note(QUIET, keys.now)) == [Whole(EAN)]


def test_syn_dropped_loses_the_whole_code() -> None:
    keys = Keyboard()
    one = decoder()
    begin = keys.code(EAN[:4], None)
    # What the kernel leaves of an EAN-13: SYN_DROPPED, the rest of a packet, the last characters.
    rest = keys.dropped() + keys.event(1, 3, 0) + keys.report() + keys.code("31")
    assert one.feed(begin + rest) == [Lost("dropped")]
    assert one.feed(keys.code(EAN)) == [Whole(EAN)]


def test_syn_dropped_before_a_code_loses_it_too() -> None:
    keys = Keyboard()
    assert decode(keys.dropped() + keys.report() + keys.code("31")) == [Lost("dropped")]


def test_events_until_the_report_after_syn_dropped_mean_nothing() -> None:
    keys = Keyboard()
    one = decoder()
    stream = keys.dropped() + keys.event(1, k.ENTER, 1) + keys.event(1, 2, 1) + keys.report()
    assert one.feed(stream + keys.code("5")) == [Lost("dropped")]
    assert one.feed(keys.code("6")) == [Whole("6")]


def test_syn_dropped_that_ate_the_suffix_does_not_eat_the_next_scan() -> None:
    keys = Keyboard()
    stream = keys.code("12", None) + keys.dropped() + keys.report() + keys.code("3", None)
    keys.wait(600)
    assert decode(stream + keys.code(EAN)) == [Lost("dropped"), Whole(EAN)]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_wherever_the_kernel_drops_events_no_code_is_wrong_and_lost_ones_are_told(
    data: st.DataObject,
) -> None:
    """It drops all that waits but the newest event, with SYN_DROPPED before it."""
    keys, packet = Keyboard(), 3 * EVENT.size
    codes = data.draw(
        st.lists(st.text("0123456789", min_size=3, max_size=14), min_size=3, max_size=8, unique=True)
    )
    stream = b"".join(map(keys.code, codes))
    packets = [stream[at : at + packet] for at in range(0, len(stream), packet)]
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, len(packets) - 1))
        last = min(first + data.draw(st.integers(1, 40)), len(packets) - 1)
        newest = packets[last]
        packets[first : last + 1] = [keys.dropped() + newest[EVENT.size :]]
    one = decoder()
    place, told = 0, True
    for token in one.feed(b"".join(packets)):
        if isinstance(token, Whole):
            found = codes.index(token.text)
            assert found == place or (found > place and told)
            place, told = found + 1, False
        told = told or isinstance(token, Lost)
    assert place == len(codes) or told


@given(st.integers(0, 2 * len(EAN) - 1))
@settings(max_examples=26, deadline=None)
def test_one_missing_transition_is_noticed(missing: int) -> None:
    keys = Keyboard()
    transitions = [keys.key(2 + int(d or "10") - 1 if d != "0" else 11, down) for d in EAN for down in (1, 0)]
    del transitions[missing]
    tokens = decode(b"".join(transitions) + keys.tap(k.ENTER))
    # A key that went down and whose going up is missing shows only when it is pressed again.
    if missing % 2 == 0 or EAN[missing // 2] in EAN[missing // 2 + 1 :]:
        assert Whole(EAN) not in tokens
        assert all(isinstance(t, Lost) for t in tokens)
    else:
        assert tokens == [Whole(EAN)]


def test_unknown_key_inside_a_code_loses_it_before_a_code_it_is_a_preamble() -> None:
    keys = Keyboard()
    assert decode(keys.tap(60) + keys.code("12")) == [Whole("12")]
    assert decode(keys.char("1") + keys.tap(60) + keys.code("2")) == [Lost("unknown_key")]


def test_device_opened_in_the_middle_of_a_scan() -> None:
    keys = Keyboard()
    one = decoder()
    keys.wait(10)
    assert one.feed(note(OPENED, keys.now)) == []
    assert one.feed(keys.key(5, False) + keys.code("31")) == [Lost("gap")]
    assert one.feed(keys.code(EAN)) == [Whole(EAN)]


@pytest.mark.parametrize(("pause_ms", "tokens"), [(140, [Lost("opened")]), (150, [Whole("31")])])
def test_what_comes_at_once_after_opening_is_a_scan_whose_beginning_we_missed(
    pause_ms: int, tokens: list[Token]
) -> None:
    keys = Keyboard()
    one = decoder()
    assert one.feed(note(OPENED, keys.now)) == []
    assert one.waits_ns == 150 * MS
    assert not one.at_rest
    keys.wait(pause_ms)
    assert one.feed(keys.code("31")) == tokens
    assert one.feed(keys.code(EAN)) == [Whole(EAN)]


def test_unplugged_in_the_middle() -> None:
    one = decoder()
    one.feed(Keyboard().code("123", None))
    assert one.stop("unplugged") == [Lost("unplugged")]
    assert decoder().stop("unplugged") == []


def test_endless_noise_is_lost_once_and_not_kept() -> None:
    keys = Keyboard()
    assert decode(b"".join(keys.tap(2) for _ in range(7100))) == [Lost("too_long")]


NAMES = {"KEY_NUMLOCK": 69, "KEY_LEFTALT": 56}


def recording(name: str) -> bytes:
    """A recording of a real scanner as bytes: ``seconds keycode (name) down|up``."""
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors is not here")
    out = b""
    for line in (VECTORS / name).read_text().splitlines():
        if match := re.match(r"(\d+)\.(\d{6}) (\d+) \w+ (down|up)", line):
            seconds, micros, code, way = match.groups()
            keys = Keyboard(start_ns=int(seconds) * 10**9 + int(micros) * 1000)
            out += keys.event(1, int(code), int(way == "down")) + keys.report()
    assert out
    return out


@pytest.mark.parametrize("name", ["datalogic-gfs4400-alt-numpad.txt", "scanner-ctrl-shift-j.txt"])
def test_recordings_with_lost_events_never_give_a_code(name: str) -> None:
    tokens = decode(recording(name))
    assert tokens == [Lost("gap")]


def test_recording_decodes_up_to_the_loss() -> None:
    stream = recording("scanner-ctrl-shift-j.txt")
    before = stream[: 13 * 2 * 24]  # up to the B that never goes up; shift is held since Ctrl+Shift+J
    assert decode(before, end="gap") == []
    one = decoder(end="gap")
    one.feed(before)
    assert one.feed(note(QUIET, 0)) == [Whole("12\nDB")]


def test_raw_events_of_a_real_scanner() -> None:
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors is not here")
    lines = (VECTORS / "evdev-raw-hexdump-dell-vs-scanner.txt").read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("# barcode scanner"))
    raw = b"".join(bytes.fromhex(line.replace(" ", "")) for line in lines[at + 1 :] if line[0] != "#")
    one = decoder(end="gap")
    one.feed(raw)
    assert one.feed(note(QUIET, 0)) == [Whole("0")]
