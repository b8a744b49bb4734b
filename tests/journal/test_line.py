import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.journal.line import (
    MAX_LINE,
    Entry,
    LineError,
    chain,
    close_line,
    encode_body,
    genesis,
    parse_line,
    split_line,
)

from .helpers import entry


def made(**change: Any) -> bytes:
    value = {
        "v": 1, "seq": 3, "at": "2026-01-02T08:00:00.000001Z", "mono": 5, "boot": "ab",
        "facts": [], "wishes": [],
    }  # fmt: skip
    value.update(change)
    return json.dumps(value, separators=(",", ":"))[:-1].encode() + b',"h":"' + b"0" * 64 + b'"}'


def test_keys_stand_in_order_and_the_hash_covers_the_rest() -> None:
    full = Entry("2026-01-02T08:00:00.000000Z", 7, "ab", [], [], {"client": "c"}, {"x": 1})
    body = encode_body(4, full)
    raw = close_line(body, chain(genesis("K"), body))
    assert list(json.loads(raw)) == ["v", "seq", "at", "mono", "boot", "cmd", "facts", "wishes", "tse", "h"]
    assert split_line(raw) == (body, chain(genesis("K"), body))
    line = parse_line(raw)
    assert (line.seq, line.cmd, line.tse, line.facts) == (4, {"client": "c"}, {"x": 1}, [])


def test_text_is_utf8_and_absent_parts_are_left_out() -> None:
    body = encode_body(0, entry(text2="Käse \u2028 €"))
    assert "Käse \u2028 €".encode() in body
    assert b'"cmd"' not in body
    assert b'"tse"' not in body
    assert b'"wishes":[]' in body


@pytest.mark.parametrize(
    "bad",
    [1.5, float("nan"), Decimal("1"), b"x", {1: 2}, 2**63, -(2**63) - 1, "\ud800", object(), {"a": [1.0]}],
)
def test_what_json_could_not_give_back_is_refused(bad: Any) -> None:
    with pytest.raises(LineError):
        encode_body(0, entry(bad=bad))


def test_size_limit_counts_the_newline() -> None:
    empty = len(close_line(encode_body(0, entry(size=0, pad="")), bytes(32)))
    room = MAX_LINE - empty - 1
    body = encode_body(0, entry(size=0, pad="x" * room))
    raw = close_line(body, bytes(32))
    assert len(raw) + 1 == MAX_LINE
    assert parse_line(raw).seq == 0
    with pytest.raises(LineError, match="blob"):
        encode_body(0, entry(size=0, pad="x" * (room + 1)))
    with pytest.raises(LineError, match="more than a line may have"):
        parse_line(raw[:-73] + b"x" + raw[-73:])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "does not end with a hash"),
        (b"{}", "does not end with a hash"),
        (made().replace(b'"mono":5', b'"mono":5.0'), "no integer"),
        (made().replace(b'"mono":5', b'"mono":NaN'), "no integer"),
        (made().replace(b'"mono":5', b'"mono":1e3'), "no integer"),
        (made().replace(b'"mono":5', b'"mono":' + b"9" * 5000), "64 bits"),
        (made().replace(b'"mono":5', b'"mono":5,"mono":5'), "duplicate key"),
        (made(facts=[{"kind": "a", "data": {}}]).replace(b'"a"', b'"\xff"'), "UTF-8"),
        (made().replace(b'"facts":[]', b'"facts":' + b"[" * 30000 + b"]" * 30000), "deep"),
        (made().replace(b'"facts":[]', b'"facts":[\x00]'), "no JSON"),
        (made(v=2), "version"),
        (made(v=True), "version"),
        (made(seq=-1), "natural"),
        (made(seq="3"), "natural"),
        (made(at="2026-01-02T08:00:00Z"), "at:"),
        (made(boot=1), "boot"),
        (made(facts={}), "facts: expected a list"),
        (made(facts=[1]), "facts"),
        (made(facts=[{"kind": "a"}]), "data"),
        (made(wishes=[{"kind": "a"}]), "id"),
        (made(other=1), "keys"),
        (made().replace(b'"v":1,"seq":3', b'"seq":3,"v":1'), "keys"),
        (made().replace(b'"h":"0', b'"h":"G'), "hash"),
    ],
)
def test_strict_parser(raw: bytes, message: str) -> None:
    with pytest.raises(LineError, match=message):
        parse_line(raw)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_line_or_a_line_error(noise: bytes) -> None:
    for raw in (noise, made() + noise, made()[:60] + noise + made()[60:]):
        try:
            parse_line(raw)
        except LineError:
            continue
        assert raw.startswith(b'{"v":1')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4), st.integers(0, 10**12))
@settings(max_examples=200, deadline=None)
def test_round_trip(data: dict[str, Any], seq: int) -> None:
    facts = [{"kind": "unknown.kind", "data": data}]
    one = Entry("2026-01-02T08:00:00.000000Z", 1, "ab", facts, [], data or None, data or None)
    body = encode_body(seq, one)
    line = parse_line(close_line(body, bytes(32)))
    assert (line.facts, line.cmd, line.seq) == (facts, data or None, seq)
