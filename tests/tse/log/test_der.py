import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.tse.log import der
from kassd.tse.log.der import DerError


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_536])
def test_tlv_is_read_back(size: int) -> None:
    raw = der.tlv(0x82, bytes(size)) + b"rest"
    element = der.read(raw, 0, len(raw))
    assert (element.tag, element.end) == (0x82, len(raw) - 4)
    assert der.content(raw, element) == bytes(size)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "Ende der Daten"),
        (b"\x02", "Ende der Daten"),
        (b"\x1f\x01\x00", "mehrbyteige"),
        (b"\x02\x80\x00\x00", "unbestimmte"),
        (b"\x30\x80\x00\x00", "unbestimmte"),
        (b"\x02\x81\x01\x00", "kürzester"),
        (b"\x02\x82\x00\x80" + bytes(128), "kürzester"),
        (b"\x02\x85\x01\x00\x00\x00\x00", "nicht lesbar"),
        (b"\x02\x84\x01", "nicht lesbar"),
        (b"\x02\x05\x00", "über das Ende"),
    ],
)
def test_bad_lengths_are_refused(raw: bytes, why: str) -> None:
    with pytest.raises(DerError, match=why):
        der.read(raw, 0, len(raw))


def test_indefinite_octet_string_is_joined() -> None:
    raw = b"\xa2\x80\x04\x02ab\x04\x01c\x00\x00"
    element = der.read(raw, 0, len(raw), indefinite_ok=True)
    assert element.indefinite
    assert element.end == len(raw)
    assert der.content(raw, element) == b"abc"


def test_indefinite_with_other_content_is_refused() -> None:
    raw = b"\xa2\x80\x02\x01\x05\x00\x00"
    element = der.read(raw, 0, len(raw), indefinite_ok=True)
    with pytest.raises(DerError, match="Oktette"):
        der.content(raw, element)


def test_depth_is_bounded() -> None:
    raw = b"\x24\x80" * 50 + b"\x00\x00" * 50
    with pytest.raises(DerError, match="verschachtelt"):
        der.read(raw, 0, len(raw), indefinite_ok=True)


@given(st.integers(min_value=-(2**100), max_value=2**100))
def test_integers_round_trip(value: int) -> None:
    assert der.read_integer(der.integer_content(value)) == value


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"\xff\xff", bytes([1] * 17)])
def test_bad_integers_are_refused(raw: bytes) -> None:
    with pytest.raises(DerError):
        der.read_integer(raw)


def test_transaction_number_keeps_its_sign_octet() -> None:
    assert der.integer_content(0xD1) == b"\x00\xd1"


def test_oid_of_ecdsa_plain_sha256() -> None:
    raw = bytes.fromhex("04007f00070101040103")
    assert der.oid_content("0.4.0.127.0.7.1.1.4.1.3") == raw
    assert der.read_oid(raw) == "0.4.0.127.0.7.1.1.4.1.3"
    assert der.read_oid(der.oid_content("2.999.3")) == "2.999.3"


@pytest.mark.parametrize("raw", [b"", b"\x04\x80", b"\x04\x80\x01", bytes([0x81] * 70) + b"\x01"])
def test_bad_oids_are_refused(raw: bytes) -> None:
    with pytest.raises(DerError):
        der.read_oid(raw)


@given(st.binary(max_size=200))
def test_garbage_never_crashes(raw: bytes) -> None:
    try:
        for element in der.children(raw, 0, len(raw), indefinite_ok=True):
            der.content(raw, element)
    except DerError:
        pass
