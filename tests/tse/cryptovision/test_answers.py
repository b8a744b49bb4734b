"""What the values mean, and that others are not taken for them."""

import pytest

from kassd.errors import TseError, TseSilent
from kassd.tse.cryptovision import answers
from kassd.tse.log import der
from kassd.tse.port import Signed

SERIAL = bytes(range(32))


def mapping(client: str, rest: bytes = b"") -> bytes:
    return der.tlv(der.OCTET_STRING, client.encode()) + der.tlv(der.OCTET_STRING, SERIAL) + rest


def test_clients_of_a_correct_list() -> None:
    rows = [der.tlv(der.SEQUENCE, mapping(client)) for client in ("KASSE-1", "0" * 30, "x")]
    assert answers.clients(der.tlv(der.SEQUENCE, b"".join(rows))) == ("KASSE-1", "0" * 30, "x")
    assert answers.clients(der.tlv(der.SEQUENCE, b"")) == ()
    assert answers.clients(b"") == ()


@pytest.mark.parametrize("off", [-3, -2, 1, 2, 40])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_clients_of_a_list_with_wrong_lengths(off: int, count: int) -> None:
    bodies = [mapping(f"KASSE-{n}") for n in range(count)]
    rows = b"".join(bytes((der.SEQUENCE, (len(body) + off) & 0xFF)) + body for body in bodies)
    raw = bytes((der.SEQUENCE, (len(rows) + off) & 0xFF)) + rows
    assert answers.clients(raw) == tuple(f"KASSE-{n}" for n in range(count))


def test_further_elements_of_a_mapping_are_no_clients() -> None:
    row = der.tlv(der.SEQUENCE, mapping("KASSE-1", der.tlv(der.BOOLEAN, b"\xff")))
    assert answers.clients(der.tlv(der.SEQUENCE, row * 2)) == ("KASSE-1", "KASSE-1")


def test_a_list_cut_off_is_no_shorter_list() -> None:
    raw = der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, mapping("KASSE-1")))
    with pytest.raises(TseSilent):
        answers.clients(raw[:-5])


@pytest.mark.parametrize(
    ("raw", "ms"),
    [
        (bytes.fromhex("5ec14360"), 1_589_723_999_000 + 1000),
        (bytes.fromhex("000000005ec14360"), 1_589_724_000_000),
        (b"200517140000Z", 1_589_724_000_000),
        (b"20200517140000Z", 1_589_724_000_000),
        (b"20200517140000.123Z", 1_589_724_000_123),
    ],
)
def test_log_times(raw: bytes, ms: int) -> None:
    assert answers.log_time(raw) == ms


@pytest.mark.parametrize("raw", [b"\xff" * 8, b"999999999999Z"])
def test_no_log_time(raw: bytes) -> None:
    with pytest.raises(TseSilent):
        answers.log_time(raw)


def test_signed() -> None:
    values = (b"\0\0\0\x07", b"\0\0\1\0", bytes.fromhex("5ec14360"), b"\1\2\3", SERIAL)
    wanted = Signed(7, 256, "2020-05-17T14:00:00.000Z", SERIAL.hex(), "AQID")
    assert answers.signed(values, None) == wanted
    assert answers.signed(values[1:], 7) == wanted


@pytest.mark.parametrize("number", [None, 7])
@pytest.mark.parametrize(
    "values",
    [(), (0, 3), (b"\1",), (b"\1", b"\2", b"\3", SERIAL, SERIAL, SERIAL), (b"\1", b"\2", b"\3", SERIAL[:-1])],
)
def test_another_answer_is_no_signature(values: tuple[bytes, ...], number: int | None) -> None:
    with pytest.raises(TseSilent):
        answers.signed(values, number)


def test_the_serial_number_that_signs_transactions() -> None:
    def row(serial: bytes, flag: bytes) -> bytes:
        flags = der.tlv(der.BOOLEAN, flag) + der.tlv(der.BOOLEAN, b"\xff") * 2
        return der.tlv(der.SEQUENCE, der.tlv(der.OCTET_STRING, serial) + flags)

    raw = der.tlv(der.SEQUENCE, row(bytes(32), b"\0") + row(SERIAL, b"\xff"))
    assert answers.transaction_serial(raw) == SERIAL
    with pytest.raises(TseError, match="keinen Schlüssel"):
        answers.transaction_serial(der.tlv(der.SEQUENCE, row(SERIAL, b"\0")))
    with pytest.raises(TseSilent):
        answers.transaction_serial(raw[:9])


OID = bytes.fromhex("04007f00070101040103")


@pytest.mark.parametrize("raw", [OID, b"\x06\x0a" + OID, b"\x30\x0c\x06\x0a" + OID])
def test_algorithms(raw: bytes) -> None:
    assert answers.algorithm(raw) == "ecdsa-plain-SHA256"


@pytest.mark.parametrize("raw", [b"", b"\x2a\x03", b"\x06\x0a" + OID[:-1] + b"\x7f"])
def test_an_unknown_algorithm(raw: bytes) -> None:
    with pytest.raises(TseError, match="unbekannt"):
        answers.algorithm(raw)


@pytest.mark.parametrize(
    ("firmware", "first"),
    [("240346 x", True), ("425545 x", True), ("793041 x", True), ("462076 Dec 18 2019 00:11:50", False)],
)
def test_hardware(firmware: str, first: bool) -> None:
    assert answers.is_v1(firmware) is first


def test_scalars_of_the_wrong_type() -> None:
    for reader in (answers.single, answers.text, answers.longs, answers.login):
        with pytest.raises(TseSilent):
            reader((1, b"", "x"))  # type: ignore[operator]  # four readers of one shape
    assert answers.longs(()) == ()
    assert answers.login((2,)) == (2, -1)
