import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.tse.log import algorithms, der, messages
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import AuditData, Data, SystemData, TransactionData, parse
from kassd.tse.log.times import TIME_FORMATS, TimeFormat
from tests.tse.log.samples import T0, Signer, finish, shared_signer, start

DATA: list[Data] = [
    start(1),
    finish(0xD1),
    TransactionData("update", "K ä", b"\0\xff" * 200, "Bestellung-V1", 70_000, b"ext", b"int"),
    SystemData("updateTime", b"\x81\x01\x05"),
    SystemData("selfTest", b"", b"more"),
    AuditData(b"\x81\x00"),
]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("time_format", TIME_FORMATS)
def test_what_is_written_is_read(data: Data, version: int, time_format: TimeFormat) -> None:
    signer = shared_signer()
    message = parse(signer.message(data, 300, T0, version, time_format))
    assert message.data == data
    assert (message.version, message.signature_counter) == (version, 300)
    assert (message.serial, message.algorithm) == (signer.public.serial, signer.algorithm.oid)
    assert message.time_format == time_format
    assert not message.parameters
    assert algorithms.verify(signer.public, signer.algorithm, message.signed, message.signature)


def test_bytes_of_version_2() -> None:
    """The layout of TR-03151 v1.0.1, written out by hand."""
    data = TransactionData("start", "K1", b"", "", 1)
    signed = messages.to_sign(
        2, data, b"\xaa" * 32, "0.4.0.127.0.7.1.1.4.1.3", 7, 1_589_712_778_000, "unixTime"
    )
    assert signed.hex() == (
        "020102"
        "060904007f000703070101"
        "801053746172745472616e73616374696f6e"
        "81024b31"
        "8200"
        "8300"
        "850101"
        "0420" + "aa" * 32 + "300c060a04007f00070101040103"
        "020107"
        "02045ec1178a"
    )
    assert messages.encode(signed, b"\xbb" * 64) == der.tlv(0x30, signed + b"\x04\x40" + b"\xbb" * 64)


def test_version_3_of_a_system_message() -> None:
    data = SystemData("registerClient", b"\x13\x02K1", origin="SMA", triggered_by="Admin")
    message = parse(shared_signer().message(data, 1, T0, 3))
    assert message.data == data
    assert b"\xa3\x04\x13\x02K1" in message.signed


def test_indefinite_process_data_is_read_and_signed_as_stored() -> None:
    signer = shared_signer()
    plain = messages.to_sign(2, finish(5), signer.public.serial, signer.algorithm.oid, 9, T0, "unixTime")
    value = finish(5).process_data
    odd = plain.replace(der.tlv(0x82, value), b"\xa2\x80" + der.tlv(4, value) + b"\0\0")
    message = parse(messages.encode(odd, signer.sign(odd)))
    assert message.data == finish(5)
    assert message.signed == odd


def test_algorithm_parameters_are_noticed() -> None:
    signer = shared_signer()
    signed = messages.to_sign(2, start(1), signer.public.serial, signer.algorithm.oid, 1, T0, "unixTime")
    oid = der.tlv(der.OID, der.oid_content(signer.algorithm.oid))
    odd = signed.replace(der.tlv(0x30, oid), der.tlv(0x30, oid + b"\x05\x00"))
    assert parse(messages.encode(odd, b"x")).parameters


def test_every_changed_byte_is_refused() -> None:
    """No single byte of a message can be changed: it is unreadable or its signature is wrong."""
    signer, rng = shared_signer(), random.Random(7)
    raw = signer.message(finish(3), 12)
    for place in range(len(raw)):
        mutant = bytearray(raw)
        mutant[place] ^= rng.randrange(1, 256)
        try:
            message = parse(bytes(mutant))
        except DerError:
            continue
        genuine = message.serial == signer.public.serial and message.algorithm == signer.algorithm.oid
        assert not (
            genuine and algorithms.verify(signer.public, signer.algorithm, message.signed, message.signature)
        ), place


def _without(raw: bytes, tag: int) -> bytes:
    outer = der.read(raw, 0, len(raw))
    kept = [e for e in der.children(raw, outer.body, outer.body_end) if e.tag != tag]
    return der.tlv(0x30, b"".join(raw[e.start : e.end] for e in kept))


@pytest.mark.parametrize("tag", [0x02, 0x06, 0x80, 0x81, 0x82, 0x83, 0x85, 0x04, 0x30])
def test_missing_elements_are_named(tag: int) -> None:
    with pytest.raises(DerError, match=r"fehlt|Version|keine Zeit"):
        parse(_without(shared_signer().message(finish(3), 12), tag))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "Ende der Daten"),
        (b"\x30\x00", "version"),
        (b"\x31\x03\x02\x01\x02", "SEQUENCE"),
        (b"\x30\x03\x02\x01\x02x", "SEQUENCE"),
        (b"\x30\x03\x02\x01\x04", "Version 4"),
        (b"\x30\x08\x02\x01\x02\x06\x03\x2a\x03\x04", "certifiedDataType"),
        (b"\x30" + bytes(2 << 20), "zu groß"),
    ],
)
def test_bad_messages_say_why(raw: bytes, why: str) -> None:
    with pytest.raises(DerError, match=why):
        parse(raw)


def test_operation_spelling_belongs_to_the_version() -> None:
    raw = shared_signer().message(start(1), 1, T0, 3).replace(b"startTrans", b"StartTrans")
    with pytest.raises(DerError, match="operationType"):
        parse(raw)


def test_trailing_element_is_refused() -> None:
    raw = shared_signer().message(start(1), 1)
    outer = der.read(raw, 0, len(raw))
    with pytest.raises(DerError, match="nach signatureValue"):
        parse(der.tlv(0x30, raw[outer.body :] + b"\x04\x00"))


@given(st.binary(max_size=300))
def test_garbage_never_crashes(raw: bytes) -> None:
    for each in (raw, der.tlv(0x30, raw), der.tlv(0x30, bytes.fromhex("020102060904007f000703070101") + raw)):
        try:
            parse(each)
        except DerError:
            pass


def test_openssl_reads_the_message(tmp_path: Path) -> None:
    """An outside judge of the encoding."""
    (tmp_path / "m").write_bytes(Signer().message(finish(3), 12))
    command = ["openssl", "asn1parse", "-inform", "der", "-in", "m"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "OBJECT            :0.4.0.127.0.7.3.7.1.1" in shown
    assert [line.split("prim:")[1].strip().split()[0] for line in shown.splitlines()[3:8]] == ["cont"] * 5
    assert "INTEGER           :0C" in shown
