"""Golden bytes: written out by hand from the description of the wire."""

from base64 import b64encode
from hashlib import sha256

import pytest

from kassd.tse.swissbit import codec
from kassd.tse.swissbit.codec import Answer, Malformed

COMMANDS = [
    (codec.login("Admin", "12345"), "2000 01 05 3132333435"),
    (codec.login("TimeAdmin", "98765"), "2000 02 05 3938373635"),
    (codec.change_puk("123456", "654321"), "2300 06 313233343536 06 363534333231"),
    (codec.change_pin("Admin", "12345", "54321"), "2400 01 05 3132333435 05 3534333231"),
    (codec.self_test("K1"), "4000 02 4b31"),
    (codec.register("K1"), "4100 02 4b31"),
    (codec.deregister("K1"), "4200 02 4b31"),
    (codec.list_clients(16), "4300 00000010"),
    (codec.CTSS_ENABLE, "6000"),
    (codec.INITIALIZE, "7000"),
    (codec.update_time(0x6AB13B80), "8000 000000006ab13b80"),
    (codec.FETCH_RESPONSE, "8300"),
    (codec.list_transactions(62, "K1"), "8500 0000003e 02 4b31"),
    (codec.list_transactions(0, ""), "8500 00000000 00"),
    (codec.read_certificate(400), "8600 00000190"),
    (
        codec.open_step("start", "K1", 0, 0, ""),
        "9000 00 02 4b31 0000000000000000 0000000000000000 0000000000000000 0000000000000000",
    ),
    (
        codec.open_step("finish", "K1", 9, 513, "Abc"),
        "9000 02 02 4b31 0000000000000009 0000000000000201 0000000000000003 416263 0000000000000000",
    ),
    (codec.open_step("update", "K1", 1, 1, "")[:6], "9000 01 02 4b31"),
    (codec.CLOSE_STEP, "9500"),
]


@pytest.mark.parametrize(("command", "golden"), COMMANDS)
def test_commands(command: bytes, golden: str) -> None:
    assert command == bytes.fromhex(golden)


def test_a_command_block_carries_its_length_before_it() -> None:
    block = codec.frame(codec.login("Admin", "12345"))
    assert len(block) == 512
    assert block[:11] == bytes.fromhex("0009 2000 01 05 3132333435")
    assert not any(block[11:])


def block(golden: str) -> bytes:
    return bytes.fromhex(golden).ljust(512, b"\0")


@pytest.mark.parametrize(
    ("golden", "answer"),
    [
        ("00000007 f3", Answer(7, 0xF3)),
        ("00000007 fd", Answer(7, 0xFD)),
        ("00000008 ff 0002 0000", Answer(8, 0xFF, b"", 0)),
        ("00000008 ff 0002 1054", Answer(8, 0xFF, b"", 0x1054)),
        ("fffffffe ff 0005 010203 1102", Answer(0xFFFFFFFE, 0xFF, b"\1\2\3", 0x1102)),
        ("", Answer(0, 0)),
    ],
)
def test_answers(golden: str, answer: Answer) -> None:
    assert codec.parse_answer(block(golden)) == answer


@pytest.mark.parametrize("size", ["0000", "0001", "01fa", "ffff"])
def test_an_impossible_length_is_no_answer(size: str) -> None:
    with pytest.raises(Malformed):
        codec.parse_answer(block(f"00000001 ff {size}"))


def test_the_longest_answer_fills_the_block() -> None:
    raw = bytes.fromhex("00000001 ff 01f9") + bytes(range(251)) * 2 + b"x" + b"\0\0"
    assert len(codec.parse_answer(raw).data) == 503


@pytest.mark.parametrize(
    ("counter", "before", "newer"),
    [(8, 7, True), (7, 7, False), (6, 7, False), (0, 0xFFFFFFFF, True), (0, 50, False), (500, 50, True)],
)
def test_response_counters_wrap_and_fall_back(counter: int, before: int, newer: bool) -> None:
    assert codec.is_newer(counter, before) is newer


def test_lists() -> None:
    for width in (31, 32):
        names = ["K1", "K" * 30, "KASSE-0007"]
        raw = b"\3" + b"".join(name.encode().ljust(width, b"\0") for name in names)
        assert codec.parse_clients(raw) == names
    assert len(codec.parse_clients(b"\x10" + b"K".ljust(31, b"\0") * 16)) == 16
    wide = b"\2" + b"K1".ljust(32, b"\0") + b"K2".ljust(32, b"\0")
    assert codec.parse_clients(wide) == codec.parse_clients(wide + bytes(400)) == ["K1", "K2"]
    assert codec.parse_clients(b"") == []
    assert codec.parse_transactions(bytes.fromhex("02 0000000000000001 00000000000000ff")) == [1, 255]
    assert codec.parse_transactions(b"\0") == []
    assert codec.parse_certificate(bytes.fromhex("0003 414243")) == b"ABC"
    assert codec.parse_certificate(b"\0\0") == b""
    assert codec.parse_sector(bytes.fromhex("0000000000200001")) == 2_097_153


def test_signed() -> None:
    serial, signature = bytes(range(32)), bytes(range(96))
    raw = bytes.fromhex("0000000000000005") + serial
    raw += bytes.fromhex("000000006ab13b80 0000000000000021 0000000000000060") + signature
    signed = codec.parse_signed(raw)
    assert (signed.transaction_number, signed.signature_counter) == (5, 33)
    assert (signed.log_time, signed.serial_number) == ("2026-09-21T14:13:20.000Z", serial.hex())
    assert signed.signature == b64encode(signature).decode()
    with pytest.raises(Malformed):
        codec.parse_signed(raw[:-1])


@pytest.mark.parametrize(
    ("parse", "data"),
    [
        (codec.parse_clients, b"\1K1"),
        (codec.parse_transactions, b"\1\0"),
        (codec.parse_certificate, b"\0\5ab"),
        (codec.parse_certificate, b"\0"),
        (codec.parse_sector, b"\0\0\0"),
        (codec.parse_signed, bytes(64)),
        (codec.parse_signed, b""),
    ],
)
def test_cut_off_data_is_no_answer(parse: object, data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)  # type: ignore[operator]


def test_initial_credentials() -> None:
    serial = bytes(range(32))
    digest = sha256(b"SwissbitSwissbit" + serial).hexdigest()
    decimals = [str(int(digest[n : n + 16], 16)) for n in (0, 16, 32)]
    made = codec.initial_credentials("SwissbitSwissbit", serial)
    assert (made.puk, made.admin_pin, made.time_admin_pin) == (
        decimals[0][-6:],
        decimals[1][-5:],
        decimals[2][-5:],
    )
    assert codec.initial_credentials("Other", serial) != made
