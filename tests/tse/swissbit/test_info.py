import pytest

from kassd.tse.swissbit.codec import Malformed
from kassd.tse.swissbit.info import parse_status

KEY = b"\x04" + bytes(range(96))


def block(**at: bytes) -> bytes:
    raw = bytearray(512)
    raw[0x6A] = len(KEY)
    raw[0x6B : 0x6B + 97] = KEY
    for place, value in at.items():
        offset = int(place[1:], 16)
        raw[offset : offset + len(value)] = value
    return bytes(raw)


def number(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "big")


def test_every_field_from_its_place() -> None:
    status = parse_status(
        block(
            x18=number(1000),
            x1C=b"\x03",
            x1D=b"\x01",
            x1E=b"\x01",
            x20=b"\x05",
            x24=number(90_000),
            x30=number(77),
            x34=number(20_000_000),
            x38=number(3),
            x3C=number(100),
            x40=number(0x1_0000_0005, 8),
            x48=number(0x1_0000_0200, 8),
            x54=bytes((0, 1, 2, 3)),
            xD0=number(1799),
            x100=bytes(range(32)),
            x120=b"BSI-K-TR-0362-2019\0rest",
        )
    )
    assert (status.used_sectors, status.to_self_test, status.to_time_sync) == (1000, 90_000, 1799)
    assert (status.time_valid, status.self_test_passed, status.state, status.importing) == (
        True,
        True,
        1,
        True,
    )
    assert (status.puk_changed, status.admin_pin_changed, status.time_admin_pin_changed) == (
        True,
        False,
        True,
    )
    assert (status.signatures, status.max_signatures) == (77, 20_000_000)
    assert (status.clients, status.max_clients) == (3, 100)
    assert status.certificate_expiry == 0x1_0000_0005  # eight bytes: a reader of four gets 1
    assert status.export_size == 0x1_0000_0200
    assert status.software == "1.2.3"
    assert (status.public_key, status.algorithm) == (KEY, "ecdsa-plain-SHA384")
    assert status.serial == bytes(range(32))
    assert status.description == "BSI-K-TR-0362-2019"


@pytest.mark.parametrize(
    ("bits", "time_valid", "passed"), [(0, False, False), (1, True, False), (2, False, True)]
)
def test_flags(bits: int, time_valid: bool, passed: bool) -> None:
    status = parse_status(block(x1C=bytes((bits,))))
    assert (status.time_valid, status.self_test_passed) == (time_valid, passed)


@pytest.mark.parametrize(
    "raw", [bytes(512), b"", block()[:511], block(x6A=b"\x05"), block(x6B=b"\x02"), block(x1D=b"\x03")]
)
def test_what_is_no_status(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_status(raw)
