from base64 import b64encode
from dataclasses import replace

import pytest

from kassd.tse.log.messages import SystemData, TransactionData, parse, to_sign
from kassd.tse.log.times import TIME_FORMATS, TimeFormat, decode_time, encode_time, to_iso
from kassd.tse.port import Signed, TseInfo
from kassd.tse.signatures import verify_answer, verify_message
from tests.tse.log.samples import T0, Signer, shared_signer


def info_of(signer: Signer, time_format: str = "unixTime") -> TseInfo:
    return TseInfo(
        signer.public.serial.hex(),
        b64encode(signer.public.point).decode(),
        signer.algorithm.name,
        time_format,
        "active",
        True,
        False,
        1,
        1,
        0,
        9,
        (),
        9,
        0,
        (),
        "",
        "",
        1,
    )


def answer(signer: Signer, version: int = 2, time_format: TimeFormat = "unixTime") -> Signed:
    data = TransactionData("finish", "K", b"data", "type", 5)
    raw = to_sign(version, data, signer.public.serial, signer.algorithm.oid, 9, T0, time_format)
    encoded = encode_time(T0, time_format)
    moment, _ = decode_time(encoded[0], encoded[2:])
    return Signed(5, 9, to_iso(moment), signer.public.serial.hex(), b64encode(signer.sign(raw)).decode())


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("time_format", TIME_FORMATS)
def test_genuine_answers(version: int, time_format: TimeFormat) -> None:
    signer = shared_signer()
    info = info_of(signer, time_format)
    assert verify_answer(info, "K", "finish", "type", b"data", answer(signer, version, time_format))


def test_anything_else_is_refused() -> None:
    signer = shared_signer()
    info, good = info_of(signer), answer(signer)
    assert not verify_answer(info, "X", "finish", "type", b"data", good)
    assert not verify_answer(info, "K", "update", "type", b"data", good)
    assert not verify_answer(info, "K", "finish", "Type", b"data", good)
    assert not verify_answer(info, "K", "finish", "type", b"Data", good)
    for wrong in (
        replace(good, transaction_number=6),
        replace(good, signature_counter=10),
        replace(good, log_time=to_iso(T0 + 1000)),
        replace(good, log_time="now"),
        replace(good, serial_number="00" * 32),
        replace(good, signature="?"),
        replace(good, signature=b64encode(bytes(64)).decode()),
    ):
        assert not verify_answer(info, "K", "finish", "type", b"data", wrong)
    assert not verify_answer(info_of(Signer()), "K", "finish", "type", b"data", good)
    for bad in (
        replace(info, signature_algorithm="rsa"),
        replace(info, public_key="?"),
        replace(info, serial_number="00" * 32),
        replace(info, time_format="swatchBeats"),
    ):
        assert not verify_answer(bad, "K", "finish", "type", b"data", good)


def test_messages_from_the_device() -> None:
    signer = shared_signer()
    info, raw = info_of(signer), signer.message(SystemData("x", b""), 3)
    message = parse(raw)
    assert verify_message(info, message)
    assert not verify_message(info_of(Signer()), message)
    assert not verify_message(info, replace(message, signature=bytes(64)))
    assert not verify_message(info, replace(message, algorithm="1.2.3"))
    assert not verify_message(replace(info, public_key="?"), message)
