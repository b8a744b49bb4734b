"""Bytes as the reference has them, both ways; whatever else comes is refused."""

import contextlib
import json
from base64 import b64encode

import pytest
from hypothesis import given, strategies

from kassd.errors import TseError
from kassd.tse.epson import codec
from kassd.tse.epson.codec import BadAnswer, Base64Stream, parse_answer, parse_element

OPEN = b"<open_device><device_id>local_TSE</device_id><data><type>type_storage</type></data></open_device>"
SERIAL = "/dpW2qCff6wSXlj0WUXR5Kye2RM/dcMQlTtjK0K7ulY="
STORAGE = {
    "certificateExpirationDate": "2022-08-11T23:59:59Z",
    "createdSignatures": 7,
    "hasPassedSelfTest": False,
    "hasValidTime": True,
    "isTSEUnlocked": False,
    "maxRegisteredClients": 100,
    "maxStartedTransactions": 512,
    "registeredClients": 1,
    "remainingSignatures": 19_999_993,
    "serialNumber": SERIAL,
    "signatureAlgorithm": "ecdsa-plain-SHA384",
    "startedTransactions": 2,
    "timeUntilNextSelfTest": 90_000,
    "tseCapacity": 13_631_488,
    "tseCurrentSize": 0,
    "tseDescription": "BSI-K-TR-0373",
    "tseInitializationState": "UNINITIALIZED",
    "tsePublicKey": "BGsU",
    "vendorType": "TSE1",
}


def test_open_and_close() -> None:
    assert codec.open_device("local_TSE") == OPEN
    assert codec.close_device("a&b") == b"<close_device><device_id>a&amp;b</device_id></close_device>"


def test_a_function_as_the_reference_has_it() -> None:
    request = codec.request("GetChallenge", {"userId": "Administrator"}, "TSE1")
    assert request == (
        '{"storage":{"type":"TSE","vendor":"TSE1"},"function":"GetChallenge",'
        '"input":{"userId":"Administrator"},"compress":{"required":false,"type":""}}'
    )
    assert codec.operate("local_TSE", '{"a":1}', 60_000) == (
        b"<device_data><device_id>local_TSE</device_id><data><type>operate</type><timeout>60000</timeout>"
        b"<requestdata>{&quot;a&quot;:1}</requestdata></data></device_data>"
    )


def test_storage_info_goes_to_the_host_itself() -> None:
    assert '"storage":{"type":"COMMON","vendor":""}' in codec.request("GetStorageInfo")


@pytest.mark.parametrize("text", ["a  b ", 'say "x" & <y>', "Käse\t€", "'"])
def test_texts_arrive_as_they_are(text: str) -> None:
    frame = codec.operate("d", codec.request("F", {"processType": text}, "TSE1"), 1)
    element = parse_element(frame)
    assert json.loads(element.fields["requestdata"])["input"]["processType"] == text


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (None, {"clientId": "K", "processData": "AP8=", "processType": "T", "additionalData": ""}),
        (
            7,
            {
                "transactionNumber": 7,
                "clientId": "K",
                "processData": "AP8=",
                "processType": "T",
                "additionalData": "",
            },
        ),
    ],
)
def test_transactions(number: int | None, expected: dict[str, object]) -> None:
    assert codec.transaction_inputs("K", number, "T", b"\x00\xff") == expected


def test_greeting_and_answers() -> None:
    greeting = parse_element(
        b'"<connect><data><client_id>sock1857622694</client_id><protocol_version>2</protocol_version></data></connect>'
    )
    assert (greeting.name, greeting.fields["client_id"]) == ("connect", "sock1857622694")
    opened = parse_element(
        b"<open_device><device_id>local_TSE</device_id><code>DEVICE_IN_USE</code><data_id>1</data_id></open_device>"
    )
    assert (opened.name, opened.code) == ("open_device", "DEVICE_IN_USE")


@pytest.mark.parametrize("quote", ['"', "&quot;"])
def test_results_in_json(quote: str) -> None:
    data = '{"error":{},"function":"SetUp","output":{"remainingRetries":2},"result":"EXECUTION_OK"}'
    element = parse_element(
        "<device_data><sequence>0</sequence><device_id>TSE</device_id><data><type>operateresult</type>"
        f"<success>true</success><code>SUCCESS</code><resultdata>{data.replace(chr(34), quote)}</resultdata>"
        "</data><data_id>0</data_id></device_data>".encode()
    )
    answer = parse_answer(element)
    assert (element.code, answer.function, answer.result) == ("SUCCESS", "SetUp", "EXECUTION_OK")
    assert answer.output == {"remainingRetries": 2}


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><open_device><code>&b;</code></open_device>'


