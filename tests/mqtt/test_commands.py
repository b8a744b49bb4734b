import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.core.codes import CODES
from kassd.mqtt.commands import MAX_BYTES, CommandFrame, Intake, is_id, parse, refusal, reply, wants_reply
from kassd.mqtt.session import Received
from kassd.mqtt.topics import Topics

T = Topics("demo.kasse-0007")
ULID = "01JD7Z8Q6S3V9K2M4N5P6R7T8X"
UUID7 = "01935e7f-46d9-7c3a-9b2e-4f5a6b7c8d9e"
S = 1_000_000_000


def received(payload: bytes | dict[str, Any], **changes: Any) -> Received:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    base = Received(
        "cashier-1", "sale.add", raw, False, 10, T.reply("cashier-1"), b"c", lambda: None, 100 * S
    )
    return replace(base, **changes)


def judge(
    payload: bytes | dict[str, Any], now: int = 100 * S, **changes: Any
) -> CommandFrame | dict[str, Any]:
    return parse(received(payload, **changes), T, 7, now)


GOOD = {"v": 1, "id": ULID, "args": {"code": "4006381333931"}}


def test_a_good_command() -> None:
    assert judge(GOOD) == CommandFrame(
        "cashier-1", "sale.add", ULID, {"code": "4006381333931"}, None, 110 * S
    )
    assert judge(GOOD | {"if": {"rev": 3}, "id": UUID7, "later": "key"}) == CommandFrame(
        "cashier-1", "sale.add", UUID7, {"code": "4006381333931"}, 3, 110 * S
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"v":1,"v":1}',
        b'{"v":NaN}',
        b'{"v":1,"id":"x","args":{"a":Infinity}}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"v":' + b"9" * 5000 + b"}",
        b'{"v":1,"args":{"text":"\\ud800"}}',
    ],
)
def test_bad_json(payload: bytes) -> None:
    answer = judge(payload)
    assert isinstance(answer, dict)
    assert (answer["status"], answer["code"], answer["id"], answer["rev"]) == (
        "rejected",
        "bad_json",
        None,
        7,
    )


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({"v": 2}, True),
        ({"v": "1"}, True),
        ({"v": True}, True),
        ({"v": 1.0}, True),
        ({"v": None}, True),
        ({"args": None}, True),
        ({"args": []}, True),
        ({"if": None}, True),
        ({"if": {}}, True),
        ({"if": {"rev": "3"}}, True),
        ({"if": {"rev": True}}, True),
        ({"if": {"rev": 3, "sale": "1-2"}}, True),
        ({"id": None}, False),
        ({"id": 5}, False),
        ({"id": "1"}, False),
        ({"id": ULID.lower()}, False),
        ({"id": ULID + "\n"}, False),
        ({"id": "8" + ULID[1:]}, False),
        ({"id": UUID7.replace("-7", "-4", 1)}, False),
    ],
)
def test_bad_envelope(change: dict[str, Any], known: bool) -> None:
    answer = judge(GOOD | change)
    assert isinstance(answer, dict)
    assert answer["code"] == "bad_args"
    assert answer["id"] == (ULID if known else None)
    assert next(iter(change)) in answer["result"]["detail"]


@pytest.mark.parametrize("missing", ["v", "id", "args"])
def test_what_is_missing(missing: str) -> None:
    answer = judge({key: value for key, value in GOOD.items() if key != missing})
    assert isinstance(answer, dict)
    assert answer["code"] == "bad_args"


@pytest.mark.parametrize(
    ("code", "status", "now", "changes"),
    [
        ("retained", "rejected", 100 * S, {"retained": True}),
        ("no_expiry", "rejected", 100 * S, {"expiry": None}),
        ("expired", "expired", 110 * S, {}),
        ("expired", "expired", 100 * S, {"expiry": 0}),
        ("bad_args", "rejected", 100 * S, {"response_topic": T.reply("cashier-2")}),
        ("bad_args", "rejected", 100 * S, {"response_topic": "somewhere/else"}),
    ],
)
def test_properties(code: str, status: str, now: int, changes: dict[str, Any]) -> None:
    answer = judge(GOOD, now, **changes)
    assert isinstance(answer, dict)
    assert (answer["code"], answer["status"], answer["id"]) == (code, status, ULID)


def test_one_nanosecond_before_the_deadline() -> None:
    assert isinstance(judge(GOOD, 110 * S - 1), CommandFrame)


def test_size() -> None:
    fits = json.dumps(GOOD | {"pad": ""}).encode()
    fits = fits[:-2] + b"x" * (MAX_BYTES - len(fits)) + b'"}'
    assert len(fits) == MAX_BYTES
    assert isinstance(judge(fits), CommandFrame)
    answer = judge(fits + b" ")
    assert isinstance(answer, dict)
    assert (answer["code"], answer["id"]) == ("too_large", None)


@given(st.one_of(st.binary(max_size=200), st.text().map(str.encode), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["v", "id", "args", "if", "rev"]), inner),
).map(lambda value: json.dumps(value).encode())))  # fmt: skip
def test_whatever_comes_gets_an_answer(payload: bytes) -> None:
    answer = judge(payload)
    if isinstance(answer, dict):
        assert answer["code"] in CODES
        json.dumps(answer, ensure_ascii=False).encode()


def test_without_a_response_topic_there_is_no_reply() -> None:
    assert wants_reply(received(GOOD))
    assert not wants_reply(received(GOOD, response_topic=None))
    assert isinstance(judge(GOOD, response_topic=None), CommandFrame)


def test_replies() -> None:
    assert reply(ULID, "ok", 9) == {"v": 1, "id": ULID, "status": "ok", "rev": 9}
    assert reply(ULID, "accepted", 9, result={"sale": "1-2"}, duplicate=True) == {
        "v": 1,
        "id": ULID,
        "status": "accepted",
        "rev": 9,
        "result": {"sale": "1-2"},
        "duplicate": True,
    }
    assert list(refusal(None, "busy", 9)) == ["v", "id", "status", "code", "message", "next", "rev"]
    assert refusal(None, "stale_rev", 9)["status"] == "conflict"


def test_ids() -> None:
    assert is_id(ULID)
    assert is_id(UUID7)
    assert not is_id(UUID7.upper())


def test_intake_is_bounded_per_client_and_in_all() -> None:
    intake = Intake()
    assert [intake.admit("mad") for _ in range(17)] == [True] * 16 + [False]
    assert intake.admit("calm")
    intake.done("mad")
    assert intake.admit("mad")
    assert not intake.admit("mad")
    assert sum(intake.admit(f"c{n}") for n in range(500)) == 128 - 17
    for _ in range(20):
        intake.done("mad")
    assert intake.admit("late")


def test_every_code_is_complete() -> None:
    for name, code in CODES.items():
        assert name.replace("_", "").isalpha(), name
        assert code.message.endswith(".") and code.next.endswith("."), name  # noqa: PT018
        assert code.status not in ("ok", "accepted") or name == "reply_too_long", name