@pytest.mark.parametrize(
    "frame",
    [b"", b"<a>", b"<a/><b/>", b"\x01\x02", b"<a>\xff</a>", BOMB, b'<!DOCTYPE a SYSTEM "file:///x"><a/>'],
)
def test_what_is_no_answer(frame: bytes) -> None:
    with pytest.raises(BadAnswer) as caught:
        parse_element(frame)
    assert isinstance(caught.value, TseError)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        "1",
        '{"function":"F"}',
        '{"function":1,"result":"R"}',
        '{"function":"F","result":"R","output":[1]}',
    ],
)
def test_what_is_no_result(data: str) -> None:
    with pytest.raises(BadAnswer):
        parse_answer(codec.Element("device_data", {"resultdata": data}))


def test_the_proof_of_the_shared_secret() -> None:
    assert codec.host_hash("jdsdsdsdjdsdj", "EPSONKEY") == "wWM1Xcd0qrctlQwpvBMg3x0t9h/tgAg2qhTlxTX8V4A="


def test_dates_have_24_hours() -> None:
    assert codec.date(1_790_000_000 + 9 * 3600) == "2026-09-21T23:13:20Z"
    assert codec.read_date("2026-09-21T23:13:20Z") == (1_790_000_000 + 9 * 3600) * 1000
    for wrong in ("2026-09-21 23:13:20", "2026-02-30T00:00:00Z", None, 5):
        with pytest.raises(BadAnswer):
            codec.read_date(wrong)


def test_signed_values() -> None:
    output = {"logTime": "2026-09-21T14:13:20Z", "signatureCounter": 9, "signature": "AQI="}
    signed = codec.read_signed(output, "ab" * 32, 4)
    assert (signed.transaction_number, signed.signature_counter) == (4, 9)
    assert (signed.log_time, signed.serial_number, signed.signature) == (
        "2026-09-21T14:13:20.000Z",
        "ab" * 32,
        "AQI=",
    )
    started = codec.read_signed(output | {"transactionNumber": 5, "serialNumber": SERIAL}, "")
    assert (started.transaction_number, started.serial_number[:8]) == (5, "fdda56da")
    for missing in output:
        with pytest.raises(BadAnswer):
            codec.read_signed({k: v for k, v in output.items() if k != missing}, "", 4)
    with pytest.raises(BadAnswer):
        codec.read_signed(output | {"signature": "!"}, "", 4)
    with pytest.raises(BadAnswer):
        codec.read_signed(output, "")


def test_storage_info() -> None:
    info = codec.read_storage_info({"tseInformation": STORAGE})
    assert (info.vendor, info.state, info.signatures, info.signatures_left) == (
        "TSE1",
        "UNINITIALIZED",
        7,
        19_999_993,
    )
    assert (info.has_time, info.passed_self_test, info.unlocked) == (True, False, False)
    assert info.serial.hex().startswith("fdda56da")
    assert info.certificate_expiry == 1_660_262_399
    for name in STORAGE:
        if not name.startswith(("is", "has")):
            with pytest.raises(BadAnswer):
                codec.read_storage_info({"tseInformation": {**STORAGE, name: None}})
    with pytest.raises(BadAnswer):
        codec.read_storage_info({})


def test_lists() -> None:
    assert codec.read_list({"a": [1]}, "a") == [1]
    assert codec.read_list({}, "a") == []
    with pytest.raises(BadAnswer):
        codec.read_list({"a": "x"}, "a")


@pytest.mark.parametrize("size", [1, 3, 4, 7, 1000])
def test_base64_cut_anywhere(size: int) -> None:
    data = bytes(range(256)) * 3
    whole, stream = b64encode(data).decode(), Base64Stream()
    pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
    assert b"".join(stream.feed(piece) for piece in pieces) == data
    stream.close()


def test_base64_complete_in_each_piece() -> None:
    stream = Base64Stream()
    assert stream.feed("YQ==") + stream.feed("YmM=") == b"abc"
    with pytest.raises(BadAnswer):
        stream.feed("!!!!")
    stream = Base64Stream()
    stream.feed("YQ")
    with pytest.raises(BadAnswer):
        stream.close()


@given(strategies.binary(max_size=300))
def test_any_bytes_are_an_element_or_refused(frame: bytes) -> None:
    for data in (frame, b"<a>" + frame + b"</a>"):
        with contextlib.suppress(BadAnswer):
            assert parse_element(data).name


@given(strategies.text(max_size=200))
def test_any_text_is_a_result_or_refused(text: str) -> None:
    with contextlib.suppress(BadAnswer):
        assert isinstance(parse_answer(codec.Element("device_data", {"resultdata": text})).output, dict)


@given(strategies.binary(max_size=500), strategies.lists(strategies.integers(1, 50), max_size=20))
def test_base64_in_any_pieces(data: bytes, cuts: list[int]) -> None:
    text, stream, found = b64encode(data).decode(), Base64Stream(), b""
    for cut in [*cuts, len(text)]:
        found += stream.feed(text[:cut])
        text = text[cut:]
    stream.close()
    assert found == data
